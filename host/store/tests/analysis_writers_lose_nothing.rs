//! Several writers of results follow each other; none is lost, in one process or between two, and none is half there.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use codestrata::{
    AnalysisQuery, AnalysisResult, AnalysisStorage, ErrorKind, Graph, GraphStorage, StorageConfig,
    StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::Backend;
use serde_json::{Value, json};
use support::{Fault, Faulty, all_keys, analysis_stores, ids, store_results};

fn memory() -> Arc<dyn Backend> {
    Arc::new(MemoryBackend::new())
}

fn over(backend: &Arc<dyn Backend>) -> StorageManager {
    StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(backend)).unwrap()
}

/// Stores a result, again and again where other processes were first ten times in a row.
async fn store_in_the_end(storage: &StorageManager, result: AnalysisResult) {
    while let Err(error) = storage.analysis().store_analysis(result.clone()).await {
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_of_one_process_lose_no_result() {
    for store in analysis_stores(|config| config).await {
        store.storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        let tasks: Vec<_> = (0..6)
            .map(|task| {
                let analyses = store.storage.analysis().clone();
                tokio::spawn(async move {
                    for step in 0..5 {
                        let result = AnalysisResult::new("r", "x", json!([task, step]));
                        analyses.store_analysis(result).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let found = store.storage.analysis().find_analysis(&AnalysisQuery::of("r")).await.unwrap();
        assert_eq!(found.results.len(), 30, "{}", store.engine);
        // Each has a time of its own, in the order of storing.
        assert!(found.results.is_sorted_by(|a, b| a.timestamp > b.timestamp));
        for task in 0..6 {
            let steps: Vec<u64> = found
                .results
                .iter()
                .filter(|result| result.data[0] == task)
                .filter_map(|result| result.data[1].as_u64())
                .collect();
            assert_eq!(steps, [4, 3, 2, 1, 0]);
        }
    }
}

/// Two stores over one backend know nothing of each other, as two processes of an engine with several writers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_share_an_engine_lose_no_result() {
    let backend = memory();
    over(&backend).graph().store_graph(&Graph::new("r")).await.unwrap();
    over(&backend).graph().store_graph(&Graph::new("r2")).await.unwrap();
    let tasks: Vec<_> = (0..3)
        .map(|host| {
            let storage = over(&backend);
            tokio::spawn(async move {
                for step in 0..8 {
                    let repository = if step % 2 == 0 { "r" } else { "r2" };
                    let result = AnalysisResult::new(repository, "x", json!(step));
                    store_in_the_end(&storage, result.with_id(format!("{host} {step}"))).await;
                    // One that all of them write, in one repository and the other.
                    let contested = AnalysisResult::new(repository, "y", json!([host, step]));
                    store_in_the_end(&storage, contested.with_id("contested")).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let storage = over(&backend);
    assert_eq!(ids(&storage, AnalysisQuery::of("r").of_type("x")).await.len(), 12);
    assert_eq!(ids(&storage, AnalysisQuery::of("r2").of_type("x")).await.len(), 12);
    let contested = storage.analysis().load_analysis("contested").await.unwrap().unwrap();
    let there = ids(&storage, AnalysisQuery::of(&contested.repository).of_type("y")).await;
    assert_eq!(there, ["contested"]);
    let other = if contested.repository == "r" { "r2" } else { "r" };
    assert!(ids(&storage, AnalysisQuery::of(other).of_type("y")).await.is_empty());
    let parts = all_keys(backend.as_ref()).await.iter().filter(|key| key[0] == 0x34).count();
    assert_eq!(parts, 25, "no data are left of what was replaced");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_the_old_result_or_the_new_and_never_a_part_of_each() {
    for store in analysis_stores(|config| config).await {
        store.storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        // Two parts of data or three.
        let data =
            |n: u64| json!(n.to_string().repeat(1_500_000 + 1_000_000 * usize::from(n.is_multiple_of(2))));
        let result = move |n| AnalysisResult::new("r", "x", data(n)).with_id("it").with_metadata("n", n);
        store.storage.analysis().store_analysis(result(0)).await.unwrap();
        let writing = store.storage.analysis().clone();
        let writer = tokio::spawn(async move {
            for n in 1..8 {
                writing.store_analysis(result(n)).await.unwrap();
            }
        });
        let mut read = 0;
        while !writer.is_finished() || read == 0 {
            let seen = match store.storage.analysis().load_analysis("it").await {
                Ok(seen) => seen.unwrap(),
                // Without snapshots it may be overtaken ten times, and says so.
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Conflict, "{}: {error}", store.engine);
                    continue;
                }
            };
            let n = &seen.metadata["n"];
            let digit = n.to_string().chars().next().unwrap();
            assert!(seen.data.as_str().unwrap().chars().all(|seen| seen == digit), "{}", store.engine);
            let found = store.storage.analysis().find_analysis(&AnalysisQuery::of("r")).await;
            if let Ok(found) = found {
                assert_eq!(found.results.len(), 1, "{}", store.engine);
            }
            read += 1;
        }
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn a_commit_whose_acknowledgement_was_lost_counts_once() {
    for fault in [Fault::LoseAcknowledgement, Fault::LoseCommit] {
        for fail_at in 0..6 {
            let below = memory();
            over(&below).graph().store_graph(&Graph::new("r")).await.unwrap();
            let faulty: Arc<dyn Backend> = Arc::new(Faulty::new(Arc::clone(&below), fail_at, fault));
            let storage = over(&faulty);
            for name in ["a", "b", "c"] {
                let result = AnalysisResult::new("r", "x", json!(name));
                storage.analysis().store_analysis(result).await.unwrap();
            }
            assert_eq!(ids(&storage, AnalysisQuery::of("r")).await.len(), 3, "{fault:?} at {fail_at}");
            let retention = codestrata::Retention::by_count(2);
            let cleanup = storage.analysis().cleanup_old_results(&retention).await.unwrap();
            assert_eq!(cleanup.by_count, 1, "{fault:?} at {fail_at}");
            let newest = ids(&storage, AnalysisQuery::of("r")).await.swap_remove(0);
            assert!(storage.analysis().delete_analysis(&newest).await.unwrap(), "{fault:?} at {fail_at}");
            assert_eq!(ids(&storage, AnalysisQuery::of("r")).await.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_failure_at_any_commit_leaves_the_old_result_or_the_new() {
    let old = json!("old".repeat(500_000));
    let mut failures = 0;
    for is_shared in [true, false] {
        for fail_at in 0..3 {
            let (graphs, below) = (memory(), memory());
            let open = |analyses: &Arc<dyn Backend>| {
                let (config, analyses) = (StorageConfig::in_memory(), Arc::clone(analyses));
                if is_shared {
                    return StorageManager::from_backends(config, analyses).unwrap();
                }
                StorageManager::from_separate_backends(config, Arc::clone(&graphs), analyses).unwrap()
            };
            let storage = open(&below);
            storage.graph().store_graph(&Graph::new("r")).await.unwrap();
            let result = |data: &Value| AnalysisResult::new("r", "x", data.clone()).with_id("it");
            storage.analysis().store_analysis(result(&old)).await.unwrap();
            let before = all_keys(below.as_ref()).await.len();

            let faulty = Arc::new(Faulty::new(Arc::clone(&below), fail_at, Fault::Refuse(ErrorKind::Full)));
            let commits = Arc::clone(&faulty);
            let faulty: Arc<dyn Backend> = faulty;
            let outcome = open(&faulty).analysis().store_analysis(result(&json!(1))).await;
            let stored = storage.analysis().load_analysis("it").await.unwrap().unwrap();
            match outcome {
                Ok(_) => assert_eq!(stored.data, json!(1)),
                Err(error) => {
                    failures += 1;
                    assert_eq!(error.kind(), ErrorKind::Full);
                    assert!(stored.data == old);
                    assert_eq!(all_keys(below.as_ref()).await.len(), before);
                }
            }
            assert!(commits.commits.load(Ordering::SeqCst) == 1, "one result is one commit");
        }
    }
    assert_eq!(failures, 2);
}

#[tokio::test]
async fn a_first_result_races_the_deletion_of_its_repository() {
    // Between the look at the graph and the first commit of a result, another process deletes the graph.
    let (graphs, analyses) = (memory(), memory());
    let open = |graphs: &Arc<dyn Backend>, analyses: &Arc<dyn Backend>| {
        let (graphs, analyses) = (Arc::clone(graphs), Arc::clone(analyses));
        StorageManager::from_separate_backends(StorageConfig::in_memory(), graphs, analyses).unwrap()
    };
    open(&graphs, &analyses).graph().store_graph(&Graph::new("r")).await.unwrap();
    let mut faulty = Faulty::new(Arc::clone(&analyses), 0, Fault::DeleteFirst);
    faulty.other = Some(open(&graphs, &analyses));
    let racing: Arc<dyn Backend> = Arc::new(faulty);
    let storage = open(&graphs, &racing);
    let stored =
        storage.analysis().store_analysis(AnalysisResult::new("r", "x", json!(1)).with_id("it")).await;
    assert_eq!(stored.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(storage.analysis().load_analysis("it").await.unwrap().is_none());
    storage.maintenance().await.unwrap();
    assert!(all_keys(analyses.as_ref()).await.is_empty());
    // The same where both are in one store.
    let below = memory();
    over(&below).graph().store_graph(&Graph::new("r")).await.unwrap();
    let mut faulty = Faulty::new(Arc::clone(&below), 0, Fault::DeleteFirst);
    faulty.other = Some(over(&below));
    let racing: Arc<dyn Backend> = Arc::new(faulty);
    let stored = over(&racing).analysis().store_analysis(AnalysisResult::new("r", "x", json!(1))).await;
    assert_eq!(stored.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(all_keys(below.as_ref()).await.iter().all(|key| key[0] < 0x30));
}

#[tokio::test]
async fn a_clean_up_that_is_overtaken_removes_no_more_than_it_should() {
    let below = memory();
    let storage = over(&below);
    store_results(&storage, "r", "x", &[("a", 1), ("b", 2), ("c", 3), ("d", 4)]).await;
    let mut faulty = Faulty::new(Arc::clone(&below), 0, Fault::DeleteResultFirst("d"));
    faulty.other = Some(over(&below));
    let overtaken: Arc<dyn Backend> = Arc::new(faulty);
    let retention = codestrata::Retention::by_count(2);
    // When it looked, the newest two were `d` and `c`.
    let cleanup = over(&overtaken).analysis().cleanup_old_results(&retention).await.unwrap();
    assert_eq!(cleanup.by_count, 1);
    assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["c", "b"]);
}

#[tokio::test]
async fn a_clean_up_spares_a_result_that_has_moved_to_another_repository() {
    let below = memory();
    let storage = over(&below);
    storage.graph().store_graph(&Graph::new("r2")).await.unwrap();
    store_results(&storage, "r", "x", &[("a", 1), ("b", 2), ("c", 3)]).await;
    let mut faulty = Faulty::new(Arc::clone(&below), 0, Fault::StoreResultFirst("a", "r2"));
    faulty.other = Some(over(&below));
    let overtaken: Arc<dyn Backend> = Arc::new(faulty);
    let retention = codestrata::Retention::by_count(1);
    let cleanup = over(&overtaken).analysis().cleanup_old_results(&retention).await.unwrap();
    assert_eq!(cleanup.by_count, 1);
    assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["c"]);
    assert_eq!(ids(&storage, AnalysisQuery::of("r2")).await, ["a"]);
    assert!(storage.analysis().load_analysis("a").await.unwrap().is_some());
}
