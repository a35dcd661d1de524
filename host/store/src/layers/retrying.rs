//! A backend whose calls are made again where that is safe and may help.
//!
//! A call is repeated if its error [says so](codestrata_core::ErrorKind::is_retryable): nothing was applied, and the
//! cause may pass. So `CommitUnknown` and `Poisoned` are never repeated, nor anything else that would fail or harm the
//! second time. Between two attempts is a pause that doubles each time, with up to as much again by chance, so that
//! callers who failed together do not come back together. The number of attempts and the time are
//! [bounded](RetryPolicy), and the last error is the answer.
//!
//! Reads of snapshots are repeated as well: where one call fails and the snapshot stands, the next succeeds. One that has
//! lost its connection stays `Unavailable`, which costs its reader the pauses and no more; one that is older than the
//! engine keeps snapshots is not tried again.
//!
//! It needs no runtime: the pauses come from a timer thread of the process.
//!
//! ```
//! use std::sync::Arc;
//! use codestrata::ErrorKind;
//! use codestrata::layers::{Faulty, FaultPlan, Operation, RetryPolicy, Retrying, When};
//! use codestrata_backend_memory::backend::MemoryBackend;
//! use codestrata_core::{Backend, Batch, Key};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! let plan = FaultPlan::seeded(1).fail(&[Operation::Apply], When::First(2), ErrorKind::Unavailable);
//! let unsteady = Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan));
//! let store = Retrying::new(unsteady, "memory", RetryPolicy::retries(3));
//! store.apply(Batch::new().put(Key::new("greeting")?, "hello")).await?;
//! # Ok(()) }
//! ```

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, FuturesTimerSleeper, Retryable};
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, Key, Page, ReadView, Result, ScanRequest, Stats, async_trait,
};

use super::metered::RETRIES;
use super::operation::Operation;
use super::traced::TARGET;
use crate::limits::{MAX_RETRIES, MAX_RETRY_DELAY, MAX_RETRY_TIME, MIN_RETRY_DELAY};

/// How often, and for how long, a call is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    retries: u32,
    first_delay: Duration,
    max_delay: Duration,
    max_time: Duration,
}

impl RetryPolicy {
    /// At most so many further attempts after the first, itself at most [`MAX_RETRIES`]; the pauses are between
    /// [`MIN_RETRY_DELAY`] and twice [`MAX_RETRY_DELAY`], and none begins after [`MAX_RETRY_TIME`].
    #[must_use]
    pub const fn retries(retries: u32) -> Self {
        Self {
            retries: if retries < MAX_RETRIES { retries } else { MAX_RETRIES },
            first_delay: MIN_RETRY_DELAY,
            max_delay: MAX_RETRY_DELAY,
            max_time: MAX_RETRY_TIME,
        }
    }

    /// The first pause and the longest one, each before chance adds up to as much again; neither is longer than
    /// [`MAX_RETRY_TIME`].
    #[must_use]
    pub fn delays(mut self, first: Duration, longest: Duration) -> Self {
        self.first_delay = first.min(MAX_RETRY_TIME);
        self.max_delay = longest.min(MAX_RETRY_TIME);
        self
    }

    /// No attempt is made after so long, counted from the first one.
    #[must_use]
    pub const fn max_time(mut self, time: Duration) -> Self {
        self.max_time = time;
        self
    }

    fn backoff(&self) -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_factor(2.0)
            .with_min_delay(self.first_delay)
            .with_max_delay(self.max_delay)
            .with_max_times(usize::try_from(self.retries).unwrap_or(usize::MAX))
            .with_total_delay(Some(self.max_time))
            .with_jitter()
    }
}

/// A backend, or a snapshot of one, whose calls are made again. The [module](self) says when.
pub struct Retrying<T: ReadView + ?Sized = dyn Backend> {
    inner: Arc<T>,
    name: Arc<str>,
    policy: RetryPolicy,
    /// When the snapshot stops to answer, and so a repetition to help.
    expires: Option<Instant>,
}

impl Retrying {
    /// Makes calls again as the policy says; the name stands in metrics and logs.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>, name: impl Into<Arc<str>>, policy: RetryPolicy) -> Self {
        Self { inner, name: name.into(), policy, expires: None }
    }
}

impl<T: ReadView + ?Sized> Retrying<T> {
    async fn retried<A, F: Future<Output = Result<A>> + Send>(
        &self,
        operation: Operation,
        call: impl FnMut() -> F + Send,
    ) -> Result<A> {
        let begun = Instant::now();
        let may_help = |error: &Error| {
            error.kind().is_retryable()
                && begun.elapsed() < self.policy.max_time
                && self.expires.is_none_or(|expires| Instant::now() < expires)
        };
        call.retry(self.policy.backoff())
            .sleep(FuturesTimerSleeper)
            .when(may_help)
            .notify(|error, pause| self.report(operation, error, pause))
            .await
    }

    /// The message of the error stays out of it: it may quote a key.
    fn report(&self, operation: Operation, error: &Error, pause: Duration) {
        metrics::counter!(
            RETRIES,
            "backend" => Arc::clone(&self.name),
            "operation" => operation.as_str(),
        )
        .increment(1);
        tracing::debug!(
            target: TARGET,
            backend = &*self.name,
            operation = operation.as_str(),
            outcome = error.kind().as_str(),
            ?pause,
            "a call of the backend will be made again"
        );
    }
}

#[async_trait]
impl<T: ReadView + ?Sized> ReadView for Retrying<T> {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.retried(Operation::GetMany, || self.inner.get_many(keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.retried(Operation::Scan, || self.inner.scan(request)).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        self.retried(Operation::ScanMany, || self.inner.scan_many(requests)).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.retried(Operation::Get, || self.inner.get(key)).await
    }
}

#[async_trait]
impl Backend for Retrying {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    /// Cost: a copy of the batch for each attempt, in which keys and values are shared.
    fn revision(&self) -> Option<u64> {
        self.inner.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.retried(Operation::Apply, || self.inner.apply(batch.clone())).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        let inner = self.retried(Operation::Snapshot, || self.inner.snapshot()).await?;
        let view: Retrying<dyn ReadView> = Retrying {
            inner: Arc::from(inner),
            name: Arc::clone(&self.name),
            policy: self.policy,
            expires: self.capabilities().snapshot_max_age().and_then(|age| Instant::now().checked_add(age)),
        };
        Ok(Box::new(view))
    }

    async fn flush(&self) -> Result<()> {
        self.retried(Operation::Flush, || self.inner.flush()).await
    }

    async fn close(&self) -> Result<()> {
        self.retried(Operation::Close, || self.inner.close()).await
    }

    async fn stats(&self) -> Result<Stats> {
        self.retried(Operation::Stats, || self.inner.stats()).await
    }

    async fn compact(&self) -> Result<()> {
        self.retried(Operation::Compact, || self.inner.compact()).await
    }

    async fn verify(&self) -> Result<()> {
        self.retried(Operation::Verify, || self.inner.verify()).await
    }
}
