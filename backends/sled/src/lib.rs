//! The sled backend: an embedded log-structured tree in a folder, for one process at a time.
//!
//! sled 0.34 promises less than the seam asks of a durable engine, so this backend claims less and adds what it can:
//!
//! - **It does not claim `Synced`.** sled's flush hands the log to the medium with `sync_file_range`, which says nothing
//!   of the medium's own cache, and does not sync large values at all. `strongest` flushes each batch, which
//!   survives `kill -9`; a loss of power may take a suffix of batches, or leave a store that is `Corruption`.
//! - **It looks for what sled does not notice.** sled drops the damaged parts of its log when it opens it, without an
//!   error. So this backend keeps a checksum with each value and a count and digest of all entries, and a seal
//!   over all files of a store that was closed. An opening compares the seal with the files; without a seal,
//!   after a crash, it reads every entry and compares the digest. What it cannot notice is a loss at the end of the log
//!   of a store that crashed: that looks like batches which were never flushed.
//! - **No snapshots**, no readers beside a writer, and reading changes the files too: sled recovers a store by
//!   writing to it. A store that is opened to read only refuses batches, but it must be able to write to its folder.
//! - **A full medium is `Poisoned`**: sled cannot go on after a failed write. What was acknowledged is there when it is
//!   opened again, by another process if sled does not end in this one.
//!
//! - **Memory.** A batch takes some twenty times its bytes while it is applied, because sled copies whole nodes of its
//!   tree and frees none of them before the batch ends; beyond its page cache sled keeps an entry of memory for every
//!   page. A process that copied a graph of 139 MB into a store took 310 MB at most, and one that copied six of them 350.
//!
//! It runs on Unix.
//!
//! To read it: [`config`] has its options and [`backend`] the calls; `store` is the open store, `commit` carries
//! out a batch, `read` answers the reads, `record` is what is stored under a key, `folder` opens and makes the
//! folder, `seal` is the seal over its files, `writing` is the thread that batches go in on, and `error` turns sled's errors into the seam's.
//!
//! ```
//! use codestrata_core::{Batch, Key, OpenRequest, Options};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("graph.sled").display().to_string();
//! let options = Options::new().with("path", path).with("cache", "64MiB");
//! let store = codestrata_backend_sled::DESCRIPTOR.open(OpenRequest::new(options)).await?;
//! let key = Key::new("greeting")?;
//! store.apply(Batch::new().put(key.clone(), "hello")).await?;
//! assert_eq!(store.get(&key).await?.as_deref(), Some(b"hello".as_slice()));
//! store.close().await?;
//! # Ok(()) }
//! ```

pub mod backend;
pub mod config;

mod commit;
mod error;
mod folder;
mod read;
mod record;
mod seal;
mod store;
mod writing;

use std::sync::Arc;

use codestrata_core::{Backend, BackendDescriptor, Capabilities, DamageDetection, OpenFuture, OpenRequest};

use crate::backend::SledBackend;
use crate::config::SledConfig;

/// The backend `sled`.
pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("sled", open)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary(
        "sled: an embedded log-structured tree in a folder; weaker than the others, see its documentation",
    )
    .capabilities(CAPABILITIES)
    .options(config::OPTIONS);

/// Kept, and each page of one state; not synced, no snapshots, one process at a time.
pub const CAPABILITIES: Capabilities = Capabilities::minimal()
    .with_persistent()
    .with_consistent_pages()
    .with_damage_detection(DamageDetection::OnRead);

codestrata_core::register_backend!(DESCRIPTOR);

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let store: Arc<dyn Backend> = Arc::new(SledBackend::open(SledConfig::from_request(&request)?).await?);
        Ok(store)
    })
}
