//! The thread that writes: it commits, compacts and closes, one thing at a time.
//!
//! A batch belongs to this thread from the moment it is sent, so that a caller who stops waiting changes nothing: the
//! batch is applied whole. Batches that have queued up during one commit are carried out in one transaction, each on top
//! of the one before, and share its sync.
//!
//! **What a failure means.** SQLite appends the pages of a transaction to its log, the last of them with a mark that makes
//! the transaction count, and syncs the log. A write that fails before the mark has left nothing that counts: the
//! transaction is taken back, and a medium that is full is `Full`. Of anything else that fails while SQLite commits
//! nobody knows what is in the log, so the store is given up.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use codestrata_core::{Acknowledge, Batch, Error, ErrorKind, OpenMode, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::oneshot;

use crate::config::SqliteConfig;
use crate::file::Claim;
use crate::pool::Pool;
use crate::snapshot::Snapshots;
use crate::{connection, error, file, read, write};

// Batches that share a sync: so many at most, so that the first does not wait for the last for too long.
const MOST_GROUPED: usize = 256;
const MOST_GROUPED_BYTES: usize = 4 * 1024 * 1024;

// When so many pages are in the log alone, they are moved into the file: 16 MiB.
const LOG_PAGES: i64 = 4096;

pub(crate) type Reply = oneshot::Sender<Result<()>>;

/// What the thread is asked.
pub(crate) enum Command {
    Apply(Batch, Acknowledge, Reply),
    Flush(Reply),
    Compact(Reply),
    Close(Reply),
}

/// What the thread shares with the store.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) pool: Arc<Pool>,
    pub(crate) snapshots: Arc<Snapshots>,
}

pub(crate) struct Committer {
    // None once closed. Before the claim, which must be given up after it.
    connection: Option<Connection>,
    is_synced: bool,
    shared: Shared,
    _claim: Claim,
}

impl Committer {
    /// Opens the file, and makes it first if the mode says so.
    pub(crate) fn open(mut config: SqliteConfig) -> Result<Self> {
        let claim = loop {
            match file::claim(&config.path)? {
                Some(claim) => break claim,
                None if config.mode == OpenMode::Create => file::make(&config.path)?,
                None => {
                    let message = format!("there is no store at {}", config.path.display());
                    return Err(Error::new(ErrorKind::NotFound, message)
                        .with_help("name another path, or let the store be made"));
                }
            }
        };
        config.path = file::resolve(&config.path)?;
        let path = config.path.clone();
        file::check_access(&path)?;
        let connection = connection::open(&path, &config).map_err(held)?;
        connection::check_schema(&connection, &path).map_err(held)?;
        let shared = Shared { pool: Arc::new(Pool::new(config)), snapshots: Arc::default() };
        let committer = Self { connection: Some(connection), is_synced: true, shared, _claim: claim };
        if committer.shared.pool.config().mode != OpenMode::ReadOnly {
            // What a process that died has left in the log may never have been synced, and a sync that failed then
            // succeeds now without doing anything. So it is written once more, to the file, before anything is added.
            committer.checkpoint("TRUNCATE")?;
        }
        Ok(committer)
    }

    pub(crate) fn shared(&self) -> Shared {
        self.shared.clone()
    }

    fn path(&self) -> &Path {
        self.shared.pool.path()
    }

    /// Does what it is asked until the store is closed or dropped.
    pub(crate) fn run(mut self, queue: &Receiver<Command>) {
        let mut waiting = VecDeque::new();
        loop {
            let Some(command) = waiting.pop_front().or_else(|| queue.recv().ok()) else {
                // Dropped without being closed. There is nobody to tell.
                let _ = self.close();
                return;
            };
            match command {
                Command::Apply(batch, acknowledge, reply) => {
                    self.apply(gather(queue, (batch, acknowledge, reply), &mut waiting));
                    self.shorten_log();
                }
                Command::Flush(reply) => {
                    let flushed = self.flush();
                    answer(reply, flushed);
                }
                Command::Compact(reply) => {
                    let compacted = self.compact();
                    answer(reply, compacted);
                }
                Command::Close(reply) => {
                    let closed = self.close();
                    // The claim too is given up before anyone is told.
                    drop(self);
                    answer(reply, closed);
                    return;
                }
            }
        }
    }

    fn apply(&mut self, group: Vec<Grouped>) {
        self.shared.snapshots.release_expired();
        let synced = group.iter().any(|(_, acknowledge, _)| *acknowledge == Acknowledge::Synced);
        let writes = group.iter().any(|(batch, ..)| !batch.ops().is_empty());
        let (batches, replies): (Vec<Batch>, Vec<Reply>) =
            group.into_iter().map(|(batch, _, reply)| (batch, reply)).unzip();
        let begin = if writes { BEGIN_WRITING } else { BEGIN_READING };
        let done = self.transact(begin, synced, |connection, path| carry_out_all(connection, path, &batches));
        match done {
            Ok(verdicts) => {
                for (reply, verdict) in replies.into_iter().zip(verdicts) {
                    answer(reply, verdict);
                }
            }
            Err(failed) => {
                let failed = Arc::new(failed);
                for reply in replies {
                    answer(reply, Err(again(&failed)));
                }
            }
        }
    }

    /// One transaction, committed and as durable as asked, or taken back.
    fn transact<T>(
        &mut self,
        begin: &str,
        synced: bool,
        work: impl FnOnce(&Connection, &Path) -> Result<T>,
    ) -> Result<T> {
        self.shared.pool.check()?;
        let path = self.shared.pool.path();
        let connection = opened(self.connection.as_ref(), path)?;
        if synced != self.is_synced {
            let level = if synced { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
            connection.execute_batch(level).map_err(|e| error::of_sqlite(path, "writing", e))?;
            self.is_synced = synced;
        }
        let done = read::run(connection, path, begin)
            .and_then(|()| work(connection, path))
            .and_then(|made| commit(connection, path).map(|()| made));
        done.map_err(|failed| {
            let taken_back = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
            if taken_back && failed.kind() != ErrorKind::Poisoned {
                return failed;
            }
            self.shared.pool.poison(failed)
        })
    }

    /// A sync of the log makes all that was committed before it durable, by whichever process.
    fn flush(&mut self) -> Result<()> {
        self.transact(BEGIN_WRITING, true, |connection, path| {
            let counted = connection.prepare_cached("UPDATE flushes SET count = count + 1");
            counted
                .and_then(|mut statement| statement.execute([]))
                .map(drop)
                .map_err(|e| error::of_sqlite(path, "flushing", e))
        })
    }

    /// Moves pages from the end of the file to where others are free, and cuts the end off.
    fn compact(&mut self) -> Result<()> {
        self.transact(BEGIN_WRITING, true, |connection, path| {
            let failed = |e| error::of_sqlite(path, "compacting", e);
            let mut statement = connection.prepare("PRAGMA incremental_vacuum").map_err(failed)?;
            let mut steps = statement.query([]).map_err(failed)?;
            while steps.next().map_err(failed)?.is_some() {}
            Ok(())
        })?;
        // While others read, the end stays a little longer: until the log is moved the next time.
        self.checkpoint("TRUNCATE")
    }

    /// Moves the log into the file when it has become long.
    fn shorten_log(&mut self) {
        let Some(connection) = &self.connection else { return };
        // The numbers alone; nothing is moved.
        let counted = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
            Ok(row.get::<_, i64>(1)?.saturating_sub(row.get(2)?))
        });
        if counted.is_ok_and(|pages| pages >= LOG_PAGES) {
            // A failure that matters has given the store up; others leave the log as it is.
            let _ = self.checkpoint("PASSIVE");
        }
    }

    /// Moves the log into the file, as far as nobody reads what would be overwritten. Waits for nobody.
    fn checkpoint(&self, how: &str) -> Result<()> {
        let path = self.path();
        let connection = opened(self.connection.as_ref(), path)?;
        connection::set_patience(connection, path, Duration::ZERO)?;
        let moved = connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()));
        connection::set_patience(connection, path, self.shared.pool.config().busy_timeout)?;
        match moved.map_err(|e| error::of_sqlite(path, "moving the log into", e)) {
            // The log still has everything. It is tried again when there is room, or when others have gone.
            Err(later) if matches!(later.kind(), ErrorKind::Full | ErrorKind::Unavailable) => Ok(()),
            Err(worse) if worse.kind() == ErrorKind::Poisoned => Err(self.shared.pool.poison(worse)),
            moved => moved,
        }
    }

    fn close(&mut self) -> Result<()> {
        self.shared.pool.shut();
        self.shared.snapshots.release_all();
        self.shared.pool.wait();
        let checked = if self.shared.pool.is_poisoned() {
            // Nobody knows what the log has. Whoever opens the store again finds out. If SQLite will not leave the log as
            // it is, it moves what counts, as that one would.
            let keep =
                |one: &Connection| one.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).ok();
            let _ = self.connection.as_ref().and_then(keep);
            Ok(())
        } else if self.shared.pool.config().mode == OpenMode::ReadOnly {
            Ok(())
        } else {
            self.checkpoint("TRUNCATE")
        };
        let path = self.shared.pool.path();
        let closed = match self.connection.take() {
            Some(connection) => connection.close().map_err(|(_, e)| error::of_sqlite(path, "closing", e)),
            None => Ok(()),
        };
        checked.and(closed)
    }
}

// A write transaction asks for the one writer's lock at once, so that it never finds that what it has read is old.
const BEGIN_WRITING: &str = "BEGIN IMMEDIATE";
const BEGIN_READING: &str = "BEGIN";

/// A verdict for each batch; an error means that the transaction is to be taken back.
fn carry_out_all(connection: &Connection, path: &Path, batches: &[Batch]) -> Result<Vec<Result<()>>> {
    let mut verdicts = Vec::with_capacity(batches.len());
    for batch in batches {
        let verdict = write::check(connection, path, batch.preconditions())?;
        if verdict.is_none() {
            write::carry_out(connection, batch.ops()).map_err(|e| error::of_sqlite(path, "writing", e))?;
        }
        verdicts.push(verdict.map_or(Ok(()), Err));
    }
    Ok(verdicts)
}

fn commit(connection: &Connection, path: &Path) -> Result<()> {
    let committed = connection.prepare_cached("COMMIT").and_then(|mut statement| statement.execute([]));
    let Err(failed) = committed else { return Ok(()) };
    let failed = error::of_sqlite(path, "committing to", failed);
    let was_not_begun = failed.kind() == ErrorKind::Unavailable && !connection.is_autocommit();
    if failed.kind() == ErrorKind::Full || was_not_begun {
        return Err(failed);
    }
    Err(Error::new(ErrorKind::Poisoned, failed.message()).with_source(failed))
}

fn opened<'a>(connection: Option<&'a Connection>, path: &Path) -> Result<&'a Connection> {
    connection.ok_or_else(|| error::closed(path))
}

/// What is busy at the opening, and stays so, is held by somebody.
fn held(error: Error) -> Error {
    if error.kind() != ErrorKind::Unavailable {
        return error;
    }
    let busy = std::error::Error::source(&error)
        .and_then(|source| source.downcast_ref::<rusqlite::Error>())
        .and_then(rusqlite::Error::sqlite_error_code);
    if !matches!(busy, Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)) {
        return error;
    }
    Error::new(ErrorKind::Locked, error.message())
        .with_help("wait until it is done there, or end the program that holds it")
        .with_source(error)
}

type Grouped = (Batch, Acknowledge, Reply);

/// The batches that are waiting, in their order, up to the first other command.
fn gather(queue: &Receiver<Command>, first: Grouped, waiting: &mut VecDeque<Command>) -> Vec<Grouped> {
    let mut bytes = first.0.byte_size();
    let mut group = vec![first];
    while group.len() < MOST_GROUPED && bytes < MOST_GROUPED_BYTES {
        match queue.try_recv() {
            Ok(Command::Apply(batch, acknowledge, reply)) => {
                bytes = bytes.saturating_add(batch.byte_size());
                group.push((batch, acknowledge, reply));
            }
            Ok(other) => {
                waiting.push_back(other);
                break;
            }
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
        }
    }
    group
}

/// A caller who no longer waits does not mind.
fn answer(reply: Reply, result: Result<()>) {
    let _ = reply.send(result);
}

/// The same error for one of several callers: errors cannot be copied, because their sources cannot.
fn again(error: &Arc<Error>) -> Error {
    let copy = Error::new(error.kind(), error.message()).with_source(Arc::clone(error));
    match error.help() {
        Some(help) => copy.with_help(help),
        None => copy,
    }
}
