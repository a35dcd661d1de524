//! Ctrl-C: the first asks to stop, the second ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Code, Failure};

/// Whether to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens for Ctrl-C and for requests to end. `first` runs at the first.
    ///
    /// Where that cannot be had, Ctrl-C ends the process as it does without: what is stored stays whole either way.
    pub(crate) fn listen(first: impl Fn() + Send + 'static) -> Self {
        Self::listen_to_both(first, || {})
    }

    /// The same; `last` runs at the second, before the process ends.
    pub(crate) fn listen_to_both(
        first: impl Fn() + Send + 'static,
        last: impl Fn() + Send + 'static,
    ) -> Self {
        let stop = Self::default();
        let theirs = stop.clone();
        let _ = ctrlc::set_handler(move || {
            if theirs.0.swap(true, Ordering::SeqCst) {
                last();
                std::process::exit(Code::Interrupted as i32);
            }
            first();
        });
        stop
    }

    /// Whether it was asked for.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// What is then said, with what stays as it was.
    pub(crate) fn failure(unchanged: &str) -> Failure {
        Failure::new(Code::Interrupted, "interrupted", format!("stopped; {unchanged} is unchanged"))
    }
}
