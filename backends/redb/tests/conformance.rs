//! The shared suite, on redb files.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]
#![allow(clippy::unnecessary_wraps, reason = "the suite wants an error of it")]

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use codestrata_backend_redb::backend::RedbBackend;
use codestrata_backend_redb::config::RedbConfig;
use codestrata_backend_redb::journal::{FORMAT, identity_of};
use codestrata_backend_redb::medium::{Draft, Medium, Storage};
use codestrata_conformance::{Factory, Faults, Step};
use codestrata_core::{Backend, OpenFuture, OpenRequest, Result};
use redb::{BackendError, StorageBackend};

codestrata_conformance::suite!(
    Factory::from(codestrata_backend_redb::DESCRIPTOR)
        .with_faults(open_faulty)
        .with_newer_format(make_newer)
        .with_short_snapshots(|options| options.with("snapshot_max_age", "300ms"))
);

/// Gives the store the next format, as a later program would.
fn make_newer(folder: &Path) -> io::Result<()> {
    let file = File::options().write(true).open(folder.join("store"))?;
    file.write_all_at(&identity_of(FORMAT + 1), 0)?;
    Ok(())
}

fn open_faulty(request: OpenRequest, faults: Faults) -> OpenFuture {
    Box::pin(async move {
        let wrap = |medium| -> Arc<dyn Medium> { Arc::new(FaultyMedium { medium, faults }) };
        let store = RedbBackend::open_through(RedbConfig::from_request(&request)?, wrap).await?;
        Ok(Arc::new(store) as Arc<dyn Backend>)
    })
}

fn faulty(file: Box<dyn Storage>, faults: &Faults) -> Box<dyn Storage> {
    Box::new(FaultyFile { file, faults: faults.clone() })
}

/// Fails what redb does to the file; what the backend does beside that has tests of its own.
struct FaultyMedium {
    medium: Arc<dyn Medium>,
    faults: Faults,
}

impl Medium for FaultyMedium {
    fn open(&self, writable: bool) -> Result<Box<dyn Storage>> {
        Ok(faulty(self.medium.open(writable)?, &self.faults))
    }

    fn create(&self) -> Result<Box<dyn Draft>> {
        Ok(Box::new(FaultyDraft { draft: self.medium.create()?, faults: self.faults.clone() }))
    }

    fn sync(&self) -> Result<()> {
        self.medium.sync()
    }

    fn length(&self) -> Result<u64> {
        self.medium.length()
    }

    fn holders(&self) -> Vec<String> {
        self.medium.holders()
    }
}

struct FaultyDraft {
    draft: Box<dyn Draft>,
    faults: Faults,
}

impl Draft for FaultyDraft {
    fn open(&self) -> Result<Box<dyn Storage>> {
        Ok(faulty(self.draft.open()?, &self.faults))
    }

    fn sync(&self) -> Result<()> {
        self.draft.sync()
    }

    fn publish(&mut self) -> Result<bool> {
        self.draft.publish()
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn Storage>,
    faults: Faults,
}

type Locked<T> = std::result::Result<T, BackendError>;

impl Storage for FaultyFile {
    fn write_synced(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.faults.step(Step::Sync)?;
        self.file.write_synced(offset, data)
    }
}

impl StorageBackend for FaultyFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.faults.step(Step::Read)?;
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.faults.step(Step::Sync)?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<bool> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<bool> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<()> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<()> {
        self.file.lock_shared_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<bool> {
        self.file.query_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Locked<()> {
        self.file.unlock_range(start, end)
    }
}
