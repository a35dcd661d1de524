//! The redb backend: an embedded copy-on-write B-tree in one file, for one writing process and any number of
//! reading ones.
//!
//! Every batch is one redb transaction and is on the medium when it is acknowledged, whichever durability was
//! asked for: other processes read the file, and what they see must not be taken back by a crash. Batches that
//! arrive while one is being synced share the next sync.
//!
//! It is not a server, not for network file systems (it needs byte-range locks that work) and not for two
//! writing processes: the second is told `Locked`. It runs on Unix.
//!
//! To read it: [`config`] has its options and [`backend`] the store; `commit` is the thread that owns the
//! database, `write` carries out a batch, `read` and `snapshot` answer the reads. `opening` opens and makes a store.
//! Beneath redb, from there down: `watch` knows how far redb has got with a commit and flushes it once, with what `header`
//! knows of redb's header; [`checked`] has a checksum for each block, which `sums` holds; [`journal`] makes a small commit
//! one write; and `locks` hands locks on. [`medium`] is what is asked of a file system, as traits, and `file` and `system_file`
//! are the real one. `error` turns redb's errors into the seam's.
//!
//! ```
//! use codestrata_core::{Batch, Key, OpenRequest, Options};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("graph.redb").display().to_string();
//! let options = Options::new().with("path", path).with("cache", "64MiB");
//! let store = codestrata_backend_redb::DESCRIPTOR.open(OpenRequest::new(options)).await?;
//! let key = Key::new("greeting")?;
//! store.apply(Batch::new().put(key.clone(), "hello")).await?;
//! assert_eq!(store.get(&key).await?.as_deref(), Some(b"hello".as_slice()));
//! store.close().await?;
//! # Ok(()) }
//! ```

pub mod backend;
pub mod checked;
pub mod config;
pub mod journal;
pub mod medium;

mod commit;
mod error;
mod file;
mod header;
mod locks;
mod opening;
mod read;
mod snapshot;
mod sums;
mod system_file;
mod watch;
mod write;

use std::sync::Arc;

use codestrata_core::{Backend, BackendDescriptor, Capabilities, DamageDetection, OpenFuture, OpenRequest};

use crate::backend::RedbBackend;
use crate::config::RedbConfig;

/// The backend `redb`.
pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("redb", open)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary("redb: an embedded copy-on-write B-tree in one file")
    .capabilities(
        Capabilities::minimal()
            .with_persistent()
            .with_synced()
            .with_readers_beside_writer()
            .with_read_only_media()
            .with_damage_detection(DamageDetection::OnRead)
            .with_snapshots(Some(config::DEFAULT_SNAPSHOT_MAX_AGE)),
    )
    .options(config::OPTIONS);

codestrata_core::register_backend!(DESCRIPTOR);

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let store: Arc<dyn Backend> = Arc::new(RedbBackend::open(RedbConfig::from_request(&request)?).await?);
        Ok(store)
    })
}
