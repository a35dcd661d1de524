//! Work that would hold up an executor, done where it does not.

use std::pin::{Pin, pin};
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

/// Begins what waits for others, and goes on beside it; where there is no tokio it is done when its outcome is asked for. On
/// tokio it goes on when nobody waits for it any more.
pub(crate) fn begin_waiting<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Waiting<T> {
    match tokio::runtime::Handle::try_current() {
        Err(_) => Waiting::Later(Box::pin(work)),
        Ok(runtime) => Waiting::Running(runtime.spawn(work)),
    }
}

/// Waiting that was begun.
pub(crate) enum Waiting<T> {
    Later(Pin<Box<dyn Future<Output = T> + Send>>),
    Running(JoinHandle<T>),
}

impl<T> Waiting<T> {
    /// # Errors
    /// `Internal` if the work panicked or the runtime was shut down.
    pub(crate) async fn outcome(self) -> Result<T> {
        match self {
            Self::Later(work) => Ok(work.await),
            Self::Running(running) => running.await.map_err(unfinished),
        }
    }
}

/// Two pieces of work side by side, in one task.
pub(crate) async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut of_one, mut of_other) = (None, None);
    std::future::poll_fn(|context| {
        if of_one.is_none()
            && let Poll::Ready(done) = one.as_mut().poll(context)
        {
            of_one = Some(done);
        }
        if of_other.is_none()
            && let Poll::Ready(done) = other.as_mut().poll(context)
        {
            of_other = Some(done);
        }
        match (of_one.take(), of_other.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (one, other) => {
                (of_one, of_other) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

fn unfinished(error: JoinError) -> Error {
    Error::new(ErrorKind::Internal, "work of the store did not finish").with_source(error)
}
