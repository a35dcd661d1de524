//! Where calls are made from, and for how long they are waited for.

use std::future::Future;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, Result};
use tokio::runtime::{Builder, Runtime};

use crate::Violation;
use crate::violation::Outcome;

// A call that takes longer than this does not end. The machine may be busy with other things.
const PATIENCE: Duration = Duration::from_secs(40);

/// Runs work on a thread of its own, where no runtime is.
pub(super) async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Outcome<T> {
    let (send, receive) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Nobody waits any more only if the case has failed already.
        let _ = send.send(work());
    });
    ends("work on another thread", receive)
        .await?
        .map_err(|_| Violation::new("a call does not panic", "it did"))
}

/// A runtime of one thread, and at most so many more for work that blocks.
pub(super) fn one_thread(blocking: usize) -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(blocking)
        .build()
        .map_err(|error| Error::new(ErrorKind::Internal, "the suite has a runtime").with_source(error))
}

/// A runtime of two threads.
pub(super) fn two_threads() -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::Internal, "the suite has a runtime").with_source(error))
}

/// Demands that something ends.
pub(super) async fn ends<T>(what: &str, call: impl Future<Output = T>) -> Outcome<T> {
    tokio::time::timeout(PATIENCE, call)
        .await
        .map_err(|_| Violation::new(format!("{what} ends"), format!("nothing for {PATIENCE:?}")))
}

/// Demands that a task ends, and without a panic.
pub(super) async fn joined<T>(what: &str, task: tokio::task::JoinHandle<T>) -> Outcome<T> {
    ends(what, task)
        .await?
        .map_err(|error| Violation::new(format!("{what} does not panic"), error.to_string()))
}
