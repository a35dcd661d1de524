//! Results that are too old or too many are removed, and no others.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use codestrata::cache::ManualClock;
use codestrata::{
    AnalysisCleanup, AnalysisQuery, AnalysisResult, AnalysisStorage, Graph, GraphStorage, Retention,
    StorageManager, limits,
};
use serde_json::json;
use support::{DAY_MS, TestStore, all_keys, analysis_stores, day, ids, store_results};

/// The same store with a clock, which shows so many milliseconds after the day.
fn clocked(store: TestStore, ms: u64) -> (StorageManager, Arc<ManualClock>, tempfile::TempDir, &'static str) {
    let clock = Arc::new(ManualClock::at(Duration::from_millis(DAY_MS + ms)));
    (store.storage.with_analysis_clock(Arc::clone(&clock)), clock, store.folder, store.engine)
}

async fn store_now(storage: &StorageManager, id: &str) -> std::time::SystemTime {
    let result = AnalysisResult::new("r", "x", json!(id)).with_id(id);
    storage.analysis().store_analysis(result).await.unwrap().timestamp
}

#[tokio::test]
async fn what_is_older_than_the_age_is_removed_and_what_is_exactly_as_old_is_kept() {
    for store in analysis_stores(|config| config).await {
        let (storage, clock, _folder, engine) = clocked(store, 0);
        store_results(&storage, "r", "x", &[("a", 999), ("b", 1_000), ("c", 1_001)]).await;
        store_results(&storage, "r", "y", &[("d", 999)]).await;
        store_results(&storage, "r2", "x", &[("e", 999), ("f", 2_000)]).await;
        let before =
            storage.analysis().cleanup_old_results(&Retention::by_age(Duration::from_secs(60))).await;
        assert_eq!(before.unwrap(), AnalysisCleanup::default());
        clock.set(Duration::from_millis(DAY_MS + 61_000));
        let cleanup =
            storage.analysis().cleanup_old_results(&Retention::by_age(Duration::from_secs(60))).await;
        assert_eq!(cleanup.unwrap(), AnalysisCleanup { by_age: 3, by_count: 0 }, "{engine}");
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["c", "b"]);
        assert_eq!(ids(&storage, AnalysisQuery::of("r2")).await, ["f"]);
        for id in ["a", "d", "e"] {
            assert!(storage.analysis().load_analysis(id).await.unwrap().is_none());
        }
        assert!(storage.analysis().load_analysis("b").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_newest_of_each_repository_and_type_are_kept() {
    for store in analysis_stores(|config| config).await {
        let (storage, ..) = clocked(store, 0);
        // Four of one moment: those whose ids come first are the newer ones.
        store_results(&storage, "r", "x", &[("d", 5), ("b", 5), ("a", 5), ("c", 5), ("old", 4)]).await;
        store_results(&storage, "r", "y", &[("y", 1)]).await;
        store_results(&storage, "r2", "x", &[("p", 1), ("q", 2), ("s", 3)]).await;
        let cleanup = storage.analysis().cleanup_old_results(&Retention::by_count(2)).await.unwrap();
        assert_eq!(cleanup, AnalysisCleanup { by_age: 0, by_count: 4 });
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["a", "b", "y"]);
        assert_eq!(ids(&storage, AnalysisQuery::of("r2")).await, ["s", "q"]);
        let again = storage.analysis().cleanup_old_results(&Retention::by_count(2)).await.unwrap();
        assert_eq!(again, AnalysisCleanup::default());
    }
}

#[tokio::test]
async fn more_than_a_batch_is_removed_and_leaves_nothing() {
    for store in analysis_stores(|config| config).await {
        let (storage, clock, ..) = clocked(store, 0);
        storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        let empty = all_keys(storage.backend()).await;
        let names: Vec<String> =
            (0..limits::ANALYSES_PER_CLEANUP * 2 + 3).map(|number| format!("{number:04}")).collect();
        let results: Vec<(&str, u64)> = (0..).zip(&names).map(|(ms, name)| (name.as_str(), ms)).collect();
        store_results(&storage, "r", "x", &results).await;
        let cleanup = storage.analysis().cleanup_old_results(&Retention::by_count(1)).await.unwrap();
        assert_eq!(cleanup.by_count, limits::ANALYSES_PER_CLEANUP as u64 * 2 + 2);
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, [names.last().unwrap().as_str()]);
        clock.advance(Duration::from_secs(10));
        let cleanup =
            storage.analysis().cleanup_old_results(&Retention::by_age(Duration::ZERO)).await.unwrap();
        assert_eq!(cleanup.by_age, 1);
        let left = all_keys(storage.backend()).await;
        assert!(left.iter().all(|key| empty.contains(key) || key[0] == 0x30));
    }
}

#[tokio::test]
async fn nothing_is_removed_without_a_limit() {
    for store in analysis_stores(|config| config).await {
        let (storage, clock, ..) = clocked(store, 0);
        store_results(&storage, "r", "x", &[("a", 1), ("b", 2)]).await;
        clock.advance(Duration::from_secs(1_000_000_000));
        storage.analysis().cleanup_old_results(&Retention::default()).await.unwrap();
        storage.maintenance().await.unwrap();
        store_now(&storage, "c").await;
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["c", "b", "a"]);
    }
}

#[tokio::test]
async fn an_age_beyond_all_time_removes_nothing() {
    let store = analysis_stores(|config| config).await.swap_remove(0);
    let (storage, ..) = clocked(store, 0);
    store_results(&storage, "r", "x", &[("a", 1)]).await;
    let cleanup = storage.analysis().cleanup_old_results(&Retention::by_age(Duration::MAX)).await.unwrap();
    assert_eq!(cleanup, AnalysisCleanup::default());
}

#[tokio::test]
async fn the_configured_limits_hold_in_maintenance() {
    let configure = |config: codestrata::StorageConfig| {
        config.analysis_retention(Duration::from_secs(30 * 86_400)).analysis_max_results(2_000)
    };
    for store in analysis_stores(configure).await {
        let (storage, clock, ..) = clocked(store, 0);
        store_results(&storage, "r", "x", &[("a", 0), ("b", 1)]).await;
        clock.advance(Duration::from_secs(30 * 86_400));
        assert_eq!(storage.maintenance().await.unwrap().analyses_by_age, 0);
        clock.advance(Duration::from_millis(1));
        assert_eq!(storage.maintenance().await.unwrap().analyses_by_age, 1);
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["b"]);
    }
}

#[tokio::test]
async fn storing_removes_what_is_too_many_or_too_old_already() {
    let configure = |config: codestrata::StorageConfig| {
        config.analysis_retention(Duration::from_secs(60)).analysis_max_results(3)
    };
    for store in analysis_stores(configure).await {
        let (storage, clock, _folder, engine) = clocked(store, 0);
        store_results(&storage, "r", "x", &[("a", 0), ("b", 1), ("c", 2)]).await;
        store_results(&storage, "r", "y", &[("other", 0)]).await;
        store_results(&storage, "r", "x", &[("d", 3)]).await;
        assert_eq!(ids(&storage, AnalysisQuery::of("r").of_type("x")).await, ["d", "c", "b"], "{engine}");
        // The same id again is not one more.
        store_results(&storage, "r", "x", &[("d", 4)]).await;
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["d", "c", "b", "other"]);
        clock.advance(Duration::from_secs(120));
        store_now(&storage, "e").await;
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["e"]);
    }
}

#[tokio::test]
async fn a_result_that_is_stored_with_an_old_time_is_there_until_the_next_clean_up() {
    let configure = |config: codestrata::StorageConfig| {
        config.analysis_retention(Duration::from_secs(60)).analysis_max_results(1)
    };
    for store in analysis_stores(configure).await {
        let (storage, ..) = clocked(store, 600_000);
        store_results(&storage, "r", "x", &[("new", 599_000), ("old", 0)]).await;
        assert!(storage.analysis().load_analysis("old").await.unwrap().is_some());
        storage.maintenance().await.unwrap();
        assert!(storage.analysis().load_analysis("old").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_loses_nothing_newer() {
    let configure = |config: codestrata::StorageConfig| {
        config.analysis_retention(Duration::from_secs(60)).analysis_max_results(3)
    };
    for store in analysis_stores(configure).await {
        let (storage, clock, _folder, engine) = clocked(store, 1_000_000);
        storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        let mut times = vec![store_now(&storage, "1").await, store_now(&storage, "2").await];
        clock.set(Duration::from_millis(DAY_MS));
        times.push(store_now(&storage, "3").await);
        times.push(store_now(&storage, "4").await);
        assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
        assert_eq!(times[0], day(1_000_000));
        // What was stored last is the newest, whatever the clock said.
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["4", "3", "2"], "{engine}");
        assert_eq!(storage.maintenance().await.unwrap().analyses_by_age, 0);
        clock.set(Duration::ZERO);
        assert_eq!(storage.maintenance().await.unwrap().analyses_by_age, 0);
        assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["4", "3", "2"]);
    }
}

#[tokio::test]
async fn a_time_of_ones_own_in_the_future_does_not_date_what_is_stored_after_it() {
    let store = analysis_stores(|config| config).await.swap_remove(0);
    let (storage, ..) = clocked(store, 0);
    store_results(&storage, "r", "x", &[("future", 1_000_000_000)]).await;
    assert_eq!(store_now(&storage, "now").await, day(0));
}

#[tokio::test]
async fn storing_removes_a_few_results_and_leaves_the_rest_to_a_clean_up() {
    let store =
        analysis_stores(|config| config.analysis_retention(Duration::from_secs(60))).await.swap_remove(0);
    let (storage, clock, ..) = clocked(store, 0);
    let names: Vec<String> = (0..limits::ANALYSES_REMOVED_PER_STORE + 3).map(|n| format!("{n:02}")).collect();
    let results: Vec<(&str, u64)> = (0..).zip(&names).map(|(ms, name)| (name.as_str(), ms)).collect();
    store_results(&storage, "r", "x", &results).await;
    clock.advance(Duration::from_secs(3_600));
    store_now(&storage, "new").await;
    // The oldest went first.
    let [one, two, three] = names.last_chunk().unwrap().each_ref().map(String::as_str);
    assert_eq!(ids(&storage, AnalysisQuery::of("r")).await, ["new", three, two, one]);
    assert_eq!(storage.maintenance().await.unwrap().analyses_by_age, 3);
}

#[tokio::test]
async fn storing_counts_no_further_than_it_costs_little() {
    for (most, left) in [(limits::MAX_COUNTED_PER_STORE, 1_000), (limits::MAX_COUNTED_PER_STORE + 1, 1_003)] {
        let backend = Arc::new(codestrata_backend_memory::backend::MemoryBackend::new());
        let config = codestrata::StorageConfig::in_memory().analysis_max_results(most);
        let storage = StorageManager::from_backends(config, backend).unwrap();
        let names: Vec<String> = (0..1_003).map(|number| format!("{number:04}")).collect();
        let results: Vec<(&str, u64)> = (0..).zip(&names).map(|(ms, name)| (name.as_str(), ms)).collect();
        store_results(&storage, "r", "x", &results).await;
        let records = all_keys(storage.backend()).await.iter().filter(|key| key[0] == 0x31).count();
        assert_eq!(records, left);
        storage.analysis().cleanup_old_results(&storage.analysis().retention()).await.unwrap();
        let records = all_keys(storage.backend()).await.iter().filter(|key| key[0] == 0x31).count() as u64;
        assert_eq!(records, most);
    }
}
