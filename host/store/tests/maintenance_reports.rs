//! Maintenance removes what is old or left over, gives space back where the engine can, and says what it did.

mod support;

use std::sync::Arc;
use std::time::Duration;

use codestrata::cache::ManualClock;
use codestrata::{
    AnalysisStorage, Compaction, ErrorKind, FileChanges, GraphStorage, MaintenanceReport, OpenMode,
    StorageConfig, StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Key};
use serde_json::json;
use support::{
    DAY_MS, Fault, Faulty, all_keys, analysis_stores, export, file, redb_config, store_results,
    with_own_analyses,
};

#[tokio::test]
async fn a_report_counts_what_was_removed_and_is_read_by_people_and_programs() {
    let configure = |config: StorageConfig| {
        config.analysis_retention(Duration::from_secs(60)).analysis_max_results(2_000)
    };
    for store in analysis_stores(configure).await {
        let clock = Arc::new(ManualClock::at(Duration::from_millis(DAY_MS)));
        let storage = store.storage.with_analysis_clock(Arc::clone(&clock));
        store_results(&storage, "r", "x", &[("a", 0), ("b", 0), ("c", 60_000)]).await;
        clock.advance(Duration::from_secs(90));
        let report = storage.maintenance().await.unwrap();
        assert_eq!((report.analyses_by_age, report.analyses_by_count), (2, 0), "{}", store.engine);
        assert_eq!((report.analyses_left, report.generations, report.segments), (0, 0, 0));
        let names: Vec<&str> = report.stores.iter().map(|store| store.store).collect();
        let expected: &[&str] =
            if store.engine.ends_with("two stores") { &["storage", "analysis"] } else { &["storage"] };
        assert_eq!(names, expected);
        let is_redb = store.engine.starts_with("redb");
        for part in &report.stores {
            let expected = if is_redb { Compaction::Done } else { Compaction::Unsupported };
            assert_eq!(part.compaction, expected, "{}", store.engine);
            assert_eq!(part.bytes_before.is_some(), is_redb);
        }
        let text = report.to_string();
        assert!(text.contains("2 by age"), "{text}");
        assert!(text.contains(if is_redb { "[storage] compacted" } else { "not compacted" }), "{text}");
        let value = serde_json::to_value(&report).unwrap();
        assert_eq!(value["analyses_by_age"], 2);
        let outcome = if is_redb { "done" } else { "unsupported" };
        assert_eq!(value["stores"][0]["compaction"], json!({ "outcome": outcome }));
        // There is nothing left to do.
        let again = storage.maintenance().await.unwrap();
        assert_eq!(MaintenanceReport { stores: Vec::new(), ..again }, MaintenanceReport::default());
    }
}

/// A text that compression makes no smaller by much.
fn incompressible(letters: usize, seed: u64) -> String {
    let mut state = seed;
    let letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (state >> 33).to_le_bytes()[0] % 90)
    };
    std::iter::repeat_with(letter).take(letters).collect()
}

#[tokio::test]
async fn space_that_results_took_is_given_back() {
    for is_separate in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let config = redb_config(folder.path());
        let config = if is_separate { with_own_analyses(config, folder.path()) } else { config };
        let storage = StorageManager::open(config).await.unwrap();
        storage.graph().update_files("r", FileChanges::default()).await.unwrap();
        for number in 0..8 {
            let data = json!(incompressible(1_000_000, number));
            storage.analysis().store_analysis(codestrata::AnalysisResult::new("r", "x", data)).await.unwrap();
        }
        storage.graph().delete_graph("r").await.unwrap();
        let report = storage.maintenance().await.unwrap();
        let store = report.stores.last().unwrap();
        let (before, after) = (store.bytes_before.unwrap(), store.bytes_after.unwrap());
        assert!(after + 4_000_000 < before, "{before} bytes before, {after} after");
        storage.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_compaction_that_a_reader_stands_in_the_way_of_is_postponed() {
    let folder = tempfile::tempdir().unwrap();
    let storage = StorageManager::open(redb_config(folder.path())).await.unwrap();
    store_results(&storage, "r", "x", &[("a", 0)]).await;
    let snapshot = storage.backend().snapshot().await.unwrap();
    let report = storage.maintenance().await.unwrap();
    let Compaction::Postponed(reason) = &report.stores[0].compaction else { panic!("{report:?}") };
    assert!(report.to_string().contains(reason));
    drop(snapshot);
    assert_eq!(storage.maintenance().await.unwrap().stores[0].compaction, Compaction::Done);
}

#[tokio::test]
async fn what_crashes_left_of_graphs_is_collected() {
    let many: Vec<_> = (0..90).map(|n| file(&format!("m{n}.py"), &[("f", &["m0.f"])])).collect();
    let changes = FileChanges { replaced: many, replace_all: true, ..FileChanges::default() };
    let mut generations = 0;
    for fail_at in 0..6 {
        let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        let over = |backend: &Arc<dyn Backend>| {
            StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(backend)).unwrap()
        };
        over(&below).graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
        let refusing = Faulty::new(Arc::clone(&below), fail_at, Fault::Refuse(ErrorKind::Full));
        let refusing: Arc<dyn Backend> = Arc::new(refusing);
        let is_stored = over(&refusing).graph().update_files("r", changes.clone()).await.is_ok();
        let storage = over(&below);
        let graph = export(&storage, "r").await;
        generations += storage.maintenance().await.unwrap().generations;
        assert_eq!(export(&storage, "r").await, graph);
        // One segment for each file, and nothing of another generation.
        let keys = all_keys(below.as_ref()).await;
        assert_eq!(keys.iter().filter(|key| key[0] == 0x10).count(), if is_stored { 90 } else { 1 });
        assert!(keys.iter().all(|key| ![0x04, 0x05].contains(&key[0])));
    }
    assert!(generations > 0);
}

#[tokio::test]
async fn segments_that_nothing_refers_to_are_collected_without_a_marker() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let storage = StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(&backend)).unwrap();
    for repo_id in ["r", "r2"] {
        storage.graph().replace_file(repo_id, file("a.py", &[("f", &[])])).await.unwrap();
    }
    let before = all_keys(backend.as_ref()).await;
    let segment = before.iter().find(|key| key[0] == 0x10).unwrap();
    let mut stray = segment.clone();
    *stray.last_mut().unwrap() ^= 1;
    backend.apply(Batch::new().put(Key::new(stray).unwrap(), "x")).await.unwrap();
    assert_eq!(storage.maintenance().await.unwrap().segments, 1);
    assert_eq!(all_keys(backend.as_ref()).await, before);
}

#[tokio::test]
async fn a_store_that_is_only_read_is_not_maintained() {
    let folder = tempfile::tempdir().unwrap();
    let storage = StorageManager::open(redb_config(folder.path())).await.unwrap();
    store_results(&storage, "r", "x", &[("a", 0)]).await;
    storage.close().await.unwrap();
    let config = redb_config(folder.path()).analysis_retention(Duration::from_secs(1));
    let reading = StorageManager::open_with(config, OpenMode::ReadOnly).await.unwrap();
    assert_eq!(reading.maintenance().await.unwrap_err().kind(), ErrorKind::ReadOnly);
    reading.close().await.unwrap();
}
