//! A damaged result is `Corruption`, never other data, and never a panic.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use codestrata::{
    AnalysisQuery, AnalysisResult, AnalysisStorage, ErrorKind, Graph, GraphStorage, Retention, StorageConfig,
    StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Key};
use serde_json::json;
use support::{all_keys, day};

async fn filled() -> (Arc<dyn Backend>, StorageManager) {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let storage = StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(&backend)).unwrap();
    storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    for (id, analysis_type) in [("one", "x"), ("two", "y")] {
        let result = AnalysisResult::new("r", analysis_type, json!({ "of": id }))
            .with_id(id)
            .with_timestamp(day(0))
            .with_metadata("by", "a test");
        storage.analysis().store_analysis(result).await.unwrap();
    }
    (backend, storage)
}

/// Everything that reads results, and what each says.
async fn read_all(storage: &StorageManager) -> Vec<Result<String, codestrata::Error>> {
    let analyses = storage.analysis();
    let mut answers = Vec::new();
    for id in ["one", "two"] {
        answers.push(analyses.load_analysis(id).await.map(|answer| format!("{answer:?}")));
    }
    for query in [AnalysisQuery::of("r"), AnalysisQuery::of("r").of_type("x")] {
        answers.push(analyses.list_analysis(&query).await.map(|answer| format!("{answer:?}")));
        answers.push(analyses.find_analysis(&query).await.map(|answer| format!("{answer:?}")));
    }
    answers
}

#[tokio::test]
async fn every_flipped_bit_is_corruption() {
    let (backend, storage) = filled().await;
    let sound: Vec<String> = read_all(&storage).await.into_iter().map(Result::unwrap).collect();
    let mut reported = 0;
    for key in all_keys(backend.as_ref()).await.into_iter().filter(|key| key[0] >= 0x30) {
        let key = Key::new(key).unwrap();
        let value = backend.get(&key).await.unwrap().unwrap();
        let mut was_reported = value.is_empty();
        for place in 0..value.len() {
            for bit in [1, 0x10, 0x80] {
                let mut damaged = value.to_vec();
                damaged[place] ^= bit;
                backend.apply(Batch::new().put(key.clone(), damaged)).await.unwrap();
                for (answer, sound) in read_all(&storage).await.into_iter().zip(&sound) {
                    match answer {
                        Ok(answer) => assert_eq!(&answer, sound, "{key:?} byte {place}"),
                        Err(error) => {
                            was_reported = true;
                            reported += 1;
                            let kind = error.kind();
                            assert!(
                                matches!(kind, ErrorKind::Corruption | ErrorKind::Unsupported),
                                "{key:?} byte {place}: {error}"
                            );
                        }
                    }
                }
            }
        }
        assert!(was_reported, "{key:?} can be damaged unnoticed");
        backend.apply(Batch::new().put(key, value)).await.unwrap();
    }
    assert!(reported > 100);
    assert_eq!(read_all(&storage).await.into_iter().map(Result::unwrap).collect::<Vec<_>>(), sound);
}

#[tokio::test]
async fn what_is_missing_or_of_another_is_corruption() {
    let (backend, storage) = filled().await;
    let keys = all_keys(backend.as_ref()).await;
    let of = |table: u8| -> Vec<Key> {
        keys.iter().filter(|key| key[0] == table).map(|key| Key::new(key.clone()).unwrap()).collect()
    };
    let load = || storage.analysis().load_analysis("one");
    let query = AnalysisQuery::of("r");

    // The parts of two results, and their records, change places.
    for table in [0x31, 0x34] {
        let [first, second] = of(table).try_into().unwrap();
        let values = backend.get_many(&[first.clone(), second.clone()]).await.unwrap();
        let [one, two] = <[_; 2]>::try_from(values).unwrap().map(Option::unwrap);
        let swapped = Batch::new().put(first.clone(), two.clone()).put(second.clone(), one.clone());
        backend.apply(swapped).await.unwrap();
        let error = load().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        assert!(error.to_string().contains("delete the repository's graph"), "{error}");
        backend.apply(Batch::new().put(first, one).put(second, two)).await.unwrap();
    }
    // A part is gone.
    let part = of(0x34).swap_remove(0);
    let value = backend.get(&part).await.unwrap().unwrap();
    backend.apply(Batch::new().delete(part.clone())).await.unwrap();
    assert_eq!(storage.analysis().find_analysis(&query).await.unwrap_err().kind(), ErrorKind::Corruption);
    backend.apply(Batch::new().put(part, value)).await.unwrap();
    // A record is gone that the lists name.
    backend.apply(Batch::new().delete(of(0x31).swap_remove(0))).await.unwrap();
    assert_eq!(storage.analysis().list_analysis(&query).await.unwrap_err().kind(), ErrorKind::Corruption);
    let cleaned = storage.analysis().cleanup_old_results(&Retention::by_count(0)).await;
    assert_eq!(cleaned.unwrap_err().kind(), ErrorKind::Corruption);
}

#[tokio::test]
async fn deleting_the_repository_mends_what_is_damaged() {
    let (backend, storage) = filled().await;
    let record = all_keys(backend.as_ref()).await.into_iter().find(|key| key[0] == 0x31).unwrap();
    backend.apply(Batch::new().put(Key::new(record).unwrap(), "x")).await.unwrap();
    assert_eq!(storage.analysis().load_analysis("one").await.unwrap_err().kind(), ErrorKind::Corruption);
    // What is sound can be stored beside it.
    storage.analysis().store_analysis(AnalysisResult::new("r", "x", json!(1))).await.unwrap();
    storage.graph().delete_graph("r").await.unwrap();
    storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    let result = AnalysisResult::new("r", "x", json!(2)).with_id("one");
    storage.analysis().store_analysis(result).await.unwrap();
    assert_eq!(storage.analysis().load_analysis("one").await.unwrap().unwrap().data, json!(2));
}
