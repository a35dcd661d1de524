//! Nodes and edges are changed one by one, and everything else stays.

mod support;

use codestrata::{Edge, EdgeSelector, ErrorKind, GraphStorage};
use support::{function, graph, line, stores};

const FUNCTIONS: &[(&str, &str)] = &[("a.py", "f"), ("a.py", "g"), ("b.py", "h")];
const CALLS: &[(&str, &str)] = &[("a.py::f", "a.py::g"), ("b.py::h", "a.py::f")];

#[tokio::test]
async fn a_node_is_added_or_replaced() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        let changed = function("a.py", "f").with_attribute("pure", true);
        let summary = storage.update_nodes("r", &[changed.clone(), function("new.py", "n")]).await.unwrap();
        assert_eq!((summary.version, summary.added, summary.replaced), (2, 1, 1));
        let loaded = storage.load_graph("r").await.unwrap().unwrap();
        assert_eq!(loaded.nodes.len(), 4);
        assert!(loaded.nodes.contains(&changed));
        assert_eq!(loaded.edges.len(), 2, "edges are not touched");
        assert_eq!(loaded.metadata.totals.nodes, 4);
    }
}

#[tokio::test]
async fn a_node_that_moves_takes_its_edges_along() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        let mut moved = function("a.py", "f");
        moved.file = "c.py".into();
        storage.update_nodes("r", &[moved.clone()]).await.unwrap();
        let loaded = storage.load_graph("r").await.unwrap().unwrap();
        assert!(loaded.nodes.contains(&moved));
        assert_eq!((loaded.nodes.len(), loaded.edges.len()), (3, 2));
        assert_eq!(loaded.metadata.totals.dangling, 0);
        let callers = store.storage.query("r").callers("a.py::f", 10).await.unwrap();
        assert_eq!(callers.results.len(), 1, "the call from b.py still finds it");
    }
}

#[tokio::test]
async fn an_edge_is_added_or_replaced() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        let same = Edge::new("a.py::f", "a.py::g", "calls").with_span(line(2)).with_attribute("hot", 1);
        let other = Edge::new("a.py::f", "a.py::g", "calls").with_span(line(3));
        storage.update_edges("r", &[same.clone(), other.clone()]).await.unwrap();
        let loaded = storage.load_graph("r").await.unwrap().unwrap();
        assert_eq!(loaded.edges.len(), 3);
        assert!(loaded.edges.contains(&same) && loaded.edges.contains(&other));
    }
}

#[tokio::test]
async fn an_edge_from_an_unknown_node_is_not_found() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        let error = storage.update_edges("r", &[Edge::new("ghost", "x", "calls")]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("ghost"), "{error}");
        assert_eq!(storage.graph_metadata("r").await.unwrap().unwrap().version, 1);
    }
}

#[tokio::test]
async fn deleting_a_node_takes_the_edges_on_both_sides() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        storage.delete_nodes("r", &["a.py::f".into()]).await.unwrap();
        let loaded = storage.load_graph("r").await.unwrap().unwrap();
        assert_eq!(loaded.nodes.len(), 2);
        assert!(loaded.edges.is_empty());
        assert_eq!(loaded.metadata.totals.edges, 0);
    }
}

#[tokio::test]
async fn deleting_an_unknown_node_changes_nothing() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        let error = storage.delete_nodes("r", &["a.py::g".into(), "ghost".into()]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(storage.load_graph("r").await.unwrap().unwrap().nodes.len(), 3);
    }
}

#[tokio::test]
async fn edges_are_deleted_by_what_they_join() {
    for store in stores().await {
        let storage = store.storage.graph();
        let mut given = graph("r", FUNCTIONS, CALLS);
        given.edges.push(Edge::new("a.py::f", "a.py::g", "calls").with_span(line(3)));
        storage.store_graph(&given).await.unwrap();
        let at = EdgeSelector {
            source: "a.py::f".into(),
            target: "a.py::g".into(),
            kind: "calls".into(),
            span: Some(line(3)),
        };
        storage.delete_edges("r", std::slice::from_ref(&at)).await.unwrap();
        assert_eq!(storage.load_graph("r").await.unwrap().unwrap().edges.len(), 2);
        let error = storage.delete_edges("r", std::slice::from_ref(&at)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        storage.delete_edges("r", &[EdgeSelector { span: None, ..at }]).await.unwrap();
        assert_eq!(storage.load_graph("r").await.unwrap().unwrap().edges.len(), 1);
    }
}

#[tokio::test]
async fn every_change_of_an_unknown_repository_is_not_found() {
    for store in stores().await {
        let storage = store.storage.graph();
        let kinds = [
            storage.update_nodes("r", &[function("a.py", "f")]).await.map(drop).unwrap_err().kind(),
            storage.update_edges("r", &[Edge::new("a", "b", "calls")]).await.map(drop).unwrap_err().kind(),
            storage.delete_nodes("r", &["a".into()]).await.map(drop).unwrap_err().kind(),
            storage.remove_file("r", "a.py").await.map(drop).unwrap_err().kind(),
            storage.annotate("r", "a", "x", &codestrata::Attributes::new()).await.unwrap_err().kind(),
            storage
                .update_graph_metadata("r", &codestrata::MetadataUpdate::default())
                .await
                .unwrap_err()
                .kind(),
            storage.list_files("r").await.map(drop).unwrap_err().kind(),
            store.storage.query("r").callers("a", 1).await.map(drop).unwrap_err().kind(),
        ];
        assert!(kinds.iter().all(|kind| *kind == ErrorKind::NotFound), "{kinds:?}");
        assert!(storage.load_graph("r").await.unwrap().is_none());
        assert!(!storage.delete_graph("r").await.unwrap());
    }
}

#[tokio::test]
async fn a_file_is_removed_with_what_it_owns_and_no_more() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        let summary = storage.remove_file("r", "a.py").await.unwrap();
        assert_eq!((summary.removed, summary.version), (1, 2));
        let loaded = storage.load_graph("r").await.unwrap().unwrap();
        assert_eq!(loaded.nodes.len(), 1);
        assert_eq!(loaded.edges.len(), 1, "the edge from b.py stays, dangling");
        assert_eq!(loaded.metadata.totals.dangling, 1);
        assert_eq!(storage.remove_file("r", "a.py").await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn metadata_is_changed_by_key() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("r", FUNCTIONS, CALLS)).await.unwrap();
        let update = |name: &str, value: serde_json::Value| codestrata::MetadataUpdate {
            attributes: [(name.to_owned(), value)].into(),
            ..codestrata::MetadataUpdate::default()
        };
        storage.update_graph_metadata("r", &update("branch", "main".into())).await.unwrap();
        storage.update_graph_metadata("r", &update("owner", "core".into())).await.unwrap();
        storage.update_graph_metadata("r", &update("branch", serde_json::Value::Null)).await.unwrap();
        let metadata = storage.graph_metadata("r").await.unwrap().unwrap();
        assert_eq!(metadata.attributes, [("owner".to_owned(), "core".into())].into());
        assert_eq!(metadata.version, 4);
        assert!(metadata.last_updated >= metadata.created);
    }
}

#[tokio::test]
async fn storing_a_graph_replaces_its_metadata_and_is_no_work_of_an_indexer() {
    for store in stores().await {
        let storage = store.storage.graph();
        let mut given = graph("r", FUNCTIONS, CALLS);
        given.metadata.attributes.insert("old", 1.into());
        given.metadata.extractor = Some("an indexer 1".into());
        storage.store_graph(&given).await.unwrap();
        let mut loaded = storage.load_graph("r").await.unwrap().unwrap();
        assert_eq!(loaded.metadata.extractor.as_deref(), Some("graph of an indexer 1"));
        loaded.metadata.attributes = [("new".to_owned(), 2.into())].into();
        storage.store_graph(&loaded).await.unwrap();
        let metadata = storage.graph_metadata("r").await.unwrap().unwrap();
        assert_eq!(metadata.attributes, [("new".to_owned(), 2.into())].into());
        assert_eq!(metadata.extractor.as_deref(), Some("graph of an indexer 1"));
    }
}
