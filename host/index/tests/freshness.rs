//! An answer can say whether the files that it rests on are still what was indexed.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::fs;
use std::path::Path;

use codestrata::{Graph, GraphStorage, MetadataUpdate, Node, Span, StorageManager};
use codestrata_index::{
    Basis, FileState, Freshness, IndexOptions, MAX_CHECKED_FILES, Unobserved, freshness, index_repository,
};

async fn index(storage: &StorageManager, root: &Path) {
    let options = IndexOptions::new("r", root);
    index_repository(storage.graph(), &options, &Unobserved).await.unwrap();
}

async fn check(storage: &StorageManager, paths: &[&str]) -> Freshness {
    freshness(&storage.query("r"), paths).await.unwrap()
}

fn stale(freshness: &Freshness) -> Vec<(&str, FileState)> {
    freshness.stale.iter().map(|file| (file.path.as_str(), file.state)).collect()
}

#[tokio::test]
async fn files_that_changed_or_vanished_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for name in ["a.py", "b.py", "c.py", "d.py"] {
        fs::write(root.join(name), "def f(): ...\n").unwrap();
    }
    let storage = StorageManager::in_memory().unwrap();
    index(&storage, &root).await;
    let all = ["a.py", "b.py", "c.py", "d.py"];
    let fresh = check(&storage, &all).await;
    assert!(fresh.is_known() && fresh.stale.is_empty(), "{fresh:?}");

    fs::write(root.join("a.py"), "def g(): ...\n").unwrap();
    fs::remove_file(root.join("c.py")).unwrap();
    fs::remove_file(root.join("d.py")).unwrap();
    fs::create_dir(root.join("d.py")).unwrap();
    let found = check(&storage, &all).await;
    let expected =
        [("a.py", FileState::Changed), ("c.py", FileState::Vanished), ("d.py", FileState::Vanished)];
    assert_eq!(stale(&found), expected);
    assert_eq!(stale(&check(&storage, &["b.py"]).await), [], "only what was asked about is looked at");

    fs::write(root.join("a.py"), "def f(): ...\n").unwrap();
    assert_eq!(stale(&check(&storage, &["a.py"]).await), [], "what is as it was is not stale");
    index(&storage, &root).await;
    assert!(check(&storage, &all).await.stale.is_empty());
}

#[tokio::test]
async fn a_folder_that_is_not_there_says_nothing_about_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::write(root.join("a.py"), "def f(): ...\n").unwrap();
    let storage = StorageManager::in_memory().unwrap();
    index(&storage, &root).await;
    folder.close().unwrap();
    let found = check(&storage, &["a.py"]).await;
    assert_eq!(found.basis, Basis::MissingFolder(root));
    assert_eq!((found.unchecked, found.stale.len(), found.is_known()), (1, 0, false));
}

#[tokio::test]
async fn nothing_is_claimed_of_a_graph_that_others_made() {
    let folder = tempfile::tempdir().unwrap();
    let storage = StorageManager::in_memory().unwrap();
    let mut graph = Graph::new("r");
    graph.nodes.push(Node::new("a.py::f", "f", "function", "a.py", Span::default()));
    storage.graph().store_graph(&graph).await.unwrap();
    assert_eq!(check(&storage, &["a.py"]).await.basis, Basis::Nothing);

    // Not even if it says of which folder it is: its hashes are of nobody knows what.
    let root = Some(folder.path().to_str().unwrap().to_owned());
    let update =
        MetadataUpdate { root, extractor: Some("another 1.0".to_owned()), ..MetadataUpdate::default() };
    storage.graph().update_graph_metadata("r", &update).await.unwrap();
    let found = check(&storage, &["a.py"]).await;
    assert_eq!((found.basis, found.stale.len(), found.unchecked), (Basis::Nothing, 0, 1));
}

#[tokio::test]
async fn no_more_files_than_the_limit_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let names: Vec<String> = (0..=MAX_CHECKED_FILES).map(|number| format!("f{number:03}.py")).collect();
    for name in &names {
        fs::write(root.join(name), format!("def {}(): ...\n", &name[..4])).unwrap();
    }
    let storage = StorageManager::in_memory().unwrap();
    index(&storage, &root).await;
    for name in &names {
        fs::write(root.join(name), "").unwrap();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = check(&storage, &names).await;
    assert_eq!((found.stale.len(), found.unchecked, found.is_known()), (MAX_CHECKED_FILES, 1, false));
    assert!(check(&storage, &names[1..]).await.is_known());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_or_a_path_out_of_the_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("in");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.py"), "def f(): ...\n").unwrap();
    fs::write(folder.path().join("out.py"), "def f(): ...\n").unwrap();
    let storage = StorageManager::in_memory().unwrap();
    index(&storage, &root).await;
    fs::remove_file(root.join("a.py")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("out.py"), root.join("a.py")).unwrap();
    assert_eq!(stale(&check(&storage, &["a.py"]).await), [("a.py", FileState::Vanished)]);

    let mut node = codestrata::FileFacts { path: "../out.py".into(), hash: "1".into(), ..Default::default() };
    node.nodes.push(Node::new("out", "out", "module", "../out.py", Span::default()));
    let file = codestrata::PreparedFile::new(&node).unwrap();
    storage.graph().replace_file("r", file).await.unwrap();
    let found = check(&storage, &["../out.py"]).await;
    assert_eq!((found.stale.len(), found.unchecked), (0, 1));
}
