//! A repository goes from any store to any other as it is, and a copy that is cut off goes on where it was.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codestrata::copy::{CopiedRepository, CopyOptions, CopyReport, CopyStep, CopyWatch, Unwatched, copy};
use codestrata::history::Since;
use codestrata::limits::{ANALYSIS_PART_BYTES, COPY_BATCH_BYTES};
use codestrata::{
    AnalysisQuery, AnalysisResult, AnalysisStorage, Attributes, Compression, Error, ErrorKind, FileChanges,
    GraphStorage, StorageConfig, StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Capabilities, Op, ScanRequest};
use serde_json::json;
use support::{Fault, Faulty, all_keys, analysis_stores, day, export, file, ids, store_results, stores};

const REPO: &str = "owner/name";

/// A repository with everything that one can have: files that refer to each other, postings added since the first store,
/// notes, attributes, and results of analyses, one of which is larger than a value.
async fn fill(storage: &StorageManager) {
    let files = (0..40).map(|n| {
        let call = format!("m{}.f", n / 2);
        file(&format!("m{n}.py"), &[("f", &[call.as_str()]), ("g", &["m0.f", "nowhere.h"])])
    });
    let mut changes = FileChanges { replaced: files.collect(), ..FileChanges::default() };
    changes.metadata.attributes.insert("team".to_owned(), json!(["a", 1]));
    storage.graph().update_files(REPO, changes).await.unwrap();
    storage.graph().replace_file(REPO, file("m1.py", &[("f", &["m39.g"])])).await.unwrap();
    let note = Attributes::from([("score", json!(0.5))]);
    storage.graph().annotate(REPO, "m0.py::f", "analyser", &note).await.unwrap();
    store_results(storage, REPO, "dead", &[("one", 1), ("two", 2)]).await;
    let large = json!("x".repeat(2_500_000));
    let large = AnalysisResult::new(REPO, "large", large).with_id("three").with_timestamp(day(3));
    storage.analysis().store_analysis(large).await.unwrap();
}

/// Everything that can be asked of a repository, as text.
async fn everything(storage: &StorageManager) -> String {
    let metadata = storage.graph().graph_metadata(REPO).await.unwrap().unwrap();
    let noted = storage.query(REPO).show("m0.py::f").await.unwrap();
    let found = storage.analysis().find_analysis(&AnalysisQuery::of(REPO).limit(100)).await;
    let found = match found {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        found => found.unwrap().results,
    };
    let changes = storage.graph().changes(REPO, Since::Beginning, 100).await.unwrap();
    format!("{metadata:?}\n{noted:?}\n{found:?}\n{changes:?}\n{}", export(storage, REPO).await)
}

async fn copied(from: &StorageManager, to: &StorageManager, options: &CopyOptions) -> CopiedRepository {
    let CopyReport { mut repositories } = copy(from, to, options, &Unwatched).await.unwrap().unwrap();
    assert_eq!(repositories.len(), 1);
    repositories.remove(0)
}

fn replacing() -> CopyOptions {
    CopyOptions { replace: true, ..CopyOptions::default() }
}

fn memory() -> Arc<dyn Backend> {
    Arc::new(MemoryBackend::new())
}

fn over(backend: &Arc<dyn Backend>) -> StorageManager {
    StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(backend)).unwrap()
}

/// Small batches, so that a copy has many of them.
fn small_batches(below: &Arc<dyn Backend>, fail_at: usize, fault: Fault) -> Arc<dyn Backend> {
    let capabilities: Capabilities = below.capabilities().with_max_batch_bytes(8 << 20);
    let capabilities =
        if fail_at == usize::MAX { capabilities } else { capabilities.with_max_batch_bytes(4 << 20) };
    Arc::new(Faulty::new(Arc::clone(below), fail_at, fault).with_capabilities(capabilities))
}

#[tokio::test]
async fn every_engine_gives_it_to_every_engine() {
    let sources = stores().await;
    for source in &sources {
        fill(&source.storage).await;
        let expected = everything(&source.storage).await;
        let mut digests = Vec::new();
        for target in stores().await {
            let pair = format!("{} to {}", source.engine, target.engine);
            let done = copied(&source.storage, &target.storage, &CopyOptions::default()).await;
            assert_eq!(
                (done.version, done.analyses, done.resumed, done.replaced),
                (3, 3, false, false),
                "{pair}"
            );
            assert!(everything(&target.storage).await == expected, "{pair}");
            digests.push(done.digest);
            // It is a repository like any other.
            let change = file("m1.py", &[("f", &["m38.g"])]);
            target.storage.graph().replace_file(REPO, change.clone()).await.unwrap();
            store_results(&target.storage, REPO, "dead", &[("four", 4)]).await;
            let query = target.storage.query(REPO);
            assert_eq!(query.callers("m38.py::g", 10).await.unwrap().results.len(), 1, "{pair}");
            assert_eq!(query.callers("m39.py::g", 10).await.unwrap().results.len(), 0, "{pair}");
        }
        assert!(digests.iter().all(|digest| *digest == digests[0] && digest.len() == 32), "{digests:?}");
    }
}

#[tokio::test]
async fn a_copy_is_written_in_batches_of_little_more_than_what_is_copied_at_a_time() {
    let source = over(&memory());
    fill(&source).await;
    let target = Arc::new(Faulty::new(memory(), usize::MAX, Fault::LoseAcknowledgement));
    let backend: Arc<dyn Backend> = Arc::clone(&target) as Arc<dyn Backend>;
    let done = copied(&source, &over(&backend), &CopyOptions::default()).await;
    assert!(done.bytes > 2_500_000, "{}", done.bytes);
    // The last record of a batch may be a whole part of a result.
    let most = COPY_BATCH_BYTES + ANALYSIS_PART_BYTES + 10_000;
    assert!(target.largest.load(Ordering::SeqCst) <= most);
}

#[tokio::test]
async fn results_go_from_any_store_of_theirs_to_any_other() {
    for source in analysis_stores(|config| config).await {
        fill(&source.storage).await;
        let expected = everything(&source.storage).await;
        for target in analysis_stores(|config| config.compression(Compression::Zstd)).await {
            let pair = format!("{} to {}", source.engine, target.engine);
            copied(&source.storage, &target.storage, &CopyOptions::default()).await;
            assert!(everything(&target.storage).await == expected, "{pair}");
            // A second time there is nothing to do.
            let before = all_keys(target.storage.backend()).await;
            assert!(
                copied(&source.storage, &target.storage, &CopyOptions::default()).await.was_there,
                "{pair}"
            );
            assert_eq!(all_keys(target.storage.backend()).await, before, "{pair}");
            // In place of another state: the ids of results are taken, by those that go.
            target.storage.graph().replace_file(REPO, file("x.py", &[("f", &[])])).await.unwrap();
            let done = copied(&source.storage, &target.storage, &replacing()).await;
            assert!(done.replaced, "{pair}");
            assert!(everything(&target.storage).await == expected, "{pair}");
            assert_eq!(
                ids(&target.storage, AnalysisQuery::of(REPO)).await,
                ["three", "two", "one"],
                "{pair}"
            );
            target.storage.graph().delete_graph(REPO).await.unwrap();
            target.storage.maintenance().await.unwrap();
            let keys = all_keys(target.storage.backend()).await;
            // The record of the store itself stays.
            assert_eq!(keys, [vec![1]], "{pair}: something was left");
        }
    }
}

#[tokio::test]
async fn what_is_there_is_replaced_only_when_that_is_asked_for() {
    let (from, to) = (StorageManager::in_memory().unwrap(), StorageManager::in_memory().unwrap());
    fill(&from).await;
    store_results(&from, "another", "x", &[("a", 1)]).await;
    store_results(&to, REPO, "x", &[("old", 1), ("two", 2)]).await;
    let before = all_keys(to.backend()).await;
    let error = copy(&from, &to, &CopyOptions::default(), &Unwatched).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.message().contains("`owner/name`") && !error.message().contains("another"), "{error}");
    assert_eq!(all_keys(to.backend()).await, before, "something was copied");
    let report = copy(&from, &to, &replacing(), &Unwatched).await.unwrap().unwrap();
    let replaced: Vec<_> =
        report.repositories.iter().map(|one| (one.repository.as_str(), one.replaced)).collect();
    assert_eq!(replaced, [("another", false), (REPO, true)]);
    assert!(everything(&to).await == everything(&from).await);
    assert!(to.analysis().load_analysis("old").await.unwrap().is_none());
    // Nothing of what was replaced is left.
    let fresh = StorageManager::in_memory().unwrap();
    copy(&from, &fresh, &CopyOptions::default(), &Unwatched).await.unwrap().unwrap();
    assert_eq!(all_keys(to.backend()).await.len(), all_keys(fresh.backend()).await.len());
}

#[tokio::test]
async fn only_the_repositories_that_are_named_are_copied() {
    let (from, to) = (StorageManager::in_memory().unwrap(), StorageManager::in_memory().unwrap());
    for id in ["a", "b", "c"] {
        store_results(&from, id, "x", &[(id, 1)]).await;
    }
    let named = |ids: &[&str]| CopyOptions {
        repositories: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..CopyOptions::default()
    };
    let error = copy(&from, &to, &named(&["a", "z"]), &Unwatched).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().contains("`z`"), "{error}");
    assert!(all_keys(to.backend()).await.is_empty());
    copy(&from, &to, &named(&["c", "a", "a"]), &Unwatched).await.unwrap().unwrap();
    assert_eq!(to.graph().list_repositories().await.unwrap(), ["a", "c"]);
}

#[tokio::test]
async fn a_result_of_another_repository_is_not_taken_from_it() {
    let (from, to) = (StorageManager::in_memory().unwrap(), StorageManager::in_memory().unwrap());
    fill(&from).await;
    store_results(&to, "another", "x", &[("two", 1)]).await;
    let error = copy(&from, &to, &CopyOptions::default(), &Unwatched).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert!(error.message().contains("`two` of `another`"), "{error}");
    assert!(!to.graph().graph_exists(REPO).await.unwrap());
    assert_eq!(to.analysis().load_analysis("two").await.unwrap().unwrap().repository, "another");
    to.analysis().delete_analysis("two").await.unwrap();
    copied(&from, &to, &CopyOptions::default()).await;
    assert!(everything(&to).await == everything(&from).await);
}

#[tokio::test]
async fn of_several_those_that_were_copied_before_an_interruption_are_passed_over() {
    let (from, to) = (StorageManager::in_memory().unwrap(), StorageManager::in_memory().unwrap());
    for id in ["a", "b", "c"] {
        store_results(&from, id, "x", &[(id, 1)]).await;
    }
    let only = CopyOptions { repositories: vec!["b".to_owned()], ..CopyOptions::default() };
    copy(&from, &to, &only, &Unwatched).await.unwrap().unwrap();
    let report = copy(&from, &to, &CopyOptions::default(), &Unwatched).await.unwrap().unwrap();
    let passed: Vec<_> =
        report.repositories.iter().map(|one| (one.repository.as_str(), one.was_there)).collect();
    assert_eq!(passed, [("a", false), ("b", true), ("c", false)]);
    // One whose results alone are others is not the same.
    to.analysis().delete_analysis("c").await.unwrap();
    let error = copy(&from, &to, &CopyOptions::default(), &Unwatched).await.unwrap_err();
    assert!(error.message().contains("`c`") && !error.message().contains("`a`"), "{error}");
}

/// Copies with a target that fails at each of its commits in turn, and again without a fault.
async fn cut_off_everywhere(fault: Fault, replace: bool) {
    let from = over(&memory());
    fill(&from).await;
    let expected = everything(&from).await;
    let options = if replace { replacing() } else { CopyOptions::default() };
    let mut resumed = 0;
    for fail_at in 0.. {
        assert!(fail_at < 100, "it never came to its end");
        let below = memory();
        if replace {
            store_results(&over(&below), REPO, "x", &[("old", 1), ("two", 2)]).await;
        }
        let before = if replace { Some(everything(&over(&below)).await) } else { None };
        let faulty =
            StorageManager::from_backends(StorageConfig::in_memory(), small_batches(&below, fail_at, fault))
                .unwrap();
        let outcome = copy(&from, &faulty, &options, &Unwatched).await;
        drop(faulty);
        let to = over(&below);
        let is_there = to.graph().graph_exists(REPO).await.unwrap();
        let is_copied = is_there && everything(&to).await == expected;
        match (&before, is_copied) {
            (None, _) => assert_eq!(is_there, is_copied, "{fail_at}: half of it can be seen"),
            (Some(before), false) => {
                assert!(everything(&to).await == *before, "{fail_at}: half of it can be seen");
            }
            (Some(_), true) => {}
        }
        let is_unhurt = outcome.is_ok();
        assert!(!is_unhurt || is_copied, "{fail_at}: {outcome:?}");
        if !is_copied {
            // Another writer and a clean-up come between.
            store_results(&to, "between", "x", &[("between", 1)]).await;
            to.maintenance().await.unwrap();
            assert!(to.graph().delete_graph("between").await.unwrap());
            let done = copied(&from, &to, &options).await;
            resumed += u32::from(done.resumed);
            assert!(everything(&to).await == expected, "{fail_at}");
        }
        to.maintenance().await.unwrap();
        let fresh = over(&memory());
        copied(&from, &fresh, &CopyOptions::default()).await;
        assert_eq!(
            all_keys(to.backend()).await.len(),
            all_keys(fresh.backend()).await.len(),
            "{fail_at}: something was left"
        );
        if is_unhurt {
            assert!(fail_at > 5, "only {fail_at} commits");
            assert!(resumed > 2, "only {resumed} of {fail_at} copies were gone on with");
            return;
        }
    }
}

#[tokio::test]
async fn a_copy_that_is_cut_off_at_any_commit_goes_on() {
    cut_off_everywhere(Fault::Refuse(ErrorKind::Full), false).await;
}

#[tokio::test]
async fn a_replacement_that_is_cut_off_at_any_commit_leaves_what_was_there_and_goes_on() {
    cut_off_everywhere(Fault::Refuse(ErrorKind::Full), true).await;
}

#[tokio::test]
async fn two_stores_that_are_cut_off_at_any_commit_go_on() {
    let from = over(&memory());
    fill(&from).await;
    let expected = everything(&from).await;
    for (graphs_fail, analyses_fail) in (0..14).flat_map(|at| [(at, usize::MAX), (usize::MAX, at)]) {
        let (graphs, analyses) = (memory(), memory());
        let two = |a, b| StorageManager::from_separate_backends(StorageConfig::in_memory(), a, b).unwrap();
        let refuse = Fault::Refuse(ErrorKind::Full);
        let faulty =
            two(small_batches(&graphs, graphs_fail, refuse), small_batches(&analyses, analyses_fail, refuse));
        let _ = copy(&from, &faulty, &CopyOptions::default(), &Unwatched).await;
        drop(faulty);
        let to = two(Arc::clone(&graphs), Arc::clone(&analyses));
        let context = format!("{graphs_fail} {analyses_fail}");
        if !to.graph().graph_exists(REPO).await.unwrap() || everything(&to).await != expected {
            copied(&from, &to, &CopyOptions::default()).await;
        }
        assert!(everything(&to).await == expected, "{context}");
        to.graph().delete_graph(REPO).await.unwrap();
        to.maintenance().await.unwrap();
        assert_eq!(all_keys(graphs.as_ref()).await.len(), 1, "{context}");
        assert!(all_keys(analyses.as_ref()).await.is_empty(), "{context}");
    }
}

/// Stops when it was asked so often.
struct StopAt {
    asked: AtomicUsize,
    at: usize,
    steps: std::sync::Mutex<Vec<CopyStep>>,
}

impl StopAt {
    fn new(at: usize) -> Self {
        Self { asked: AtomicUsize::new(0), at, steps: std::sync::Mutex::default() }
    }
}

impl CopyWatch for StopAt {
    fn began(&self, repo_id: &str, step: CopyStep) {
        assert_eq!(repo_id, REPO);
        self.steps.lock().unwrap().push(step);
    }

    fn is_stopped(&self) -> bool {
        self.asked.fetch_add(1, Ordering::SeqCst) >= self.at
    }
}

#[tokio::test]
async fn a_copy_can_be_stopped_whenever_it_asks() {
    let from = StorageManager::in_memory().unwrap();
    fill(&from).await;
    for at in 0.. {
        let to = StorageManager::in_memory().unwrap();
        let watch = StopAt::new(at);
        if copy(&from, &to, &CopyOptions::default(), &watch).await.unwrap().is_some() {
            assert!(at > 4, "it asked only {at} times");
            assert_eq!(*watch.steps.lock().unwrap(), [CopyStep::Copying, CopyStep::Comparing]);
            return;
        }
        assert!(!to.graph().graph_exists(REPO).await.unwrap());
        let done = copied(&from, &to, &CopyOptions::default()).await;
        assert!(done.resumed, "{at}");
        assert!(everything(&to).await == everything(&from).await, "{at}");
    }
}

#[tokio::test]
async fn a_source_that_changed_is_copied_anew() {
    for change_results in [false, true] {
        let (from, to) = (StorageManager::in_memory().unwrap(), StorageManager::in_memory().unwrap());
        fill(&from).await;
        assert!(copy(&from, &to, &CopyOptions::default(), &StopAt::new(2)).await.unwrap().is_none());
        if change_results {
            from.analysis().delete_analysis("one").await.unwrap();
        } else {
            from.graph().replace_file(REPO, file("new.py", &[("f", &[])])).await.unwrap();
        }
        let done = copied(&from, &to, &CopyOptions::default()).await;
        assert!(!done.resumed);
        assert!(everything(&to).await == everything(&from).await);
        let fresh = StorageManager::in_memory().unwrap();
        copied(&from, &fresh, &CopyOptions::default()).await;
        assert_eq!(all_keys(to.backend()).await.len(), all_keys(fresh.backend()).await.len());
    }
}

#[tokio::test]
async fn what_does_not_read_as_it_was_written_is_noticed_before_it_is_seen() {
    let from = StorageManager::in_memory().unwrap();
    fill(&from).await;
    let below = memory();
    // Stopped when everything is written: at the first question of the comparison.
    let mut stopped = None;
    for at in 0..20 {
        let (below, watch) = (memory(), StopAt::new(at));
        let to = over(&below);
        assert!(copy(&from, &to, &CopyOptions::default(), &watch).await.unwrap().is_none());
        if watch.steps.lock().unwrap().len() == 2 {
            stopped = Some(below);
            break;
        }
    }
    drop(below);
    let below = stopped.unwrap();
    // Another byte in the last segment.
    let range = codestrata_core::KeyRange::prefix(vec![0x10]);
    let page = below.scan(&ScanRequest::new(range).reverse().max_items(1)).await.unwrap();
    let (key, value) = page.iter_shared().next().unwrap();
    let mut other = value.to_vec();
    *other.last_mut().unwrap() ^= 1;
    let mut batch = Batch::new();
    batch.add(Op::Put(codestrata_core::Key::new(key.to_vec()).unwrap(), other.into()));
    below.apply(batch).await.unwrap();
    let to = over(&below);
    let done = copied(&from, &to, &CopyOptions::default()).await;
    assert!(!done.resumed, "what was left was taken for whole");
    assert!(everything(&to).await == everything(&from).await);
}

#[tokio::test]
async fn a_record_that_the_target_does_not_take_is_said_and_nothing_is_seen() {
    let from = StorageManager::in_memory().unwrap();
    fill(&from).await;
    let below = memory();
    let capabilities = below.capabilities().with_max_value_bytes(500_000);
    let small =
        Faulty::new(Arc::clone(&below), usize::MAX, Fault::LoseCommit).with_capabilities(capabilities);
    let to = StorageManager::from_backends(StorageConfig::in_memory(), Arc::new(small)).unwrap();
    let error: Error = copy(&from, &to, &CopyOptions::default(), &Unwatched).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    assert!(error.help().unwrap().contains("500000 bytes"), "{error:?}");
    assert!(!over(&below).graph().graph_exists(REPO).await.unwrap());
}

#[tokio::test]
async fn a_copy_can_be_given_to_another_thread() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let (from, to) = (StorageManager::in_memory().unwrap(), StorageManager::in_memory().unwrap());
    let options = CopyOptions::default();
    let report = is_send(copy(&from, &to, &options, &Unwatched)).await.unwrap().unwrap();
    assert!(report.repositories.is_empty());
}
