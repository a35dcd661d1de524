//! Work that would hold up an executor, done where it does not.

use codestrata_core::{Error, ErrorKind, Result};
use tokio::task::JoinHandle;

/// Runs work on tokio's blocking threads, or here where there is no tokio.
///
/// # Errors
/// `Internal` if the work panicked or the runtime was shut down.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    Begun::begin(work).end().await
}

/// Work that was begun there, while something else is done here.
pub(crate) enum Begun<T> {
    Running(JoinHandle<T>),
    Done(T),
}

impl<T: Send + 'static> Begun<T> {
    /// Begins work on tokio's blocking threads, or does it here where there is no tokio.
    pub(crate) fn begin(work: impl FnOnce() -> T + Send + 'static) -> Self {
        match tokio::runtime::Handle::try_current() {
            Err(_) => Self::Done(work()),
            Ok(runtime) => Self::Running(runtime.spawn_blocking(work)),
        }
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// `Internal` if the work panicked or the runtime was shut down.
    pub(crate) async fn end(self) -> Result<T> {
        match self {
            Self::Done(result) => Ok(result),
            Self::Running(work) => work.await.map_err(|error| {
                Error::new(ErrorKind::Internal, "work of the store did not finish").with_source(error)
            }),
        }
    }
}
