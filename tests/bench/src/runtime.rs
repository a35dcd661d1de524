//! How what is measured is run and timed.

use std::time::Instant;

use crate::Outcome;

/// A runtime as programs of one thread have it: work is done where it is awaited.
pub(crate) fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// How long work took, in seconds, and what came of it.
///
/// # Errors
/// Those of the work.
pub(crate) fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(f64, T)> {
    let begun = Instant::now();
    let value = work()?;
    Ok((begun.elapsed().as_secs_f64(), value))
}
