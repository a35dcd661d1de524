//! The thread that owns the database: it commits, compacts, checks and closes, one thing at a time.
//!
//! A batch belongs to this thread from the moment it is sent, so that a caller who stops waiting changes
//! nothing: the batch is applied whole. Reaching the thread and coming back was measured at 5 to 20 us on top of
//! redb's own commit. Batches that have queued up during one commit are carried out in one transaction, each on
//! top of the one before, and share its sync: 16 callers at once commit five times as fast as one after another.
//!
//! After each commit the thread publishes a view of it before it answers. Readers take that view, which costs
//! them no system call, and see every batch that was acknowledged.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};

use codestrata_core::{Batch, Error, ErrorKind, OpenMode, Result};
use redb::Database;
use tokio::sync::{mpsc, oneshot, watch};

use crate::config::RedbConfig;
use crate::medium::Medium;
use crate::read::{Alive, View};
use crate::snapshot::{Gone, Snapshots};
use crate::watch::Progress;
use crate::{error, opening, write};

// Batches that share a sync: so many at most, so that the first does not wait for the last for too long.
const MOST_GROUPED: usize = 256;
const MOST_GROUPED_BYTES: usize = 4 * 1024 * 1024;

pub(crate) type Reply = oneshot::Sender<Result<()>>;

/// What the thread is asked.
pub(crate) enum Command {
    Apply(Batch, Reply),
    Compact(Reply),
    Verify(Reply),
    Close(Reply),
}

/// What a read finds.
pub(crate) enum Access {
    /// The last commit.
    Open(Arc<View>),
    /// The thread needs the database for itself. It will not take long, or says otherwise.
    Busy,
    /// A write failed in a way that leaves the state of the file unknown. Why.
    Poisoned(Arc<str>),
    /// The store was closed.
    Closed,
}

/// What the thread shares with the store.
pub(crate) struct Shared {
    access: watch::Sender<Access>,
    // The number of what reads find; odd while that is a commit. Only the thread moves it.
    revision: AtomicU64,
    pub(crate) snapshots: Snapshots,
    pub(crate) path: Arc<Path>,
}

impl Shared {
    pub(crate) fn new(snapshots: Snapshots, path: Arc<Path>) -> Self {
        Self { access: watch::Sender::new(Access::Busy), revision: AtomicU64::new(0), snapshots, path }
    }

    /// What reads find, to look at or to wait for.
    pub(crate) fn access(&self) -> &watch::Sender<Access> {
        &self.access
    }

    /// The number of what reads find; none unless it is a commit.
    pub(crate) fn revision(&self) -> Option<u64> {
        let revision = self.revision.load(Ordering::SeqCst);
        (revision % 2 == 1).then_some(revision)
    }

    fn set(&self, access: Access) -> Access {
        let is_open = matches!(access, Access::Open(_));
        self.none_yet();
        let before = self.access.send_replace(access);
        if is_open {
            self.revision.fetch_add(1, Ordering::SeqCst);
        }
        before
    }

    /// From here on until a commit is set nobody knows what reads find.
    fn none_yet(&self) {
        // From odd to the next even number; an even one stays.
        let revision = self.revision.load(Ordering::SeqCst);
        self.revision.store(revision + revision % 2, Ordering::SeqCst);
    }
}

pub(crate) struct Committer {
    medium: Arc<dyn Medium>,
    config: RedbConfig,
    shared: Arc<Shared>,
    // None after a failure that took it away.
    database: Option<Database>,
    progress: Progress,
    alive: Alive,
    all_gone: mpsc::Receiver<Infallible>,
}

impl Committer {
    /// Opens the file and publishes its state.
    pub(crate) fn open(medium: Arc<dyn Medium>, config: RedbConfig, shared: Arc<Shared>) -> Result<Self> {
        let (database, progress) = opening::open_writable(&*medium, &config)?;
        let (alive, all_gone) = mpsc::channel(1);
        let database = Some(database);
        let committer = Self { medium, config, shared, database, progress, alive, all_gone };
        committer.publish()?;
        Ok(committer)
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
                Command::Apply(batch, reply) => {
                    let group = gather(queue, (batch, reply), &mut waiting);
                    self.apply(group);
                }
                Command::Compact(reply) => answer(reply, self.alone(Self::compact)),
                Command::Verify(reply) => answer(reply, self.alone(Self::verify)),
                Command::Close(reply) => {
                    answer(reply, self.close());
                    return;
                }
            }
        }
    }

    fn apply(&mut self, group: Vec<(Batch, Reply)>) {
        self.shared.snapshots.release_expired();
        let (batches, replies): (Vec<Batch>, Vec<Reply>) = group.into_iter().unzip();
        let done = opening::caught(&self.shared.path, "writing", || self.commit(&batches)).flatten();
        match done {
            Ok(verdicts) => {
                for (reply, verdict) in replies.into_iter().zip(verdicts) {
                    answer(reply, verdict);
                }
            }
            Err(failed) => {
                let failed = Arc::new(self.recover(failed));
                for reply in replies {
                    answer(reply, Err(again(&failed)));
                }
            }
        }
    }

    /// One transaction for all the batches. A verdict for each, once they are committed and visible; an error
    /// means that none was applied, or that nobody knows.
    fn commit(&self, batches: &[Batch]) -> Result<Vec<Result<()>>> {
        let path = &self.shared.path;
        self.progress.begin();
        let transaction =
            self.database()?.begin_write().map_err(|e| error::of_transaction(path, "writing", e))?;
        let mut verdicts = Vec::with_capacity(batches.len());
        let mut changed = false;
        {
            let mut table =
                transaction.open_table(opening::ENTRIES).map_err(|e| error::of_table(path, "writing", e))?;
            for batch in batches {
                if let Some(failed) = write::check(&table, batch.preconditions(), path)? {
                    verdicts.push(Err(failed));
                    continue;
                }
                changed |= !batch.ops().is_empty();
                write::carry_out(&mut table, batch.ops())
                    .map_err(|e| error::of_storage(path, "writing", e))?;
                verdicts.push(Ok(()));
            }
        }
        if changed {
            self.progress.join_flushes();
            transaction.commit().map_err(|e| error::of_commit(path, "committing to", e))?;
            self.progress.flushes_joined().map_err(|e| error::of_io(path, "committing to", e))?;
            self.publish()?;
        } else {
            transaction.abort().map_err(|e| error::of_storage(path, "writing", e))?;
        }
        Ok(verdicts)
    }

    /// What to do about a transaction that failed; the error for those who asked for it.
    fn recover(&mut self, failed: Error) -> Error {
        if matches!(&*self.shared.access.borrow(), Access::Poisoned(_)) {
            return failed;
        }
        if self.progress.may_have_committed() {
            return self.poison(failed);
        }
        match failed.kind() {
            ErrorKind::Poisoned | ErrorKind::Internal | ErrorKind::Closed => self.poison(failed),
            ErrorKind::Full | ErrorKind::Unavailable => self.go_on(failed),
            // redb has taken the transaction back.
            _ => failed,
        }
    }

    /// Opens the store anew after a failure that left nothing behind; redb refuses every call after a write that
    /// failed, even one that only found the medium full.
    fn go_on(&mut self, failed: Error) -> Error {
        match self.reopen() {
            Ok(()) => failed,
            Err(worse) => self.poison(worse),
        }
    }

    fn reopen(&mut self) -> Result<()> {
        self.shared.snapshots.release_all(Gone::Reopened);
        self.quiesce();
        self.progress.take_back().map_err(|e| error::of_io(&self.shared.path, "restoring", e))?;
        // It says again what is known: that a write failed.
        drop(self.database.take());
        let existing = RedbConfig { mode: OpenMode::Existing, ..self.config.clone() };
        let (database, progress) = opening::open_writable(&*self.medium, &existing)?;
        self.database = Some(database);
        self.progress = progress;
        self.publish()
    }

    /// Runs work that needs the database without readers, if there is no snapshot.
    fn alone(&mut self, work: fn(&mut Self) -> Result<()>) -> Result<()> {
        self.database()?;
        self.shared.set(Access::Busy);
        if self.shared.snapshots.any() {
            return self.publish_again(Err(error::busy(&self.shared.path)));
        }
        self.quiesce();
        self.progress.begin();
        let path = Arc::clone(&self.shared.path);
        let done = opening::caught(&path, "checking or compacting", || work(self)).flatten();
        match done {
            // Another process reads the file: nothing was done.
            Err(busy) if busy.kind() == ErrorKind::Unavailable && !self.progress.has_failed() => {
                self.publish_again(Err(busy))
            }
            // Neither changes an entry, so it does not matter how much was done.
            Err(passing)
                if matches!(passing.kind(), ErrorKind::Full | ErrorKind::Unavailable)
                    && !self.progress.sync_has_failed() =>
            {
                Err(self.go_on(passing))
            }
            Err(failed) => {
                let failed = Arc::new(failed);
                let poisoned = self.poison(again(&failed));
                // What was found is said once; that the store is given up, from now on.
                Err(if failed.kind() == ErrorKind::Corruption { again(&failed) } else { poisoned })
            }
            Ok(()) => self.publish_again(Ok(())),
        }
    }

    /// Lets reads in again, which wait, and answers. They must not wait for ever if the store cannot be read now.
    fn publish_again(&mut self, answer: Result<()>) -> Result<()> {
        match self.publish() {
            Ok(()) => answer,
            Err(failed) => Err(self.poison(failed)),
        }
    }

    fn compact(&mut self) -> Result<()> {
        let path = Arc::clone(&self.shared.path);
        self.database_mut()?.compact().map(drop).map_err(|e| error::of_compaction(&path, e))
    }

    fn verify(&mut self) -> Result<()> {
        let path = Arc::clone(&self.shared.path);
        self.progress.forget_sums();
        if self.database_mut()?.check_integrity().map_err(|e| error::of_open(&path, e))? {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Corruption,
            format!("{} was damaged, and redb repaired what it could", path.display()),
        )
        .with_help("open it again and compare it with a copy"))
    }

    fn close(&mut self) -> Result<()> {
        // Not kept: it may be a view, which is waited for.
        let poisoned = matches!(self.shared.set(Access::Closed), Access::Poisoned(_));
        self.shared.snapshots.release_all(Gone::Closed);
        self.quiesce();
        match self.database.take() {
            None => Ok(()),
            // That was said, and redb writes nothing more.
            Some(database) if poisoned => {
                drop(database);
                Ok(())
            }
            Some(database) => {
                let path = Arc::clone(&self.shared.path);
                let closed = opening::caught(&path, "closing", || database.close())?
                    .map_err(|e| error::of_open(&path, e));
                match closed {
                    // What was acknowledged is there. The next opening has something to repair, and that is all.
                    Err(full) if full.kind() == ErrorKind::Full && !self.progress.sync_has_failed() => Ok(()),
                    other => other,
                }
            }
        }
    }

    /// Makes the last commit what reads find.
    fn publish(&self) -> Result<()> {
        let view = View::begin(self.database()?, &self.shared.path, &self.progress, self.alive.clone())?;
        self.shared.set(Access::Open(Arc::new(view)));
        Ok(())
    }

    /// Waits until no read is under way. New ones wait, if the caller has said so in `access`.
    fn quiesce(&mut self) {
        self.shared.none_yet();
        self.shared.access.send_if_modified(|access| {
            let open = matches!(access, Access::Open(_));
            if open {
                *access = Access::Busy;
            }
            open
        });
        let (alive, all_gone) = mpsc::channel(1);
        self.alive = alive;
        // Nothing is ever sent; it answers when the last view is dropped.
        let _: Option<Infallible> = std::mem::replace(&mut self.all_gone, all_gone).blocking_recv();
    }

    /// Every call answers `Poisoned` from now on.
    fn poison(&mut self, failed: Error) -> Error {
        let why: Arc<str> = failed.message().into();
        self.shared.set(Access::Poisoned(Arc::clone(&why)));
        error::poisoned(&self.shared.path, &why).with_source(failed)
    }

    fn database(&self) -> Result<&Database> {
        match &*self.shared.access.borrow() {
            Access::Poisoned(why) => return Err(error::poisoned(&self.shared.path, why)),
            Access::Closed => return Err(error::closed(&self.shared.path)),
            Access::Open(_) | Access::Busy => {}
        }
        self.database.as_ref().ok_or_else(|| error::closed(&self.shared.path))
    }

    fn database_mut(&mut self) -> Result<&mut Database> {
        self.database.as_mut().ok_or_else(|| error::closed(&self.shared.path))
    }
}

/// The batches that are waiting, in their order, up to the first other command.
fn gather(
    queue: &Receiver<Command>,
    first: (Batch, Reply),
    waiting: &mut VecDeque<Command>,
) -> Vec<(Batch, Reply)> {
    let mut bytes = first.0.byte_size();
    let mut group = vec![first];
    while group.len() < MOST_GROUPED && bytes < MOST_GROUPED_BYTES {
        match queue.try_recv() {
            Ok(Command::Apply(batch, reply)) => {
                bytes = bytes.saturating_add(batch.byte_size());
                group.push((batch, reply));
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
