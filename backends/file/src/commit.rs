//! The thread that writes: it commits, compacts and closes, one thing at a time.
//!
//! A batch belongs to this thread from the moment it is sent, so that a caller who stops waiting changes nothing:
//! the batch is applied whole. Batches that have queued up during one commit are carried out one after the other
//! on the same index, written as one frame, and share its sync.
//!
//! The index that the batches make is kept aside until the frame is written, and synced if any of them asked for
//! it. Only then is it published, and only then are they answered. Readers take the published view, which costs
//! them no lock and no system call.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};

use arc_swap::ArcSwap;
use codestrata_core::{Acknowledge, Batch, Error, Op, Precondition, Result};
use tokio::sync::oneshot;

use crate::compact::Compaction;
use crate::config::FileConfig;
use crate::frame::{Draft, check_of};
use crate::index::{Index, Place};
use crate::log::{Appender, Failure};
use crate::medium::Medium;
use crate::snapshot::Snapshots;
use crate::view::{View, read_value};
use crate::{error, recover};

// Batches that share a frame: so many at most, so that the first does not wait for the last for too long.
const MOST_GROUPED: usize = 256;
const MOST_GROUPED_BYTES: usize = 4 * 1024 * 1024;

pub(crate) type Reply = oneshot::Sender<Result<()>>;

/// What the thread is asked.
pub(crate) enum Command {
    Apply(Batch, Acknowledge, Reply),
    Flush(Reply),
    Compact(Reply),
    /// Only what is not in the log files: the manifest.
    Verify(Reply),
    Close(Reply),
}

/// What a read finds.
pub(crate) enum Access {
    /// The last commit.
    Open(Arc<View>),
    /// A write failed in a way that leaves the state of the files unknown. Why.
    Poisoned(Arc<str>),
    /// The store was closed.
    Closed,
}

/// What the thread shares with the store.
pub(crate) struct Shared {
    access: ArcSwap<Access>,
    // The number of what reads find; odd while that is a commit. Whoever replaces it is alone in doing so.
    revision: AtomicU64,
    pub(crate) snapshots: Snapshots,
    pub(crate) folder: Arc<Path>,
}

impl Shared {
    pub(crate) fn new(snapshots: Snapshots, folder: Arc<Path>) -> Self {
        Self { access: ArcSwap::from_pointee(Access::Closed), revision: AtomicU64::new(0), snapshots, folder }
    }

    /// Replaces what reads find.
    pub(crate) fn set(&self, access: Access) {
        let is_open = matches!(access, Access::Open(_));
        let revision = self.revision.load(Ordering::SeqCst);
        let none_yet = revision + revision % 2;
        self.revision.store(none_yet, Ordering::SeqCst);
        self.access.store(Arc::new(access));
        if is_open {
            self.revision.store(none_yet + 1, Ordering::SeqCst);
        }
    }

    /// The number of what reads find; none unless it is a commit.
    pub(crate) fn revision(&self) -> Option<u64> {
        let revision = self.revision.load(Ordering::SeqCst);
        (revision % 2 == 1).then_some(revision)
    }

    pub(crate) fn view(&self) -> Result<Arc<View>> {
        match &**self.access.load() {
            Access::Open(view) => Ok(Arc::clone(view)),
            Access::Poisoned(why) => Err(error::poisoned(&self.folder, why)),
            Access::Closed => Err(error::closed(&self.folder)),
        }
    }
}

pub(crate) struct Committer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Appender,
    pub(crate) index: Index,
    pub(crate) draft: Draft,
    pub(crate) compaction: Compaction,
}

impl Committer {
    /// Opens the store and publishes its state.
    pub(crate) fn open(medium: Arc<dyn Medium>, config: &FileConfig, shared: Arc<Shared>) -> Result<Self> {
        let (log, index) = recover::open_writer(medium, &shared.folder, config)?;
        let compaction = Compaction::new(config.log_file_bytes);
        let committer = Self { shared, log, index, draft: Draft::new(), compaction };
        committer.publish();
        Ok(committer)
    }

    /// Does what it is asked until the store is closed or dropped.
    pub(crate) fn run(mut self, queue: &Receiver<Command>) {
        let mut waiting = VecDeque::new();
        loop {
            let command = match waiting.pop_front() {
                Some(command) => Ok(command),
                None if self.compaction.is_running() => queue.try_recv(),
                None => queue.recv().map_err(|_| TryRecvError::Disconnected),
            };
            let before = self.log.bytes();
            match command {
                Ok(Command::Apply(batch, acknowledge, reply)) => {
                    let group = gather(queue, (batch, acknowledge, reply), &mut waiting);
                    self.apply(group);
                }
                Ok(Command::Flush(reply)) => {
                    let done = self.shared.view().and_then(|_| self.log.sync().map_err(|e| self.give_up(e)));
                    answer(reply, done);
                }
                Ok(Command::Compact(reply)) => match self.shared.view() {
                    Ok(_) => self.compaction.ask(reply),
                    Err(refused) => answer(reply, Err(refused)),
                },
                Ok(Command::Verify(reply)) => {
                    answer(reply, self.shared.view().and_then(|_| self.log.check_manifest()));
                }
                Ok(Command::Close(reply)) => {
                    let done = self.close();
                    // The files are closed and the lock is free before anybody hears of it.
                    drop(self);
                    answer(reply, done);
                    return;
                }
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => {
                    // Dropped without being closed. There is nobody to tell.
                    let _ = self.close();
                    return;
                }
            }
            // As much as was just written is copied too, so that the files do not grow faster than they shrink.
            self.compact_some(self.log.bytes().saturating_sub(before));
        }
    }

    fn apply(&mut self, group: Vec<(Batch, Acknowledge, Reply)>) {
        self.shared.snapshots.release_expired();
        let synced = group.iter().any(|(_, acknowledge, _)| *acknowledge == Acknowledge::Synced);
        let (batches, replies): (Vec<Batch>, Vec<Reply>) =
            group.into_iter().map(|(batch, _, reply)| (batch, reply)).unzip();
        match self.shared.view().and_then(|_| self.commit(&batches, synced)) {
            Ok(verdicts) => {
                for (reply, verdict) in replies.into_iter().zip(verdicts) {
                    answer(reply, verdict);
                }
            }
            Err(failed) => answer_all(replies, failed),
        }
    }

    /// One frame for all the batches. A verdict for each, once they are as durable as they must be and visible; an
    /// error means that none was applied, or that nobody knows.
    fn commit(&mut self, batches: &[Batch], synced: bool) -> Result<Vec<Result<()>>> {
        self.log.reserve().map_err(|failed| self.give_up(failed))?;
        self.draft.clear();
        let mut index = self.index.clone();
        let mut verdicts = Vec::with_capacity(batches.len());
        for batch in batches {
            let verdict = self.check(&index, batch.preconditions());
            if verdict.is_ok() {
                for op in batch.ops() {
                    self.carry_out(&mut index, op);
                }
            }
            verdicts.push(verdict);
        }
        let changed = !self.draft.is_empty();
        if changed {
            self.log.append(&mut self.draft).map_err(|failed| self.give_up(failed))?;
        }
        // A synced batch that changed nothing still says that what was before it stays.
        if synced && self.log.has_unsynced() {
            self.log.sync().map_err(|failed| self.give_up(failed))?;
        }
        if changed {
            self.index = index;
            self.publish();
        }
        Ok(verdicts)
    }

    /// The first precondition that does not hold, as its error.
    fn check(&self, index: &Index, preconditions: &[Precondition]) -> Result<()> {
        for one in preconditions {
            let place = index.get(one.key().as_slice());
            let holds = match (one, place) {
                // Reading is spared where the length says enough.
                (Precondition::Absent(_), place) => place.is_none(),
                (Precondition::Equals(_, value), Some(place)) if value.len() == place.length as usize => {
                    self.has(place, value)?
                }
                (Precondition::Equals(..), _) => false,
            };
            if !holds {
                return Err(one.failed());
            }
        }
        Ok(())
    }

    /// Whether this value is at that place, which may be in the frame that is being put together.
    fn has(&self, place: Place, value: &[u8]) -> Result<bool> {
        let (number, end) = self.log.end();
        if place.log == number && u64::from(place.offset) >= end {
            let from = usize::try_from(u64::from(place.offset) - end).unwrap_or(usize::MAX);
            return Ok(self.draft.part(from, value.len()) == Some(value));
        }
        Ok(read_value(self.log.logs(), &self.shared.folder, place)? == value)
    }

    /// Takes an operation into the index and the draft; one that changes nothing into neither.
    fn carry_out(&mut self, index: &mut Index, op: &Op) {
        match op {
            Op::Put(key, value) => self.put(index, key.as_slice(), value),
            Op::Delete(key) => {
                if index.remove(key.as_slice()) {
                    self.draft.delete(key);
                }
            }
            Op::DeleteRange(range) => {
                if index.remove_range(range) {
                    self.draft.delete_range(range);
                }
            }
        }
    }

    pub(crate) fn put(&mut self, index: &mut Index, key: &[u8], value: &[u8]) {
        let (log, end) = self.log.end();
        let offset = end + self.draft.put(key, value) as u64;
        // The limits of files and frames see to it that both fit.
        let place = Place {
            log,
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
            length: u32::try_from(value.len()).unwrap_or(u32::MAX),
            check: check_of(value),
        };
        index.insert(key, place);
    }

    /// Makes the last commit what reads find.
    pub(crate) fn publish(&self) {
        let (_, end) = self.log.end();
        let (logs, folder) = (Arc::clone(self.log.logs()), Arc::clone(&self.shared.folder));
        let view = View::new(self.index.clone(), logs, end, self.log.bytes(), folder);
        self.shared.set(Access::Open(Arc::new(view)));
    }

    /// The error for those who asked. After a failure that leaves the state unknown, every call answers so.
    pub(crate) fn give_up(&self, failure: Failure) -> Error {
        match failure {
            Failure::Refused(error) => error,
            Failure::Lost(error) => {
                let why: Arc<str> = error.message().into();
                self.shared.set(Access::Poisoned(Arc::clone(&why)));
                error::poisoned(&self.shared.folder, &why).with_source(error)
            }
        }
    }

    fn close(&mut self) -> Result<()> {
        self.finish_compaction();
        let done = match self.shared.view() {
            Ok(_) => self.log.finish().map_err(Error::from),
            // Nothing is written any more by who does not know what is there.
            Err(_) => Ok(()),
        };
        self.shared.set(Access::Closed);
        done
    }
}

/// The batches that are waiting, in their order, up to the first other command.
fn gather(
    queue: &Receiver<Command>,
    first: (Batch, Acknowledge, Reply),
    waiting: &mut VecDeque<Command>,
) -> Vec<(Batch, Acknowledge, Reply)> {
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
pub(crate) fn answer(reply: Reply, result: Result<()>) {
    let _ = reply.send(result);
}

/// The same error for several callers: errors cannot be copied, because their sources cannot.
pub(crate) fn answer_all(replies: Vec<Reply>, failed: Error) {
    let failed = Arc::new(failed);
    for reply in replies {
        let copy = Error::new(failed.kind(), failed.message()).with_source(Arc::clone(&failed));
        answer(
            reply,
            Err(match failed.help() {
                Some(help) => copy.with_help(help),
                None => copy,
            }),
        );
    }
}
