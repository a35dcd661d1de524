//! A backend whose calls end after a time, whatever the engine does.
//!
//! What a call answers that took too long depends on what may have happened:
//!
//! - A read, a snapshot, `flush`, `stats`, `compact` and `verify` are dropped and answer `Unavailable`: they change
//!   nothing that is stored, and may be made again.
//! - `apply` answers `CommitUnknown`, for the engine may be about to commit. It is never made again blindly: read what
//!   it would have written.
//! - `close` answers `Unavailable` and goes on. Cut short it might leave a lock behind; called again, it waits for the
//!   same closing.
//!
//! **A batch that was given up is still on its way, and so it is waited for.** If a read could overtake it, then nothing
//! could be settled by reading. Every later call but those of older snapshots therefore waits for it first, within its
//! own limit, and is `Unavailable` if that is not enough. With a tokio runtime a task brings the batch to its end;
//! without one, the calls that wait for it do.
//!
//! An engine that blocks the thread inside a call cannot be stopped from outside. The contract forbids that, and the
//! conformance suite looks for it. The timer is a thread of the process, so no runtime is needed, and a call that is
//! answered at once sets none.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use codestrata::ErrorKind;
//! use codestrata::layers::{Faulty, FaultPlan, Operation, TimeLimited, TimeLimits, When};
//! use codestrata_backend_memory::backend::MemoryBackend;
//! use codestrata_core::{Key, ReadView};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! let plan = FaultPlan::seeded(1).delay(&[Operation::Get], When::Always, Duration::from_secs(3_600));
//! let slow = Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan));
//! let store = TimeLimited::new(slow, "memory", TimeLimits::of(Duration::from_millis(20)));
//! assert_eq!(store.get(&Key::new("k")?).await.unwrap_err().kind(), ErrorKind::Unavailable);
//! # Ok(()) }
//! ```

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, Stats,
    async_trait,
};

use super::deadline::Deadline;
use super::metered::TIMEOUTS;
use super::operation::Operation;
use super::traced::TARGET;
use super::under_way::UnderWay;
use crate::limits::MAINTENANCE_TIMEOUT;

/// How long calls may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    operation: Duration,
    maintenance: Duration,
}

impl TimeLimits {
    /// Each call may take so long. Those that by their nature read or write all of a store (`compact`, `verify`) or
    /// wait for others (`close`) have [`MAINTENANCE_TIMEOUT`], or as long as the others if that is more.
    #[must_use]
    pub fn of(operation: Duration) -> Self {
        Self { operation, maintenance: operation.max(MAINTENANCE_TIMEOUT) }
    }

    /// `compact`, `verify` and `close` may take so long.
    #[must_use]
    pub const fn maintenance(mut self, maintenance: Duration) -> Self {
        self.maintenance = maintenance;
        self
    }

    const fn for_call(&self, operation: Operation) -> Duration {
        match operation {
            Operation::Compact | Operation::Verify | Operation::Close => self.maintenance,
            _ => self.operation,
        }
    }
}

/// A backend, or a snapshot of one, whose calls end after a time. The [module](self) says with which answers.
pub struct TimeLimited<T: ReadView + ?Sized = dyn Backend> {
    inner: Arc<T>,
    name: Arc<str>,
    limits: TimeLimits,
    /// Batches and closings that were given up and have not ended. A snapshot does not see them, and has none.
    under_way: UnderWay,
}

impl TimeLimited {
    /// Limits the calls; the name stands in errors, metrics and logs.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>, name: impl Into<Arc<str>>, limits: TimeLimits) -> Self {
        Self { inner, name: name.into(), limits, under_way: UnderWay::default() }
    }

    /// Runs what must not be cut short. When the time is over, it goes on by itself, and the error is made from a message.
    async fn finished_later(
        &self,
        operation: Operation,
        mut deadline: Deadline,
        work: impl Future<Output = Result<()>> + Send + 'static,
        late: impl FnOnce() -> Error,
    ) -> Result<()> {
        let mut work = Box::pin(work);
        if let Some(answer) = deadline.meet(work.as_mut()).await {
            return answer;
        }
        self.count(operation);
        let name = Arc::clone(&self.name);
        self.under_way.keep(async move {
            // The message of the error stays out of it: it may quote a key.
            let outcome = work.await.map_or_else(|error| error.kind().as_str(), |()| "ok");
            tracing::warn!(
                target: TARGET,
                backend = &*name,
                operation = operation.as_str(),
                outcome,
                "a call that had been given up has ended"
            );
        });
        Err(late())
    }
}

impl<T: ReadView + ?Sized> TimeLimited<T> {
    /// Runs what may be cut short.
    async fn limited<A>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<A>> + Send,
    ) -> Result<A> {
        let mut deadline = Deadline::in_time(self.limits.for_call(operation));
        self.wait_for_others(operation, &mut deadline).await?;
        match deadline.meet(pin!(call)).await {
            Some(answer) => answer,
            None => {
                self.count(operation);
                let message = format!(
                    "`{}` did not answer {operation} within {:?}, and nothing was changed",
                    self.name,
                    self.limits.for_call(operation)
                );
                Err(unavailable(message))
            }
        }
    }

    async fn wait_for_others(&self, operation: Operation, deadline: &mut Deadline) -> Result<()> {
        if self.under_way.is_empty() {
            return Ok(());
        }
        let others = pin!(self.under_way.ended());
        if deadline.meet(others).await.is_some() {
            return Ok(());
        }
        self.count(operation);
        let message = format!(
            "{operation} was not begun: `{}` is still busy with a call that it did not answer in time",
            self.name
        );
        Err(unavailable(message))
    }

    fn count(&self, operation: Operation) {
        metrics::counter!(
            TIMEOUTS,
            "backend" => Arc::clone(&self.name),
            "operation" => operation.as_str(),
        )
        .increment(1);
    }
}

fn unavailable(message: String) -> Error {
    Error::new(ErrorKind::Unavailable, message).with_help("try again, or give the store a longer `timeout`")
}

#[async_trait]
impl<T: ReadView + ?Sized> ReadView for TimeLimited<T> {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.limited(Operation::GetMany, self.inner.get_many(keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.limited(Operation::Scan, self.inner.scan(request)).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        self.limited(Operation::ScanMany, self.inner.scan_many(requests)).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.limited(Operation::Get, self.inner.get(key)).await
    }
}

#[async_trait]
impl Backend for TimeLimited {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn revision(&self) -> Option<u64> {
        self.inner.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        let mut deadline = Deadline::in_time(self.limits.for_call(Operation::Apply));
        self.wait_for_others(Operation::Apply, &mut deadline).await?;
        let inner = Arc::clone(&self.inner);
        let work = async move { inner.apply(batch).await };
        self.finished_later(Operation::Apply, deadline, work, || {
            let limit = self.limits.for_call(Operation::Apply);
            let message = format!(
                "`{}` did not acknowledge a batch within {limit:?}, and may have applied it or may yet do so",
                self.name
            );
            Error::new(ErrorKind::CommitUnknown, message)
                .with_help("read what it would have written: reads wait until it is known")
        })
        .await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        let inner = self.limited(Operation::Snapshot, self.inner.snapshot()).await?;
        let view: TimeLimited<dyn ReadView> = TimeLimited {
            inner: Arc::from(inner),
            name: Arc::clone(&self.name),
            limits: self.limits,
            under_way: UnderWay::default(),
        };
        Ok(Box::new(view))
    }

    async fn flush(&self) -> Result<()> {
        self.limited(Operation::Flush, self.inner.flush()).await
    }

    async fn close(&self) -> Result<()> {
        let mut deadline = Deadline::in_time(self.limits.for_call(Operation::Close));
        self.wait_for_others(Operation::Close, &mut deadline).await?;
        let inner = Arc::clone(&self.inner);
        let work = async move { inner.close().await };
        self.finished_later(Operation::Close, deadline, work, || {
            let limit = self.limits.for_call(Operation::Close);
            Error::new(ErrorKind::Unavailable, format!("`{}` was not closed within {limit:?}", self.name))
                .with_help("it goes on closing: call it again to wait for the end")
        })
        .await
    }

    async fn stats(&self) -> Result<Stats> {
        self.limited(Operation::Stats, self.inner.stats()).await
    }

    async fn compact(&self) -> Result<()> {
        self.limited(Operation::Compact, self.inner.compact()).await
    }

    async fn verify(&self) -> Result<()> {
        self.limited(Operation::Verify, self.inner.verify()).await
    }
}
