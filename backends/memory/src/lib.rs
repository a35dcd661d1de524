//! The memory backend: a persistent map in the process, gone when the process ends.
//!
//! It is what tests, short-lived tools and `StorageManager::in_memory()` run on, and the smallest complete
//! example of a backend: [`config`] reads its options (there are none), [`backend`] is all the rest.
//!
//! It is not a cache and not durable. Every open makes a new, empty store, which nobody else can reach; so there
//! is never one to open with [`OpenMode::Existing`](codestrata_core::OpenMode) or to read only.
//!
//! ```
//! use codestrata_core::{Batch, Key, OpenRequest, Options};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> codestrata_core::Result<()> {
//! let store = codestrata_backend_memory::DESCRIPTOR.open(OpenRequest::new(Options::new())).await?;
//! let key = Key::new("greeting")?;
//! store.apply(Batch::new().put(key.clone(), "hello")).await?;
//! assert_eq!(store.get(&key).await?.as_deref(), Some(b"hello".as_slice()));
//! store.close().await?;
//! # Ok(()) }
//! ```

pub mod backend;
pub mod config;

use std::sync::Arc;

use codestrata_core::{Backend, BackendDescriptor, Capabilities, OpenFuture, OpenRequest};

use crate::backend::MemoryBackend;
use crate::config::MemoryConfig;

/// The backend `memory`.
pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("memory", open)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary("A persistent map in memory, gone with the process")
    .capabilities(CAPABILITIES)
    .options(config::OPTIONS);

/// Snapshots that never expire, and nothing that outlives the process.
pub const CAPABILITIES: Capabilities = Capabilities::minimal().with_snapshots(None);

codestrata_core::register_backend!(DESCRIPTOR);

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        MemoryConfig::from_request(&request)?;
        let store: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        Ok(store)
    })
}
