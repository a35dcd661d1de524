//! Every configuration that people copy opens a store that works.

mod support;

use codestrata::{Environment, GraphStorage, StorageConfig, StorageManager};
use codestrata_config::PRESETS;
use support::graph;

#[tokio::test]
async fn every_preset_opens_a_store() {
    assert!(PRESETS.len() >= 2);
    for (name, text) in PRESETS {
        let folder = tempfile::tempdir().unwrap();
        let config = StorageConfig::from_toml(text, name, folder.path(), Environment::Ignore).unwrap();
        let is_memory = config.storage().backend() == "memory";
        let storage = StorageManager::open(config).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        storage.graph().store_graph(&graph("r", &[("a.py", "f")], &[])).await.unwrap();
        assert_eq!(storage.graph().list_repositories().await.unwrap(), ["r"], "{name}");
        storage.close().await.unwrap();
        let wrote = std::fs::read_dir(folder.path()).unwrap().next().is_some();
        assert_eq!(wrote, !is_memory, "{name} keeps its store beside the file");
    }
}

/// Users stand in a mock of their own: the trait is object-safe, and a store is one of its objects.
#[tokio::test]
async fn graphs_are_used_through_an_object() {
    let storage = StorageManager::in_memory().unwrap();
    let graphs: &dyn GraphStorage = storage.graph();
    assert!(!graphs.graph_exists("r").await.unwrap());
}
