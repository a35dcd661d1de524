//! What a case answers: nothing, or what the contract demands and what was seen instead.

use std::fmt::{self, Debug};
use std::panic::Location;

use codestrata_core::{Error, ErrorKind};

use crate::case::Case;

/// The result of a case.
pub type Outcome<T = ()> = Result<T, Violation>;

/// A breach of the contract.
pub struct Violation {
    demand: String,
    seen: String,
    place: &'static Location<'static>,
    case: Option<Case>,
}

impl Violation {
    /// What the contract demands, and what was seen.
    #[must_use]
    #[track_caller]
    pub fn new(demand: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { demand: demand.into(), seen: seen.into(), place: Location::caller(), case: None }
    }

    /// The same violation with a line that helps to see it again.
    #[must_use]
    pub fn with_hint(mut self, hint: &str) -> Self {
        self.seen.push_str("\n  ");
        self.seen.push_str(hint);
        self
    }

    /// The same violation, found by this case.
    #[must_use]
    pub(crate) fn of(mut self, case: &Case) -> Self {
        self.case = Some(*case);
        self
    }

    /// What was seen instead.
    #[must_use]
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// What the contract demands.
    #[must_use]
    pub fn demand(&self) -> &str {
        &self.demand
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the contract demands: {}\n  seen: {}", self.demand, self.seen)?;
        if let Some(case) = &self.case {
            write!(
                f,
                "\n  contract: {} in the docs of codestrata_core::backend\n  case: {case}",
                case.clause()
            )?;
        }
        write!(f, "\n  at: {}", self.place)
    }
}

/// As people read it, because that is what the test harness prints.
impl Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Violation {}

/// An error where the case has no use for one.
impl From<Error> for Violation {
    #[track_caller]
    fn from(error: Error) -> Self {
        Self::new("this call succeeds", format!("{}: {error}", error.kind()))
    }
}

/// Demands that something holds.
///
/// # Errors
/// If it does not.
#[track_caller]
pub fn demand(what: &str, holds: bool, seen: impl Debug) -> Outcome {
    if holds { Ok(()) } else { Err(Violation::new(what, format!("{seen:?}"))) }
}

/// Demands that two things are equal.
///
/// # Errors
/// If they are not.
#[track_caller]
pub fn demand_equal<A: Debug + PartialEq<B>, B: Debug>(what: &str, seen: &A, expected: &B) -> Outcome {
    if seen == expected {
        return Ok(());
    }
    Err(Violation::new(what, format!("{} instead of {}", cut(seen), cut(expected))))
}

/// Demands an error of one kind, and gives it back.
///
/// # Errors
/// If there is none, or one of another kind, or one without a message.
#[track_caller]
pub fn demand_error<T>(what: &str, result: Result<T, Error>, kind: ErrorKind) -> Outcome<Error> {
    match result {
        Ok(_) => Err(Violation::new(format!("{what}: the error `{kind}`"), "it succeeded")),
        Err(error) if error.kind() != kind => Err(Violation::new(
            format!("{what}: the error `{kind}`"),
            format!("the error `{}`: {error}", error.kind()),
        )),
        Err(error) if error.message().trim().is_empty() => {
            Err(Violation::new("an error says what happened", "an empty message"))
        }
        Err(error) => Ok(error),
    }
}

/// The first part of something that may be long.
fn cut(value: &impl Debug) -> String {
    const SHOWN: usize = 400;
    let text = format!("{value:?}");
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((end, _)) => format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len()),
    }
}
