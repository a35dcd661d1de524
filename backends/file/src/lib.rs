//! The file backend: an append-only log in one folder, with an index of its keys in memory.
//!
//! Every commit is one checksummed frame at the end of the newest log file. Opening a store reads its log from the
//! first frame to the last; from then on an ordered map in memory knows where the value of each key lies, and
//! values are read from the files when they are asked for. Values that were overwritten or deleted stay in the
//! files until a compaction has copied the others to the end of the log.
//!
//! It is the engine whose files can be understood with a hex editor and `docs/format.md`, and that checks every
//! byte it reads. It is not for more keys than fit into memory (60 to 95 bytes each beside the key itself, as
//! measured; `stats` says how much), not for network file systems, and not for readers beside a writer: a process that writes has
//! the store to itself, or any number of processes read it. It runs on Unix.
//!
//! To read it: [`config`] has its options and [`backend`] the store. `format`, `frame` and `replay` are the bytes:
//! the heads of files, a commit, and a whole log file. `log` appends to the files and changes them, `commit` is the
//! thread that does so, `compact` what it does when there is time, `recover` what happens when a store is opened.
//! `index` has the keys, `view` and `snapshot` answer the reads. [`medium`] is the little that is asked of a file
//! system, as a trait, and `folder` the real one.
//!
//! ```
//! use codestrata_core::{Batch, Key, OpenRequest, Options};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("graph").display().to_string();
//! let options = Options::new().with("path", path).with("log_file_size", "16MiB");
//! let store = codestrata_backend_file::DESCRIPTOR.open(OpenRequest::new(options)).await?;
//! let key = Key::new("greeting")?;
//! store.apply(Batch::new().put(key.clone(), "hello")).await?;
//! assert_eq!(store.get(&key).await?.as_deref(), Some(b"hello".as_slice()));
//! store.close().await?;
//! # Ok(()) }
//! ```

pub mod backend;
pub mod config;
pub mod medium;

mod commit;
mod compact;
mod error;
mod folder;
mod format;
mod frame;
mod index;
mod log;
mod recover;
mod replay;
mod snapshot;
mod view;

use std::sync::Arc;

use codestrata_core::{Backend, BackendDescriptor, Capabilities, DamageDetection, OpenFuture, OpenRequest};

use crate::backend::FileBackend;
use crate::config::FileConfig;

/// The backend `file`.
pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("file", open)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary("An append-only log in a folder, its index in memory")
    .capabilities(
        Capabilities::minimal()
            .with_persistent()
            .with_synced()
            .with_snapshots(Some(config::DEFAULT_SNAPSHOT_MAX_AGE))
            .with_read_only_media()
            .with_damage_detection(DamageDetection::OnRead),
    )
    .options(config::OPTIONS);

codestrata_core::register_backend!(DESCRIPTOR);

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let store: Arc<dyn Backend> = Arc::new(FileBackend::open(FileConfig::from_request(&request)?).await?);
        Ok(store)
    })
}
