//! What an analysis found comes back equal, whatever JSON it is and wherever it is kept.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use codestrata::{
    AnalysisCleanup, AnalysisQuery, AnalysisResult, AnalysisStorage, AnalysisSummary, ErrorKind,
    FoundAnalyses, Graph, GraphStorage, Result, Retention, StorageConfig, StorageManager, limits,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Capabilities, async_trait};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Fault, Faulty, all_keys, analysis_stores, day, graph, redb_config, with_own_analyses};

/// Arrays and objects, one in the other, to this depth.
fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, level| match level % 2 {
        0 => Value::Array(vec![inner]),
        _ => Value::Object([("k".to_owned(), inner)].into_iter().collect()),
    })
}

fn shapes() -> Vec<Value> {
    let many: Vec<u32> = (0..100_000).collect();
    vec![
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!([[], {}, [null], { "": {} }]),
        json!([u64::MAX, i64::MIN, i64::MAX, 0, -1, 9_007_199_254_740_993_u64]),
        json!([
            0.1,
            -0.0,
            1.0,
            1e300,
            5e-324,
            f64::MAX,
            f64::MIN_POSITIVE,
            0.1 + 0.2,
            123_456_789.123_456_79
        ]),
        json!({ "Ünïcödé 🦀": "\u{0}\u{1f}\"\\/\u{2028}\u{10ffff}", "a.b": { "a": 1, "b": [1, "1", 1.0] } }),
        json!("\u{fffd}".repeat(400_000)),
        json!(many),
        nested(limits::MAX_ANALYSIS_DEPTH),
    ]
}

async fn round_trip(storage: &StorageManager, data: Value) -> AnalysisResult {
    let result = AnalysisResult::new("r", "shape", data).with_id("the one").with_timestamp(day(7));
    storage.analysis().store_analysis(result.clone()).await.unwrap();
    let loaded = storage.analysis().load_analysis("the one").await.unwrap().unwrap();
    assert!(loaded == result, "{loaded:?} is not what was stored");
    loaded
}

#[tokio::test]
async fn every_shape_of_json_comes_back() {
    for store in analysis_stores(|config| config).await {
        store.storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        for shape in shapes() {
            round_trip(&store.storage, shape).await;
        }
        // Each took the place of the one before, with all that was its own.
        store.storage.analysis().delete_analysis("the one").await.unwrap();
        let keys = all_keys(store.storage.backend()).await;
        assert!(keys.iter().all(|key| key[0] <= 0x30), "{}", store.engine);
    }
}

#[tokio::test]
async fn floats_come_back_to_the_last_bit() {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    // Numbers that are known to be read one bit off by fast parsers.
    let numbers: [f64; 5] =
        [0.1 + 0.2, 31.245_270_191_439_438, 7.120_190_517_612_959e-259, -0.0, 2.225_073_858_507_201e-308];
    let loaded = round_trip(&storage, json!(numbers)).await;
    for (number, loaded) in numbers.iter().zip(loaded.data.as_array().unwrap()) {
        assert_eq!(loaded.as_f64().unwrap().to_bits(), number.to_bits());
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn any_json_comes_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let storage = StorageManager::in_memory().unwrap();
    runtime.block_on(storage.graph().store_graph(&Graph::new("r"))).unwrap();
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }, |(data in any_json())| {
        runtime.block_on(round_trip(&storage, data));
    });
}

#[tokio::test]
async fn ten_megabytes_come_back_after_the_store_was_closed() {
    let rows: Vec<Value> = (0..110_000)
        .map(|n| json!({ "id": format!("file{n}.py::function_{n}"), "score": f64::from(n) / 7.0 }))
        .collect();
    let data = json!({ "rows": rows, "more": "x".repeat(4_000_000) });
    assert!(serde_json::to_vec(&data).unwrap().len() > 10_000_000);
    for is_separate in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let config = redb_config(folder.path());
        let config = if is_separate { with_own_analyses(config, folder.path()) } else { config };
        let storage = StorageManager::open(config.clone()).await.unwrap();
        storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        let stored = round_trip(&storage, data.clone()).await;
        storage.close().await.unwrap();
        assert_eq!(folder.path().join("analysis.redb").exists(), is_separate);
        let storage = StorageManager::open(config).await.unwrap();
        let loaded = storage.analysis().load_analysis("the one").await.unwrap().unwrap();
        assert!(loaded == stored);
        storage.close().await.unwrap();
    }
}

#[tokio::test]
async fn data_are_cut_to_what_an_engine_takes_as_one_value() {
    let capabilities = Capabilities::minimal().with_snapshots(None).with_max_value_bytes(4_096);
    let below = Arc::new(MemoryBackend::new());
    let faulty = Faulty::new(below, usize::MAX, Fault::LoseCommit).with_capabilities(capabilities);
    let storage = StorageManager::from_backends(StorageConfig::in_memory(), Arc::new(faulty)).unwrap();
    storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    round_trip(&storage, json!("é".repeat(100_001))).await;
    let parts = all_keys(storage.backend()).await.iter().filter(|key| key[0] == 0x34).count();
    assert!((50..60).contains(&parts), "{parts} parts of 4 KiB");
}

#[tokio::test]
async fn a_result_that_an_engine_takes_in_no_batch_is_refused_as_a_whole() {
    let capabilities = Capabilities::minimal().with_snapshots(None).with_max_batch_bytes(2_000_000);
    let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let small =
        Faulty::new(Arc::clone(&below), usize::MAX, Fault::LoseCommit).with_capabilities(capabilities);
    let storage = StorageManager::from_backends(StorageConfig::in_memory(), Arc::new(small)).unwrap();
    storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    let before = all_keys(below.as_ref()).await;
    let result = AnalysisResult::new("r", "x", json!("x".repeat(2_000_000))).with_id("it");
    let error = storage.analysis().store_analysis(result).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().contains("analysis `it`") && error.to_string().contains("2000000"), "{error}");
    assert_eq!(all_keys(below.as_ref()).await, before);
    round_trip(&storage, json!("x".repeat(1_900_000))).await;
}

#[tokio::test]
async fn what_would_not_come_back_is_refused() {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(&graph("r", &[], &[])).await.unwrap();
    let before = all_keys(storage.backend()).await;
    let result = |data| AnalysisResult::new("r", "t", data);
    let text = |bytes: usize| "x".repeat(bytes);
    let too_much = limits::MAX_ANALYSIS_DATA_BYTES - 1;
    let refused = [
        (result(nested(limits::MAX_ANALYSIS_DEPTH + 1)), ErrorKind::InvalidArgument, "127"),
        (result(nested(5_000)), ErrorKind::InvalidArgument, "127"),
        (
            result(json!(1)).with_metadata("m", nested(limits::MAX_ANALYSIS_DEPTH)),
            ErrorKind::InvalidArgument,
            "127",
        ),
        (result(json!(text(too_much))), ErrorKind::TooLarge, "67108864"),
        (
            result(json!(1)).with_metadata("m", text(limits::MAX_ANALYSIS_METADATA_BYTES)),
            ErrorKind::TooLarge,
            "65536",
        ),
        (
            result(json!(1)).with_id(text(limits::MAX_ANALYSIS_TEXT_BYTES + 1)),
            ErrorKind::InvalidArgument,
            "65536",
        ),
        (AnalysisResult::new("r", "", json!(1)), ErrorKind::InvalidArgument, "type"),
        (
            AnalysisResult::new("r", text(limits::MAX_ANALYSIS_TEXT_BYTES + 1), json!(1)),
            ErrorKind::InvalidArgument,
            "type",
        ),
        (AnalysisResult::new("", "t", json!(1)), ErrorKind::InvalidArgument, "repository id"),
        (
            result(json!(1)).with_timestamp(SystemTime::UNIX_EPOCH - Duration::from_secs(1)),
            ErrorKind::InvalidArgument,
            "1970",
        ),
    ];
    for (result, kind, why) in refused {
        let error = storage.analysis().store_analysis(result).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(all_keys(storage.backend()).await, before);
    // As much as is allowed is kept.
    let largest = result(json!(text(limits::MAX_ANALYSIS_DATA_BYTES - 2)))
        .with_id(text(limits::MAX_ANALYSIS_TEXT_BYTES))
        .with_metadata("m", text(limits::MAX_ANALYSIS_METADATA_BYTES - 8));
    let stored = storage.analysis().store_analysis(largest.clone()).await.unwrap();
    assert_eq!(stored.data_bytes, 67_108_864);
    let loaded = storage.analysis().load_analysis(&largest.id).await.unwrap().unwrap();
    assert!(loaded.data == largest.data && loaded.metadata == largest.metadata);
}

#[tokio::test]
async fn any_text_is_an_id_and_a_type() {
    let long = "y".repeat(60_000);
    let texts = [
        "a",
        "a\0",
        "a\0b",
        "a/b",
        "../a",
        "Ünïcödé 🦀",
        "\n",
        "A",
        &format!("{long}1"),
        &format!("{long}2"),
    ];
    for store in analysis_stores(|config| config).await {
        let analyses = store.storage.analysis();
        store.storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        for (number, text) in texts.iter().enumerate() {
            let result = AnalysisResult::new("r", *text, json!(number)).with_id(*text);
            analyses.store_analysis(result).await.unwrap();
        }
        for (number, text) in texts.iter().enumerate() {
            let loaded = analyses.load_analysis(text).await.unwrap().unwrap();
            assert_eq!((loaded.id.as_str(), &loaded.data), (*text, &json!(number)), "{}", store.engine);
            assert_eq!(loaded.analysis_type, *text);
            let found = support::ids(&store.storage, AnalysisQuery::of("r").of_type(*text)).await;
            assert_eq!(found, [*text]);
        }
        assert!(analyses.load_analysis("a\0b\0").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_result_without_an_id_gets_one_of_its_own() {
    for store in analysis_stores(|config| config).await {
        store.storage.graph().store_graph(&Graph::new("r")).await.unwrap();
        let result = AnalysisResult::new("r", "t", json!({ "n": 1 })).with_metadata("by", "a test");
        let first = store.storage.analysis().store_analysis(result.clone()).await.unwrap();
        let second = store.storage.analysis().store_analysis(result).await.unwrap();
        assert_ne!(first.id, second.id);
        assert_eq!(first.id.len(), 32);
        assert_eq!(first.data_bytes, 7);
        let loaded = store.storage.analysis().load_analysis(&first.id).await.unwrap().unwrap();
        assert_eq!(loaded.timestamp, Some(first.timestamp), "{}", store.engine);
        assert_eq!(loaded.metadata, first.metadata);
    }
}

#[tokio::test]
async fn times_are_kept_in_whole_milliseconds() {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    let result =
        AnalysisResult::new("r", "t", json!(1)).with_timestamp(day(5) + Duration::from_nanos(999_999));
    let stored = storage.analysis().store_analysis(result).await.unwrap();
    assert_eq!(stored.timestamp, day(5));
    assert_eq!(serde_json::to_value(&stored).unwrap()["timestamp"], json!(support::DAY_MS + 5));
    assert_eq!(serde_json::to_value(&stored).unwrap()["type"], json!("t"));
}

/// What a user's own test stands in for a store.
#[derive(Default)]
struct Mock(Mutex<Vec<AnalysisResult>>);

#[async_trait]
impl AnalysisStorage for Mock {
    async fn store_analysis(&self, result: AnalysisResult) -> Result<AnalysisSummary> {
        let summary = AnalysisSummary {
            id: result.id.clone(),
            repository: result.repository.clone(),
            analysis_type: result.analysis_type.clone(),
            timestamp: day(0),
            data_bytes: 0,
            metadata: result.metadata.clone(),
        };
        self.0.lock().unwrap().push(result);
        Ok(summary)
    }

    async fn load_analysis(&self, id: &str) -> Result<Option<AnalysisResult>> {
        Ok(self.0.lock().unwrap().iter().find(|result| result.id == id).cloned())
    }

    async fn find_analysis(&self, query: &AnalysisQuery) -> Result<FoundAnalyses<AnalysisResult>> {
        let all = self.0.lock().unwrap().clone();
        let results = all.into_iter().filter(|result| result.repository == query.repository).collect();
        Ok(FoundAnalyses { results, next: None })
    }

    async fn list_analysis(&self, _: &AnalysisQuery) -> Result<FoundAnalyses<AnalysisSummary>> {
        Ok(FoundAnalyses { results: Vec::new(), next: None })
    }

    async fn delete_analysis(&self, id: &str) -> Result<bool> {
        Ok(self.load_analysis(id).await?.is_some())
    }

    async fn cleanup_old_results(&self, _: &Retention) -> Result<AnalysisCleanup> {
        Ok(AnalysisCleanup::default())
    }
}

/// Users stand in a mock of their own: the trait is object-safe, and a store is one of its objects.
#[tokio::test]
async fn analyses_are_used_through_an_object() {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().store_graph(&Graph::new("r")).await.unwrap();
    let stores: [Box<dyn AnalysisStorage>; 2] =
        [Box::new(storage.analysis().clone()), Box::new(Mock::default())];
    for analyses in stores {
        let result = AnalysisResult::new("r", "x", json!(1)).with_id("it");
        assert_eq!(analyses.store_analysis(result).await.unwrap().id, "it");
        assert_eq!(analyses.load_analysis("it").await.unwrap().unwrap().data, json!(1));
        assert_eq!(analyses.find_analysis(&AnalysisQuery::of("r")).await.unwrap().results.len(), 1);
        assert!(!analyses.delete_analysis("no").await.unwrap());
    }
}
