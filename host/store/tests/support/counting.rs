//! A backend that counts what is asked of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Key, Page, ReadView, Result, ScanRequest, Stats, async_trait,
};

/// What was asked of a backend.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    reads: AtomicU64,
    keys_read: AtomicU64,
    scans: AtomicU64,
    bytes_read: AtomicU64,
    operations: AtomicU64,
    bytes_written: AtomicU64,
    batches: AtomicU64,
    flushes: AtomicU64,
}

/// The same, as figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Calls that read, each of which may be a round trip; snapshots are among them.
    pub(crate) reads: u64,
    pub(crate) keys_read: u64,
    pub(crate) scans: u64,
    pub(crate) bytes_read: u64,
    /// Puts, deletions and conditions.
    pub(crate) operations: u64,
    pub(crate) bytes_written: u64,
    pub(crate) batches: u64,
    pub(crate) flushes: u64,
}

impl Counts {
    fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::SeqCst);
    }

    /// What was counted since it was last asked for.
    pub(crate) fn take(&self) -> Cost {
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::SeqCst);
        Cost {
            reads: take(&self.reads),
            keys_read: take(&self.keys_read),
            scans: take(&self.scans),
            bytes_read: take(&self.bytes_read),
            operations: take(&self.operations),
            bytes_written: take(&self.bytes_written),
            batches: take(&self.batches),
            flushes: take(&self.flushes),
        }
    }
}

/// A backend, or a snapshot of one, that counts.
pub(crate) struct Counting<T: ?Sized> {
    pub(crate) counts: Arc<Counts>,
    pub(crate) below: Arc<T>,
}

impl<T: ?Sized> Counting<T> {
    /// Counts what is asked of it, and hands out the counts.
    pub(crate) fn over(below: Arc<T>) -> (Self, Arc<Counts>) {
        let counts = Arc::new(Counts::default());
        (Self { counts: Arc::clone(&counts), below }, counts)
    }
}

#[async_trait]
impl<T: ReadView + ?Sized> ReadView for Counting<T> {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let found = self.below.get_many(keys).await?;
        Counts::add(&self.counts.reads, 1);
        Counts::add(&self.counts.keys_read, keys.len());
        Counts::add(&self.counts.bytes_read, found.iter().flatten().map(Bytes::len).sum());
        Ok(found)
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let page = self.below.scan(request).await?;
        Counts::add(&self.counts.reads, 1);
        Counts::add(&self.counts.scans, 1);
        Counts::add(&self.counts.bytes_read, page.byte_size());
        Ok(page)
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        let pages = self.below.scan_many(requests).await?;
        Counts::add(&self.counts.reads, 1);
        Counts::add(&self.counts.scans, requests.len());
        Counts::add(&self.counts.bytes_read, pages.iter().map(Page::byte_size).sum());
        Ok(pages)
    }
}

#[async_trait]
impl<T: Backend + ?Sized> Backend for Counting<T> {
    fn capabilities(&self) -> &Capabilities {
        self.below.capabilities()
    }

    fn revision(&self) -> Option<u64> {
        self.below.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        Counts::add(&self.counts.batches, 1);
        Counts::add(&self.counts.operations, batch.ops().len());
        Counts::add(&self.counts.bytes_written, batch.byte_size());
        self.below.apply(batch).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Counts::add(&self.counts.reads, 1);
        let below: Arc<dyn ReadView> = Arc::from(self.below.snapshot().await?);
        Ok(Box::new(Counting { counts: Arc::clone(&self.counts), below }))
    }

    async fn flush(&self) -> Result<()> {
        Counts::add(&self.counts.flushes, 1);
        self.below.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.below.close().await
    }

    async fn stats(&self) -> Result<Stats> {
        self.below.stats().await
    }
}
