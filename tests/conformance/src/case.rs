//! What a case is, and how one is run.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use crate::factory::Factory;
use crate::lab::Lab;
use crate::report::{Verdict, summary};
use crate::violation::{Outcome, Violation};

/// What a case is, once boxed.
pub type Run = for<'a> fn(&'a Lab) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// One thing that every backend must do.
#[derive(Clone, Copy)]
pub struct Case {
    /// The section it belongs to.
    pub section: &'static str,
    /// What must be so.
    pub name: &'static str,
    /// The case itself.
    pub run: Run,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.section, self.name)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Case {
    /// Where the contract speaks of what this case checks.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        match self.section {
            "meta" => "`BackendDescriptor` and `Capabilities`",
            "keys" | "values" => "**Keys**",
            "limits" => "`ReadView`, `Backend::apply` and the limits of the seam",
            "get_many" => "**Keys** and `ReadView::get_many`",
            "scan" | "paging" => "**Pages**",
            "batch" | "deleting" | "preconditions" | "serialisable" | "histories" | "lasting" => {
                "**`apply` is one serialisable step**"
            }
            "visibility" => "**`Ok` is visible**",
            "revision" => "`Backend::revision`",
            "isolation" | "snapshots" => "**`Ok` is visible** and `Backend::snapshot`",
            "reopening" | "durability" | "torn" => "**`Ok` is visible** and `Durability`",
            "processes" => "**Opening**",
            "opening" => "**Opening** and `OpenMode`",
            "closing" => "**Closing**",
            "concurrency" | "cancellation" => "**Executors** and **A dropped future**",
            "upkeep" => "`Backend::flush`, `stats`, `compact` and `verify`",
            "damage" => "**Damage**",
            "resources" | "errors" | "faults" => "**Errors**",
            _ => "all of it",
        }
    }
}

/// Runs a case on a thread and a runtime of its own.
///
/// # Errors
/// The violation that it found.
pub fn run(factory: &Factory, case: &Case) -> Outcome {
    match judge(factory, case) {
        Verdict::Passed => Ok(()),
        Verdict::NotApplicable(why) => {
            println!("not applicable: {why}");
            Ok(())
        }
        Verdict::Failed(violation) => Err(violation),
    }
}

/// As [`run`], telling what passed from what did not apply.
#[must_use]
pub fn judge(factory: &Factory, case: &Case) -> Verdict {
    let longest = factory.longest();
    let (send, receive) = mpsc::channel();
    let (factory, work) = (factory.clone(), *case);
    // Not scoped: a backend that blocks for ever keeps its thread, and the case ends all the same.
    let thread = std::thread::Builder::new().name(case.name.to_owned()).spawn(move || {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| attempt(&factory, &work)));
        // Nobody waits any more only if the time was up.
        let _ = send.send(outcome.unwrap_or_else(|panic| Err(panicked(&*panic))));
    });
    let outcome = match thread.map(|_| receive.recv_timeout(longest)) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Violation::new(
            "every call ends",
            format!(
                "the case had not ended after {longest:?}; if it is slow and does not hang, see Factory::time_limit"
            ),
        )),
        Err(error) => Err(Violation::new("the suite can start a thread", error.to_string())),
    };
    match outcome {
        Ok(None) => Verdict::Passed,
        Ok(Some(why)) => Verdict::NotApplicable(why),
        Err(violation) => Verdict::Failed(violation.of(case)),
    }
}

fn attempt(factory: &Factory, case: &Case) -> Outcome<Option<String>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Violation::new("the suite has a runtime", error.to_string()))?;
    let lab = Lab::new(factory.clone())?;
    let outcome = runtime.block_on((case.run)(&lab));
    // Work that a violation left behind may never end.
    runtime.shutdown_timeout(Duration::from_secs(5));
    outcome.map(|()| lab.ruled_out())
}

/// Prints what a run covers, past the capturing of the test harness: a count that nobody sees tells nobody anything.
#[doc(hidden)]
pub fn announce(factory: &Factory) {
    let mut out = std::io::stdout().lock();
    // A closed output is no fault of the backend's.
    let _ = writeln!(out, "{}", summary(factory));
}

fn panicked(panic: &(dyn Any + Send)) -> Violation {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words");
    Violation::new("a call does not panic", text)
}
