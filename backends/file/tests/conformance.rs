//! The shared suite, on folders of log files.

#![allow(clippy::indexing_slicing, reason = "a file of the store is longer than its head")]

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use codestrata_backend_file::backend::FileBackend;
use codestrata_backend_file::config::FileConfig;
use codestrata_backend_file::medium::{Medium, MediumFile};
use codestrata_conformance::{Factory, Faults, Step};
use codestrata_core::{Backend, OpenFuture, OpenRequest};
use xxhash_rust::xxh3::xxh3_64;

codestrata_conformance::suite!(
    Factory::from(codestrata_backend_file::DESCRIPTOR)
        .with_faults(open_faulty)
        .with_newer_format(make_newer)
        .with_short_snapshots(|options| options.with("snapshot_max_age", "300ms"))
);

/// The same with log files so small that every case has several, and is rotated and compacted.
mod small_log_files {
    codestrata_conformance::suite!(super::Factory::new(codestrata_backend_file::DESCRIPTOR, |folder| {
        let path = folder.join("store").display().to_string();
        codestrata_core::Options::new().with("path", path).with("log_file_size", "16KiB")
    }));
}

fn open_faulty(request: OpenRequest, faults: Faults) -> OpenFuture {
    Box::pin(async move {
        let wrap = |medium| -> Arc<dyn Medium> { Arc::new(FaultyMedium { medium, faults }) };
        let store = FileBackend::open_through(FileConfig::from_request(&request)?, wrap).await?;
        Ok(Arc::new(store) as Arc<dyn Backend>)
    })
}

/// Gives every file of the store the next version of the format, as a later program would write it.
fn make_newer(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder.join("store"))? {
        let path = entry?.path();
        let mut bytes = fs::read(&path)?;
        if let Some(head) = bytes.get_mut(..16).filter(|head| head.starts_with(b"cslog")) {
            head[8] += 1;
            let checksum = xxh3_64(head).to_le_bytes();
            bytes[16..24].copy_from_slice(&checksum);
            fs::write(&path, bytes)?;
        }
    }
    Ok(())
}

struct FaultyMedium {
    medium: Arc<dyn Medium>,
    faults: Faults,
}

impl FaultyMedium {
    fn file(&self, file: Arc<dyn MediumFile>) -> Arc<dyn MediumFile> {
        Arc::new(FaultyFile { file, faults: self.faults.clone() })
    }
}

impl Medium for FaultyMedium {
    fn names(&self) -> io::Result<Vec<String>> {
        self.faults.step(Step::Read)?;
        self.medium.names()
    }

    fn open(&self, name: &str, writable: bool) -> io::Result<Arc<dyn MediumFile>> {
        self.faults.step(Step::Read)?;
        Ok(self.file(self.medium.open(name, writable)?))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn MediumFile>> {
        self.faults.step(Step::Write)?;
        Ok(self.file(self.medium.create(name)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.medium.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.medium.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.faults.step(Step::Sync)?;
        self.medium.sync()
    }
}

struct FaultyFile {
    file: Arc<dyn MediumFile>,
    faults: Faults,
}

impl MediumFile for FaultyFile {
    fn length(&self) -> io::Result<u64> {
        self.faults.step(Step::Read)?;
        self.file.length()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.faults.step(Step::Read)?;
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.faults.step(Step::Write)?;
        self.file.write_at(bytes, offset)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.file.cut(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.faults.step(Step::Sync)?;
        self.file.sync()
    }
}
