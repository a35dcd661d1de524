//! Whatever bytes lie in a store, an answer is right or says that the store is damaged. Nothing panics.
//!
//! The values below the store are flipped, cut, swapped and lengthened, one at a time.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::sync::Arc;

use codestrata::query::{Direction, Traversal};
use codestrata::{ErrorKind, GraphStorage, StorageConfig, StorageManager, jsonl};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Key};
use support::{all_keys, export, file};

async fn filled(backend: &Arc<dyn Backend>) -> StorageManager {
    let storage = StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(backend)).unwrap();
    for file in [
        file("a.py", &[("f", &["b.g", "b.g"]), ("e", &[])]),
        file("b.py", &[("g", &["a.f"])]),
        file("c.py", &[("h", &["b.g", "a.e"])]),
    ] {
        storage.graph().replace_file("r", file).await.unwrap();
    }
    storage.graph().annotate("r", "a.py::f", "x", &[("k".to_owned(), 1.into())].into()).await.unwrap();
    storage
}

fn damages(value: &[u8], other: &[u8]) -> Vec<Vec<u8>> {
    let mut damages = vec![Vec::new(), other.to_vec(), [value, b"\0"].concat(), vec![0xFF; value.len() + 40]];
    for place in 0..value.len() {
        let mut flipped = value.to_vec();
        for byte in flipped.iter_mut().skip(place).take(1) {
            *byte ^= 1 << (place % 8);
        }
        damages.push(flipped);
        damages.push(value.iter().copied().take(place).collect());
    }
    damages
}

#[tokio::test]
async fn every_damaged_value_is_reported_or_does_no_harm() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let whole = export(&filled(&backend).await, "r").await;
    let keys = all_keys(backend.as_ref()).await;
    assert!(keys.len() > 15);
    let mut reported = 0;
    for (number, key) in keys.iter().enumerate() {
        let key = Key::new(key.clone()).unwrap();
        let value = backend.get(&key).await.unwrap().unwrap();
        let other = Key::new(keys.get((number + 1) % keys.len()).unwrap().clone()).unwrap();
        let other = backend.get(&other).await.unwrap().unwrap();
        for damaged in damages(&value, &other) {
            if damaged == value {
                continue;
            }
            backend.apply(Batch::new().put(key.clone(), damaged)).await.unwrap();
            // A store that has nothing cached.
            let storage =
                StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(&backend)).unwrap();
            let mut bytes = Vec::new();
            match jsonl::export_graph(storage.graph(), "r", &mut bytes).await {
                Ok(_) => assert_eq!(String::from_utf8(bytes).unwrap(), whole, "other data for {key:?}"),
                Err(error) => {
                    let kinds = [ErrorKind::Corruption, ErrorKind::Unsupported];
                    assert!(kinds.contains(&error.kind()), "{error:?}");
                    reported += 1;
                }
            }
            // Questions may miss what a damaged index no longer leads to; they must not panic.
            let query = storage.query("r");
            let _ = query.resolve("f").await.map(|answer| answer.results.len());
            let _ = query.callers("b.py::g", 10).await.map(|answer| answer.results.len());
            let _ = query
                .impact("b.py::g", &Traversal::default().direction(Direction::Incoming), 10)
                .await
                .map(|answer| answer.results.len());
            let _ = storage.graph().list_repositories().await.map(|ids| ids.len());
        }
        backend.apply(Batch::new().put(key, value)).await.unwrap();
    }
    assert!(reported > 500, "only {reported} damages were noticed");
    let storage = StorageManager::from_backends(StorageConfig::in_memory(), backend).unwrap();
    assert_eq!(export(&storage, "r").await, whole);
}
