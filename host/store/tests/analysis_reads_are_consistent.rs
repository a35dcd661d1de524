//! A result that is read while it is replaced is the old one or the new one, also from an engine without snapshots.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codestrata::{
    AnalysisQuery, AnalysisResult, AnalysisStorage, ErrorKind, Graph, GraphStorage, StorageConfig,
    StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Key, Page, ReadView, Result, ScanRequest, async_trait,
};
use serde_json::json;

/// A backend without snapshots, under which a result is replaced before some of the reads.
struct Moving {
    below: Arc<dyn Backend>,
    writer: StorageManager,
    reads: AtomicUsize,
    is_moved_at: fn(usize, usize) -> bool,
    at: usize,
    capabilities: Capabilities,
}

impl Moving {
    async fn count(&self) {
        let number = self.reads.fetch_add(1, Ordering::SeqCst);
        if (self.is_moved_at)(number, self.at) {
            store(&self.writer, number + 1).await;
        }
    }
}

#[async_trait]
impl ReadView for Moving {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.count().await;
        self.below.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.count().await;
        self.below.scan(request).await
    }
}

#[async_trait]
impl Backend for Moving {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.below.apply(batch).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        self.below.snapshot().await
    }

    async fn flush(&self) -> Result<()> {
        self.below.flush().await
    }

    async fn close(&self) -> Result<()> {
        self.below.close().await
    }
}

/// Stores the result with data, type and time that name its state.
async fn store(storage: &StorageManager, state: usize) {
    let result = AnalysisResult::new(
        "r",
        format!("type {state}"),
        json!({ "state": state, "long": "x".repeat(5_000) }),
    )
    .with_id("it")
    .with_timestamp(support::day(state as u64))
    .with_metadata("state", state);
    storage.analysis().store_analysis(result).await.unwrap();
}

/// A store that moves at some reads, and how often it was read.
async fn moving(is_moved_at: fn(usize, usize) -> bool, at: usize) -> (StorageManager, Arc<Moving>) {
    let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let writer = StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(&below)).unwrap();
    writer.graph().store_graph(&Graph::new("r")).await.unwrap();
    store(&writer, 0).await;
    let capabilities = Capabilities::minimal();
    let moving =
        Arc::new(Moving { below, writer, reads: AtomicUsize::new(0), is_moved_at, at, capabilities });
    let backend: Arc<dyn Backend> = Arc::clone(&moving) as _;
    (StorageManager::from_backends(StorageConfig::in_memory(), backend).unwrap(), moving)
}

/// Whether a result is of one state, whichever.
fn assert_whole(result: &AnalysisResult, at: usize) {
    let state = &result.metadata["state"];
    assert_eq!(&result.data["state"], state, "at {at}");
    assert_eq!(result.analysis_type, format!("type {state}"), "at {at}");
    assert_eq!(result.timestamp, Some(support::day(state.as_u64().unwrap())), "at {at}");
}

#[tokio::test]
async fn a_result_that_is_replaced_at_any_read_is_the_old_one_or_the_new() {
    for at in 0..20 {
        let (storage, _) = moving(|number, at| number == at, at).await;
        assert_whole(&storage.analysis().load_analysis("it").await.unwrap().unwrap(), at);
        let (storage, _) = moving(|number, at| number == at, at).await;
        let found = storage.analysis().find_analysis(&AnalysisQuery::of("r")).await.unwrap();
        assert_eq!(found.results.len(), 1, "at {at}");
        assert_whole(&found.results[0], at);
        let (storage, _) = moving(|number, at| number == at, at).await;
        let listed = storage.analysis().list_analysis(&AnalysisQuery::of("r")).await.unwrap();
        let summary = &listed.results[0];
        assert_eq!(summary.analysis_type, format!("type {}", summary.metadata["state"]), "at {at}");
    }
}

#[tokio::test]
async fn a_read_that_others_never_let_finish_ends_with_a_conflict() {
    let (storage, moving) = moving(|_, _| true, 0).await;
    let error = storage.analysis().load_analysis("it").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    let error = storage.analysis().find_analysis(&AnalysisQuery::of("r")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert!(moving.reads.load(Ordering::SeqCst) < 200, "a bounded number of reads");
}
