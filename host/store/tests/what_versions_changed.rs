//! The history says what each version added and removed, for as many versions as are configured, and no more than that.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use codestrata::history::{Amounts, Changes, Difference, Listing, Since};
use codestrata::limits::MAX_LISTED_CHANGES;
use codestrata::model::MetadataUpdate;
use codestrata::{
    ErrorKind, FileChanges, GraphStorage, PreparedFile, Resolution, StorageConfig, StorageManager,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, KeyRange, ScanRequest};
use support::{all_keys, export, file, stores};

async fn put(storage: &StorageManager, path: &str, functions: &[(&str, &[&str])]) -> u64 {
    storage.graph().replace_file("r", file(path, functions)).await.unwrap().version
}

async fn changes(storage: &StorageManager, since: Since) -> Changes {
    storage.graph().changes("r", since, 100).await.unwrap()
}

/// What [`told`] gives.
type Told<'a> = (Vec<&'a str>, Vec<&'a str>, Vec<(String, u64)>, Vec<(String, u64)>);

/// The ids of nodes that came and went, and the edges as `source>target`, with their number.
fn told(difference: &Difference) -> Told<'_> {
    let edges = |edges: &[(codestrata::history::ChangedEdge, u64)]| {
        edges.iter().map(|(edge, count)| (format!("{}>{}", edge.source, edge.target), *count)).collect()
    };
    (
        difference.nodes_added.iter().map(|node| node.id.as_str()).collect(),
        difference.nodes_removed.iter().map(|node| node.id.as_str()).collect(),
        edges(&difference.edges_added),
        edges(&difference.edges_removed),
    )
}

fn edge(text: &str, count: u64) -> (String, u64) {
    (text.to_owned(), count)
}

#[tokio::test]
async fn an_edit_lists_what_came_and_went_and_the_calls_of_others_that_it_unbound() {
    for store in stores().await {
        let storage = &store.storage;
        put(storage, "a.py", &[("f", &["b.g", "b.g"])]).await;
        put(storage, "b.py", &[("g", &[]), ("h", &[])]).await;
        let version = put(storage, "b.py", &[("new", &["a.f"]), ("h", &[])]).await;
        let difference = storage.graph().changes_of("r", version).await.unwrap();
        let (came, went, bound, unbound) = told(&difference);
        assert_eq!((came, went), (vec!["b.py::new"], vec!["b.py::g"]), "{}", store.engine);
        assert_eq!(bound, [edge("a.py::f>unresolved:b.g", 2), edge("b.py::new>a.py::f", 1)]);
        assert_eq!(unbound, [edge("a.py::f>b.py::g", 2)]);
        let resolution = difference.edges_added.first().unwrap().0.resolution;
        assert_eq!(resolution, Some(Resolution::Unresolved));
        let change = changes(storage, Since::Version(2)).await.changes.remove(0);
        assert_eq!((change.version, change.files_replaced, change.files_relinked), (3, 1, 1));
        let figures = Amounts { nodes_added: 1, nodes_removed: 1, edges_added: 3, edges_removed: 2 };
        assert_eq!(change.amounts, figures);
        let kinds: Vec<_> = change
            .by_kind
            .iter()
            .map(|kind| (kind.kind.as_str(), kind.is_edge, kind.added, kind.removed))
            .collect();
        assert_eq!(kinds, [("function", false, 1, 1), ("calls", true, 3, 2)]);
        assert_eq!(
            change.by_file.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
            ["a.py", "b.py"]
        );
    }
}

#[tokio::test]
async fn an_edit_that_moves_lines_lists_nothing() {
    let storage = StorageManager::in_memory().unwrap();
    put(&storage, "a.py", &[("e", &[]), ("f", &["a.e"])]).await;
    // The same functions in another order: every span is another.
    let version = put(&storage, "a.py", &[("f", &["a.e"]), ("e", &[])]).await;
    assert!(storage.graph().changes_of("r", version).await.unwrap().is_empty());
    let change = changes(&storage, Since::Version(1)).await.changes.remove(0);
    assert_eq!((change.version, change.amounts.is_nothing(), change.files_replaced), (2, true, 1));
}

#[tokio::test]
async fn what_came_and_went_again_is_no_difference() {
    let storage = StorageManager::in_memory().unwrap();
    let first = put(&storage, "a.py", &[("f", &["b.g"])]).await;
    put(&storage, "b.py", &[("g", &[])]).await;
    put(&storage, "a.py", &[("f", &["b.g"]), ("other", &[])]).await;
    storage.graph().remove_file("r", "b.py").await.unwrap();
    let net = storage.graph().difference("r", first, None).await.unwrap();
    assert_eq!((net.from, net.to), (1, 4));
    assert_eq!(told(&net.difference), (vec!["a.py::other"], vec![], vec![], vec![]));
    let back = storage.graph().difference("r", 4, Some(first)).await.unwrap();
    assert_eq!(told(&back.difference), (vec![], vec!["a.py::other"], vec![], vec![]));
    let same = storage.graph().difference("r", 4, None).await.unwrap();
    assert!(same.difference.is_empty());
}

#[tokio::test]
async fn a_new_generation_lists_what_it_changes_against_the_former_one() {
    let storage = StorageManager::in_memory().unwrap();
    put(&storage, "a.py", &[("f", &["b.g"]), ("x", &[])]).await;
    put(&storage, "b.py", &[("g", &["a.x"])]).await;
    put(&storage, "c.py", &[("gone", &["a.f"])]).await;
    let changes_of_all = FileChanges {
        replaced: vec![
            file("a.py", &[("f", &["b.g"])]),
            file("b.py", &[("g", &["a.x"])]),
            file("0.py", &[("new", &["a.f"])]),
        ],
        replace_all: true,
        rewrite: true,
        ..FileChanges::default()
    };
    let version = storage.graph().update_files("r", changes_of_all).await.unwrap().version;
    let difference = storage.graph().changes_of("r", version).await.unwrap();
    let (came, went, bound, unbound) = told(&difference);
    assert_eq!((came, went), (vec!["0.py::new"], vec!["a.py::x", "c.py::gone"]));
    assert_eq!(bound, [edge("0.py::new>a.py::f", 1), edge("b.py::g>unresolved:a.x", 1)]);
    assert_eq!(unbound, [edge("b.py::g>a.py::x", 1), edge("c.py::gone>a.py::f", 1)]);
}

#[tokio::test]
async fn a_first_index_keeps_its_figures() {
    let storage = StorageManager::in_memory().unwrap();
    put(&storage, "a.py", &[("f", &["b.g"]), ("x", &[])]).await;
    let found = changes(&storage, Since::Beginning).await;
    let first = found.changes.first().unwrap();
    assert_eq!((found.oldest, first.listing), (Some(1), Listing::Counted));
    assert_eq!((first.amounts.nodes_added, first.amounts.edges_added, first.files_added), (2, 1, 1));
}

#[tokio::test]
async fn a_change_over_the_limit_keeps_its_figures_and_says_that_it_is_not_listed() {
    let many = |count: usize| -> PreparedFile {
        let mut facts = codestrata::FileFacts { path: "many.py".into(), ..codestrata::FileFacts::default() };
        facts.nodes = (0..count).map(|number| support::function("many.py", &format!("f{number}"))).collect();
        PreparedFile::new(&facts).unwrap()
    };
    for (count, listing) in
        [(MAX_LISTED_CHANGES, Listing::Listed), (MAX_LISTED_CHANGES + 1, Listing::Counted)]
    {
        let storage = StorageManager::in_memory().unwrap();
        put(&storage, "a.py", &[("f", &[])]).await;
        storage.graph().replace_file("r", many(count)).await.unwrap();
        let change = changes(&storage, Since::Version(1)).await.changes.remove(0);
        assert_eq!((change.listing, change.amounts.nodes_added), (listing, count as u64));
        let difference = storage.graph().difference("r", 1, None).await;
        match listing {
            Listing::Listed => assert_eq!(difference.unwrap().difference.len(), count),
            _ => {
                let error = difference.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::NotFound);
                assert!(error.to_string().contains("too much to be listed: 10001 nodes came"), "{error}");
            }
        }
    }
}

/// The keys of the history.
async fn history_keys(backend: &Arc<dyn Backend>) -> usize {
    let range = KeyRange::new(vec![0x06], Some(vec![0x08].into()));
    backend.scan(&ScanRequest::new(range)).await.unwrap().len()
}

#[tokio::test]
async fn as_many_versions_are_kept_as_are_configured() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let open = |versions: u32| {
        StorageManager::from_backends(StorageConfig::in_memory().history(versions), Arc::clone(&backend))
            .unwrap()
    };
    let storage = open(3);
    for number in 0..6 {
        put(&storage, "a.py", &[("f", &[]), (&format!("g{number}"), &[])]).await;
    }
    let found = changes(&storage, Since::Beginning).await;
    assert_eq!(found.changes.iter().map(|change| change.version).collect::<Vec<_>>(), [6, 5, 4]);
    assert_eq!((found.oldest, history_keys(&backend).await), (Some(4), 6));
    assert!(storage.graph().difference("r", 3, None).await.is_ok());
    let error = storage.graph().difference("r", 2, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("goes back to version 3 only"), "{error}");
    let fewer = open(1);
    put(&fewer, "a.py", &[("f", &[])]).await;
    assert_eq!(changes(&fewer, Since::Beginning).await.oldest, Some(7));
    let none = open(0);
    put(&none, "a.py", &[("f", &[]), ("again", &[])]).await;
    assert_eq!((changes(&none, Since::Beginning).await.oldest, history_keys(&backend).await), (None, 0));
    assert!(none.graph().difference("r", 7, None).await.unwrap_err().to_string().contains("no history"));
}

#[tokio::test]
async fn versions_since_a_version_or_a_time_are_listed_newest_first() {
    let storage = StorageManager::in_memory().unwrap();
    for number in 0..5 {
        put(&storage, "a.py", &[(&format!("g{number}"), &[])]).await;
    }
    let versions = |found: &Changes| found.changes.iter().map(|change| change.version).collect::<Vec<_>>();
    assert_eq!(versions(&changes(&storage, Since::Version(3)).await), [5, 4]);
    assert_eq!(versions(&changes(&storage, Since::Time(SystemTime::UNIX_EPOCH)).await), [5, 4, 3, 2, 1]);
    let later = SystemTime::now() + Duration::from_secs(3_600);
    assert!(versions(&changes(&storage, Since::Time(later)).await).is_empty());
    let cut = storage.graph().changes("r", Since::Beginning, 2).await.unwrap();
    assert_eq!((versions(&cut), cut.truncated), (vec![5, 4], true));
    let error = storage.graph().difference("r", 9, None).await.unwrap_err();
    assert!(error.to_string().contains("the newest is 5"), "{error}");
}

#[tokio::test]
async fn a_change_of_metadata_or_notes_is_a_version_in_which_nothing_came_or_went() {
    let storage = StorageManager::in_memory().unwrap();
    put(&storage, "a.py", &[("f", &[])]).await;
    storage.graph().annotate("r", "a.py::f", "x", &[("k".to_owned(), 1.into())].into()).await.unwrap();
    let update = MetadataUpdate { root: Some("/here".into()), ..MetadataUpdate::default() };
    storage.graph().update_graph_metadata("r", &update).await.unwrap();
    let found = changes(&storage, Since::Version(1)).await;
    assert_eq!(found.changes.len(), 2);
    assert!(
        found.changes.iter().all(|change| change.amounts.is_nothing() && change.listing == Listing::Listed)
    );
    assert!(storage.graph().difference("r", 1, None).await.unwrap().difference.is_empty());
}

#[tokio::test]
async fn the_history_goes_with_its_repository_and_is_not_exported() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let with = StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(&backend)).unwrap();
    let without =
        StorageManager::from_backends(StorageConfig::in_memory().history(0), Arc::new(MemoryBackend::new()))
            .unwrap();
    for storage in [&with, &without] {
        put(storage, "a.py", &[("f", &["b.g"])]).await;
        put(storage, "b.py", &[("g", &[])]).await;
    }
    assert_eq!(export(&with, "r").await, export(&without, "r").await);
    assert!(history_keys(&backend).await > 0);
    assert!(with.graph().delete_graph("r").await.unwrap());
    assert_eq!(all_keys(backend.as_ref()).await, [vec![0x01]], "only the store's own record is left");
}
