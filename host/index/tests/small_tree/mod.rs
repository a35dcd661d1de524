//! A small tree of sources, indexed into memory, and who calls what in it: what the tests of names across files share.
//!
//! The tree is written to a folder because that is what is indexed; the answers come from the store alone.

#![allow(dead_code, reason = "each test uses a part of it")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "helpers of a test")]

use codestrata::model::Resolution;
use codestrata::{GraphStorage, StorageManager};
use codestrata_index::{IndexOptions, Unobserved, index_repository};

/// The name under which a tree is stored.
pub(crate) const REPOSITORY: &str = "shop";

/// A store with the graph of these files, which are pairs of a path and a text.
pub(crate) async fn indexed(files: &[(&str, &str)]) -> StorageManager {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let storage = StorageManager::in_memory().expect("a store");
    let options = IndexOptions::new(REPOSITORY, folder.path());
    index_repository(storage.graph(), &options, &Unobserved).await.expect("indexed");
    storage
}

/// The callers of a definition, in the order of the answer.
pub(crate) async fn callers(storage: &StorageManager, id: &str) -> Vec<String> {
    let answer = storage.query(REPOSITORY).callers(id, 20).await.expect("the node is stored");
    answer.results.into_iter().map(|hit| hit.node.id().to_string()).collect()
}

/// The callers of a definition, sorted, and how sure the first link of each is.
pub(crate) async fn resolved_callers(storage: &StorageManager, id: &str) -> Vec<(String, Resolution)> {
    let answer = storage.query(REPOSITORY).callers(id, 20).await.expect("the node is stored");
    let hits = answer.results.into_iter();
    let mut callers: Vec<_> =
        hits.map(|hit| (hit.node.id().to_string(), hit.sites[0].resolution.expect("a link"))).collect();
    callers.sort();
    callers
}

/// The edges of a kind to a node, as their sources with how sure they are.
pub(crate) async fn edges_to(storage: &StorageManager, kind: &str, target: &str) -> Vec<(String, String)> {
    let graph = storage.graph().load_graph(REPOSITORY).await.expect("loaded").expect("stored");
    let edges = graph.edges.into_iter().filter(|edge| edge.kind == kind && edge.target == target);
    edges
        .map(|edge| {
            let resolution = edge.attributes.get("resolution").and_then(|it| it.as_str()).unwrap_or_default();
            (edge.source.into(), resolution.to_owned())
        })
        .collect()
}

/// What [`edges_to`] gives for an edge from this source that an import makes certain.
pub(crate) fn import(source: &str) -> (String, String) {
    (source.to_owned(), Resolution::Import.as_str().to_owned())
}
