//! The files of a journal and the one who writes them. Everything here runs on the store's own thread.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use codestrata_conformance::Faults;
use codestrata_core::{Acknowledge, Batch, Bytes, Error, ErrorKind, Key, Op, OpenMode, Result};

use super::Config;
use super::failure::{closed, damaged, missing, of_io, poisoned};
use super::frame::{self, FrameHead, HEAD_BYTES, MARKS};
use super::lock::{Turn, lock, make_folder, unlock};
use super::medium::{Medium, make, rename};
use super::recover::{Map, Replay, change};

/// What reads find: the state after the last batch, or why there is none.
#[derive(Clone)]
pub(super) enum State {
    Open(Map),
    Poisoned,
    Closed,
}

pub(super) type Published = Arc<RwLock<State>>;

/// The open files, and the state that they stand for.
pub(super) struct Files {
    config: Config,
    file: Medium,
    path: PathBuf,
    // None for a reader, and once closed.
    lock: Option<File>,
    replay: Replay,
    published: Published,
    // For mutants: frames that were acknowledged and are not in the file yet.
    held: Vec<u8>,
    // For a mutant: what its compaction brings back.
    deleted: Vec<Op>,
}

impl Files {
    /// Opens, locks and recovers; a writer cuts what the last one left unfinished.
    pub(super) fn open(config: Config) -> Result<(Self, Published)> {
        let fault = config.fault.clone();
        let path = config.folder.join("journal");
        let is_there = path.try_exists().map_err(|error| match of_io(&path, "finding", error) {
            other if fault.is("a path that is no folder is called Internal") => {
                Error::new(ErrorKind::Internal, other.message())
            }
            right => right,
        })?;
        if config.mode == OpenMode::Create {
            make_folder(&config, is_there)?;
        } else if !is_there {
            return Err(missing(&config.folder));
        }
        let lock = if config.is_writer() { lock(&config)? } else { None };
        if config.capabilities.several_writers()
            && let Some(lock) = &lock
        {
            // Others may be making the store at this moment. The turn that follows the opening ends it.
            lock.lock().map_err(|error| of_io(&path, "locking", error))?;
        }
        let wipes = fault.is("the mode Create begins a new store") && config.mode == OpenMode::Create;
        if !path.exists() || wipes || is_empty_and_taken_for_new(&config, &path) {
            make_journal(&path, &config.faults)?;
        }
        let file = Medium::open(&path, config.is_writer(), &config.faults)
            .map_err(|error| of_io(&path, "opening", error))?;
        let mut replay = Replay::new(&fault);
        match replay.read_on(&file, &path) {
            Err(foreign)
                if fault.is("a foreign file is overwritten") && foreign.kind() == ErrorKind::Corruption =>
            {
                drop(lock);
                make_journal(&path, &config.faults)?;
                return Self::open(config);
            }
            other => other?,
        }
        let published = Arc::new(RwLock::new(State::Open(replay.map.clone())));
        let mut files = Self {
            config,
            file,
            path,
            lock,
            replay,
            published: Arc::clone(&published),
            held: Vec::new(),
            deleted: Vec::new(),
        };
        if files.config.is_writer() {
            files.after_opening()?;
        }
        Ok((files, published))
    }

    /// What a writer does once it has read the journal: cuts its unfinished end, and syncs what was buffered.
    fn after_opening(&mut self) -> Result<()> {
        let guard = self.begin()?;
        if self.fault("the last batch is left out at every reopen") && self.replay.sequence > 0 {
            let mut shorter = self.replay.without_the_last();
            shorter.read_on(&self.file, &self.path)?;
            self.replay = shorter;
            self.publish();
        }
        if self.fault("the first batch after a reopen goes over the first of all") {
            self.replay.end = HEAD_BYTES;
            self.replay.sequence = 0;
        }
        if self.fault("batches are written behind a torn end") {
            self.replay.end = self.file.length().map_err(|error| of_io(&self.path, "reading", error))?;
        }
        self.cut()?;
        self.sync()?;
        drop(guard);
        Ok(())
    }

    fn fault(&self, name: &str) -> bool {
        self.config.fault.is(name)
    }

    fn is_shared(&self) -> bool {
        self.config.capabilities.several_writers()
    }

    fn state(&self) -> State {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_state(&self, state: State) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn publish(&self) {
        self.set_state(State::Open(self.replay.map.clone()));
    }

    fn usable(&self) -> Result<()> {
        match self.state() {
            State::Open(_) => Ok(()),
            State::Poisoned => Err(poisoned()),
            State::Closed => Err(closed()),
        }
    }

    /// Takes in what others have written, where others can.
    pub(super) fn refresh(&mut self) -> Result<()> {
        self.usable()?;
        if self.config.is_writer() && !self.is_shared() {
            return Ok(());
        }
        if self.fault("a reader sees what was there when it was opened") && !self.config.is_writer() {
            return Ok(());
        }
        let replaced = self.file.was_replaced(&self.path);
        if replaced.map_err(|error| of_io(&self.path, "finding", error))? {
            let opened = Medium::open(&self.path, self.config.is_writer(), &self.config.faults);
            self.file = opened.map_err(|error| of_io(&self.path, "opening", error))?;
            self.replay = Replay::new(&self.config.fault);
        }
        let before = self.replay.end;
        self.replay.read_on(&self.file, &self.path)?;
        if self.replay.end != before {
            self.publish();
        }
        Ok(())
    }

    /// Begins a change: alone, and knowing all that came before.
    fn begin(&mut self) -> Result<Option<Turn>> {
        self.usable()?;
        if !self.is_shared() {
            return Ok(None);
        }
        let lock = self.lock.as_ref().and_then(|lock| lock.try_clone().ok()).ok_or_else(closed)?;
        if !self.fault("writers do not wait for each other") {
            lock.lock().map_err(|error| of_io(&self.path, "locking", error))?;
        }
        let turn = Turn::begun(lock);
        if !self.fault("a writer does not read what others wrote") {
            self.refresh()?;
        }
        if self.fault("writers do not wait for each other") {
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(Some(turn))
    }

    /// Applies a batch as one step.
    pub(super) fn apply(&mut self, batch: Batch, acknowledge: Acknowledge) -> Result<()> {
        let turn = self.begin()?;
        let (preconditions, ops) = batch.into_parts();
        let map = &self.replay.map;
        let failed =
            preconditions.iter().find(|one| !one.holds(map.get(one.key().as_slice()).map(Bytes::as_ref)));
        if let Some(failed) = failed {
            if self.fault("a refused batch comes back after a reopen") {
                self.append(&ops, acknowledge)?;
            }
            return Err(failed.failed());
        }
        if ops.is_empty() {
            return Ok(());
        }
        if self.fault("compaction brings deleted keys back after a reopen") {
            let gone = ops.iter().filter_map(|op| match op {
                Op::Delete(key) => Some(Op::Put(key.clone(), map.get(key.as_slice())?.clone())),
                _ => None,
            });
            self.deleted.extend(gone);
        }
        let mut next = map.clone();
        for op in ops.iter().cloned() {
            change(&mut next, op);
        }
        if self.fault("a large batch is written as several") && ops.len() > 16 {
            for part in ops.chunks(ops.len().div_ceil(2)) {
                self.append(part, acknowledge)?;
                // Long enough for whoever wants to see the one without the other.
                std::thread::sleep(Duration::from_millis(20));
            }
        } else {
            self.append(&ops, acknowledge)?;
        }
        if acknowledge == Acknowledge::Synced && !self.fault("a batch is acknowledged before it is synced") {
            self.sync()?;
        }
        self.replay.map = next;
        self.publish();
        if self.fault("the lock is given up after the first batch") {
            self.lock = None;
        }
        drop(turn);
        Ok(())
    }

    fn append(&mut self, ops: &[Op], acknowledge: Acknowledge) -> Result<()> {
        let payload = frame::encode(ops);
        let mut bytes = FrameHead::of(self.replay.sequence, &payload).encode();
        bytes.extend_from_slice(&payload);
        if self.holds_back(acknowledge) {
            self.held.extend_from_slice(&bytes);
            if !self.fault("buffered batches are written after later synced ones") {
                self.replay.end += bytes.len() as u64;
                self.replay.sequence += 1;
            }
            return Ok(());
        }
        if let Err(failed) = self.file.write(&bytes, self.replay.end) {
            if self.fault("a failed write is not told") {
                return Ok(());
            }
            return Err(self.give_back(failed));
        }
        self.replay.end += bytes.len() as u64;
        self.replay.sequence += 1;
        Ok(())
    }

    /// After a write that failed: without what it left the store goes on, else its state is no longer known.
    fn give_back(&mut self, failed: io::Error) -> Error {
        let error = of_io(&self.path, "writing", failed);
        if error.kind() == ErrorKind::Full && self.fault("a full medium is called Internal") {
            return Error::new(ErrorKind::Internal, error.message()).with_source(error);
        }
        if self.fault("a failed write is told and the store goes on with what it left") {
            self.replay.end += 1;
            return Error::new(ErrorKind::Unavailable, error.message()).with_source(error);
        }
        let goes_on =
            error.kind() != ErrorKind::Poisoned && !self.fault("a full medium is the end of the store");
        if goes_on && self.file.cut(self.replay.end).is_ok() {
            return error;
        }
        self.set_state(State::Poisoned);
        poisoned().with_source(error)
    }

    fn holds_back(&self, acknowledge: Acknowledge) -> bool {
        let fault = &self.config.fault;
        let all = fault.is_one_of(&[
            "batches are written when the store is closed",
            "batches are written when the store is dropped",
            "batches are written by a timer",
        ]);
        let buffered = fault.is_one_of(&[
            "flush does nothing",
            "closing forgets what was buffered",
            "buffered batches are written after later synced ones",
        ]);
        all || (buffered && acknowledge == Acknowledge::Visible)
    }

    /// Writes what a mutant has held back.
    pub(super) fn write_held(&mut self) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        let mut at = self.replay.end.saturating_sub(held.len() as u64);
        if self.fault("buffered batches are written after later synced ones") {
            at = self.replay.end;
            self.replay.end += held.len() as u64;
        }
        self.file.write(&held, at).map_err(|error| of_io(&self.path, "writing", error))
    }

    /// Cuts what lies behind the last whole frame.
    fn cut(&mut self) -> Result<()> {
        let length = self.file.length().map_err(|error| of_io(&self.path, "reading", error))?;
        if length > self.replay.end {
            self.file.cut(self.replay.end).map_err(|error| of_io(&self.path, "cutting", error))?;
        }
        Ok(())
    }

    /// Syncs all frames. With them goes the mark of what was synced before: one of what is only being synced might
    /// reach the medium first, and call an unfinished batch damage.
    fn sync(&mut self) -> Result<()> {
        if !self.held.is_empty() || self.fault("nothing is ever synced") {
            return Ok(());
        }
        let slot = MARKS.get(usize::from(self.replay.sequence % 2 == 1)).copied().unwrap_or(HEAD_BYTES);
        let written = self.replay.end;
        let marked = self.file.write(&frame::mark(self.replay.synced), slot);
        match marked.and_then(|()| self.file.sync()) {
            Ok(()) => {
                self.replay.synced = written;
                Ok(())
            }
            Err(failed) => self.meet_failed_sync(failed),
        }
    }

    fn meet_failed_sync(&mut self, failed: io::Error) -> Result<()> {
        if self.fault("a failed sync is not told") {
            return Ok(());
        }
        let error = poisoned().with_source(failed);
        if !self.fault("a failed sync is told and the store goes on") {
            self.set_state(State::Poisoned);
        }
        Err(error)
    }

    /// Syncs all frames, and then the mark that they are.
    fn sync_and_mark(&mut self) -> Result<()> {
        let fresh = self.replay.synced < self.replay.end;
        self.sync()?;
        if fresh { self.sync() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        let turn = self.begin()?;
        if self.fault("closing forgets what was buffered") {
            self.write_held()?;
        }
        let mut done = Ok(());
        if self.config.is_writer() && !self.fault("flush does nothing") {
            done = self.sync_and_mark();
        }
        if self.fault("flush does not tell of a failed sync") {
            done = Ok(());
        }
        drop(turn);
        done
    }

    /// Syncs, and lets go of the files and the lock. Any later time it does nothing.
    pub(super) fn close(&mut self) -> Result<()> {
        if matches!(self.state(), State::Closed) {
            return Ok(());
        }
        if self.fault("closing forgets what was buffered") {
            self.held.clear();
        } else {
            self.write_held()?;
        }
        let mut done = if self.config.is_writer() { self.flush() } else { Ok(()) };
        if self.fault("close does not tell of a failed sync") {
            done = Ok(());
        }
        self.set_state(State::Closed);
        self.replay.map = Map::new();
        let lock = self.lock.take();
        if self.fault("closing leaves the lock until the store is dropped") {
            self.lock = lock;
        } else {
            unlock(&self.config, lock);
        }
        done
    }

    /// Writes everything anew, without what was overwritten and deleted.
    pub(super) fn compact(&mut self) -> Result<()> {
        const FRAME_OPS: usize = 4_096;
        self.usable()?;
        if !self.config.is_writer() {
            return Err(super::failure::read_only());
        }
        let turn = self.begin()?;
        self.write_held()?;
        let path = new_journal(&self.path, &self.config.faults)?;
        let file = Medium::open(&path, true, &self.config.faults);
        let mut next = Self {
            config: self.config.clone(),
            file: file.map_err(|error| of_io(&path, "opening", error))?,
            path,
            lock: None,
            replay: Replay::new(&self.config.fault),
            published: Arc::clone(&self.published),
            held: Vec::new(),
            deleted: Vec::new(),
        };
        let puts: Vec<Op> = self
            .replay
            .map
            .iter()
            .filter(|(_, value)| !(value.is_empty() && self.fault("compaction loses empty values")))
            .map(|(key, value)| Ok(Op::Put(Key::new(key.clone())?, value.clone())))
            .collect::<Result<_>>()?;
        let kept = puts.len() - usize::from(self.fault("compaction loses the last key") && !puts.is_empty());
        for part in puts.get(..kept).unwrap_or_default().chunks(FRAME_OPS) {
            next.append(part, Acknowledge::Visible)?;
        }
        if self.fault("compaction brings deleted keys back after a reopen") {
            next.append(&self.deleted, Acknowledge::Visible)?;
        }
        next.sync_and_mark()?;
        if self.fault("compaction is lost by a reopen") {
            next.path = self.path.clone();
        } else {
            rename(&next.path, &self.path, &self.config.faults)
                .map_err(|error| of_io(&self.path, "replacing", error))?;
        }
        std::mem::swap(&mut self.file, &mut next.file);
        next.replay.map = std::mem::take(&mut self.replay.map);
        self.replay = next.replay.clone();
        drop(turn);
        Ok(())
    }

    /// Reads everything again and compares it with its checksums.
    pub(super) fn verify(&mut self) -> Result<()> {
        self.refresh()?;
        if self.fault("verify finds nothing") {
            return Ok(());
        }
        self.write_held()?;
        let mut again = Replay::new(&self.config.fault);
        again.read_on(&self.file, &self.path)?;
        if again.end < self.replay.end {
            return Err(damaged(&self.path, again.end, "a batch that was there is not whole"));
        }
        Ok(())
    }

    /// Keys, and the bytes of the file.
    pub(super) fn figures(&self) -> Result<(usize, u64)> {
        self.usable()?;
        let length = self.file.length().map_err(|error| of_io(&self.path, "reading", error))?;
        Ok((self.replay.map.len(), length))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if self.fault("batches are written when the store is dropped") {
            // Nobody is left to be told.
            let _ = self.write_held();
        }
        let lock = self.lock.take();
        if !self.fault("only closing gives up the lock") {
            unlock(&self.config, lock);
        } else if let Some(lock) = lock {
            std::mem::forget(lock);
        }
    }
}

fn is_empty_and_taken_for_new(config: &Config, path: &Path) -> bool {
    config.fault.is("an empty file is taken for a new store")
        && path.metadata().is_ok_and(|about| about.len() == 0)
}

/// A new journal, which is there as a whole or not at all.
fn make_journal(path: &Path, faults: &Faults) -> Result<()> {
    let made = new_journal(path, faults)?;
    rename(&made, path, faults).map_err(|error| of_io(path, "making", error))
}

/// One that has yet to take the name of the journal.
fn new_journal(path: &Path, faults: &Faults) -> Result<PathBuf> {
    let path = path.with_file_name("journal.new");
    make(&path, &frame::head(), faults).map_err(|error| of_io(&path, "making", error))?;
    Ok(path)
}
