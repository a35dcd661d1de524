//! Editing the file of a function never loses its callers in other files.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use codestrata::{GraphStorage, StorageManager};
use support::{export, file, stores};

async fn callers(storage: &StorageManager, id: &str) -> Vec<String> {
    let answer = storage.query("r").callers(id, 100).await.unwrap();
    answer.results.into_iter().map(|hit| hit.node.id().to_string()).collect()
}

async fn filled(storage: &StorageManager) {
    for file in [
        file("lib.py", &[("helper", &[]), ("other", &[])]),
        file("a.py", &[("a", &["lib.helper"])]),
        file("b.py", &[("b", &["lib.helper", "lib.other"])]),
    ] {
        storage.graph().replace_file("r", file).await.unwrap();
    }
}

#[tokio::test]
async fn an_edit_of_the_called_file_keeps_its_callers() {
    for store in stores().await {
        filled(&store.storage).await;
        assert_eq!(callers(&store.storage, "lib.py::helper").await, ["a.py::a", "b.py::b"]);
        let edited = file("lib.py", &[("added_above", &[]), ("helper", &["lib.other"]), ("other", &[])]);
        let summary = store.storage.graph().replace_file("r", edited).await.unwrap();
        assert_eq!(
            summary.relinked, 0,
            "what others see of the file is unchanged, so no other file is touched"
        );
        assert_eq!(callers(&store.storage, "lib.py::helper").await, ["a.py::a", "b.py::b"]);
    }
}

#[tokio::test]
async fn callers_bind_again_when_the_definition_returns() {
    for store in stores().await {
        filled(&store.storage).await;
        let before = export(&store.storage, "r").await;
        let without = file("lib.py", &[("other", &[])]);
        let summary = store.storage.graph().replace_file("r", without).await.unwrap();
        assert_eq!(summary.relinked, 2);
        let (_, totals) = store.storage.query("r").totals().await.unwrap();
        assert_eq!(totals.unresolved, 2, "the calls stay, and say that they lead nowhere");
        let back = file("lib.py", &[("helper", &[]), ("other", &[])]);
        store.storage.graph().replace_file("r", back).await.unwrap();
        assert_eq!(export(&store.storage, "r").await, before);
        assert_eq!(callers(&store.storage, "lib.py::helper").await, ["a.py::a", "b.py::b"]);
    }
}

#[tokio::test]
async fn callers_bind_again_when_the_file_returns() {
    for store in stores().await {
        filled(&store.storage).await;
        let before = export(&store.storage, "r").await;
        store.storage.graph().remove_file("r", "lib.py").await.unwrap();
        let back = file("lib.py", &[("helper", &[]), ("other", &[])]);
        store.storage.graph().replace_file("r", back).await.unwrap();
        assert_eq!(export(&store.storage, "r").await, before);
    }
}

#[tokio::test]
async fn a_file_that_is_the_same_costs_no_commit() {
    for store in stores().await {
        filled(&store.storage).await;
        let (version, _) = store.storage.query("r").totals().await.unwrap();
        let same = file("a.py", &[("a", &["lib.helper"])]);
        let summary = store.storage.graph().replace_file("r", same).await.unwrap();
        assert_eq!((summary.version, summary.unchanged, summary.replaced), (version, 1, 0));
    }
}
