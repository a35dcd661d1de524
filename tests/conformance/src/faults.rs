//! A medium that fails when the suite says so.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A step of an engine towards its medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Bytes are read.
    Read,
    /// Bytes are written, or a file grows, shrinks, is made, renamed or deleted.
    Write,
    /// What was written is made to stay.
    Sync,
    /// A server's answer to a commit is awaited. An embedded engine has no such step.
    Reply,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// There is no room (`ENOSPC`).
    Full,
    /// The medium is broken (`EIO`).
    Broken,
}

impl Fault {
    fn error(self) -> io::Error {
        match self {
            Self::Full => io::Error::new(io::ErrorKind::StorageFull, "no space left on the medium"),
            Self::Broken => io::Error::other("the medium failed"),
        }
    }
}

/// The steps of one store towards its medium, counted, and made to fail.
///
/// An author gives it to the medium of the store, which calls [`step`](Self::step) before it does one:
///
/// ```
/// use codestrata_conformance::{Faults, Step};
///
/// struct Medium { faults: Faults, file: std::fs::File }
///
/// impl Medium {
///     fn sync(&self) -> std::io::Result<()> {
///         self.faults.step(Step::Sync)?;
///         self.file.sync_data()
///     }
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    planned: Mutex<Vec<Planned>>,
    reads: AtomicU64,
    writes: AtomicU64,
    syncs: AtomicU64,
    replies: AtomicU64,
    synced_writes: AtomicU64,
}

#[derive(Debug)]
struct Planned {
    step: Step,
    fault: Fault,
    // Steps of this kind that still go well before it.
    after: u64,
    stays: bool,
}

impl Faults {
    /// Counts a step, and fails it if that is planned.
    ///
    /// # Errors
    /// The error that the step is to fail with, to be treated as the operating system's.
    pub fn step(&self, step: Step) -> io::Result<()> {
        let fault = self.due(step);
        if step == Step::Sync && fault.is_none() {
            self.shared.synced_writes.store(self.count(Step::Write), Ordering::SeqCst);
        }
        self.counter(step).fetch_add(1, Ordering::SeqCst);
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn due(&self, step: Step) -> Option<Fault> {
        let mut planned = self.shared.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let at = planned.iter().position(|one| one.step == step)?;
        let one = planned.get_mut(at)?;
        if one.after > 0 {
            one.after -= 1;
            return None;
        }
        let fault = one.fault;
        if !one.stays {
            planned.remove(at);
        }
        Some(fault)
    }

    /// Makes one step fail, after so many that go well.
    pub fn fail_once(&self, step: Step, fault: Fault, after: u64) {
        self.plan(Planned { step, fault, after, stays: false });
    }

    /// Makes all steps of a kind fail, until [`heal`](Self::heal).
    pub fn fail(&self, step: Step, fault: Fault) {
        self.plan(Planned { step, fault, after: 0, stays: true });
    }

    fn plan(&self, one: Planned) {
        self.shared.planned.lock().unwrap_or_else(PoisonError::into_inner).push(one);
    }

    /// Forgets what was planned. Whether anything was left of it that did not happen.
    pub fn heal(&self) -> bool {
        let mut planned = self.shared.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let left = planned.iter().any(|one| !one.stays);
        planned.clear();
        left
    }

    /// How many steps of a kind there were.
    #[must_use]
    pub fn count(&self, step: Step) -> u64 {
        self.counter(step).load(Ordering::SeqCst)
    }

    /// Writes that a sync came after.
    #[must_use]
    pub fn synced_writes(&self) -> u64 {
        self.shared.synced_writes.load(Ordering::SeqCst)
    }

    fn counter(&self, step: Step) -> &AtomicU64 {
        match step {
            Step::Read => &self.shared.reads,
            Step::Write => &self.shared.writes,
            Step::Sync => &self.shared.syncs,
            Step::Reply => &self.shared.replies,
        }
    }
}
