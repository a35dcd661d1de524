//! A backend that goes wrong by plan: for tests of what stands above one.
//!
//! It stays within the contract, as long as its plan does: a batch is applied wholly or not at all, `Unavailable` and
//! `Conflict` come with nothing applied, and `CommitUnknown` comes with either. What a real engine does once in a
//! thousand hours happens at every tenth call: refusals, answers that come late, acknowledgements that get lost or break
//! off, pages that are shorter than asked for. Torn *batches* are not among it, because no engine may have them;
//! backends that break the contract on purpose belong to the tests of the conformance suite.
//!
//! ```
//! use std::sync::Arc;
//! use codestrata::ErrorKind;
//! use codestrata::layers::{Faulty, FaultPlan, When};
//! use codestrata_backend_memory::backend::MemoryBackend;
//! use codestrata_core::{Backend, Batch, Key, ReadView};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! let plan = FaultPlan::seeded(1).lose_acknowledgements(When::Call(0));
//! let store = Faulty::new(Arc::new(MemoryBackend::new()), plan);
//! let key = Key::new("greeting")?;
//! let lost = store.apply(Batch::new().put(key.clone(), "hello")).await.unwrap_err();
//! assert_eq!(lost.kind(), ErrorKind::CommitUnknown);
//! assert!(store.get(&key).await?.is_some(), "it was applied, and reading says so");
//! # Ok(()) }
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, Page, PageBuilder, ReadView, Result,
    ScanRequest, Stats, async_trait,
};
use futures_timer::Delay;

use super::fault_plan::{Fault, FaultPlan};
use super::operation::Operation;

/// A backend, or a snapshot of one, that goes wrong by plan. The [module](self) says how.
pub struct Faulty<T: ReadView + ?Sized = dyn Backend> {
    inner: Arc<T>,
    script: Arc<Script>,
}

impl Faulty {
    /// Does what the plan says.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>, plan: FaultPlan) -> Self {
        let calls = Operation::ALL.map(|_| AtomicU64::new(0));
        Self { inner, script: Arc::new(Script { plan, calls, faults: AtomicU64::new(0) }) }
    }

    /// How many calls of an operation there have been, those of snapshots included.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> u64 {
        self.script.calls.get(operation.index()).map_or(0, |calls| calls.load(Ordering::SeqCst))
    }

    /// How many faults there have been.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.script.faults.load(Ordering::SeqCst)
    }
}

/// The plan, and how far it has come.
struct Script {
    plan: FaultPlan,
    calls: [AtomicU64; Operation::ALL.len()],
    faults: AtomicU64,
}

/// What a call that is passed on has still to suffer.
#[derive(Default)]
struct Suffers {
    /// The answer of a batch is lost; if this says so, the batch as well.
    lost: Option<Lost>,
    is_cut: bool,
}

#[derive(Clone, Copy)]
enum Lost {
    Acknowledgement,
    Batch,
}

impl Script {
    /// Counts the call, and does what befalls it before it is passed on.
    async fn begin(&self, operation: Operation) -> Result<Suffers> {
        let number =
            self.calls.get(operation.index()).map_or(0, |calls| calls.fetch_add(1, Ordering::SeqCst));
        let mut suffers = Suffers::default();
        for fault in self.plan.faults(operation, number) {
            self.faults.fetch_add(1, Ordering::SeqCst);
            match fault {
                Fault::Delay(time) => Delay::new(time).await,
                Fault::Fail(kind) => {
                    let message = format!("call {number} of {operation} fails by plan");
                    return Err(Error::new(kind, message));
                }
                Fault::LoseAcknowledgement => suffers.lost = Some(Lost::Acknowledgement),
                Fault::TearAcknowledgement => {
                    let is_applied = self.plan.coin(operation, number);
                    suffers.lost = Some(if is_applied { Lost::Acknowledgement } else { Lost::Batch });
                }
                Fault::CutPage => suffers.is_cut = true,
            }
        }
        Ok(suffers)
    }
}

/// Half of a page, from its beginning. One of a single item stays as it is, because a page makes progress.
fn cut(request: &ScanRequest, page: Page) -> Page {
    if page.len() < 2 {
        return page;
    }
    let mut half = PageBuilder::new(request);
    for (key, value) in page.iter().take(page.len() / 2) {
        half.push(key, value);
    }
    half.more();
    half.finish()
}

fn lost() -> Error {
    Error::new(ErrorKind::CommitUnknown, "the acknowledgement of a batch is lost by plan")
        .with_help("read what it would have written")
}

#[async_trait]
impl<T: ReadView + ?Sized> ReadView for Faulty<T> {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.script.begin(Operation::GetMany).await?;
        self.inner.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let suffers = self.script.begin(Operation::Scan).await?;
        let page = self.inner.scan(request).await?;
        Ok(if suffers.is_cut { cut(request, page) } else { page })
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        let suffers = self.script.begin(Operation::ScanMany).await?;
        let pages = self.inner.scan_many(requests).await?;
        if !suffers.is_cut {
            return Ok(pages);
        }
        Ok(requests.iter().zip(pages).map(|(request, page)| cut(request, page)).collect())
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.script.begin(Operation::Get).await?;
        self.inner.get(key).await
    }
}

#[async_trait]
impl Backend for Faulty {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn revision(&self) -> Option<u64> {
        self.inner.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        match self.script.begin(Operation::Apply).await?.lost {
            None => self.inner.apply(batch).await,
            Some(Lost::Batch) => Err(lost()),
            Some(Lost::Acknowledgement) => {
                self.inner.apply(batch).await?;
                Err(lost())
            }
        }
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        self.script.begin(Operation::Snapshot).await?;
        let inner = Arc::from(self.inner.snapshot().await?);
        let view: Faulty<dyn ReadView> = Faulty { inner, script: Arc::clone(&self.script) };
        Ok(Box::new(view))
    }

    async fn flush(&self) -> Result<()> {
        self.script.begin(Operation::Flush).await?;
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.script.begin(Operation::Close).await?;
        self.inner.close().await
    }

    async fn stats(&self) -> Result<Stats> {
        self.script.begin(Operation::Stats).await?;
        self.inner.stats().await
    }

    async fn compact(&self) -> Result<()> {
        self.script.begin(Operation::Compact).await?;
        self.inner.compact().await
    }

    async fn verify(&self) -> Result<()> {
        self.script.begin(Operation::Verify).await?;
        self.inner.verify().await
    }
}
