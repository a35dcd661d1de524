//! The open store. Everything here may block; `backend` sees to it that no executor does.
//!
//! sled applies a batch key by key: a single `get` waits for the whole batch, by a lock of sled's that all stores of the
//! process share, but two of them in a row, or two steps of an iterator, can see it half. So there is one more lock around
//! it, [`GATE`], which a read holds from its first key to its last. It is one for the process as well, because
//! sled's is: a read that finds it free then does not wait in sled.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, TryLockError, mpsc};
use std::time::Duration;

use codestrata_core::{Batch, Error, ErrorKind, OpenMode, Result};
use sled::Db;
use tokio::sync::OwnedMutexGuard;

use crate::config::SledConfig;
use crate::folder::{self, Folder, LOG, make_private};
use crate::read::Entries;
use crate::record::{HEAD_KEY, Head};
use crate::{commit, error, seal};

// Held to write while a batch goes in. Taken after the `access` of a store, never before.
static GATE: RwLock<()> = RwLock::new(());

// How long the threads of a closed sled may go on. They have at most some segments to write, or, after a failure,
// nothing more.
const STOP_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT_POISONED: Duration = Duration::from_secs(5);
// How long a flush is waited for, before another one is sent after it.
const FLUSH_LIMITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(55)];
const LOCK_TRIES: u32 = 500;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// An open store, or one that was closed.
pub(crate) struct Store {
    path: PathBuf,
    read_only: bool,
    // Held to read by every call; none once closed.
    access: RwLock<Option<Opened>>,
    poisoned: OnceLock<String>,
    // Held by whoever applies a batch.
    writer: Arc<tokio::sync::Mutex<Head>>,
    keys: AtomicU64,
    // Moved while a batch goes in and reads wait for it.
    revision: AtomicU64,
    closing: Mutex<()>,
}

struct Opened {
    db: Db,
    folder: Folder,
}

impl Store {
    pub(crate) fn open(config: &SledConfig) -> Result<Self> {
        let path = &config.path;
        let read_only = config.mode == OpenMode::ReadOnly;
        let folder = loop {
            match Folder::open(path, read_only)? {
                Some(folder) => break folder,
                None if config.mode == OpenMode::Create => {
                    if let Some(made) = Folder::make(path, |temporary| fill(config, temporary))? {
                        break made;
                    }
                    // Somebody else was faster: theirs is opened.
                }
                None => {
                    let message = format!("there is no store at {}", path.display());
                    return Err(Error::new(ErrorKind::NotFound, message));
                }
            }
        };
        let sealed = seal::check(&folder)?;
        if sealed {
            seal::take_off(&folder)?;
        }
        folder::remove_unfinished(path)?;
        let db = start(config, path)?;
        let head = error::caught(path, "opening", || {
            let entries = Entries::new(&db, path);
            let head = entries.head()?.ok_or_else(|| error::corrupt(path, "its head is missing"))?;
            // After a crash it is sled that says what is there, and sled leaves out what it cannot read.
            if !sealed {
                entries.verify(head)?;
            }
            make_private(path)?;
            Ok(head)
        });
        let head = match head {
            Ok(head) => head,
            Err(failed) => {
                // It is given up anyhow.
                let _ = stop(db, folder, path, STOP_LIMIT_POISONED);
                return Err(failed);
            }
        };
        Ok(Self {
            path: path.clone(),
            read_only,
            access: RwLock::new(Some(Opened { db, folder })),
            poisoned: OnceLock::new(),
            writer: Arc::new(tokio::sync::Mutex::new(head)),
            keys: AtomicU64::new(head.count),
            revision: AtomicU64::new(0),
            closing: Mutex::default(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    pub(crate) fn writer(&self) -> Arc<tokio::sync::Mutex<Head>> {
        Arc::clone(&self.writer)
    }

    /// Whether calls are answered; nothing if that is just changing.
    pub(crate) fn check_open(&self) -> Option<Result<()>> {
        let access = self.try_access()?;
        Some(self.opened(access.as_ref()).map(drop))
    }

    /// The number of the state that reads show; none where they answer an error.
    pub(crate) fn revision(&self) -> Option<u64> {
        let revision = self.revision.load(Ordering::SeqCst);
        self.check_open()?.ok().map(|()| revision)
    }

    /// Reads one state.
    pub(crate) fn read<T>(&self, work: impl FnOnce(Entries<'_>) -> Result<T>) -> Result<T> {
        let access = self.access();
        let db = &self.opened(access.as_ref())?.db;
        let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
        error::caught(&self.path, "reading", || work(Entries::new(db, &self.path)))
    }

    /// The same, or nothing where it would have to wait for a batch.
    pub(crate) fn try_read<T>(&self, work: impl FnOnce(Entries<'_>) -> Result<T>) -> Option<Result<T>> {
        let access = self.try_access()?;
        let db = match self.opened(access.as_ref()) {
            Ok(opened) => &opened.db,
            Err(closed) => return Some(Err(closed)),
        };
        let _gate = match GATE.try_read() {
            Ok(gate) => gate,
            Err(TryLockError::Poisoned(gate)) => gate.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(error::caught(&self.path, "reading", || work(Entries::new(db, &self.path))))
    }

    /// Applies a batch, and flushes it if it is to be.
    pub(crate) fn apply(&self, batch: Batch, mut head: OwnedMutexGuard<Head>, flush: bool) -> Result<()> {
        let access = self.access();
        let db = &self.opened(access.as_ref())?.db;
        let (preconditions, ops) = batch.into_parts();
        let prepared = error::caught(&self.path, "reading", || {
            let entries = Entries::new(db, &self.path);
            commit::check(entries, &preconditions)?;
            if ops.is_empty() { Ok(None) } else { commit::resolve(entries, ops, *head).map(Some) }
        })?;
        let Some((changes, next)) = prepared else { return Ok(()) };
        error::caught(&self.path, "writing", || {
            let _gate = GATE.write().unwrap_or_else(PoisonError::into_inner);
            self.revision.fetch_add(1, Ordering::SeqCst);
            db.apply_batch(changes).map_err(|e| error::of_sled(&self.path, "writing", e))
        })
        .map_err(|failed| self.poison(failed))?;
        *head = next;
        self.keys.store(next.count, Ordering::Relaxed);
        // Still as the only writer: sled waits for ever for the log of a batch that failed half way.
        if flush { self.flush_log(db) } else { Ok(()) }
    }

    /// Hands the log to the medium. No batch may go in meanwhile, which the head is proof of.
    pub(crate) fn flush(&self, _: &OwnedMutexGuard<Head>) -> Result<()> {
        let access = self.access();
        self.flush_log(&self.opened(access.as_ref())?.db)
    }

    /// sled does not wake a flush when a write of its own threads fails, but a second flush finds the error and wakes the
    /// first. So a flush that takes long gets company.
    fn flush_log(&self, db: &Db) -> Result<()> {
        let (done, flushed) = mpsc::channel();
        for limit in FLUSH_LIMITS {
            let (db, path, done) = (db.clone(), self.path.clone(), done.clone());
            std::thread::Builder::new()
                .name("codestrata-sled".to_owned())
                .spawn(move || {
                    let answer = error::caught(&path, "flushing", || {
                        db.flush().map(drop).map_err(|e| error::of_sled(&path, "flushing", e))
                    });
                    drop(db);
                    // Another one may have answered before.
                    let _ = done.send(answer);
                })
                .map_err(|e| self.poison(error::of_io(&self.path, "starting a thread for", e)))?;
            if let Ok(answer) = flushed.recv_timeout(limit) {
                return answer.map_err(|failed| self.poison(failed));
            }
        }
        Err(self.poison(stuck(&self.path, "its flush does not return")))
    }

    /// Reads every entry. No batch may go in meanwhile, which the head is proof of.
    pub(crate) fn verify(&self, head: &OwnedMutexGuard<Head>) -> Result<()> {
        let access = self.access();
        let db = &self.opened(access.as_ref())?.db;
        error::caught(&self.path, "reading", || Entries::new(db, &self.path).verify(**head))
    }

    /// How many keys there are, and how many bytes the files have.
    pub(crate) fn figures(&self) -> Result<(u64, u64)> {
        let access = self.access();
        self.opened(access.as_ref())?;
        let sizes = folder::files(&self.path)?.into_iter();
        let bytes = sizes.filter_map(|(_, path)| path.metadata().ok()).map(|about| about.len()).sum();
        Ok((self.keys.load(Ordering::Relaxed), bytes))
    }

    /// Closes the store and seals its files. Waits for calls under way, and for whoever else is closing it.
    pub(crate) fn close(&self) -> Result<()> {
        let _one = self.closing.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = self.access.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Opened { db, folder }) = opened else { return Ok(()) };
        if self.poisoned.get().is_some() {
            // What failed was said before; that the files are still held is news.
            return stop(db, folder, &self.path, STOP_LIMIT_POISONED)
                .map(drop)
                .or_else(|failed| if failed.kind() == ErrorKind::Internal { Err(failed) } else { Ok(()) });
        }
        let folder = stop(db, folder, &self.path, STOP_LIMIT)?;
        make_private(&self.path)?;
        seal::put(&folder)
    }

    fn access(&self) -> RwLockReadGuard<'_, Option<Opened>> {
        self.access.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_access(&self) -> Option<RwLockReadGuard<'_, Option<Opened>>> {
        match self.access.try_read() {
            Ok(access) => Some(access),
            Err(TryLockError::Poisoned(access)) => Some(access.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn opened<'a>(&self, access: Option<&'a Opened>) -> Result<&'a Opened> {
        let opened = access.ok_or_else(|| error::closed(&self.path))?;
        match self.poisoned.get() {
            Some(why) => Err(error::poisoned(&self.path, why)),
            None => Ok(opened),
        }
    }

    /// sled cannot go on after a failed write, and what it has applied of a batch it does not say.
    fn poison(&self, failed: Error) -> Error {
        let why = self.poisoned.get_or_init(|| failed.message().to_owned());
        error::poisoned(&self.path, why).with_source(failed)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = self.close();
    }
}

/// Writes an empty store.
fn fill(config: &SledConfig, folder: &Path) -> Result<()> {
    let db = start(config, folder)?;
    let filled = error::caught(folder, "making", || {
        let head = Head::default().encode();
        let done = db.insert(HEAD_KEY, head).and_then(|_| db.flush());
        done.map(drop).map_err(|e| error::of_sled(folder, "making", e))
    });
    let stopped = stop(db, (), folder, STOP_LIMIT);
    filled.and(stopped)?;
    make_private(folder)
}

/// Starts sled on a folder that is locked.
fn start(config: &SledConfig, path: &Path) -> Result<Db> {
    let flush_every = u64::try_from(config.flush_every.as_millis()).unwrap_or(u64::MAX);
    let sled = sled::Config::new()
        .path(path)
        .cache_capacity(config.cache_bytes)
        .flush_every_ms(Some(flush_every))
        .use_compression(false);
    for _ in 0..LOCK_TRIES {
        // Ours is the only handle that opens this folder; another program, or a thread of a sled that was just
        // closed, may still have sled's own lock.
        match error::caught(path, "opening", || Ok(sled.open()))? {
            Err(held) if error::is_sled_lock(&held) => std::thread::sleep(LOCK_PAUSE),
            opened => return opened.map_err(|e| error::of_sled(path, "opening", e)),
        }
    }
    Err(error::locked(path, "in another program that uses sled"))
}

/// Flushes and ends sled, and waits until its last thread has let go of the files. Meanwhile, and for as long as it does not
/// end, what it `holds` is held.
fn stop<H: Send + 'static>(db: Db, holds: H, path: &Path, limit: Duration) -> Result<H> {
    // On a thread of its own: sled waits for ever for its own thread if that has died of damage, and for what a failed
    // batch has left undone.
    let (done, ended) = mpsc::channel();
    let folder = path.to_owned();
    std::thread::Builder::new()
        .name("codestrata-sled".to_owned())
        .spawn(move || {
            let ended = error::caught(&folder, "closing", || {
                let flushed = db.flush();
                drop(db);
                flushed.map(drop).map_err(|e| error::of_sled(&folder, "closing", e))
            });
            // Whoever waited may have given up.
            let _ = done.send((ended, holds));
        })
        .map_err(|e| error::of_io(path, "starting a thread for", e))?;
    let (flushed, holds) = ended.recv_timeout(limit).map_err(|_| stuck(path, "one of its threads waits"))?;
    let log = std::fs::File::open(path.join(LOG)).map_err(|e| error::of_io(path, "closing", e))?;
    for _ in 0..LOCK_TRIES {
        if log.try_lock().is_ok() {
            return flushed.map(|()| holds);
        }
        std::thread::sleep(LOCK_PAUSE);
    }
    Err(stuck(path, "it still has its files open"))
}

fn stuck(path: &Path, why: &str) -> Error {
    let message = format!("sled does not let go of {}: {why}", path.display());
    Error::new(ErrorKind::Internal, message).with_help("end this process, then open the store again")
}
