//! Graphs and results above an engine that goes wrong: an error says what is so, nothing that was not committed is seen,
//! and with retries nothing is noticed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use codestrata::layers::{FaultPlan, Faulty, Operation, When};
use codestrata::{
    AnalysisResult, AnalysisStorage, ErrorKind, FileChanges, Graph, GraphStorage, PreparedFile,
    StorageConfig, StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_config::BackendConfig;
use codestrata_conformance::random::Random;
use codestrata_core::Backend;
use serde_json::json;

use crate::gate::Gated;
use crate::histories::seeds;
use crate::support::{export, file};

/// The files of a repository: which function each has, and whom it calls.
type Tree = BTreeMap<String, (String, String)>;

fn prepared(path: &str, (function, call): &(String, String)) -> PreparedFile {
    file(path, &[(function, &[call])])
}

/// Some files written, and some removed; or many at once, which is stored as a new generation.
fn edit(random: &mut Random, tree: &mut Tree) -> FileChanges {
    let mut changes = FileChanges::default();
    let most = if random.below(5) == 0 { 90 } else { 3 };
    for _ in 0..=random.below(most) {
        let path = format!("m{}.py", random.below(90));
        let content = (format!("f{}", random.below(3)), format!("m{}.f{}", random.below(9), random.below(3)));
        changes.replaced.retain(|other| other.path() != path);
        changes.replaced.push(prepared(&path, &content));
        tree.insert(path, content);
    }
    if random.below(3) == 0 {
        let gone = tree.keys().find(|path| changes.replaced.iter().all(|file| file.path() != *path)).cloned();
        if let Some(path) = gone {
            tree.remove(&path);
            changes.removed.push(path);
        }
    }
    changes
}

/// What a clean build of a tree exports.
async fn built(tree: &Tree) -> String {
    let clean = StorageManager::in_memory().unwrap();
    let replaced = tree.iter().map(|(path, content)| prepared(path, content)).collect();
    clean.graph().update_files("r", FileChanges { replaced, ..FileChanges::default() }).await.unwrap();
    export(&clean, "r").await
}

fn over(config: StorageConfig, below: Arc<dyn Backend>) -> StorageManager {
    StorageManager::from_backends(config, below).unwrap()
}

/// What is stored, seen with a fresh cache and without faults.
async fn stored(below: &Arc<dyn Backend>) -> String {
    export(&over(StorageConfig::in_memory(), Arc::clone(below)), "r").await
}

#[tokio::test]
async fn an_update_is_the_old_graph_or_the_new_and_its_error_says_which() {
    let (mut unknown, mut refused, mut done) = (0, 0, 0);
    for seed in seeds(10) {
        println!(
            "again with CODESTRATA_SEED={seed} cargo test -p codestrata --test layers stores_over_faults"
        );
        let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        let (mut random, mut tree) = (Random::seeded(seed), Tree::new());
        let first = edit(&mut random, &mut tree);
        over(StorageConfig::in_memory(), Arc::clone(&below)).graph().update_files("r", first).await.unwrap();

        let plan = FaultPlan::seeded(seed)
            .tear_acknowledgements(When::PerMille(150))
            .fail(&[Operation::Apply], When::PerMille(50), ErrorKind::Unavailable)
            .fail(&[Operation::Get, Operation::Snapshot], When::PerMille(60), ErrorKind::Unavailable);
        let faulty = Arc::new(Faulty::new(Arc::clone(&below), plan));
        let storage = over(StorageConfig::in_memory(), faulty);
        for step in 0..12 {
            let mut next = tree.clone();
            let changes = edit(&mut random, &mut next);
            let (old, new) = (built(&tree).await, built(&next).await);
            let outcome = storage.graph().update_files("r", changes).await;
            let now = stored(&below).await;
            match outcome {
                Ok(_) => {
                    assert!(now == new, "seed {seed}, step {step}: it was acknowledged and is not there");
                    done += 1;
                }
                Err(error) if error.kind().is_certainly_not_applied() => {
                    assert!(now == old, "seed {seed}, step {step}: {error:?}, and yet the graph is another");
                    refused += 1;
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::CommitUnknown, "seed {seed}, step {step}");
                    assert!(now == old || now == new, "seed {seed}, step {step}: a graph that nobody stored");
                    unknown += 1;
                }
            }
            if now == new {
                tree = next;
            }
            // The same store, with the cache that it has filled meanwhile.
            match storage.graph().load_graph("r").await {
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "seed {seed}, step {step}"),
                Ok(seen) => {
                    let fresh = over(StorageConfig::in_memory(), Arc::clone(&below));
                    let fresh = fresh.graph().load_graph("r").await.unwrap();
                    let parts = |graph: Option<Graph>| graph.map(|graph| (graph.nodes, graph.edges));
                    assert_eq!(
                        parts(seen),
                        parts(fresh),
                        "seed {seed}, step {step}: what was not committed is seen"
                    );
                }
            }
        }
    }
    println!("{done} done, {refused} refused, {unknown} unknown");
    if seeds(10).count() >= 10 {
        assert!(done > 50 && refused > 10, "{done} done, {refused} refused, {unknown} unknown");
    }
}

#[tokio::test]
async fn a_commit_that_no_read_can_settle_is_of_unknown_outcome() {
    let mut unsettled = (0, 0);
    // The engine goes away at every read in turn, so that the one that settles the commit is among them.
    let reads = (0..20).flat_map(|read| [(Operation::Get, read), (Operation::GetMany, read)]);
    for (operation, read) in reads {
        let below: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
        let first = over(StorageConfig::in_memory(), Arc::clone(&below));
        first.graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
        let faulty = || {
            let plan = FaultPlan::seeded(1).lose_acknowledgements(When::Call(0)).fail(
                &[operation],
                When::From(read),
                ErrorKind::Unavailable,
            );
            over(StorageConfig::in_memory(), Arc::new(Faulty::new(Arc::clone(&below), plan)))
        };
        let update = faulty().graph().replace_file("r", file("b.py", &[("g", &[])])).await;
        let is_stored = first.query("r").totals().await.unwrap().1.files == 2;
        if let Err(error) = update {
            let is_honest = !is_stored || !error.kind().is_certainly_not_applied();
            assert!(is_honest, "{operation} {read}: {error:?}, and yet the file is stored");
            unsettled.0 += u32::from(error.kind() == ErrorKind::CommitUnknown);
        }
        let result = AnalysisResult::new("r", "x", json!({})).with_id("id");
        let stored = faulty().analysis().store_analysis(result).await;
        let is_stored = first.analysis().load_analysis("id").await.unwrap().is_some();
        if let Err(error) = stored {
            let is_honest = !is_stored || !error.kind().is_certainly_not_applied();
            assert!(is_honest, "{operation} {read}: {error:?}, and yet the result is stored");
            unsettled.1 += u32::from(error.kind() == ErrorKind::CommitUnknown);
        }
    }
    assert!(unsettled.0 > 0 && unsettled.1 > 0, "no commit was left unsettled: {unsettled:?}");
}

#[tokio::test]
async fn with_retries_a_store_ends_right_over_an_engine_that_is_often_unavailable() {
    let unsteady = |seed| -> Arc<dyn Backend> {
        let plan = FaultPlan::seeded(seed)
            .fail(&Operation::ALL, When::PerMille(30), ErrorKind::Unavailable)
            .fail(&[Operation::Apply], When::PerMille(50), ErrorKind::Conflict)
            .tear_acknowledgements(When::PerMille(50))
            .cut_pages(When::PerMille(200));
        Arc::new(Faulty::new(Arc::new(MemoryBackend::new()), plan))
    };
    let analyses = BackendConfig::new("memory").with_retries(20);
    let config =
        StorageConfig::in_memory().retries(20).timeout(Duration::from_secs(300)).analysis_store(analyses);
    for seed in seeds(4) {
        let storage =
            StorageManager::from_separate_backends(config.clone(), unsteady(seed), unsteady(seed + 100))
                .unwrap();
        let (mut random, mut tree) = (Random::seeded(seed), Tree::new());
        for step in 0..8 {
            let changes = edit(&mut random, &mut tree);
            storage.graph().update_files("r", changes).await.unwrap();
            let result = AnalysisResult::new("r", "x", json!({ "step": step })).with_id(format!("id{step}"));
            storage.analysis().store_analysis(result).await.unwrap();
        }
        assert_eq!(export(&storage, "r").await, built(&tree).await, "seed {seed}");
        for step in 0..8 {
            let found = storage.analysis().load_analysis(&format!("id{step}")).await.unwrap();
            assert_eq!(found.unwrap().data, json!({ "step": step }), "seed {seed}");
        }
        storage.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_commit_that_timed_out_is_settled_when_it_has_ended_and_counts_once() {
    let gated = Gated::new();
    let config = StorageConfig::in_memory().timeout(Duration::from_millis(200)).retries(30);
    let storage = Arc::new(over(config, Arc::clone(&gated) as Arc<dyn Backend>));
    storage.graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
    let begun = gated.begun.load(Ordering::SeqCst);

    gated.batches.send_replace(true);
    let update = tokio::spawn({
        let storage = Arc::clone(&storage);
        async move { storage.graph().replace_file("r", file("b.py", &[("g", &[])])).await }
    });
    // The gate opens when the batch has been given up: a read that waits for it says so.
    while gated.begun.load(Ordering::SeqCst) == begun {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    gated.batches.send_replace(false);
    let summary = update.await.unwrap().unwrap();
    assert_eq!(summary.version, 2);
    assert_eq!(gated.begun.load(Ordering::SeqCst), begun + 1, "the batch was sent once");
    let (version, totals) = storage.query("r").totals().await.unwrap();
    assert_eq!((version, totals.files), (2, 2));
}

#[tokio::test]
async fn a_store_with_a_timeout_does_not_wait_for_an_engine_that_hangs() {
    let gated = Gated::new();
    let config = StorageConfig::in_memory().timeout(Duration::from_millis(20));
    let storage = over(config, Arc::clone(&gated) as Arc<dyn Backend>);
    storage.graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
    gated.reads.send_replace(true);
    let error = storage.query("r").totals().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("`memory` did not answer"), "{error}");
    assert!(error.help().unwrap().contains("timeout"), "{error}");
    gated.reads.send_replace(false);
    assert_eq!(storage.query("r").totals().await.unwrap().0, 1);
    assert!(storage.backend().stats().await.unwrap().keys.unwrap() > 0);
}
