//! The codestrata backend `{{name}}`.
//!
//! This is a whole backend that passes the conformance suite. What is stored lies in an ordered
//! map, and is gone with the process: put your engine in the place of the map, and claim what it
//! can do. In this order:
//!
//! 1. `engine.rs` is the map. Everything that knows how things are stored is there.
//! 2. `config.rs` has the options, and in which modes a store can be opened.
//! 3. [`CAPABILITIES`] below says what the engine can do. The suite tries each that is claimed, and
//!    each that is not.
//! 4. `backend.rs` is the way from async calls to the engine. Much of it can stay.
//!
//! `cargo test` runs the suite after each step. The contract is in the documentation of
//! `codestrata_core::backend`.

mod backend;
mod config;
mod engine;

use std::sync::Arc;

use codestrata_core::{Backend, BackendDescriptor, Capabilities, OpenFuture, OpenRequest};

use crate::backend::Store;
use crate::config::Config;

/// The name by which a configuration selects this backend.
pub const NAME: &str = "{{name}}";

/// What its stores can do.
///
/// Snapshots come with a map that is never changed in place. Claim what your engine has:
/// `with_persistent()`, `with_synced()`, `with_readers_beside_writer()` and so on. What it has not
/// stays unclaimed: that is no fault.
pub const CAPABILITIES: Capabilities = Capabilities::minimal().with_snapshots(None);

/// What the host knows of this backend before it opens a store.
pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new(NAME, open)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary("An ordered map in memory, gone with the process")
    .capabilities(CAPABILITIES)
    .options(config::OPTIONS);

// Makes the backend known to every program that is built with this crate.
codestrata_core::register_backend!(DESCRIPTOR);

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let config = Config::from_request(&request)?;
        let store: Arc<dyn Backend> = Arc::new(Store::open(&config)?);
        Ok(store)
    })
}
