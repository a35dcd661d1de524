//! An answer is of one version, even from an engine without snapshots that is written to meanwhile.

mod support;

use std::sync::Arc;

use codestrata::{ErrorKind, FileChanges, GraphStorage, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::Backend;
use support::{Fault, Faulty, file};

/// Every version has as many files as functions named after it, so a mixed answer shows.
fn tree(version: usize) -> FileChanges {
    let name = format!("v{version}");
    let count = if version.is_multiple_of(2) { 5 } else { 90 };
    let replaced = (0..count).map(|n| file(&format!("f{n}.py"), &[(&name, &[])])).collect();
    FileChanges { replaced, replace_all: true, ..FileChanges::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graph_that_is_read_while_it_is_written_is_of_one_version() {
    for has_snapshots in [true, false] {
        let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        let mut shown = Faulty::new(Arc::clone(&below), usize::MAX, Fault::LoseCommit);
        if !has_snapshots {
            shown = shown.without_snapshots();
        }
        let reader = StorageManager::from_backends(StorageConfig::in_memory(), Arc::new(shown)).unwrap();
        let writer = StorageManager::from_backends(StorageConfig::in_memory(), below).unwrap();
        writer.graph().update_files("r", tree(0)).await.unwrap();
        let writing = tokio::spawn(async move {
            for version in 1..30 {
                writer.graph().update_files("r", tree(version)).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut read = 0;
        while !writing.is_finished() {
            match reader.graph().load_graph("r").await {
                Ok(graph) => {
                    let graph = graph.unwrap();
                    let name = format!("v{}", graph.metadata.version - 1);
                    assert!(graph.nodes.iter().all(|node| node.name == name), "nodes of several versions");
                    assert_eq!(graph.nodes.len() as u64, graph.metadata.totals.nodes);
                    read += 1;
                }
                Err(error) => {
                    assert!(!has_snapshots, "a snapshot does not move: {error}");
                    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
                }
            }
            tokio::task::yield_now().await;
        }
        writing.await.unwrap();
        assert!(read > 0 || !has_snapshots);
        assert_eq!(reader.graph().load_graph("r").await.unwrap().unwrap().metadata.version, 30);
    }
}
