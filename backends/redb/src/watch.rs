//! redb's way to the medium, watched: whether a transaction that failed can have been committed, and how to take it
//! back if it cannot.
//!
//! redb refuses every call after a write that failed, even one that merely found the medium full. So the store is
//! opened anew behind the scenes, if it is certain that nothing was committed. For redb that is decided by the
//! header, in the first page of the file. A commit writes the header, which names the new pages as the other ones,
//! *before* those pages, and syncs both; then it writes the header again, which now names them as the right ones, and
//! syncs that. Until the first of these syncs has begun, everything can be taken back by writing the old header
//! again. From then on the store is not trusted to be as it was, and after a sync that failed nobody knows what the
//! medium has of anything.
//!
//! # One flush
//!
//! Of the two syncs of a commit the first sees to it that no header that survives a loss of power names pages that do
//! not, which the header then says of itself (`header`). That is worth a flush to who opens the file after a crash, and
//! to nobody else: other processes read what was written, synced or not. So the first one is left out, and the header
//! does not say so: redb then looks after a crash whether everything is there that the commit reaches, and goes back
//! to the commit before if it is not. That is what redb does by itself for a file that one process has alone. What the
//! header says once more after the sync is true again, so the next commit begins from one that needs no look.

use std::io::{Error as IoError, ErrorKind};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{BackendError, StorageBackend};

use crate::checked::Checked;
use crate::header;
use crate::journal::Journaled;

// `StorageBackend` has `std::io::Error` here, and will have `BackendError` in redb 5.
type Io<T> = Result<T, IoError>;

type Range = (Bound<u64>, Bound<u64>);

// The first page has the header in it, and nothing else.
const HEADER_BYTES: u64 = 4096;

/// A medium as redb sees it.
#[derive(Debug)]
pub(crate) struct Watched {
    progress: Progress,
}

/// How far the work under way has got.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    storage: Arc<Checked>,
    /// Beneath the storage.
    journal: Journaled,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    /// The header as it was before it was first written since the last sync.
    old_header: Option<Vec<u8>>,
    /// A sync was begun after the header had been written.
    committed: bool,
    failed: Failed,
    flushes: Flushes,
    /// The header that was written without saying that the pages were flushed before it, as redb has it.
    as_flushed: Option<(u64, Vec<u8>)>,
    says_open: SaysOpen,
    is_recovered: bool,
    /// What redb locked last; in front of a write of the header, that is the lock of the header.
    locked: Option<Range>,
}

/// Whether the header says that the file is open.
#[derive(Debug, Default)]
struct SaysOpen {
    /// The last one that was written.
    written: bool,
    /// The last one that is on the medium: who finds it there after a crash knows that there may be a journal.
    synced: bool,
}

/// What becomes of the two syncs of a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flushes {
    /// Each is one.
    #[default]
    Apart,
    /// The first is to be left to the second.
    Joined,
    /// The first was left to the second.
    Owed,
}

/// What a sync is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sync {
    /// It is left to the next one.
    Left,
    /// A commit is over with it.
    Commit,
    /// Anything else.
    Other,
}

/// Which steps have failed.
#[derive(Debug, Default)]
struct Failed {
    /// Any since the work began.
    any: bool,
    /// A sync, ever.
    sync: bool,
    /// A read, ever, but for damage.
    read: bool,
    /// What was read was damaged: how.
    damage: Option<Arc<str>>,
}

impl Watched {
    /// Watches a storage that lies on this journal.
    pub(crate) fn new(storage: Checked, journal: Journaled) -> Self {
        Self { progress: Progress { storage: Arc::new(storage), journal, seen: Arc::default() } }
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn storage(&self) -> &Checked {
        &self.progress.storage
    }

    fn noting<T>(&self, result: Io<T>) -> Io<T> {
        if result.is_err() {
            self.progress.seen().failed.any = true;
        }
        result
    }
}

impl Progress {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Work begins.
    pub(crate) fn begin(&self) {
        let mut seen = self.seen();
        // After a sync redb writes the header once more, to say so. That is what it goes back to.
        seen.old_header = None;
        seen.committed = false;
        seen.failed.any = false;
        seen.flushes = Flushes::Apart;
        seen.as_flushed = None;
    }

    /// The commit that follows is to be flushed once.
    pub(crate) fn join_flushes(&self) {
        self.seen().flushes = Flushes::Joined;
    }

    /// That commit is over. It is on the medium now.
    pub(crate) fn flushes_joined(&self) -> Io<()> {
        let owed = std::mem::take(&mut self.seen().flushes) == Flushes::Owed;
        if owed { self.sync(Sync::Commit) } else { Ok(()) }
    }

    /// The file is being opened by who may write to it: what redb goes through itself is not judged here, if the header
    /// says that it will.
    pub(crate) fn recovering(&self, begins: bool) {
        self.seen().is_recovered = begins;
        if !begins {
            self.storage.mend(false);
        }
    }

    /// What is checked from now on is read from the medium.
    pub(crate) fn forget_sums(&self) {
        self.storage.forget_sums();
    }

    /// Whether what was written since the beginning may count, on the medium or after a crash.
    pub(crate) fn may_have_committed(&self) -> bool {
        let seen = self.seen();
        seen.committed || seen.failed.sync
    }

    /// Whether a step failed since the beginning.
    pub(crate) fn has_failed(&self) -> bool {
        self.seen().failed.any
    }

    /// Whether it is unknown what the medium has of what was written before.
    pub(crate) fn sync_has_failed(&self) -> bool {
        self.seen().failed.sync
    }

    /// Whether a read has failed, after which redb refuses everything.
    pub(crate) fn read_has_failed(&self) -> bool {
        self.seen().failed.read
    }

    /// What was found to be damaged. redb refuses everything after that too.
    pub(crate) fn damage(&self) -> Option<Arc<str>> {
        self.seen().failed.damage.clone()
    }

    /// Takes back what was not synced: nothing refers to it any more.
    pub(crate) fn take_back(&self) -> Io<()> {
        let mut seen = self.seen();
        let Some(header) = seen.old_header.take() else { return Ok(()) };
        let Some((start, end)) = seen.locked else { return self.storage.write(0, &header) };
        // Whoever reads the header in another process must not see half of it.
        self.storage.lock_range(start, end).map_err(to_io)?;
        let written = self.storage.write(0, &header);
        self.storage.unlock_range(start, end).map_err(to_io)?;
        written
    }

    fn sync(&self, of: Sync) -> Io<()> {
        let (header, in_journal) = {
            let mut seen = self.seen();
            seen.committed |= seen.old_header.is_some();
            (seen.as_flushed.take(), of == Sync::Commit && seen.says_open.synced)
        };
        let result = if in_journal {
            self.journal.sync_commit(header.as_ref().map(|(offset, header)| (*offset, header.as_slice())))
        } else {
            self.storage.sync_data()
        };
        let mut seen = self.seen();
        match &result {
            Ok(()) if in_journal => seen.old_header = None,
            Ok(()) => (seen.old_header, seen.says_open.synced) = (None, seen.says_open.written),
            Err(_) => (seen.failed.any, seen.failed.sync) = (true, true),
        }
        result
    }

    /// The file is to have no journal any more: it ends where redb's part of it does.
    fn give_up_journal(&self) -> Io<()> {
        if !self.journal.has_journal() {
            return Ok(());
        }
        self.sync(Sync::Other)?;
        let result = self.journal.give_up();
        if result.is_err() {
            let mut seen = self.seen();
            (seen.failed.any, seen.failed.sync) = (true, true);
        }
        result
    }

    /// What the next sync is for. One that is owed cannot be left.
    fn next_sync(&self) -> Sync {
        let mut seen = self.seen();
        if seen.flushes == Flushes::Joined && seen.old_header.is_some() {
            seen.flushes = Flushes::Owed;
            return Sync::Left;
        }
        match std::mem::take(&mut seen.flushes) {
            Flushes::Owed => Sync::Commit,
            Flushes::Apart | Flushes::Joined => Sync::Other,
        }
    }

    fn keep_header(&self) -> Io<()> {
        let mut seen = self.seen();
        if seen.old_header.is_none() {
            let length = usize::try_from(self.storage.len()?.min(HEADER_BYTES)).unwrap_or_default();
            let mut header = vec![0; length];
            self.storage.read(0, &mut header)?;
            seen.old_header = Some(header);
        }
        Ok(())
    }
}

fn to_io(error: BackendError) -> IoError {
    match error {
        BackendError::Io(error) => error,
        other => IoError::other(other.to_string()),
    }
}

impl StorageBackend for Watched {
    fn len(&self) -> Io<u64> {
        self.noting(self.storage().len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Io<()> {
        let result = self.storage().read(offset, out);
        if offset == 0 && result.is_ok() && self.progress.seen().is_recovered {
            self.storage().mend(header::is_to_be_looked_through(out));
        }
        if let Err(error) = &result {
            let mut seen = self.progress.seen();
            match error.kind() {
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                    seen.failed.damage.get_or_insert_with(|| error.to_string().into());
                }
                _ => seen.failed.read = true,
            }
        }
        self.noting(result)
    }

    fn set_len(&self, len: u64) -> Io<()> {
        if self.progress.journal.has_journal() {
            self.progress.give_up_journal()?;
            // A file that grows has zeros there, whatever the medium does first.
            self.progress.sync(Sync::Other)?;
        }
        self.noting(self.storage().set_len(len))
    }

    fn sync_data(&self) -> Io<()> {
        // Whoever is led to a block needs its checksum; and room for it may be lacking, which is no failed sync.
        self.noting(self.storage().write_sums())?;
        match self.progress.next_sync() {
            Sync::Left => Ok(()),
            of => self.progress.sync(of),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> Io<()> {
        if offset >= HEADER_BYTES {
            return self.noting(self.storage().write(offset, data));
        }
        self.noting(self.progress.keep_header())?;
        // A header may say that there is nothing left to be looked through.
        self.noting(self.storage().sync_mended())?;
        let says_open = header::says_open(offset, data).unwrap_or_default();
        if !says_open {
            // Whoever reads such a header looks for no journal.
            self.progress.give_up_journal()?;
        }
        let is_owed = {
            let mut seen = self.progress.seen();
            seen.says_open.written = says_open;
            seen.flushes == Flushes::Owed
        };
        match is_owed.then(|| header::not_flushed_before(offset, data)) {
            None => self.noting(self.storage().write(offset, data)),
            Some(Some(header)) => {
                self.progress.seen().as_flushed = Some((offset, data.to_vec()));
                self.noting(self.storage().write(offset, &header))
            }
            // It cannot be told what it says, so that it had better be true.
            Some(None) => {
                self.progress.flushes_joined()?;
                self.noting(self.storage().write(offset, data))
            }
        }
    }

    fn close(&self) -> Io<()> {
        self.storage().close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage().try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage().try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.storage().lock_range(start, end)?;
        self.progress.seen().locked = Some((start, end));
        Ok(())
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.storage().lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.storage().unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage().query_lock_range(start, end)
    }
}
