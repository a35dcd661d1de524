//! The guard: what things cost, in counts that are the same on every machine, never in seconds. `bounds` has what they may
//! cost.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[expect(dead_code, reason = "some bounds are of the other programs")]
mod bounds;
mod edits;
mod opening;
mod project;
mod questions;
mod space;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use codestrata::{FileChanges, GraphStorage, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;

use support::counting::{Counting, Counts};

/// A store over a backend that may have one already, and what is asked of that.
fn opened(below: &Arc<MemoryBackend>, config: StorageConfig) -> (StorageManager, Arc<Counts>) {
    let (backend, counts) = Counting::over(Arc::clone(below));
    (StorageManager::from_backends(config, Arc::new(backend)).unwrap(), counts)
}

/// A store of a project of so many times the smallest.
async fn stored(times: usize, config: StorageConfig) -> (StorageManager, Arc<Counts>, Arc<MemoryBackend>) {
    let below = Arc::new(MemoryBackend::new());
    let (storage, counts) = opened(&below, config);
    let replaced = project::project(times);
    storage.graph().update_files("r", FileChanges { replaced, ..FileChanges::default() }).await.unwrap();
    counts.take();
    (storage, counts, below)
}
