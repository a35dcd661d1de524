//! A backend of codestrata on SQLite: one file, which several processes may read and write at once.
//!
//! It stands for what anyone can add from outside: it depends on `codestrata-core` alone, and names itself with one
//! constant, [`DESCRIPTOR`].
//!
//! A batch is one transaction, begun with `BEGIN IMMEDIATE`, in a database in WAL mode. A batch that is to be synced
//! is committed with `synchronous = FULL`, which syncs the log before it is acknowledged; a buffered one with
//! `NORMAL`, which leaves that to the system: such a batch survives the death of the process, and not a loss of power.
//! A snapshot is a read transaction on a connection of its own.
//!
//! It is not for network file systems: the processes that use a store share memory. It runs on Unix. To read a store,
//! SQLite makes two files beside it, so a reader has to be able to write to the folder.
//!
//! To read it: [`config`] has its options and [`backend`] the store; `commit` is the thread that writes, `write`
//! carries out a batch, `pool` has the connections that read, `read` and `snapshot` answer the reads, `connection` has the tables
//! and opens a connection, `file` makes and looks at the file, and `error` turns SQLite's errors into the seam's.
//!
//! ```
//! use codestrata_core::{Batch, Key, OpenRequest, Options};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("graph.sqlite").display().to_string();
//! let options = Options::new().with("path", path).with("busy_timeout", "10s");
//! let store = codestrata_backend_sqlite::DESCRIPTOR.open(OpenRequest::new(options)).await?;
//! let key = Key::new("greeting")?;
//! store.apply(Batch::new().put(key.clone(), "hello")).await?;
//! assert_eq!(store.get(&key).await?.as_deref(), Some(b"hello".as_slice()));
//! store.close().await?;
//! # Ok(()) }
//! ```

pub mod backend;
pub mod config;

mod commit;
mod connection;
mod error;
mod file;
mod pool;
mod read;
mod snapshot;
mod write;

use std::sync::Arc;

use codestrata_core::{Backend, BackendDescriptor, Capabilities, DamageDetection, OpenFuture, OpenRequest};

use crate::backend::SqliteBackend;
use crate::config::SqliteConfig;

/// The backend `sqlite`.
pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("sqlite", open)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary("SQLite: a B-tree in one file, for several processes")
    .capabilities(
        Capabilities::minimal()
            .with_persistent()
            .with_synced()
            .with_readers_beside_writer()
            .with_several_writers()
            .with_damage_detection(DamageDetection::OnVerify)
            .with_snapshots(Some(config::DEFAULT_SNAPSHOT_MAX_AGE)),
    )
    .options(config::OPTIONS);

codestrata_core::register_backend!(DESCRIPTOR);

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let store: Arc<dyn Backend> =
            Arc::new(SqliteBackend::open(SqliteConfig::from_request(&request)?).await?);
        Ok(store)
    })
}
