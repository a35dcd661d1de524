//! What is stored comes back, on every engine and across a restart.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use codestrata::{Edge, ErrorKind, Graph, GraphStorage, StorageManager};
use serde_json::json;
use support::{export, function, graph, line, redb_config, stores};

fn rich_graph() -> Graph {
    let mut graph = graph(
        "demo",
        &[("a.py", "f"), ("a.py", "g"), ("b.py", "h")],
        &[("a.py::f", "a.py::g"), ("b.py::h", "a.py::f"), ("b.py::h", "nowhere")],
    );
    graph.metadata.file_hashes.insert("a.py".into(), "1".into());
    graph.metadata.file_hashes.insert("empty.py".into(), "2".into());
    let node = graph.nodes.first_mut().unwrap();
    node.attributes.insert("type_hint", json!("List[Dict[str, Any]]"));
    node.attributes.insert("nested", json!({"deep": [1, 2.5, null, {"é": "\u{1F600}\n"}], "big": u64::MAX}));
    let edge = graph.edges.first_mut().unwrap();
    edge.attributes.insert("note", json!(true));
    // Parallel edges are told apart by their spans, and one without a span is legal.
    graph.edges.push(Edge::new("a.py::f", "a.py::g", "calls").with_span(line(7)));
    graph.edges.push(Edge::new("a.py::f", "a.py::g", "follows"));
    graph
}

fn sorted(mut graph: Graph) -> Graph {
    graph.nodes.sort_by(|a, b| (&a.file, &a.id).cmp(&(&b.file, &b.id)));
    graph.edges.sort_by(|a, b| {
        (&a.source, &a.kind, &a.target, a.span).cmp(&(&b.source, &b.kind, &b.target, b.span))
    });
    graph
}

#[tokio::test]
async fn a_stored_graph_is_loaded_as_it_was() {
    for store in stores().await {
        let given = sorted(rich_graph());
        store.storage.graph().store_graph(&given).await.unwrap();
        let loaded = store.storage.graph().load_graph("demo").await.unwrap().unwrap();
        assert_eq!(sorted(loaded.clone()).nodes, given.nodes, "{}", store.engine);
        assert_eq!(sorted(loaded.clone()).edges, given.edges, "{}", store.engine);
        let metadata = loaded.metadata;
        assert_eq!(metadata.file_hashes.len(), 3, "a file without nodes is a file");
        assert_eq!(metadata.file_hashes.get("a.py").unwrap(), "1");
        assert_eq!((metadata.totals.files, metadata.totals.nodes, metadata.totals.edges), (3, 3, 5));
        assert_eq!(metadata.totals.dangling, 1);
        assert_eq!(metadata.version, 1);
    }
}

#[tokio::test]
async fn a_graph_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let storage = StorageManager::open(redb_config(folder.path())).await.unwrap();
    storage.graph().store_graph(&rich_graph()).await.unwrap();
    let before = export(&storage, "demo").await;
    storage.close().await.unwrap();
    drop(storage);
    let storage = StorageManager::open(redb_config(folder.path())).await.unwrap();
    assert_eq!(export(&storage, "demo").await, before);
}

#[tokio::test]
async fn every_engine_exports_the_same_bytes() {
    let mut exports = Vec::new();
    for store in stores().await {
        store.storage.graph().store_graph(&rich_graph()).await.unwrap();
        exports.push(export(&store.storage, "demo").await);
    }
    assert_eq!(exports.first(), exports.last());
}

#[tokio::test]
async fn an_edge_from_nowhere_is_refused_and_named() {
    for store in stores().await {
        let mut bad = rich_graph();
        bad.edges.push(Edge::new("ghost", "a.py::f", "calls"));
        let error = store.storage.graph().store_graph(&bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("`ghost` -calls-> `a.py::f`"), "{error}");
        assert!(!store.storage.graph().graph_exists("demo").await.unwrap());
    }
}

#[tokio::test]
async fn an_id_that_stands_twice_is_refused_and_named() {
    for store in stores().await {
        for second in ["a.py", "b.py"] {
            let mut bad = rich_graph();
            let mut twin = function("a.py", "f");
            twin.file = second.into();
            bad.nodes.push(twin);
            let error = store.storage.graph().store_graph(&bad).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("`a.py::f`"), "{error}");
        }
    }
}

#[tokio::test]
async fn storing_again_replaces_everything_and_moves_the_version() {
    for store in stores().await {
        store.storage.graph().store_graph(&rich_graph()).await.unwrap();
        let second = graph("demo", &[("c.py", "only")], &[]);
        let summary = store.storage.graph().store_graph(&second).await.unwrap();
        assert_eq!((summary.version, summary.added, summary.removed), (2, 1, 3));
        let loaded = store.storage.graph().load_graph("demo").await.unwrap().unwrap();
        assert_eq!(loaded.nodes, second.nodes);
        assert!(loaded.edges.is_empty());
    }
}

#[tokio::test]
async fn an_empty_graph_is_a_graph() {
    for store in stores().await {
        store.storage.graph().store_graph(&Graph::new("void")).await.unwrap();
        let loaded = store.storage.graph().load_graph("void").await.unwrap().unwrap();
        assert!(loaded.nodes.is_empty() && loaded.edges.is_empty());
        assert_eq!(store.storage.graph().list_repositories().await.unwrap(), ["void"]);
    }
}
