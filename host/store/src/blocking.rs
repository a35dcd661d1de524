//! Work that would hold up an executor, done where it does not.

use codestrata_core::{Error, ErrorKind, Result};

/// Runs work on tokio's blocking threads, or here where there is no tokio.
///
/// # Errors
/// `Internal` if the work panicked or the runtime was shut down.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    match tokio::runtime::Handle::try_current() {
        Err(_) => Ok(work()),
        Ok(runtime) => runtime.spawn_blocking(work).await.map_err(|error| {
            Error::new(ErrorKind::Internal, "work of the store did not finish").with_source(error)
        }),
    }
}
