//! A folder in memory that remembers every step and fails on demand; `crash` says what a crash would leave of it, and
//! `life` has a store live in it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "it fails the test that called it, which is what is wanted"
)]
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod crash;
pub(crate) mod life;

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

use codestrata_backend_file::medium::{Medium, MediumFile};

/// What the store, or the test, did.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
    SyncFolder,
    Write(usize, u64, Vec<u8>),
    Cut(usize, u64),
    Sync(usize),
    /// Noted by the test: it begins its change of this number.
    Begun(usize),
    /// Noted by the test: this change was acknowledged, and synced or not.
    Acknowledged(usize, bool),
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
    /// This process may open no more files.
    OutOfFiles,
}

impl Fault {
    fn error(self) -> io::Error {
        let (full, broken, files) = (28, 5, 24);
        io::Error::from_raw_os_error(match self {
            Self::Full | Self::HalfFull => full,
            Self::Broken | Self::HalfBroken | Self::DoneBroken => broken,
            Self::OutOfFiles => files,
        })
    }
}

#[derive(Default)]
struct State {
    names: BTreeMap<String, usize>,
    files: Vec<Vec<u8>>,
    steps: Vec<Step>,
    /// The number of the step that fails, of those that the store makes, and how.
    fault: Option<(usize, Fault)>,
    /// Every step from that one on fails.
    lasting: bool,
    done: usize,
    /// Whoever syncs a file next says so here, and waits for an answer.
    gate: Option<(Sender<()>, Receiver<()>)>,
}

impl State {
    /// Counts a step of the store; whether it is done, and its answer.
    fn answer(&mut self) -> (bool, io::Result<()>) {
        match self.fault() {
            None => (true, Ok(())),
            Some(fault) => (fault == Fault::DoneBroken, Err(fault.error())),
        }
    }

    /// Counts a step of the store; the fault, if it is this one's.
    fn fault(&mut self) -> Option<Fault> {
        let number = self.done;
        self.done += 1;
        let (at, fault) = self.fault?;
        (at == number || (self.lasting && number > at)).then_some(fault)
    }

    fn file(&mut self, number: usize) -> &mut Vec<u8> {
        &mut self.files[number]
    }
}

/// A folder in memory.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    state: Arc<Mutex<State>>,
}

impl Disk {
    /// A folder with these files.
    pub(crate) fn with(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let disk = Self::default();
        {
            let mut state = disk.state();
            for (name, content) in files {
                let number = state.files.len();
                state.names.insert(name.clone(), number);
                state.files.push(content.clone());
            }
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

    /// Lets the step of this number fail, and those after it if the fault is to last.
    pub(crate) fn fail(&self, at: usize, fault: Fault, lasting: bool) {
        let mut state = self.state();
        state.fault = Some((at, fault));
        state.lasting = lasting;
    }

    /// Holds up the next sync of a file: it says so to the one end, and goes on when it is told so at the other.
    pub(crate) fn hold_next_sync(&self) -> (Receiver<()>, Sender<()>) {
        let ((say, reached), (go_on, told)) = (channel(), channel());
        self.state().gate = Some((say, told));
        (reached, go_on)
    }

    /// Nothing fails any more.
    pub(crate) fn heal(&self) {
        self.state().fault = None;
    }

    /// The files as every process sees them now.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state();
        state.names.iter().map(|(name, number)| (name.clone(), state.files[*number].clone())).collect()
    }

    /// Changes a file behind the back of the store.
    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let number = state.names[name];
        change(state.file(number));
    }
}

impl Medium for Disk {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn open(&self, name: &str, _: bool) -> io::Result<Arc<dyn MediumFile>> {
        let number = *self.state().names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(DiskFile { disk: self.clone(), number }))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn MediumFile>> {
        let mut state = self.state();
        if state.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if let Some(fault) = state.fault() {
            return Err(fault.error());
        }
        let number = state.files.len();
        state.files.push(Vec::new());
        state.names.insert(name.to_owned(), number);
        state.steps.push(Step::Create(name.to_owned(), number));
        Ok(Arc::new(DiskFile { disk: self.clone(), number }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        let (done, answer) = state.answer();
        if done {
            let number = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
            state.names.insert(to.to_owned(), number);
            state.steps.push(Step::Rename(from.to_owned(), to.to_owned()));
        }
        answer
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        let (done, answer) = state.answer();
        if done {
            state.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
            state.steps.push(Step::Remove(name.to_owned()));
        }
        answer
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state();
        if let Some(fault) = state.fault() {
            return Err(fault.error());
        }
        state.steps.push(Step::SyncFolder);
        Ok(())
    }
}

struct DiskFile {
    disk: Disk,
    number: usize,
}

impl DiskFile {
    fn write(&self, state: &mut State, bytes: &[u8], offset: u64) {
        put(state.file(self.number), usize::try_from(offset).unwrap(), bytes);
        state.steps.push(Step::Write(self.number, offset, bytes.to_vec()));
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl MediumFile for DiskFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.state().file(self.number).len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        let file = state.file(self.number);
        let there = file.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let read = there.len().min(buffer.len());
        buffer[..read].copy_from_slice(&there[..read]);
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        match state.fault() {
            Some(fault @ (Fault::HalfFull | Fault::HalfBroken)) => {
                // What follows fails as a whole.
                let now = state.done;
                let rest = if fault == Fault::HalfFull { Fault::Full } else { Fault::Broken };
                let half = bytes.len() / 2;
                if half > 0 {
                    state.fault = Some((now, rest));
                    self.write(&mut state, &bytes[..half], offset);
                    return Ok(half);
                }
                Err(fault.error())
            }
            Some(Fault::DoneBroken) => {
                self.write(&mut state, bytes, offset);
                Err(Fault::DoneBroken.error())
            }
            Some(fault) => Err(fault.error()),
            None => {
                self.write(&mut state, bytes, offset);
                Ok(bytes.len())
            }
        }
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let (done, answer) = state.answer();
        if done {
            state.file(self.number).truncate(usize::try_from(length).unwrap());
            state.steps.push(Step::Cut(self.number, length));
        }
        answer
    }

    fn sync(&self) -> io::Result<()> {
        let gate = self.disk.state().gate.take();
        if let Some((say, told)) = gate {
            say.send(()).unwrap();
            told.recv().unwrap();
        }
        let mut state = self.disk.state();
        if let Some(fault) = state.fault() {
            return Err(fault.error());
        }
        state.steps.push(Step::Sync(self.number));
        Ok(())
    }
}
