//! redb's own file backend, watched: whether a transaction has got as far as the header yet.
//!
//! redb writes the pages of a transaction to places that nothing refers to, and then the header that refers to
//! them. When the medium fills up before the header is written, the store is certainly as it was (the error is
//! `Full`, and the file is opened again behind the scenes, because redb refuses to go on after any failed
//! write). After that point nobody knows, and the error is `Poisoned`.

use std::fs::File;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::backends::FileBackend;
use redb::{BackendError, DatabaseError, StorageBackend};

// `StorageBackend` has `std::io::Error` here, and will have `BackendError` in redb 5.
type Io<T> = Result<T, std::io::Error>;

// redb's header: its first 4 KiB page begins with the magic and has the commit slots in it.
const HEADER_BYTES: u64 = 4096;

/// The file of a store, as redb sees it.
#[derive(Debug)]
pub(crate) struct Medium {
    file: FileBackend,
    progress: Progress,
}

impl Medium {
    pub(crate) fn new(file: File) -> Result<Self, DatabaseError> {
        Ok(Self { file: FileBackend::new(file)?, progress: Progress::default() })
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

/// How far the transaction under way has got.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    header_touched: Arc<AtomicBool>,
}

impl Progress {
    /// A transaction begins.
    pub(crate) fn begin(&self) {
        self.header_touched.store(false, Ordering::Release);
    }

    /// Whether anything was written that could make the transaction count.
    pub(crate) fn may_have_committed(&self) -> bool {
        self.header_touched.load(Ordering::Acquire)
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> Io<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Io<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Io<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> Io<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Io<()> {
        if offset < HEADER_BYTES {
            self.progress.header_touched.store(true, Ordering::Release);
        }
        self.file.write(offset, data)
    }

    fn close(&self) -> Io<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
