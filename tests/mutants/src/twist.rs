//! A backend around another, which does one thing wrong on the way.

use std::sync::Arc;

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Key, Page, ReadView, Result, ScanRequest, Stats, async_trait,
};

use crate::fault::Fault;

/// What is done wrong. Every method has the right thing for its default, so that a twist has only what is wrong.
#[async_trait]
pub(crate) trait Twist: Send + Sync {
    fn capabilities<'a>(&'a self, store: &'a Arc<dyn Backend>) -> &'a Capabilities {
        store.capabilities()
    }

    async fn get(&self, view: &dyn ReadView, key: &Key) -> Result<Option<Bytes>> {
        // By way of the twisted get_many, as the seam's own default.
        let values = self.get_many(view, std::slice::from_ref(key)).await?;
        Ok(values.into_iter().next().flatten())
    }

    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        view.get_many(keys).await
    }

    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        view.scan(request).await
    }

    async fn scan_many(&self, view: &dyn ReadView, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        codestrata_core::backend::check_scan_count(requests.len())?;
        let mut pages = Vec::with_capacity(requests.len());
        for request in requests {
            pages.push(self.scan(view, request).await?);
        }
        Ok(pages)
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        store.apply(batch).await
    }

    fn revision(&self, store: &Arc<dyn Backend>) -> Option<u64> {
        store.revision()
    }

    async fn snapshot(&self, store: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
        store.snapshot().await
    }

    async fn flush(&self, store: &Arc<dyn Backend>) -> Result<()> {
        store.flush().await
    }

    async fn close(&self, store: &Arc<dyn Backend>) -> Result<()> {
        store.close().await
    }

    async fn stats(&self, store: &Arc<dyn Backend>) -> Result<Stats> {
        store.stats().await
    }

    async fn compact(&self, store: &Arc<dyn Backend>) -> Result<()> {
        store.compact().await
    }

    async fn verify(&self, store: &Arc<dyn Backend>) -> Result<()> {
        store.verify().await
    }
}

/// Makes a twist that does what its fault says.
pub(crate) type MakeTwist = fn(Fault) -> Arc<dyn Twist>;

/// Where a twist does what is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// In the store itself; its snapshots are right.
    Store,
    /// In the snapshots; the store itself is right.
    Snapshots,
}

/// The store with the twist.
pub(crate) struct Twisted {
    store: Arc<dyn Backend>,
    twist: Arc<dyn Twist>,
    reach: Reach,
}

impl Twisted {
    pub(crate) fn new(store: Arc<dyn Backend>, twist: Arc<dyn Twist>, reach: Reach) -> Self {
        Self { store, twist, reach }
    }
}

// A twist whose reach is the snapshots leaves the calls of the store alone; none is named twice for it.
macro_rules! forward {
    ($self:ident.$call:ident($($argument:ident),*)) => {
        match $self.reach {
            Reach::Store => $self.twist.$call(&$self.store, $($argument),*).await,
            Reach::Snapshots => $self.store.$call($($argument),*).await,
        }
    };
    (view $self:ident.$call:ident($($argument:ident),*)) => {
        match $self.reach {
            Reach::Store => $self.twist.$call(&*$self.store, $($argument),*).await,
            Reach::Snapshots => $self.store.$call($($argument),*).await,
        }
    };
}

#[async_trait]
impl ReadView for Twisted {
    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        forward!(view self.get(key))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        forward!(view self.get_many(keys))
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        forward!(view self.scan(request))
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        forward!(view self.scan_many(requests))
    }
}

#[async_trait]
impl Backend for Twisted {
    fn capabilities(&self) -> &Capabilities {
        self.twist.capabilities(&self.store)
    }

    fn revision(&self) -> Option<u64> {
        self.twist.revision(&self.store)
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        forward!(self.apply(batch))
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        match self.reach {
            Reach::Store => self.twist.snapshot(&self.store).await,
            Reach::Snapshots => {
                let view = self.store.snapshot().await?;
                Ok(Box::new(TwistedView { view, twist: Arc::clone(&self.twist) }))
            }
        }
    }

    async fn flush(&self) -> Result<()> {
        forward!(self.flush())
    }

    async fn close(&self) -> Result<()> {
        forward!(self.close())
    }

    async fn stats(&self) -> Result<Stats> {
        forward!(self.stats())
    }

    async fn compact(&self) -> Result<()> {
        forward!(self.compact())
    }

    async fn verify(&self) -> Result<()> {
        forward!(self.verify())
    }
}

struct TwistedView {
    view: Box<dyn ReadView>,
    twist: Arc<dyn Twist>,
}

#[async_trait]
impl ReadView for TwistedView {
    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.twist.get(&*self.view, key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.twist.get_many(&*self.view, keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.twist.scan(&*self.view, request).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        self.twist.scan_many(&*self.view, requests).await
    }
}
