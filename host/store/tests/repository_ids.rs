//! Repository ids are any text. They are never paths, and repositories do not touch each other.

mod support;

use codestrata::{ErrorKind, GraphStorage};
use support::{all_keys, graph, stores};

#[tokio::test]
async fn any_text_is_a_repository() {
    let long = "x".repeat(300);
    let longer = format!("{}a", "y".repeat(60_000));
    let twin = format!("{}b", "y".repeat(60_000));
    let ids = [
        "owner/name",
        "../x",
        "/etc/passwd",
        "with space",
        "Ünïcödé 🦀",
        "a\0b",
        "a",
        "a\n",
        "C:\\x",
        &long,
        &longer,
        &twin,
    ];
    for store in stores().await {
        let storage = store.storage.graph();
        for (number, id) in ids.iter().enumerate() {
            let name = format!("f{number}");
            storage.store_graph(&graph(id, &[("a.py", &name)], &[])).await.unwrap();
        }
        for (number, id) in ids.iter().enumerate() {
            let loaded = storage.load_graph(id).await.unwrap().unwrap();
            assert_eq!(loaded.metadata.repo_id, **id);
            assert_eq!(loaded.nodes.first().unwrap().name, format!("f{number}"), "{}", store.engine);
        }
        let mut sorted: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        sorted.sort();
        assert_eq!(storage.list_repositories().await.unwrap(), sorted);
        let files: Vec<_> =
            std::fs::read_dir(store.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert!(files.len() <= 1, "an id made a file: {files:?}");
    }
}

#[tokio::test]
async fn an_empty_or_endless_id_is_refused() {
    for store in stores().await {
        let storage = store.storage.graph();
        for id in [String::new(), "z".repeat(codestrata::limits::MAX_REPOSITORY_ID_BYTES + 1)] {
            let error = storage.store_graph(&graph(&id, &[], &[])).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert_eq!(storage.load_graph(&id).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
        }
        let longest = "z".repeat(codestrata::limits::MAX_REPOSITORY_ID_BYTES);
        storage.store_graph(&graph(&longest, &[], &[])).await.unwrap();
    }
}

#[tokio::test]
async fn a_deleted_repository_leaves_nothing() {
    for store in stores().await {
        let storage = store.storage.graph();
        storage.store_graph(&graph("stays", &[("a.py", "f")], &[])).await.unwrap();
        let before = all_keys(store.storage.backend()).await;
        storage
            .store_graph(&graph("goes", &[("a.py", "f"), ("b.py", "g")], &[("a.py::f", "b.py::g")]))
            .await
            .unwrap();
        storage.annotate("goes", "a.py::f", "x", &[("k".to_owned(), 1.into())].into()).await.unwrap();
        assert!(storage.delete_graph("goes").await.unwrap());
        assert_eq!(all_keys(store.storage.backend()).await, before);
        assert!(storage.load_graph("goes").await.unwrap().is_none());
        assert!(!storage.delete_graph("goes").await.unwrap());
        // It can come back, under the same id.
        storage.store_graph(&graph("goes", &[("c.py", "h")], &[])).await.unwrap();
        assert_eq!(storage.load_graph("goes").await.unwrap().unwrap().metadata.version, 1);
    }
}
