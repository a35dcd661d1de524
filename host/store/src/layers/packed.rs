//! A backend whose larger values are compressed: everything above sees them as they were put.
//!
//! It is for the records of this crate, which say by themselves what they are and how they were compressed; other values
//! go through as they are. It stands over every backend of a [`StorageManager`](crate::StorageManager), also where nothing
//! is to be compressed, because what was stored under another configuration stays readable. Values that the store compares
//! in preconditions are never compressed.
//!
//! ```
//! use std::sync::Arc;
//! use codestrata::{Compression, GraphStorage, StorageConfig, StorageManager, layers::Packed};
//! use codestrata_backend_memory::backend::MemoryBackend;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! // Only to look at the store from outside: a `StorageManager` puts the layer on by itself.
//! let store = Packed::new(Arc::new(MemoryBackend::new()), Compression::Lz4);
//! let storage = StorageManager::from_backends(StorageConfig::in_memory(), Arc::new(store))?;
//! assert!(!storage.graph().graph_exists("owner/name").await?);
//! # Ok(()) }
//! ```

use std::sync::Arc;

use codestrata_config::Compression;
use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, Op, Page, PageBuilder, ReadView, Result,
    ScanRequest, Stats, async_trait,
};

use crate::blocking::blocking;
use crate::codec::{is_packed, pack, unpack};

/// More than this is compressed and decompressed where it holds up nobody, in bytes.
const LONG_BYTES: usize = 128 * 1024;

/// A backend, or a snapshot of one, whose larger values are compressed.
pub struct Packed<T: ReadView + ?Sized = dyn Backend> {
    inner: Arc<T>,
    compression: Compression,
}

impl Packed {
    /// What is put from now on is compressed so. What is read was compressed in any way or none.
    #[must_use]
    pub fn new(inner: Arc<dyn Backend>, compression: Compression) -> Self {
        Self { inner, compression }
    }
}

#[async_trait]
impl<T: ReadView + ?Sized> ReadView for Packed<T> {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        unpack_values(self.inner.get_many(keys).await?).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        unpack_page(request, self.inner.scan(request).await?).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        unpack_pages(requests, self.inner.scan_many(requests).await?).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        unpack_value(self.inner.get(key).await?).await
    }
}

#[async_trait]
impl Backend for Packed {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn revision(&self) -> Option<u64> {
        self.inner.revision()
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        let compression = self.compression;
        if compression == Compression::None {
            return self.inner.apply(batch).await;
        }
        let packed = if batch.byte_size() > LONG_BYTES {
            blocking(move || pack_batch(batch, compression)).await?
        } else {
            pack_batch(batch, compression)
        };
        self.inner.apply(packed).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        let view: Packed<dyn ReadView> =
            Packed { inner: Arc::from(self.inner.snapshot().await?), compression: self.compression };
        Ok(Box::new(view))
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
        self.inner.compact().await
    }

    async fn verify(&self) -> Result<()> {
        self.inner.verify().await
    }
}

fn pack_batch(batch: Batch, compression: Compression) -> Batch {
    let durability = batch.requested_durability();
    let (preconditions, ops) = batch.into_parts();
    let mut packed = Batch::new().durability(durability);
    for precondition in preconditions {
        packed.add_precondition(precondition);
    }
    for op in ops {
        packed.add(match op {
            Op::Put(key, value) => {
                let value = pack(&value, compression).unwrap_or(value);
                Op::Put(key, value)
            }
            other => other,
        });
    }
    packed
}

/// One value: the usual one is not packed, and costs nothing more.
async fn unpack_value(value: Option<Bytes>) -> Result<Option<Bytes>> {
    match value {
        Some(value) if value.len() > LONG_BYTES / 3 && is_packed(&value) => {
            blocking(move || unpack(value)).await?.map(Some)
        }
        value => value.map(unpack).transpose(),
    }
}

async fn unpack_values(values: Vec<Option<Bytes>>) -> Result<Vec<Option<Bytes>>> {
    let packed = values.iter().flatten().filter(|value| is_packed(value)).map(Bytes::len);
    match packed.sum::<usize>() {
        0 => Ok(values),
        // It grows about threefold.
        bytes if bytes > LONG_BYTES / 3 => blocking(move || unpack_all(values)).await?,
        _ => unpack_all(values),
    }
}

/// The values as they were put.
///
/// # Errors
/// `TooLarge` where they have more bytes than one call may answer with.
fn unpack_all(values: Vec<Option<Bytes>>) -> Result<Vec<Option<Bytes>>> {
    let mut bytes = 0;
    let mut unpacked = Vec::with_capacity(values.len());
    for value in values {
        let value = value.map(unpack).transpose()?;
        bytes += value.as_ref().map_or(0, Bytes::len);
        if bytes > MAX_GET_BYTES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("the values of one get_many are over the limit of {MAX_GET_BYTES} bytes"),
            )
            .with_help("split the call into several"));
        }
        unpacked.push(value);
    }
    Ok(unpacked)
}

async fn unpack_pages(requests: &[ScanRequest], pages: Vec<Page>) -> Result<Vec<Page>> {
    let mut unpacked = Vec::with_capacity(pages.len());
    for (request, page) in requests.iter().zip(pages) {
        unpacked.push(unpack_page(request, page).await?);
    }
    Ok(unpacked)
}

async fn unpack_page(request: &ScanRequest, page: Page) -> Result<Page> {
    if !page.iter().any(|(_, value)| is_packed(value)) {
        return Ok(page);
    }
    let request = request.clone();
    blocking(move || rebuild(&request, &page)).await?
}

/// The same items with their values as they were put; fewer, if they would be over the request's limit.
fn rebuild(request: &ScanRequest, page: &Page) -> Result<Page> {
    let mut builder = PageBuilder::new(request);
    let mut is_full = false;
    for (key, value) in page.iter_shared() {
        if !builder.push(&key, &unpack(value)?) {
            is_full = true;
            break;
        }
    }
    if !is_full && page.next().is_some() {
        builder.more();
    }
    Ok(builder.finish())
}
