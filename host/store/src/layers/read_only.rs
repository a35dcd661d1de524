//! A backend that takes no writes, whatever the one below would do.
//!
//! Every batch is refused with `ReadOnly`: an empty one, one of preconditions alone, and one that is wrong in another way
//! as well, because no batch can be mended so that it would be taken. So is `compact`. A store that is closed, or cannot
//! be reached, says so first, as every engine does. Reads, snapshots, `stats`, `verify`, `flush` and `close` go through.
//!
//! The capabilities stay those of the store: they say what its values and its snapshots are like. An engine that is
//! opened with [`OpenMode::ReadOnly`](crate::OpenMode::ReadOnly) refuses writes by itself, takes no lock against
//! writers where it need not, and makes no files; this layer gives one part of a program a handle that cannot write while
//! another part has one that can.
//!
//! ```
//! use std::sync::Arc;
//! use codestrata::ErrorKind;
//! use codestrata::layers::ReadOnly;
//! use codestrata_backend_memory::backend::MemoryBackend;
//! use codestrata_core::{Backend, Batch, Key, ReadView};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! let store: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
//! let reader = ReadOnly::new(Arc::clone(&store), "memory");
//! let batch = Batch::new().put(Key::new("k")?, "v");
//! assert_eq!(reader.apply(batch.clone()).await.unwrap_err().kind(), ErrorKind::ReadOnly);
//! store.apply(batch).await?;
//! assert!(reader.get(&Key::new("k")?).await?.is_some());
//! # Ok(()) }
//! ```

use std::sync::Arc;

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, Stats,
    async_trait,
};

/// A backend that takes no writes. A snapshot takes none anyway, and is that of the backend below.
pub struct ReadOnly {
    inner: Arc<dyn Backend>,
    name: Arc<str>,
}

impl ReadOnly {
    /// Refuses writes; the name stands in the errors.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>, name: impl Into<Arc<str>>) -> Self {
        Self { inner, name: name.into() }
    }

    async fn refuse<T>(&self, what: &str) -> Result<T> {
        // Whether the store is open at all: a question that reads nothing.
        self.inner.get_many(&[]).await?;
        let message = format!("{what} was refused: `{}` was opened for reading only", self.name);
        Err(Error::new(ErrorKind::ReadOnly, message).with_help("open the store to be written"))
    }
}

#[async_trait]
impl ReadView for ReadOnly {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.inner.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.inner.scan(request).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        self.inner.scan_many(requests).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        self.inner.get(key).await
    }
}

#[async_trait]
impl Backend for ReadOnly {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn revision(&self) -> Option<u64> {
        self.inner.revision()
    }

    async fn apply(&self, _: Batch) -> Result<()> {
        self.refuse("a batch").await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        self.inner.snapshot().await
    }

    async fn flush(&self) -> Result<()> {
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }

    async fn stats(&self) -> Result<Stats> {
        self.inner.stats().await
    }

    async fn compact(&self) -> Result<()> {
        self.refuse("a compaction").await
    }

    async fn verify(&self) -> Result<()> {
        self.inner.verify().await
    }
}
