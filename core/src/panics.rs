//! Panics of an engine, which a backend makes errors of.
//!
//! Some engines panic on damage that they do not look for. A backend runs them through [`catch`] and answers
//! `Corruption`. A host that has a panic hook asks [`is_caught`] there, and leaves to the backend's error what it would
//! otherwise report as a fault of its own.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static CATCHING: Cell<u32> = const { Cell::new(0) };
}

/// Runs work that may panic; `Err` has the words of the panic, which may be long and are the engine's.
///
/// What the work was changing is as it was left: use it no more, or only what is known to bear it. A program that is built to
/// abort on a panic still does.
///
/// # Errors
/// If it panicked.
///
/// ```
/// use codestrata_core::panics::catch;
///
/// let pages: Vec<u64> = Vec::new();
/// assert_eq!(catch(|| 6 * 7), Ok(42));
/// assert!(catch(|| pages[3]).is_err_and(|words| words.contains("index out of bounds")));
/// ```
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    CATCHING.with(|depth| depth.set(depth.get() + 1));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CATCHING.with(|depth| depth.set(depth.get() - 1));
    outcome.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
    })
}

/// Whether a panic on this thread is caught by [`catch`].
#[must_use]
pub fn is_caught() -> bool {
    CATCHING.with(Cell::get) > 0
}
