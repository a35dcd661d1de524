//! Another process, for what can only be tried between processes: it runs the same program again.
//!
//! A test of [`suite!`](crate::suite) runs its test program with one test only, `another_process`, which does what the
//! environment asks of it, and nothing where that asks nothing. A program that calls [`check`](crate::check) is run
//! with the arguments that it was given itself, and becomes the other process at that call.
//!
//! The other process says lines to the one that started it, and ends when that one does: it watches its standard input.

mod damaged;
mod limited;
pub mod own;
mod process;
mod roles;

use std::fmt::Display;
use std::io::{Read, Write};
use std::path::PathBuf;

pub use process::Child;

use crate::factory::Factory;
use crate::place::Place;
use crate::violation::{Outcome, Violation};

const ROLE: &str = "CODESTRATA_CONFORMANCE_ROLE";
const FOLDER: &str = "CODESTRATA_CONFORMANCE_FOLDER";
const LABEL: &str = "CODESTRATA_CONFORMANCE_LABEL";
// In front of a line that is for the parent, which a test harness may have begun.
const SAID: &str = "@@>";
const FAILED: &str = "@@!";

/// What the other process was started for: a role, where, and its words.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) place: Place,
    pub(crate) words: Vec<String>,
}

impl Stage {
    /// A word of the role's, which the parent gave.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// A number among them; 0 if it is none.
    pub(crate) fn number(&self, at: usize) -> u64 {
        self.word(at).parse().unwrap_or_default()
    }
}

/// Whether this process was started by the suite, to be another one.
#[must_use]
pub fn is_wanted() -> bool {
    std::env::var_os(ROLE).is_some()
}

/// Does what the suite started this process for, and ends it; returns if it was not started for this factory.
///
/// [`suite!`](crate::suite) and [`check`](crate::check) call it. A program that does much before them calls it first.
pub fn act(factory: &Factory) {
    let asked = std::env::var(LABEL).is_ok_and(|label| label == factory.name());
    let (Ok(role), Some(folder), true) = (std::env::var(ROLE), std::env::var_os(FOLDER), asked) else {
        return;
    };
    watch_the_parent();
    let mut words = role.split(' ').map(str::to_owned);
    let name = words.next().unwrap_or_default();
    let place = Place::new(factory.clone(), PathBuf::from(folder));
    let outcome = perform(&name, Stage { place, words: words.collect() });
    if let Err(violation) = &outcome {
        print(FAILED, format!("{}@@{}", violation.demand(), violation.seen()).replace('\n', " "));
    }
    std::process::exit(i32::from(outcome.is_err()));
}

fn perform(role: &str, stage: Stage) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Violation::new("the suite has a runtime", error.to_string()))?;
    runtime.block_on(roles::play(role, stage))
}

/// Ends this process when the one that started it ends, however it does.
fn watch_the_parent() {
    std::thread::spawn(|| {
        let mut rest = [0; 64];
        let mut input = std::io::stdin().lock();
        while matches!(input.read(&mut rest), Ok(1..)) {}
        std::process::exit(0);
    });
}

/// Says a line to the parent.
pub(crate) fn say(line: impl Display) {
    print(SAID, line);
}

fn print(mark: &str, line: impl Display) {
    // Written past the capturing of a test harness. If nobody reads any more, this process is about to end.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{mark}{line}").and_then(|()| out.flush());
}
