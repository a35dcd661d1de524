//! Compression makes what is stored smaller and changes nothing else, whatever the store was configured with before.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::sync::Arc;

use codestrata::{AnalysisResult, AnalysisStorage, ErrorKind, GraphStorage, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_config::Compression;
use codestrata_core::{Backend, Batch, KeyRange, ReadView, ScanRequest};
use serde_json::json;
use support::{export, file, redb_config};

const ALL: [Compression; 3] = [Compression::None, Compression::Lz4, Compression::Zstd];

fn over(backend: &Arc<MemoryBackend>, compression: Compression) -> StorageManager {
    let config = StorageConfig::in_memory().compression(compression);
    StorageManager::from_backends(config, Arc::clone(backend) as Arc<dyn Backend>).unwrap()
}

/// Every key and value of a backend, as the engine has them.
async fn stored(backend: &MemoryBackend) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut request = ScanRequest::new(KeyRange::all());
    let mut items = Vec::new();
    loop {
        let page = backend.scan(&request).await.unwrap();
        items.extend(page.iter().map(|(key, value)| (key.to_vec(), value.to_vec())));
        match page.next() {
            Some(rest) => request = request.over(rest.clone()),
            None => return items,
        }
    }
}

async fn stored_bytes(backend: &MemoryBackend) -> usize {
    stored(backend).await.iter().map(|(key, value)| key.len() + value.len()).sum()
}

async fn fill(storage: &StorageManager, from: usize) {
    let names: Vec<String> = (0..200).map(|number| format!("a_function_with_a_long_name_{number}")).collect();
    let calls: Vec<&str> = vec!["lib1.a_function_with_a_long_name_7"; 5];
    let functions: Vec<(&str, &[&str])> =
        names.iter().map(|name| (name.as_str(), calls.as_slice())).collect();
    for number in from..from + 3 {
        storage.graph().replace_file("r", file(&format!("lib{number}.py"), &functions)).await.unwrap();
    }
    let data = json!({ "words": vec!["the same"; 100_000] });
    let result = AnalysisResult { id: format!("id{from}"), ..AnalysisResult::new("r", "words", data) };
    storage.analysis().store_analysis(result).await.unwrap();
}

#[tokio::test]
async fn the_same_is_read_from_fewer_bytes() {
    let mut exports = Vec::new();
    let mut sizes = Vec::new();
    for compression in ALL {
        let backend = Arc::new(MemoryBackend::new());
        fill(&over(&backend, compression), 1).await;
        // Read by another store, so that nothing comes from the cache.
        let reader = over(&backend, Compression::None);
        exports.push(export(&reader, "r").await);
        let result = reader.analysis().load_analysis("id1").await.unwrap().unwrap();
        assert_eq!(result.data["words"].as_array().unwrap().len(), 100_000);
        sizes.push(stored_bytes(&backend).await);
    }
    assert!(exports.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(sizes[1] < sizes[0] / 3 && sizes[2] < sizes[0] / 3, "{sizes:?}");
}

#[tokio::test]
async fn a_store_may_change_its_compression_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let plain = StorageManager::in_memory().unwrap();
    let order = [Compression::Zstd, Compression::None, Compression::Lz4, Compression::None];
    for (round, compression) in order.into_iter().enumerate() {
        let config = redb_config(folder.path()).compression(compression);
        let storage = StorageManager::open(config).await.unwrap();
        fill(&storage, round * 3).await;
        fill(&plain, round * 3).await;
        assert_eq!(export(&storage, "r").await, export(&plain, "r").await, "round {round}");
        storage.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_stored_under_another_compression_is_still_the_same_file() {
    let backend = Arc::new(MemoryBackend::new());
    fill(&over(&backend, Compression::Lz4), 1).await;
    let storage = over(&backend, Compression::Zstd);
    let prepared = storage.graph().list_files("r").await.unwrap();
    assert_eq!(prepared.len(), 3);
    let before = storage.query("r").totals().await.unwrap().0;
    let names: Vec<String> = (0..200).map(|number| format!("a_function_with_a_long_name_{number}")).collect();
    let calls: Vec<&str> = vec!["lib1.a_function_with_a_long_name_7"; 5];
    let functions: Vec<(&str, &[&str])> =
        names.iter().map(|name| (name.as_str(), calls.as_slice())).collect();
    let summary = storage.graph().replace_file("r", file("lib2.py", &functions)).await.unwrap();
    assert_eq!((summary.version, summary.unchanged), (before, 1));
}

#[tokio::test]
async fn damage_in_a_compressed_value_is_reported() {
    let backend = Arc::new(MemoryBackend::new());
    fill(&over(&backend, Compression::Zstd), 1).await;
    let mut seen = 0;
    for (key, value) in stored(&backend).await {
        // The byte behind the version says how the record is compressed.
        if value.get(4) != Some(&2) {
            continue;
        }
        seen += 1;
        let key = codestrata_core::Key::new(key).unwrap();
        let mut damaged = value.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        backend.apply(Batch::new().put(key.clone(), damaged)).await.unwrap();
        let reader = over(&backend, Compression::None);
        let graph = reader.graph().load_graph("r").await.map(|_| ());
        let result = reader.analysis().load_analysis("id1").await.map(|_| ());
        let mut history = Ok(());
        for version in 1..=3 {
            history = history.and(reader.graph().changes_of("r", version).await.map(|_| ()));
        }
        let errors: Vec<ErrorKind> =
            [graph, result, history].into_iter().filter_map(|read| Some(read.err()?.kind())).collect();
        // Buckets of the index are read by look-ups only.
        let index = reader.query("r").resolve("a_function_with_a_long_name_7").await.err().map(|e| e.kind());
        assert!(
            errors.iter().chain(&index).any(|kind| *kind == ErrorKind::Corruption)
                && errors.iter().chain(&index).all(|kind| *kind == ErrorKind::Corruption),
            "{key:?}: {errors:?} {index:?}"
        );
        backend.apply(Batch::new().put(key, value)).await.unwrap();
    }
    assert!(seen >= 5, "only {seen} values were compressed");
}
