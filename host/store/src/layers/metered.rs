//! A backend whose calls are counted and timed, under the same names for every engine.
//!
//! The figures go through the facade crate [`metrics`], so a host chooses where to: it installs a recorder, such as that
//! of `metrics-exporter-prometheus`, **before it opens a store**. These are all metrics of the layers:
//!
//! | metric | kind | labels | what it is |
//! |---|---|---|---|
//! | `codestrata_backend_operations_total` | counter | `backend`, `operation`, `outcome` | calls that have ended |
//! | `codestrata_backend_operation_seconds` | histogram | `backend`, `operation` | how long they took, whatever came of them |
//! | `codestrata_backend_read_bytes_total` | counter | `backend`, `operation` | bytes of the values and pages that were read |
//! | `codestrata_backend_written_bytes_total` | counter | `backend` | bytes of keys and values in the batches that were acknowledged |
//! | `codestrata_backend_retries_total` | counter | `backend`, `operation` | calls made again, by [`Retrying`](super::Retrying) |
//! | `codestrata_backend_timeouts_total` | counter | `backend`, `operation` | calls given up, by [`TimeLimited`](super::TimeLimited) |
//!
//! `operation` is the method (`get`, `apply` ...), and `outcome` is `ok` or the [kind](codestrata_core::ErrorKind) of the
//! error in words with `_` between them, such as `precondition_failed`. A call whose future is dropped counts as none.
//! No key, value or path is in a label, so their number is bounded.
//!
//! The handles of the metrics are taken when the layer is made. Without a recorder they do nothing, and what is left is
//! reading the clock twice a call.
//!
//! ```
//! use std::sync::Arc;
//! use codestrata::layers::Metered;
//! use codestrata_backend_memory::backend::MemoryBackend;
//! use codestrata_core::{Backend, Batch, Key};
//! use metrics_util::debugging::DebuggingRecorder;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let recorder = DebuggingRecorder::new();
//! let seen = recorder.snapshotter();
//! recorder.install()?;
//! let store = Metered::new(Arc::new(MemoryBackend::new()), "memory");
//! store.apply(Batch::new().put(Key::new("greeting")?, "hello")).await?;
//! assert!(seen.snapshot().into_vec().iter().any(|(key, ..)| key.key().name() == "codestrata_backend_operations_total"));
//! # Ok(()) }
//! ```

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, ErrorKind, Key, Page, ReadView, Result, ScanRequest, Stats,
    async_trait,
};
use metrics::{Counter, Histogram, Unit};

use super::measure::Measure;
use super::operation::Operation;

/// Calls that have ended, by outcome.
pub const OPERATIONS: &str = "codestrata_backend_operations_total";
/// How long calls took, in seconds.
pub const OPERATION_SECONDS: &str = "codestrata_backend_operation_seconds";
/// Bytes that were read.
pub const READ_BYTES: &str = "codestrata_backend_read_bytes_total";
/// Bytes of the batches that were acknowledged.
pub const WRITTEN_BYTES: &str = "codestrata_backend_written_bytes_total";
/// Calls that were made again.
pub const RETRIES: &str = "codestrata_backend_retries_total";
/// Calls that were given up because they took too long.
pub const TIMEOUTS: &str = "codestrata_backend_timeouts_total";

/// A backend, or a snapshot of one, whose calls are counted and timed. The [module](self) has the metrics.
pub struct Metered<T: ReadView + ?Sized = dyn Backend> {
    inner: Arc<T>,
    meters: Arc<Meters>,
}

impl Metered {
    /// Names the backend in the labels. A recorder that is installed later sees nothing of it.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>, name: impl Into<Arc<str>>) -> Self {
        Self { inner, meters: Arc::new(Meters::new(name.into())) }
    }
}

/// The handles of what is frequent. Errors are not, and look theirs up.
struct Meters {
    backend: Arc<str>,
    operations: [Meter; Operation::ALL.len()],
    written: Counter,
}

struct Meter {
    ok: Counter,
    seconds: Histogram,
    read: Counter,
}

impl Meters {
    fn new(backend: Arc<str>) -> Self {
        describe();
        let operations = Operation::ALL.map(|operation| Meter {
            ok: ended(&backend, operation, "ok".to_owned()),
            seconds: metrics::histogram!(
                OPERATION_SECONDS,
                "backend" => Arc::clone(&backend),
                "operation" => operation.as_str(),
            ),
            // A metric that is never moved is not made: only reads have one.
            read: if Operation::READS.contains(&operation) {
                metrics::counter!(
                    READ_BYTES,
                    "backend" => Arc::clone(&backend),
                    "operation" => operation.as_str(),
                )
            } else {
                Counter::noop()
            },
        });
        let written = metrics::counter!(WRITTEN_BYTES, "backend" => Arc::clone(&backend));
        Self { backend, operations, written }
    }
}

fn ended(backend: &Arc<str>, operation: Operation, outcome: String) -> Counter {
    metrics::counter!(
        OPERATIONS,
        "backend" => Arc::clone(backend),
        "operation" => operation.as_str(),
        "outcome" => outcome,
    )
}

/// The kind of an error as the value of a label.
fn outcome(kind: ErrorKind) -> String {
    kind.as_str().replace([' ', '-'], "_")
}

fn describe() {
    metrics::describe_counter!(OPERATIONS, "Calls of a backend that have ended, by outcome.");
    metrics::describe_histogram!(OPERATION_SECONDS, Unit::Seconds, "How long calls of a backend took.");
    metrics::describe_counter!(READ_BYTES, Unit::Bytes, "Values and pages that were read.");
    metrics::describe_counter!(
        WRITTEN_BYTES,
        Unit::Bytes,
        "Keys and values of the batches that were acknowledged."
    );
    metrics::describe_counter!(RETRIES, "Calls of a backend that were made again.");
    metrics::describe_counter!(TIMEOUTS, "Calls of a backend that were given up.");
}

impl<T: ReadView + ?Sized> Metered<T> {
    async fn metered<A: Measure>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<A>> + Send,
    ) -> Result<A> {
        let begun = Instant::now();
        let answer = call.await;
        if let Some(meter) = self.meters.operations.get(operation.index()) {
            meter.seconds.record(begun.elapsed());
            match &answer {
                Ok(answer) => {
                    meter.ok.increment(1);
                    meter.read.increment(bytes(answer.amount().bytes));
                }
                Err(error) => {
                    ended(&self.meters.backend, operation, outcome(error.kind())).increment(1);
                }
            }
        }
        answer
    }
}

fn bytes(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[async_trait]
impl<T: ReadView + ?Sized> ReadView for Metered<T> {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.metered(Operation::GetMany, self.inner.get_many(keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.metered(Operation::Scan, self.inner.scan(request)).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        self.metered(Operation::ScanMany, self.inner.scan_many(requests)).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.metered(Operation::Get, self.inner.get(key)).await
    }
}

#[async_trait]
impl Backend for Metered {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn revision(&self) -> Option<u64> {
        self.inner.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        let size = bytes(batch.byte_size());
        self.metered(Operation::Apply, self.inner.apply(batch)).await?;
        self.meters.written.increment(size);
        Ok(())
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        let inner = self.metered(Operation::Snapshot, self.inner.snapshot()).await?;
        let view: Metered<dyn ReadView> =
            Metered { inner: Arc::from(inner), meters: Arc::clone(&self.meters) };
        Ok(Box::new(view))
    }

    async fn flush(&self) -> Result<()> {
        self.metered(Operation::Flush, self.inner.flush()).await
    }

    async fn close(&self) -> Result<()> {
        self.metered(Operation::Close, self.inner.close()).await
    }

    async fn stats(&self) -> Result<Stats> {
        self.metered(Operation::Stats, self.inner.stats()).await
    }

    async fn compact(&self) -> Result<()> {
        self.metered(Operation::Compact, self.inner.compact()).await
    }

    async fn verify(&self) -> Result<()> {
        self.metered(Operation::Verify, self.inner.verify()).await
    }
}
