//! Snapshots: read transactions that are ended when they are too old.
//!
//! The log beside the file cannot be begun anew while some transaction still reads what is in it, so a forgotten
//! snapshot would make it grow without end. Each one is therefore listed, and loses its connection when its time is
//! over, whether it is read or not. There are so many of them at most, because each takes descriptors and a cache.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use codestrata_core::backend::check_key_count;
use codestrata_core::{Bytes, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, async_trait};

use rusqlite::Connection;

use crate::backend::{INLINE_BYTES, INLINE_KEYS, probe};
use crate::pool::{Lent, Pool, Workers};
use crate::{error, read};

/// The most snapshots of one store at a time.
const MOST_SNAPSHOTS: usize = 64;

/// The store as it was when the snapshot was taken.
pub(crate) struct Snapshot {
    held: Arc<Held>,
    workers: Workers,
}

struct Held {
    connection: Mutex<Result<Lent, Gone>>,
    taken: Instant,
    pool: Arc<Pool>,
}

/// Why a snapshot has lost its connection.
#[derive(Clone, Copy)]
enum Gone {
    TooOld,
    Closed,
}

impl Held {
    fn is_too_old(&self) -> bool {
        self.taken.elapsed() > self.pool.config().snapshot_max_age
    }

    /// Ends the transaction. Waits for a read that is under way.
    fn release(&self, why: Gone) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.is_ok() {
            *connection = Err(why);
        }
    }

    /// The same, if no read is under way.
    fn try_release(&self, why: Gone) {
        if let Ok(mut connection) = self.connection.try_lock()
            && connection.is_ok()
        {
            *connection = Err(why);
        }
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.read_locked(self.connection.lock().unwrap_or_else(PoisonError::into_inner), work)
    }

    /// The same, or nothing where it would have to wait for another read.
    fn try_read<T>(&self, work: impl FnOnce(&Connection) -> Result<Option<T>>) -> Result<Option<T>> {
        match self.connection.try_lock() {
            Ok(connection) => self.read_locked(connection, work),
            Err(_) => Ok(None),
        }
    }

    fn read_locked<T>(
        &self,
        mut connection: MutexGuard<'_, Result<Lent, Gone>>,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        if connection.is_ok() && self.is_too_old() {
            *connection = Err(Gone::TooOld);
        }
        match &*connection {
            Ok(lent) => {
                self.pool.check()?;
                work(lent.get()?)
            }
            Err(Gone::Closed) => Err(error::closed(self.pool.path())),
            Err(Gone::TooOld) => {
                let age = self.pool.config().snapshot_max_age;
                let message =
                    format!("this snapshot of {} is older than {age:?}", self.pool.path().display());
                Err(Error::new(ErrorKind::Unavailable, message)
                    .with_help("take a new one, or raise `snapshot_max_age`"))
            }
        }
    }
}

#[async_trait]
impl ReadView for Snapshot {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        check_key_count(keys.len())?;
        let path = self.held.pool.path();
        if keys.len() <= INLINE_KEYS
            && let Some(values) = self.held.try_read(|one| read::look_up(one, path, keys, INLINE_BYTES))?
        {
            return Ok(values);
        }
        let (held, keys) = (Arc::clone(&self.held), keys.to_vec());
        self.workers.run(move || held.read(|one| read::get_many(one, held.pool.path(), &keys))).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let probe = probe(request);
        let path = self.held.pool.path();
        if let Some(page) = self.held.try_read(|one| read::page(one, path, &probe, INLINE_BYTES))?
            && (page.next().is_none() || probe == *request)
        {
            return Ok(page);
        }
        let (held, request) = (Arc::clone(&self.held), request.clone());
        self.workers.run(move || held.read(|one| read::whole_page(one, held.pool.path(), &request))).await
    }
}

/// The snapshots of one store.
#[derive(Default)]
pub(crate) struct Snapshots {
    listed: Mutex<Vec<Weak<Held>>>,
}

impl Snapshots {
    /// Begins a read transaction on the connection, and lists it.
    pub(crate) fn take(&self, lent: Lent, pool: &Arc<Pool>, workers: &Workers) -> Result<Snapshot> {
        // A transaction sees what there is at its first read, and not at its beginning.
        read::run(lent.get()?, pool.path(), "BEGIN")?;
        read::first(lent.get()?, pool.path())?;
        let connection = Mutex::new(Ok(lent));
        let held = Arc::new(Held { connection, taken: Instant::now(), pool: Arc::clone(pool) });
        self.release_expired();
        let mut listed = self.listed();
        listed.retain(|one| one.strong_count() > 0);
        // Asked with the list in hand: whoever closes the store says so first, and then looks at the list.
        pool.check()?;
        if listed.len() >= MOST_SNAPSHOTS {
            let message =
                format!("{} has {MOST_SNAPSHOTS} snapshots, and can have no more", pool.path().display());
            return Err(
                Error::new(ErrorKind::Unavailable, message).with_help("drop some of them, and try again")
            );
        }
        listed.push(Arc::downgrade(&held));
        drop(listed);
        Ok(Snapshot { held, workers: workers.clone() })
    }

    fn listed(&self) -> MutexGuard<'_, Vec<Weak<Held>>> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> Vec<Arc<Held>> {
        self.listed().iter().filter_map(Weak::upgrade).collect()
    }

    /// Ends those that are too old.
    pub(crate) fn release_expired(&self) {
        self.all().iter().filter(|held| held.is_too_old()).for_each(|held| held.try_release(Gone::TooOld));
    }

    /// Ends all of them.
    pub(crate) fn release_all(&self) {
        self.all().iter().for_each(|held| held.release(Gone::Closed));
    }
}
