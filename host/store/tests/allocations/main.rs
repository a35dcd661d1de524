//! The guard on allocations: a question that was asked before allocates little more than its answer.
//!
//! It is a program of its own with one test, because the allocator counts for the whole process.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../guard/bounds.rs"]
#[expect(dead_code, reason = "the other bounds are of the other program")]
mod bounds;
#[path = "../guard/project.rs"]
#[expect(dead_code, reason = "edits are of the other program")]
mod project;

use codestrata::limits::MAX_RESULTS;
use codestrata::{FileChanges, GraphStorage, OpenMode, Queries, StorageConfig, StorageManager};
use codestrata_backend_redb as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use bounds::{Allocations, CALLEES, CALLERS, NAME, NODE, at_most};
use project::sources::{FILES, path};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

/// The function that stands second in a file: its name and its id.
fn function(number: usize) -> (String, String) {
    let name = format!("function_0_{number}_1");
    let id = format!("{}::{name}", path(0, number));
    (name, id)
}

async fn ask(queries: &Queries, kind: &str, (name, id): &(String, String)) -> usize {
    match kind {
        "node" => usize::from(queries.node(id).await.unwrap().is_some()),
        "callers" => queries.callers(id, MAX_RESULTS).await.unwrap().results.len(),
        "callees" => queries.callees(id, MAX_RESULTS).await.unwrap().0.results.len(),
        "name" => queries.resolve(name).await.unwrap().results.len(),
        _ => 0,
    }
}

/// What a question of a kind allocates, its answer included, in the mean of one for each file.
async fn allocations(queries: &Queries, kind: &str) -> Allocations {
    let functions: Vec<_> = (0..FILES).map(function).collect();
    for function in &functions {
        assert_ne!(ask(queries, kind, function).await, 0, "{kind} of {function:?}");
    }
    let begun = Region::new(ALLOCATOR);
    for function in &functions {
        ask(queries, kind, function).await;
    }
    let change = begun.change();
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let mean = |count: usize| count as f64 / FILES as f64;
    Allocations { count: mean(change.allocations), bytes: mean(change.bytes_allocated) }
}

async fn hold_all(engine: &str, queries: &Queries) {
    for (kind, allowed) in [("node", NODE), ("callers", CALLERS), ("callees", CALLEES), ("name", NAME)] {
        let Allocations { count, bytes } = allocations(queries, kind).await;
        at_most(&format!("{engine}, {kind}: allocations"), count, allowed.count);
        at_most(&format!("{engine}, {kind}: bytes of them"), bytes, allowed.bytes);
    }
}

#[test]
fn a_question_allocates_little_more_than_its_answer() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let redb = StorageConfig::new("redb").option("path", folder.path().join("g.redb").to_str().unwrap());
        for config in [StorageConfig::in_memory(), redb] {
            let engine = config.storage().backend().to_owned();
            let storage = StorageManager::open_with(config, OpenMode::Create).await.unwrap();
            let changes = FileChanges { replaced: project::project(1), ..FileChanges::default() };
            storage.graph().update_files("r", changes).await.unwrap();
            hold_all(&engine, &storage.query("r")).await;
            storage.close().await.unwrap();
        }
    });
}
