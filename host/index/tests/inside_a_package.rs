//! A Python package that is indexed by its own folder still finds what it imports by its own name.

#![expect(clippy::expect_used, reason = "a helper of a test")]

use codestrata::StorageManager;
use codestrata_index::{IndexOptions, Unobserved, index_repository};

async fn callers(storage: &StorageManager, id: &str) -> Vec<String> {
    let answer = storage.query("shop").callers(id, 10).await.expect("the node is stored");
    answer.results.into_iter().map(|hit| hit.node.id().to_string()).collect()
}

#[tokio::test]
async fn imports_by_the_name_of_the_folder_lead_into_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("shop");
    std::fs::create_dir_all(root.join("db")).expect("a folder");
    let write = |path: &str, text: &str| std::fs::write(root.join(path), text).expect("a file");
    write("__init__.py", "");
    write("db/__init__.py", "def save(): pass\n");
    write("a.py", "from shop import db\nfrom shop.db import save\ndef one(): db.save()\ndef two(): save()\n");
    let storage = StorageManager::in_memory().expect("a store");
    let options = IndexOptions::new("shop", &root);
    index_repository(storage.graph(), &options, &Unobserved).await.expect("indexed");
    assert_eq!(callers(&storage, "db/__init__.py::save").await, ["a.py::one", "a.py::two"]);

    // Without its `__init__.py` the folder is no package, and every file is understood anew.
    std::fs::remove_file(root.join("__init__.py")).expect("removed");
    let report = index_repository(storage.graph(), &options, &Unobserved).await.expect("indexed");
    assert_eq!(report.expect("not stopped").parsed, 2);
    assert!(callers(&storage, "db/__init__.py::save").await.is_empty());
}
