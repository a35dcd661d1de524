//! What an edit costs depends on the file and on the references to the names it changes, and not on the repository:
//! reads, writes and bytes at the seam are counted for the same edit in trees of one, four and sixteen times the size.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::sync::Arc;

use codestrata::query::{Direction, EdgeKinds, Traversal};
use codestrata::{FileChanges, GraphStorage, PreparedFile, StorageConfig, StorageManager};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_config::ByteSize;
use support::counting::{Cost, Counting, Counts};
use support::file;

/// Files of the smallest tree.
const FILES: usize = 40;

/// Files of a module that nobody outside of it refers to, so that they are there and no more.
fn bystander(number: usize) -> PreparedFile {
    let own = format!("f{number}");
    let other = format!("m{}.f{}", number / 2, number / 2);
    file(&format!("m{number}.py"), &[(own.as_str(), &[other.as_str()]), ("helper", &[])])
}

/// A tree of so many bystanders, and a file that three others call.
async fn tree(files: usize) -> (StorageManager, Arc<Counts>) {
    // Without a cache every read is seen.
    tree_behind(ByteSize::mebibytes(0), files).await
}

async fn tree_behind(cache: ByteSize, files: usize) -> (StorageManager, Arc<Counts>) {
    let (backend, counts) = Counting::over(Arc::new(MemoryBackend::new()));
    let config = StorageConfig::in_memory().cache_capacity(cache);
    let storage = StorageManager::from_backends(config, Arc::new(backend)).unwrap();
    let mut replaced: Vec<PreparedFile> = (0..files).map(bystander).collect();
    replaced.push(file("base.py", &[("shared", &[]), ("other", &[])]));
    for number in 0..3 {
        replaced.push(file(&format!("caller{number}.py"), &[("call", &["base.shared", "base.shared"])]));
    }
    storage.graph().update_files("r", FileChanges { replaced, ..FileChanges::default() }).await.unwrap();
    counts.take();
    (storage, counts)
}

/// The functions of a file, with what they call.
type Functions = &'static [(&'static str, &'static [&'static str])];

/// The costs of edits, one after the other: a body, a function more, a function that others call gone, the file gone,
/// and the file back.
async fn costs_of_edits(files: usize) -> Vec<(&'static str, Cost)> {
    let (storage, counts) = tree(files).await;
    let mut costs = Vec::new();
    let states: [(&'static str, Functions); 3] = [
        ("a body", &[("shared", &["base.other"]), ("other", &[])]),
        ("a new function", &[("shared", &["base.other"]), ("other", &[]), ("new", &[])]),
        ("a function that is called goes", &[("other", &[]), ("new", &[])]),
    ];
    for (what, functions) in states {
        storage.graph().replace_file("r", file("base.py", functions)).await.unwrap();
        costs.push((what, counts.take()));
    }
    storage.graph().remove_file("r", "base.py").await.unwrap();
    costs.push(("the file goes", counts.take()));
    storage.graph().replace_file("r", file("base.py", &[("shared", &[]), ("other", &[])])).await.unwrap();
    costs.push(("the file returns", counts.take()));
    costs
}

#[tokio::test]
async fn an_edit_costs_the_same_in_a_repository_of_sixteen_times_the_size() {
    let small = costs_of_edits(FILES).await;
    for times in [4, 16] {
        for ((what, small), (_, large)) in small.iter().zip(costs_of_edits(FILES * times).await) {
            // The same records are asked for and written, one by one. The index is read in buckets of bounded size,
            // which the smallest tree does not fill; ordinals and counts take a byte more here and there.
            assert_eq!(large.batches, 1, "{what}, {times} times");
            assert_eq!(
                (large.keys_read, large.scans, large.operations),
                (small.keys_read, small.scans, small.operations),
                "{what}, {times} times: {small:?} {large:?}"
            );
            assert!(
                large.bytes_written <= small.bytes_written + 64,
                "{what}, {times} times: {small:?} {large:?}"
            );
            let buckets = large.keys_read * BUCKET_BYTES;
            assert!(
                large.bytes_read <= small.bytes_read + buckets,
                "{what}, {times} times: {small:?} {large:?}"
            );
        }
    }
}

/// What is asked of the store by a walk over the whole graph, after an edit that came after another walk.
async fn cost_of_a_walk(files: usize) -> Cost {
    let (storage, counts) = tree_behind(ByteSize::mebibytes(8), files).await;
    let reach = || async {
        let how = Traversal::along(EdgeKinds::calls()).direction(Direction::Incoming);
        storage.query("r").impact("base.py::other", &how, 100).await.unwrap().results.len()
    };
    assert_eq!(reach().await, 0);
    for functions in [
        [("shared", ["base.other"].as_slice()), ("other", [].as_slice())],
        [("shared", ["base.other", "base.shared"].as_slice()), ("other", [].as_slice())],
    ] {
        storage.graph().replace_file("r", file("base.py", &functions)).await.unwrap();
    }
    counts.take();
    assert_eq!(reach().await, 4, "the function, and those that call it");
    counts.take()
}

#[tokio::test]
async fn a_walk_after_an_edit_asks_for_the_nodes_that_it_names_and_for_no_table() {
    let small = cost_of_a_walk(FILES).await;
    for times in [4, 16] {
        let large = cost_of_a_walk(FILES * times).await;
        assert_eq!(
            (large.keys_read, large.scans),
            (small.keys_read, small.scans),
            "{times} times: {small:?} {large:?}"
        );
        // A table would be scanned in one page as well.
        let buckets = large.keys_read * BUCKET_BYTES;
        assert!(large.bytes_read <= small.bytes_read + buckets, "{times} times: {small:?} {large:?}");
    }
}

/// The most that a bucket of the index takes, roughly.
const BUCKET_BYTES: u64 = 4_096;

#[tokio::test]
async fn an_edit_costs_what_refers_to_the_names_that_it_changes() {
    let (storage, counts) = tree(FILES).await;
    let commit = |functions: Functions| {
        let storage = &storage;
        async move { storage.graph().replace_file("r", file("base.py", functions)).await.unwrap() }
    };
    assert_eq!(commit(&[("shared", &["base.other"]), ("other", &[])]).await.relinked, 0);
    let body = counts.take();
    assert_eq!(commit(&[("other", &[])]).await.relinked, 3);
    let gone = counts.take();
    assert!(gone.operations > body.operations, "three callers are written: {body:?} {gone:?}");
    assert!(gone.operations <= body.operations + 3 * 8, "and no more: {body:?} {gone:?}");
}
