//! A backend whose calls are spans.
//!
//! Each call is one [`tracing`] span named `backend`, with the target [`TARGET`]: at the level `TRACE` for reads,
//! snapshots and figures, of which there are many, and at `DEBUG` for the rest. An engine's own events stand inside it.
//! Its fields are:
//!
//! | field | what it is |
//! |---|---|
//! | `backend` | the name that the layer was given |
//! | `operation` | the method: `get`, `apply` ... |
//! | `asked` | keys, requests, or operations and preconditions in the call |
//! | `sent_bytes` | keys and values of a batch |
//! | `items`, `bytes` | what was answered: values that were there, or items of pages, and their size |
//! | `micros` | how long it took |
//! | `outcome` | `ok`, or the [kind](ErrorKind) of the error |
//!
//! A failure that no caller can mend by itself (`Corruption`, `Poisoned`, `CommitUnknown`, `Internal`) is also an event
//! at `WARN`. Keys and values are never logged, nor messages of errors, which may quote keys.
//!
//! A span that nobody listens to costs about as much as a branch.
//!
//! ```
//! use std::sync::Arc;
//! use codestrata::layers::Traced;
//! use codestrata_backend_memory::backend::MemoryBackend;
//! use codestrata_core::{Backend, Batch, Key};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! // A host installs a subscriber of its choice: `tracing_subscriber::fmt().with_max_level(Level::DEBUG).init()`.
//! let store = Traced::new(Arc::new(MemoryBackend::new()), "memory");
//! store.apply(Batch::new().put(Key::new("greeting")?, "hello")).await?;
//! # Ok(()) }
//! ```

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, ErrorKind, Key, Page, ReadView, Result, ScanRequest, Stats,
    async_trait,
};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::measure::{Amount, Measure};
use super::operation::Operation;

/// The target of all spans and events of the layers, to be filtered by.
pub const TARGET: &str = "codestrata::backend";

/// A backend, or a snapshot of one, whose calls are spans. The [module](self) has their fields.
pub struct Traced<T: ReadView + ?Sized = dyn Backend> {
    inner: Arc<T>,
    name: Arc<str>,
}

impl Traced {
    /// Names the backend in each span.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>, name: impl Into<Arc<str>>) -> Self {
        Self { inner, name: name.into() }
    }
}

impl<T: ReadView + ?Sized> Traced<T> {
    async fn traced<A: Measure>(
        &self,
        operation: Operation,
        asked: Amount,
        call: impl Future<Output = Result<A>> + Send,
    ) -> Result<A> {
        let span = self.span(operation, asked);
        if span.is_disabled() {
            let answer = call.await;
            self.warn(operation, &answer);
            return answer;
        }
        let begun = Instant::now();
        let answer = call.instrument(span.clone()).await;
        span.record("micros", u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        match &answer {
            Ok(answer) => {
                let Amount { items, bytes } = answer.amount();
                span.record("outcome", "ok").record("items", items).record("bytes", bytes);
            }
            Err(error) => {
                span.record("outcome", error.kind().as_str());
            }
        }
        span.in_scope(|| self.warn(operation, &answer));
        answer
    }

    fn span(&self, operation: Operation, asked: Amount) -> Span {
        /// A level has to be a constant, so there are two of the same.
        macro_rules! at {
            ($level:expr) => {
                tracing::span!(
                    target: TARGET,
                    $level,
                    "backend",
                    backend = &*self.name,
                    operation = operation.as_str(),
                    asked = asked.items,
                    sent_bytes = asked.bytes,
                    items = Empty,
                    bytes = Empty,
                    micros = Empty,
                    outcome = Empty,
                )
            };
        }
        match operation {
            Operation::Get
            | Operation::GetMany
            | Operation::Scan
            | Operation::ScanMany
            | Operation::Snapshot
            | Operation::Stats => at!(tracing::Level::TRACE),
            _ => at!(tracing::Level::DEBUG),
        }
    }

    /// The message of the error stays out of it: it may quote a key.
    fn warn<A>(&self, operation: Operation, answer: &Result<A>) {
        let Err(error) = answer else { return };
        let kind = error.kind();
        if matches!(
            kind,
            ErrorKind::Corruption | ErrorKind::Poisoned | ErrorKind::CommitUnknown | ErrorKind::Internal
        ) {
            tracing::warn!(
                target: TARGET,
                backend = &*self.name,
                operation = operation.as_str(),
                outcome = kind.as_str(),
                "a call of the backend failed"
            );
        }
    }
}

/// So many keys or requests.
fn count(items: usize) -> Amount {
    Amount { items, bytes: 0 }
}

#[async_trait]
impl<T: ReadView + ?Sized> ReadView for Traced<T> {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.traced(Operation::GetMany, count(keys.len()), self.inner.get_many(keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.traced(Operation::Scan, count(1), self.inner.scan(request)).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        self.traced(Operation::ScanMany, count(requests.len()), self.inner.scan_many(requests)).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.traced(Operation::Get, count(1), self.inner.get(key)).await
    }
}

#[async_trait]
impl Backend for Traced {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn revision(&self) -> Option<u64> {
        self.inner.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        let asked = Amount { items: batch.len(), bytes: batch.byte_size() };
        self.traced(Operation::Apply, asked, self.inner.apply(batch)).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        let inner = self.traced(Operation::Snapshot, count(0), self.inner.snapshot()).await?;
        let view: Traced<dyn ReadView> = Traced { inner: Arc::from(inner), name: Arc::clone(&self.name) };
        Ok(Box::new(view))
    }

    async fn flush(&self) -> Result<()> {
        self.traced(Operation::Flush, count(0), self.inner.flush()).await
    }

    async fn close(&self) -> Result<()> {
        self.traced(Operation::Close, count(0), self.inner.close()).await
    }

    async fn stats(&self) -> Result<Stats> {
        self.traced(Operation::Stats, count(0), self.inner.stats()).await
    }

    async fn compact(&self) -> Result<()> {
        self.traced(Operation::Compact, count(0), self.inner.compact()).await
    }

    async fn verify(&self) -> Result<()> {
        self.traced(Operation::Verify, count(0), self.inner.verify()).await
    }
}
