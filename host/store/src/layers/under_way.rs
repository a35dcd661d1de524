//! Calls that nobody waits for any more and that must come to their end all the same.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The calls that have not ended.
#[derive(Default)]
pub(super) struct UnderWay {
    calls: Mutex<Vec<Arc<Call>>>,
    /// How many there are, so that the usual caller takes no lock.
    count: AtomicUsize,
}

/// One call. Whoever waits for it drives it; others wait until they can. Nothing is left in it once it has ended.
struct Call(tokio::sync::Mutex<Option<Work>>);

impl Call {
    async fn end(&self) {
        let mut slot = self.0.lock().await;
        poll_fn(|context| {
            let Some(work) = slot.as_mut() else { return Poll::Ready(()) };
            // A panic has been reported where it happened. It is the end of this call, and none of who waits for it.
            match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(())) | Err(_) => {
                    *slot = None;
                    Poll::Ready(())
                }
            }
        })
        .await;
    }
}

impl UnderWay {
    /// Takes a call over: a task brings it to its end where there is a runtime, and else whoever waits for it.
    pub(super) fn keep(&self, work: impl Future<Output = ()> + Send + 'static) {
        let call = Arc::new(Call(tokio::sync::Mutex::new(Some(Box::pin(work)))));
        let mut calls = self.calls();
        calls.push(Arc::clone(&call));
        self.count.store(calls.len(), Ordering::Release);
        drop(calls);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { call.end().await });
        }
    }

    /// Whether there is none. One that has ended counts until somebody has waited for it.
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// Waits until there is none.
    pub(super) async fn ended(&self) {
        while let Some(call) = self.first() {
            call.end().await;
            let mut calls = self.calls();
            calls.retain(|other| !Arc::ptr_eq(other, &call));
            self.count.store(calls.len(), Ordering::Release);
        }
    }

    fn first(&self) -> Option<Arc<Call>> {
        self.calls().first().cloned()
    }

    /// A list of pointers is whole whatever happened to who held it.
    fn calls(&self) -> MutexGuard<'_, Vec<Arc<Call>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
