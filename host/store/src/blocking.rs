//! Work that would hold up an executor, done where it does not.

use std::pin::Pin;
use std::task::{Context, Poll};

use codestrata_core::{Error, ErrorKind, Result};
use tokio::task::{JoinError, JoinHandle};

/// Runs work on tokio's blocking threads, or here where there is no tokio.
///
/// # Errors
/// `Internal` if the work panicked or the runtime was shut down.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    match tokio::runtime::Handle::try_current() {
        Err(_) => Ok(work()),
        Ok(runtime) => runtime.spawn_blocking(work).await.map_err(unfinished),
    }
}

/// Begins work on tokio's blocking threads, and goes on beside it; where there is no tokio it is done here first. It goes
/// on when nobody waits for it any more.
pub(crate) fn begin_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Begun<T> {
    match tokio::runtime::Handle::try_current() {
        Err(_) => Begun::Done(Some(work())),
        Ok(runtime) => Begun::Running(runtime.spawn_blocking(work)),
    }
}

/// Whether work that is begun goes on beside whoever begins it.
pub(crate) fn begins_beside() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

/// Work that was begun.
pub(crate) enum Begun<T> {
    Done(Option<T>),
    Running(JoinHandle<T>),
}

impl<T: Unpin> Future for Begun<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Done(done) => Poll::Ready(done.take().ok_or_else(|| {
                Error::new(ErrorKind::Internal, "work of the store was asked for its outcome twice")
            })),
            Self::Running(running) => Pin::new(running).poll(context).map_err(unfinished),
        }
    }
}

fn unfinished(error: JoinError) -> Error {
    Error::new(ErrorKind::Internal, "work of the store did not finish").with_source(error)
}
