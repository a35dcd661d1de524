//! A time until which work may run.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_timer::Delay;

/// Begins with the first work that is not done at once, so that the usual call sets no timer.
pub(super) struct Deadline {
    limit: Duration,
    timer: Option<Delay>,
}

impl Deadline {
    pub(super) fn in_time(limit: Duration) -> Self {
        Self { limit, timer: None }
    }

    /// What the work answers, or nothing when the time is over; the work has not ended then.
    pub(super) async fn meet<F: Future + ?Sized>(&mut self, mut work: Pin<&mut F>) -> Option<F::Output> {
        poll_fn(|context| {
            if let Poll::Ready(answer) = work.as_mut().poll(context) {
                return Poll::Ready(Some(answer));
            }
            let timer = self.timer.get_or_insert_with(|| Delay::new(self.limit));
            Pin::new(timer).poll(context).map(|()| None)
        })
        .await
    }
}
