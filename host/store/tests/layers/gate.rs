//! A backend whose calls wait until a test lets them go on, so that no test of time has to hope for any.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Key, Page, ReadView, Result, ScanRequest, Stats, async_trait,
};
use tokio::sync::watch;

/// A store in memory behind gates.
pub(crate) struct Gated {
    inner: Arc<MemoryBackend>,
    /// Closed while true: reads, batches, closings.
    pub(crate) reads: watch::Sender<bool>,
    pub(crate) batches: watch::Sender<bool>,
    pub(crate) closings: watch::Sender<bool>,
    /// How many batches have come to the gate, and how many closings were begun.
    pub(crate) begun: AtomicUsize,
    pub(crate) closed: AtomicUsize,
}

impl Gated {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::new(MemoryBackend::new()),
            reads: watch::Sender::new(false),
            batches: watch::Sender::new(false),
            closings: watch::Sender::new(false),
            begun: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
        })
    }
}

async fn passed(gate: &watch::Sender<bool>) {
    gate.subscribe().wait_for(|is_closed| !is_closed).await.unwrap();
}

#[async_trait]
impl ReadView for Gated {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        passed(&self.reads).await;
        self.inner.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        passed(&self.reads).await;
        self.inner.scan(request).await
    }
}

/// A snapshot behind the gate of reads.
struct GatedView(Box<dyn ReadView>, watch::Sender<bool>);

#[async_trait]
impl ReadView for GatedView {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        passed(&self.1).await;
        self.0.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        passed(&self.1).await;
        self.0.scan(request).await
    }
}

#[async_trait]
impl Backend for Gated {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        passed(&self.batches).await;
        self.inner.apply(batch).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        passed(&self.reads).await;
        Ok(Box::new(GatedView(self.inner.snapshot().await?, self.reads.clone())))
    }

    async fn flush(&self) -> Result<()> {
        passed(&self.reads).await;
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.closed.fetch_add(1, Ordering::SeqCst);
        passed(&self.closings).await;
        self.inner.close().await
    }

    async fn stats(&self) -> Result<Stats> {
        passed(&self.reads).await;
        self.inner.stats().await
    }

    async fn compact(&self) -> Result<()> {
        passed(&self.reads).await;
        Ok(())
    }

    async fn verify(&self) -> Result<()> {
        passed(&self.reads).await;
        Ok(())
    }
}
