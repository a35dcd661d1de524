//! What another analyser noted on a node stays while a node with that id exists.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use codestrata::{Attributes, ErrorKind, FileChanges, GraphStorage, StorageManager};
use serde_json::{Value, json};
use support::{file, stores};

async fn attributes(storage: &StorageManager, id: &str) -> Attributes {
    storage.query("r").show(id).await.unwrap().unwrap().0.attributes
}

async fn noted(storage: &StorageManager) {
    let graph = storage.graph();
    for file in [file("a.py", &[("f", &[]), ("g", &[])]), file("b.py", &[("h", &["a.f"])])] {
        graph.replace_file("r", file).await.unwrap();
    }
    let attributes = [("cve".to_owned(), json!("CVE-1")), ("score".to_owned(), json!(9.8))].into();
    graph.annotate("r", "a.py::g", "security", &attributes).await.unwrap();
    graph.annotate("r", "a.py::g", "style", &[("ok".to_owned(), json!(true))].into()).await.unwrap();
}

fn expected() -> Attributes {
    [
        ("security.cve".to_owned(), json!("CVE-1")),
        ("security.score".to_owned(), json!(9.8)),
        ("style.ok".to_owned(), json!(true)),
    ]
    .into()
}

#[tokio::test]
async fn notes_stay_when_the_file_is_indexed_again() {
    for store in stores().await {
        noted(&store.storage).await;
        let edited = file("a.py", &[("e", &[]), ("f", &[]), ("g", &["b.h"])]);
        store.storage.graph().replace_file("r", edited).await.unwrap();
        assert_eq!(attributes(&store.storage, "a.py::g").await, expected(), "{}", store.engine);
        assert!(attributes(&store.storage, "a.py::e").await.is_empty());
    }
}

#[tokio::test]
async fn notes_stay_when_everything_is_stored_again() {
    for store in stores().await {
        noted(&store.storage).await;
        let replaced = vec![file("a.py", &[("g", &[])]), file("0.py", &[("first", &[])])];
        let changes = FileChanges { replaced, replace_all: true, ..FileChanges::default() };
        store.storage.graph().update_files("r", changes).await.unwrap();
        assert_eq!(attributes(&store.storage, "a.py::g").await, expected());
        // A change of more than a quarter of many files becomes a new generation, which carries notes over.
        let many = (0..200).map(|n| file(&format!("m{n}.py"), &[("f", &[])])).collect();
        let changes = FileChanges { replaced: many, ..FileChanges::default() };
        store.storage.graph().update_files("r", changes).await.unwrap();
        assert_eq!(attributes(&store.storage, "a.py::g").await, expected());
    }
}

#[tokio::test]
async fn notes_go_with_their_node() {
    for store in stores().await {
        noted(&store.storage).await;
        let graph = store.storage.graph();
        graph.replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
        graph.replace_file("r", file("a.py", &[("f", &[]), ("g", &[])])).await.unwrap();
        assert!(attributes(&store.storage, "a.py::g").await.is_empty());
    }
}

#[tokio::test]
async fn null_removes_a_note() {
    for store in stores().await {
        noted(&store.storage).await;
        let graph = store.storage.graph();
        let nothing = [("cve".to_owned(), Value::Null), ("score".to_owned(), Value::Null)].into();
        graph.annotate("r", "a.py::g", "security", &nothing).await.unwrap();
        assert_eq!(
            attributes(&store.storage, "a.py::g").await,
            [("style.ok".to_owned(), json!(true))].into()
        );
    }
}

#[tokio::test]
async fn a_note_needs_a_node() {
    for store in stores().await {
        noted(&store.storage).await;
        let error =
            store.storage.graph().annotate("r", "a.py::x", "s", &Attributes::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
