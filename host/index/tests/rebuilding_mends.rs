//! Reading everything again also mends what was damaged in the store.

use std::sync::Arc;

use codestrata::{ErrorKind, GraphStorage, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Key, KeyRange, ScanRequest};
use codestrata_index::{IndexOptions, Unobserved, index_repository};

#[tokio::test]
async fn a_damaged_segment_is_written_again() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.py"), "def f(): pass\ndef g(): f()\n").expect("a file");
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let open = || StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(&backend));
    let mut options = IndexOptions::new("r", folder.path());
    let storage = open().expect("a store");
    index_repository(storage.graph(), &options, &Unobserved).await.expect("indexed");
    let whole = storage.graph().load_graph("r").await.expect("loaded");

    // Segments have keys that begin with 0x10, link records lie under 0x20.
    for prefix in [0x10, 0x20] {
        let request = ScanRequest::new(KeyRange::prefix(vec![prefix]));
        for (key, value) in backend.scan(&request).await.expect("read").iter() {
            let mut damaged = value.to_vec();
            damaged.truncate(value.len() / 2);
            let key = Key::new(key.to_vec()).expect("a key");
            backend.apply(Batch::new().put(key, damaged)).await.expect("damaged");
        }
        let storage = open().expect("a store");
        let error = storage.graph().load_graph("r").await.expect_err("it is damaged");
        assert_eq!(error.kind(), ErrorKind::Corruption);
        assert!(error.to_string().contains("--rebuild"), "{error}");
        options.read_all = true;
        index_repository(storage.graph(), &options, &Unobserved).await.expect("indexed");
        let mended = open().expect("a store").graph().load_graph("r").await.expect("loaded");
        let parts =
            |graph: &Option<codestrata::Graph>| graph.as_ref().map(|g| (g.nodes.clone(), g.edges.clone()));
        assert_eq!(parts(&mended), parts(&whole));
    }
}
