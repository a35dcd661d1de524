//! The connections that read, and the threads on which long reads are made.
//!
//! A short read is made where it is asked for, on a connection that is idle: a point read takes some microseconds when
//! its pages are cached. Everything else goes to a few threads of the store's own, so that no executor is blocked and
//! none is needed: what may be long, what has to open a connection, what finds the database busy.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, Result};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::config::SqliteConfig;
use crate::{connection, error};

// Long reads at once.
const WORKERS: usize = 4;
// Connections that are kept open for the next read. Each has a cache and two descriptors.
const MOST_IDLE: usize = 8;

/// The connections of a store that read. All calls ask here first whether the store can still be used.
pub(crate) struct Pool {
    config: SqliteConfig,
    state: Mutex<State>,
    returned: Condvar,
    poisoned: OnceLock<String>,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    lent: usize,
    closed: bool,
}

impl Pool {
    pub(crate) fn new(config: SqliteConfig) -> Self {
        Self { config, state: Mutex::default(), returned: Condvar::new(), poisoned: OnceLock::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.config.path
    }

    pub(crate) fn config(&self) -> &SqliteConfig {
        &self.config
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands against any call: that the store was closed, or given up.
    pub(crate) fn check(&self) -> Result<()> {
        if self.state().closed {
            return Err(error::closed(self.path()));
        }
        self.check_poison()
    }

    fn check_poison(&self) -> Result<()> {
        match self.poisoned.get() {
            Some(why) => Err(error::poisoned(self.path(), why)),
            None => Ok(()),
        }
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned.get().is_some()
    }

    /// Every call answers `Poisoned` from now on.
    pub(crate) fn poison(&self, failed: Error) -> Error {
        let why = self.poisoned.get_or_init(|| failed.message().to_owned());
        error::poisoned(self.path(), why).with_source(failed)
    }

    /// A connection that is idle and does not wait for other processes, if there is one.
    pub(crate) fn take_idle(self: &Arc<Self>) -> Result<Option<Lent>> {
        self.lend_idle(Duration::ZERO)
    }

    /// A connection, opened if need be. It blocks.
    pub(crate) fn take(self: &Arc<Self>) -> Result<Lent> {
        match self.lend_idle(self.config.busy_timeout)? {
            Some(lent) => Ok(lent),
            None => self.take_new(),
        }
    }

    /// A connection that has nothing in its cache. It blocks.
    pub(crate) fn take_new(self: &Arc<Self>) -> Result<Lent> {
        self.check_poison()?;
        let mut state = self.state();
        if state.closed {
            return Err(error::closed(self.path()));
        }
        state.lent += 1;
        drop(state);
        // From here on it counts, so that whoever closes the store waits for it.
        let mut lent = Lent { connection: None, pool: Arc::clone(self) };
        lent.connection = Some(connection::open(self.path(), &self.config)?);
        Ok(lent)
    }

    fn lend_idle(self: &Arc<Self>, patience: Duration) -> Result<Option<Lent>> {
        self.check_poison()?;
        let mut state = self.state();
        if state.closed {
            return Err(error::closed(self.path()));
        }
        let Some(connection) = state.idle.pop() else { return Ok(None) };
        state.lent += 1;
        drop(state);
        let lent = Lent { connection: Some(connection), pool: Arc::clone(self) };
        connection::set_patience(lent.get()?, self.path(), patience)?;
        Ok(Some(lent))
    }

    fn give_back(&self, connection: Option<Connection>) {
        // A read that failed, and a snapshot, leave a transaction open.
        let connection =
            connection.filter(|one| one.is_autocommit() || one.execute_batch("ROLLBACK").is_ok());
        let mut state = self.state();
        match connection {
            Some(connection) if !state.closed && state.idle.len() < MOST_IDLE => state.idle.push(connection),
            surplus => {
                drop(state);
                drop(surplus);
                state = self.state();
            }
        }
        state.lent -= 1;
        self.returned.notify_all();
    }

    /// Lends nothing any more.
    pub(crate) fn shut(&self) {
        let mut state = self.state();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    /// Waits until every connection has come back and is closed.
    pub(crate) fn wait(&self) {
        let none_lent = self.returned.wait_while(self.state(), |state| state.lent > 0);
        drop(none_lent.unwrap_or_else(PoisonError::into_inner));
    }
}

/// A connection for one read, or for a snapshot. It goes back when it is dropped.
pub(crate) struct Lent {
    // None only while it is opened or dropped.
    connection: Option<Connection>,
    pool: Arc<Pool>,
}

impl Lent {
    pub(crate) fn get(&self) -> Result<&Connection> {
        self.connection.as_ref().ok_or_else(|| error::closed(self.pool.path()))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.pool.give_back(self.connection.take());
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// The threads that make long reads. They end when the store and its snapshots are gone.
#[derive(Clone)]
pub(crate) struct Workers {
    queue: mpsc::Sender<Job>,
}

impl Workers {
    pub(crate) fn start(path: &Path) -> Result<Self> {
        let (queue, jobs) = mpsc::channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..WORKERS {
            let jobs = Arc::clone(&jobs);
            std::thread::Builder::new()
                .name("codestrata-sqlite-read".to_owned())
                .spawn(move || {
                    loop {
                        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok(job) = job else { return };
                        // A panic was shown when it happened, and whoever waits learns of it.
                        let _ = catch_unwind(AssertUnwindSafe(job));
                    }
                })
                .map_err(|e| error::of_io(path, "starting a thread for", e))?;
        }
        Ok(Self { queue })
    }

    /// Runs work on one of the threads. It runs to its end even if nobody waits any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move || {
            // A caller who no longer waits does not mind.
            let _ = reply.send(work());
        });
        let gone =
            || Error::new(ErrorKind::Internal, "a thread that reads has ended").with_help("report this");
        self.queue.send(job).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}
