//! The calls: short reads where they are made, everything else on a thread that may block.
//!
//! sled blocks: on its own locks, and on the medium when it flushes. So a batch goes to a thread of its own, where it goes
//! on to its end when the caller has gone; a read that is long, or that would have to wait for a batch, is an owned task.

use std::sync::Arc;

use codestrata_core::backend::check_key_count;
use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Durability, Error, ErrorKind, Key, Page, ReadView, Result,
    ScanRequest, Stats, async_trait, unsupported,
};

use crate::config::SledConfig;
use crate::error;
use crate::store::Store;
use crate::writing::WritingThread;

// So much is read where the call is made; some tens of microseconds when sled has the pages.
const INLINE_ITEMS: usize = 256;
const INLINE_KEYS: usize = 32;
const INLINE_BYTES: usize = 64 * 1024;

/// A store in the folder of a sled database.
pub struct SledBackend {
    store: Arc<Store>,
    writing: WritingThread,
}

impl SledBackend {
    /// Opens a store.
    ///
    /// # Errors
    /// `NotFound`, `Locked`, `Corruption`, and `InvalidConfig` for a path that cannot be a store.
    pub async fn open(config: SledConfig) -> Result<Self> {
        let (store, writing) = run_blocking(move || {
            let writing = WritingThread::start(&config.path)?;
            Ok((Store::open(&config)?, writing))
        })
        .await?;
        Ok(Self { store: Arc::new(store), writing })
    }

    /// A closed or poisoned store says so before anything else.
    fn check_open(&self) -> Result<()> {
        // Where it is just closing, the call itself finds out.
        self.store.check_open().unwrap_or(Ok(()))
    }
}

#[async_trait]
impl ReadView for SledBackend {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.check_open()?;
        check_key_count(keys.len())?;
        if keys.len() <= INLINE_KEYS
            && let Some(values) = self.store.try_read(|entries| entries.get_many(keys, INLINE_BYTES))
            && let Some(values) = values?
        {
            return Ok(values);
        }
        let (store, keys) = (Arc::clone(&self.store), keys.to_vec());
        run_blocking(move || {
            store.read(|entries| entries.get_many(&keys, MAX_GET_BYTES))?.ok_or_else(|| {
                let message = format!(
                    "the {} keys of one get_many have over {MAX_GET_BYTES} bytes of values",
                    keys.len()
                );
                Error::new(ErrorKind::TooLarge, message).with_help("ask for fewer keys at a time")
            })
        })
        .await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        // Most scans are short, whatever they ask for: a node's edges, a file's symbols.
        let probe = request
            .clone()
            .max_items(request.item_limit().min(INLINE_ITEMS))
            .max_bytes(request.byte_limit().min(INLINE_BYTES));
        if let Some(page) = self.store.try_read(|entries| entries.page(&probe)) {
            let page = page?;
            if page.next().is_none() || probe == *request {
                return Ok(page);
            }
        }
        let (store, request) = (Arc::clone(&self.store), request.clone());
        run_blocking(move || store.read(|entries| entries.page(&request))).await
    }
}

#[async_trait]
impl Backend for SledBackend {
    fn capabilities(&self) -> &Capabilities {
        &crate::CAPABILITIES
    }

    fn revision(&self) -> Option<u64> {
        self.store.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.check_open()?;
        if self.store.is_read_only() {
            return Err(error::read_only(self.store.path()));
        }
        batch.check(&crate::CAPABILITIES)?;
        // The strongest that there is, though it is not synced.
        let flush = batch.requested_durability() != Durability::Buffered;
        let head = self.store.writer().lock_owned().await;
        let store = Arc::clone(&self.store);
        self.writing.run(move || store.apply(batch, head, flush)).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        self.check_open()?;
        Err(unsupported("snapshots"))
    }

    async fn flush(&self) -> Result<()> {
        self.check_open()?;
        let head = self.store.writer().lock_owned().await;
        let store = Arc::clone(&self.store);
        run_blocking(move || store.flush(&head)).await
    }

    async fn close(&self) -> Result<()> {
        let store = Arc::clone(&self.store);
        run_blocking(move || store.close()).await
    }

    async fn stats(&self) -> Result<Stats> {
        let store = Arc::clone(&self.store);
        let (keys, bytes) = run_blocking(move || store.figures()).await?;
        let mut stats = Stats::default();
        stats.keys = Some(keys);
        stats.disk_bytes = Some(bytes);
        Ok(stats)
    }

    async fn verify(&self) -> Result<()> {
        self.check_open()?;
        let head = self.store.writer().lock_owned().await;
        let store = Arc::clone(&self.store);
        run_blocking(move || store.verify(&head)).await
    }
}

impl Drop for SledBackend {
    /// Waits until the files are let go of, so that the store can be opened again at once, even if a task that was left
    /// behind still has it. Closing first, from async code, keeps this short.
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = self.store.close();
    }
}

/// Runs work on a thread that may block, or right here where there is no runtime to give one.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return work() };
    runtime.spawn_blocking(work).await.unwrap_or_else(|error| {
        let kind = if error.is_panic() { ErrorKind::Internal } else { ErrorKind::Unavailable };
        Err(Error::new(kind, "the work was not finished").with_source(error))
    })
}
