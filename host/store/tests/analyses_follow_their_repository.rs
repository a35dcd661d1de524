//! Results go with their repository: all of them, and no others, also when they lie in another store.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use codestrata::{
    AnalysisQuery, AnalysisResult, AnalysisStorage, ErrorKind, GraphStorage, OpenMode, StorageConfig,
    StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_config::BackendConfig;
use codestrata_core::{Backend, Durability};
use serde_json::json;
use support::{
    Fault, Faulty, all_keys, analysis_stores, graph, ids, redb_config, store_results, with_own_analyses,
};

/// A store in two backends that outlive it.
fn over(graphs: &Arc<dyn Backend>, analyses: &Arc<dyn Backend>) -> StorageManager {
    let (graphs, analyses) = (Arc::clone(graphs), Arc::clone(analyses));
    StorageManager::from_separate_backends(StorageConfig::in_memory(), graphs, analyses).unwrap()
}

fn memory() -> Arc<dyn Backend> {
    Arc::new(MemoryBackend::new())
}

#[tokio::test]
async fn deleting_a_repository_deletes_its_results_and_only_its_own() {
    let longer = "a".repeat(50_000);
    let longest = format!("{longer}b");
    let repositories = ["a", "a/b", "a\0b", "a\0", "ab", &longer, &longest];
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        for repo_id in repositories {
            let id = |name: &str| format!("{repo_id}/{name}");
            store_results(storage, repo_id, "x", &[(&id("1"), 1), (&id("2"), 2)]).await;
            store_results(storage, repo_id, "y", &[(&id("3"), 3)]).await;
        }
        for (number, repo_id) in repositories.iter().enumerate() {
            assert!(storage.graph().delete_graph(repo_id).await.unwrap());
            let found = storage.analysis().list_analysis(&AnalysisQuery::of(*repo_id)).await;
            assert_eq!(found.unwrap_err().kind(), ErrorKind::NotFound, "{}", store.engine);
            assert!(storage.analysis().load_analysis(&format!("{repo_id}/1")).await.unwrap().is_none());
            assert!(!storage.analysis().delete_analysis(&format!("{repo_id}/2")).await.unwrap());
            for other in &repositories[number + 1..] {
                assert_eq!(ids(storage, AnalysisQuery::of(*other)).await.len(), 3, "{}", store.engine);
                assert!(storage.analysis().load_analysis(&format!("{other}/1")).await.unwrap().is_some());
            }
        }
        let keys = all_keys(storage.backend()).await;
        assert!(keys.iter().all(|key| key[0] < 0x30), "something was left");
    }
}

#[tokio::test]
async fn a_repository_that_comes_back_has_no_old_results() {
    for store in analysis_stores(|config| config).await {
        let storage = &store.storage;
        store_results(storage, "r", "x", &[("1", 1), ("2", 2)]).await;
        storage.graph().delete_graph("r").await.unwrap();
        store_results(storage, "r", "x", &[("2", 5)]).await;
        assert_eq!(ids(storage, AnalysisQuery::of("r")).await, ["2"], "{}", store.engine);
        assert!(storage.analysis().load_analysis("1").await.unwrap().is_none());
    }
}

/// The graphs are refused after some commits, as by a crash: those of the results go on, and stop at their own.
#[tokio::test]
async fn a_crash_within_a_deletion_shows_no_results_and_leaves_none_to_maintenance() {
    let mut were_left = 0;
    for (graphs_stop, analyses_stop) in
        (0..6).flat_map(|graphs| (0..6).map(move |analyses| (graphs, analyses)))
    {
        let (graphs, analyses) = (memory(), memory());
        let storage = over(&graphs, &analyses);
        store_results(&storage, "other", "x", &[("kept", 1)]).await;
        let before = all_keys(graphs.as_ref()).await.len() + all_keys(analyses.as_ref()).await.len();
        store_results(&storage, "r", "x", &[("1", 1), ("2", 2), ("3", 3)]).await;

        let stopped = |below: &Arc<dyn Backend>, at| -> Arc<dyn Backend> {
            Arc::new(Faulty::new(Arc::clone(below), at, Fault::Refuse(ErrorKind::Unavailable)))
        };
        let crashing = over(&stopped(&graphs, graphs_stop), &stopped(&analyses, analyses_stop));
        let outcome = crashing.graph().delete_graph("r").await;

        // Before anything is settled, another process sees the whole of the repository or nothing of it.
        let after = over(&graphs, &analyses);
        let listed = after.analysis().list_analysis(&AnalysisQuery::of("r")).await;
        let is_there = after.graph().graph_exists("r").await.unwrap();
        assert_eq!(is_there, outcome.is_err(), "at {graphs_stop} and {analyses_stop}");
        if is_there {
            assert_eq!(listed.unwrap().results.len(), 3);
            after.graph().delete_graph("r").await.unwrap();
        } else {
            assert_eq!(listed.unwrap_err().kind(), ErrorKind::NotFound);
            assert!(after.analysis().load_analysis("1").await.unwrap().is_none());
        }
        were_left += after.maintenance().await.unwrap().analyses_left;
        let left = all_keys(graphs.as_ref()).await.len() + all_keys(analyses.as_ref()).await.len();
        assert_eq!(left, before, "at {graphs_stop} and {analyses_stop}");
        assert_eq!(ids(&after, AnalysisQuery::of("other")).await, ["kept"]);
    }
    assert!(were_left > 0, "no crash left anything to maintenance");
}

#[tokio::test]
async fn a_repository_that_comes_back_after_a_crash_has_no_old_results() {
    let (graphs, analyses) = (memory(), memory());
    let storage = over(&graphs, &analyses);
    store_results(&storage, "r", "x", &[("1", 1), ("2", 2)]).await;
    let refusing = Faulty::new(Arc::clone(&analyses), 0, Fault::Refuse(ErrorKind::Unavailable));
    let refusing: Arc<dyn Backend> = Arc::new(refusing);
    let crashing = over(&graphs, &refusing);
    assert!(crashing.graph().delete_graph("r").await.unwrap());
    // Its graph is stored anew while the results still cannot be reached, and analysed when they can.
    crashing.graph().store_graph(&graph("r", &[("a.py", "f")], &[])).await.unwrap();
    let after = over(&graphs, &analyses);
    assert!(ids(&after, AnalysisQuery::of("r")).await.is_empty());
    store_results(&after, "r", "x", &[("2", 5)]).await;
    assert_eq!(ids(&after, AnalysisQuery::of("r")).await, ["2"]);
    after.maintenance().await.unwrap();
    assert_eq!(ids(&after, AnalysisQuery::of("r")).await, ["2"]);
    assert!(after.analysis().load_analysis("2").await.unwrap().is_some());
    assert!(after.analysis().load_analysis("1").await.unwrap().is_none());
}

#[tokio::test]
async fn results_in_a_store_of_their_own_outlive_graphs_that_are_thrown_away() {
    let analyses = memory();
    let first = over(&memory(), &analyses);
    store_results(&first, "gone first", "x", &[("0", 0)]).await;
    store_results(&first, "r", "x", &[("1", 1)]).await;
    let graphs = memory();
    let second = over(&graphs, &analyses);
    second.maintenance().await.unwrap();
    assert_eq!(ids(&second, AnalysisQuery::of("r")).await, ["1"]);
    // It has another ordinal now.
    second.graph().store_graph(&graph("r", &[("a.py", "f")], &[])).await.unwrap();
    assert_eq!(ids(&second, AnalysisQuery::of("r")).await, ["1"]);
    assert!(second.graph().delete_graph("r").await.unwrap());
    assert!(second.analysis().load_analysis("1").await.unwrap().is_none());
    store_results(&second, "gone first", "x", &[("2", 2)]).await;
    assert_eq!(ids(&second, AnalysisQuery::of("gone first")).await, ["2", "0"]);
}

#[tokio::test]
async fn two_files_are_opened_and_closed_together() {
    let folder = tempfile::tempdir().unwrap();
    let config = with_own_analyses(redb_config(folder.path()), folder.path());
    for round in 0..2 {
        let storage = StorageManager::open(config.clone()).await.unwrap();
        store_results(&storage, "r", "x", &[("1", round)]).await;
        let locked = StorageManager::open(config.clone()).await.unwrap_err();
        assert_eq!(locked.kind(), ErrorKind::Locked);
        storage.close().await.unwrap();
        storage.close().await.unwrap();
        let closed = storage.analysis().load_analysis("1").await.unwrap_err();
        assert_eq!(closed.kind(), ErrorKind::Closed);
    }
    // The second of them cannot be opened: the first is not held.
    let alone = StorageManager::open(StorageConfig::new("redb").option("path", analysis_path(&folder)))
        .await
        .unwrap();
    assert_eq!(StorageManager::open(config.clone()).await.unwrap_err().kind(), ErrorKind::Locked);
    alone.close().await.unwrap();
    StorageManager::open(config).await.unwrap().close().await.unwrap();
}

fn analysis_path(folder: &tempfile::TempDir) -> String {
    folder.path().join("analysis.redb").to_str().unwrap().to_owned()
}

#[tokio::test]
async fn graphs_are_read_before_a_store_of_results_was_ever_made() {
    let folder = tempfile::tempdir().unwrap();
    let graphs_only = StorageManager::open(redb_config(folder.path())).await.unwrap();
    graphs_only.graph().store_graph(&graph("r", &[("a.py", "f")], &[])).await.unwrap();
    graphs_only.close().await.unwrap();
    let config = with_own_analyses(redb_config(folder.path()), folder.path());
    let storage = StorageManager::open_with(config, OpenMode::ReadOnly).await.unwrap();
    assert_eq!(storage.query("r").totals().await.unwrap().1.nodes, 1);
    assert!(ids(&storage, AnalysisQuery::of("r")).await.is_empty());
    let refused = storage.analysis().store_analysis(AnalysisResult::new("r", "x", json!(1))).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ReadOnly);
    storage.close().await.unwrap();
    assert!(!folder.path().join("analysis.redb").exists());
}

#[tokio::test]
async fn results_are_as_durable_as_their_own_store_is_configured() {
    let graphs = Arc::new(Faulty::new(memory(), usize::MAX, Fault::LoseCommit));
    let analyses = Arc::new(Faulty::new(memory(), usize::MAX, Fault::LoseCommit));
    let own = BackendConfig::new("memory").with_durability(Durability::Buffered);
    let config = StorageConfig::in_memory().analysis_store(own);
    let (one, other): (Arc<dyn Backend>, Arc<dyn Backend>) = (graphs.clone(), analyses.clone());
    let storage = StorageManager::from_separate_backends(config.clone(), one.clone(), other).unwrap();
    store_results(&storage, "r", "x", &[("1", 1), ("2", 2)]).await;
    storage.analysis().delete_analysis("1").await.unwrap();
    let seen = analyses.durabilities.lock().unwrap().clone();
    assert!(seen.len() > 3 && seen.iter().all(|asked| *asked == Durability::Buffered), "{seen:?}");

    // In the store of the graphs they have its durability.
    graphs.durabilities.lock().unwrap().clear();
    let shared = StorageManager::from_backends(config, one).unwrap();
    store_results(&shared, "r", "x", &[("1", 1)]).await;
    assert_eq!(*graphs.durabilities.lock().unwrap(), [Durability::Strongest]);
}
