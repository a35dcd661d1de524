//! A place for a store in memory that remembers every step and fails on demand; `storage` is its files as redb sees
//! them, `crash` says what a crash would leave of it, and `life` has a store live in it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "it fails the test that called it, which is what is wanted"
)]
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod crash;
pub(crate) mod life;
mod storage;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use codestrata_backend_redb::medium::{Draft, Medium, Storage};
use codestrata_core::{Error, ErrorKind, Result};

use storage::{DiskFile, Locks};

/// What the store, or the test, did. Numbers are those of files.
#[derive(Clone)]
pub(crate) enum Step {
    Create(usize),
    Publish(usize),
    SyncFolder,
    Write(usize, u64, Vec<u8>),
    SetLength(usize, u64),
    Sync(usize),
    /// Of so many bytes from a place on, which were just written.
    SyncPart(usize, u64, usize),
    /// Noted by the test: it begins its change of this number.
    Begun(usize),
    /// Noted by the test: this change was acknowledged; 0 is the making of the store.
    Acknowledged(usize),
}

impl std::fmt::Debug for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Create(file) => write!(formatter, "create {file}"),
            Self::Publish(file) => write!(formatter, "publish {file}"),
            Self::SyncFolder => write!(formatter, "sync the folder"),
            Self::Write(file, place, bytes) => {
                write!(formatter, "write {} to {file} at {place}", bytes.len())
            }
            Self::SetLength(file, length) => write!(formatter, "set the length of {file} to {length}"),
            Self::Sync(file) => write!(formatter, "sync {file}"),
            Self::SyncPart(file, place, length) => write!(formatter, "sync {length} of {file} at {place}"),
            Self::Begun(number) => write!(formatter, "begun {number}"),
            Self::Acknowledged(number) => write!(formatter, "acknowledged {number}"),
        }
    }
}

/// How a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is no room: nothing is written.
    Full,
    /// There is room for half of what is written.
    HalfFull,
    /// The medium fails.
    Broken,
    /// The medium fails after half of what is written.
    HalfBroken,
    /// It is done, and the answer is that the medium failed.
    DoneBroken,
    /// The system is short of memory: nothing is done.
    OutOfMemory,
}

impl Fault {
    fn error(self) -> io::Error {
        let (full, broken, memory) = (28, 5, 12);
        io::Error::from_raw_os_error(match self {
            Self::Full | Self::HalfFull => full,
            Self::Broken | Self::HalfBroken | Self::DoneBroken => broken,
            Self::OutOfMemory => memory,
        })
    }
}

#[derive(Default)]
struct State {
    /// The file that has the name of the store.
    named: Option<usize>,
    files: Vec<storage::Content>,
    locks: Locks,
    steps: Vec<Step>,
    /// The number of the step that fails, of those that the store makes, and how.
    fault: Option<(usize, Fault)>,
    /// Every step from that one on fails.
    lasting: bool,
    done: usize,
    /// The same for reads, which are counted apart.
    read_fault: Option<(usize, Fault)>,
    reads: usize,
    /// How many more blocks can be written that were not written before.
    room: Option<usize>,
}

impl State {
    /// Counts a step of the store; the fault, if it is this one's.
    fn fault(&mut self) -> Option<Fault> {
        let number = self.done;
        self.done += 1;
        let (at, fault) = self.fault?;
        (at == number || (self.lasting && number > at)).then_some(fault)
    }

    /// Counts a step that is done or not; whether it is done, and its answer.
    fn answer(&mut self) -> (bool, io::Result<()>) {
        match self.fault() {
            None => (true, Ok(())),
            Some(fault) => (fault == Fault::DoneBroken, Err(fault.error())),
        }
    }

    fn read_fault(&mut self) -> Option<Fault> {
        let number = self.reads;
        self.reads += 1;
        let (at, fault) = self.read_fault?;
        (at == number).then_some(fault)
    }
}

/// A place in memory.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    state: Arc<Mutex<State>>,
}

impl Disk {
    /// A place with a file of the store's name, if there is content for one.
    pub(crate) fn with(content: Option<Vec<u8>>) -> Self {
        let disk = Self::default();
        if let Some(content) = content {
            let mut state = disk.state();
            state.files.push(storage::Content::written(content));
            state.named = Some(0);
        }
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Notes what the test does between the steps of the store.
    pub(crate) fn note(&self, step: Step) {
        self.state().steps.push(step);
    }

    /// All steps so far.
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.state().steps.clone()
    }

    /// How many steps the store has made.
    pub(crate) fn done(&self) -> usize {
        self.state().done
    }

    /// How many reads the store has made.
    pub(crate) fn reads(&self) -> usize {
        self.state().reads
    }

    /// Lets the step of this number fail, and those after it if the fault is to last.
    pub(crate) fn fail(&self, at: usize, fault: Fault, lasting: bool) {
        let mut state = self.state();
        state.fault = Some((at, fault));
        state.lasting = lasting;
    }

    /// Lets the read of this number fail.
    pub(crate) fn fail_read(&self, at: usize, fault: Fault) {
        self.state().read_fault = Some((at, fault));
    }

    /// Leaves room for so many more blocks of 4 KiB; what was written once can always be written again.
    pub(crate) fn limit_room(&self, blocks: usize) {
        self.state().room = Some(blocks);
    }

    /// Nothing fails any more.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        (state.fault, state.read_fault, state.room) = (None, None, None);
    }

    /// The store's file as every process sees it now.
    pub(crate) fn content(&self) -> Option<Vec<u8>> {
        let state = self.state();
        state.named.map(|number| state.files[number].bytes.clone())
    }

    /// Whether somebody holds a lock.
    pub(crate) fn is_locked(&self) -> bool {
        !self.state().locks.is_empty()
    }

    fn file(&self, number: usize) -> Box<dyn Storage> {
        Box::new(DiskFile::new(self.clone(), number))
    }
}

fn failed(doing: &str, error: io::Error) -> Error {
    // The kinds that the real medium gives.
    let kind = match error.raw_os_error() {
        Some(28) => ErrorKind::Full,
        Some(12) => ErrorKind::Unavailable,
        _ => ErrorKind::Poisoned,
    };
    Error::new(kind, format!("{doing} failed: {error}")).with_source(error)
}

impl Medium for Disk {
    fn open(&self, _: bool) -> Result<Box<dyn Storage>> {
        let named = self.state().named;
        let number = named.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no store"))?;
        Ok(self.file(number))
    }

    fn create(&self) -> Result<Box<dyn Draft>> {
        let mut state = self.state();
        if let Some(fault) = state.fault() {
            return Err(failed("making a file", fault.error()));
        }
        let number = state.files.len();
        state.files.push(storage::Content::default());
        state.steps.push(Step::Create(number));
        Ok(Box::new(DiskDraft { disk: self.clone(), number }))
    }

    fn sync(&self) -> Result<()> {
        let mut state = self.state();
        if let Some(fault) = state.fault() {
            return Err(failed("syncing the folder", fault.error()));
        }
        state.steps.push(Step::SyncFolder);
        Ok(())
    }

    fn length(&self) -> Result<u64> {
        self.content()
            .map(|content| content.len() as u64)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no store"))
    }
}

/// A file without a name. What is left of one after a crash is the affair of the real medium.
struct DiskDraft {
    disk: Disk,
    number: usize,
}

impl Draft for DiskDraft {
    fn open(&self) -> Result<Box<dyn Storage>> {
        Ok(self.disk.file(self.number))
    }

    fn sync(&self) -> Result<()> {
        self.disk.file(self.number).sync_data().map_err(|error| failed("syncing", error))
    }

    fn publish(&mut self) -> Result<bool> {
        let mut state = self.disk.state();
        let (done, answer) = state.answer();
        let wins = done && state.named.is_none();
        if wins {
            state.named = Some(self.number);
            state.steps.push(Step::Publish(self.number));
        }
        answer.map(|()| wins).map_err(|error| failed("publishing", error))
    }
}

/// The path that the messages name.
pub(crate) const PATH: &str = "/store.redb";

pub(crate) fn path() -> &'static Path {
    Path::new(PATH)
}
