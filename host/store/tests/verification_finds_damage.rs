//! Whatever is lost, altered or put in another's place in a store, a verification finds it and says where; and it finds
//! nothing where nothing is wrong.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use codestrata::{
    ErrorKind, FileChanges, FileState, GraphStorage, StorageConfig, StorageManager, Subject, Unwatched,
    Verification, VerifyWatch,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Bytes, Key, KeyRange, ScanRequest};
use support::{all_keys, file, stores};

/// The first bytes of keys, and the letters of a repository's tables.
const HEAD: u8 = 0x03;
const SEGMENT: u8 = 0x10;
const SPACE: u8 = 0x20;

fn opened(backend: &Arc<dyn Backend>) -> StorageManager {
    StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(backend)).unwrap()
}

/// A store with a whole generation, changes after it, and a note.
async fn filled(backend: &Arc<dyn Backend>) -> StorageManager {
    let storage = opened(backend);
    let replaced = vec![
        file("a.py", &[("f", &["b.g", "b.g"]), ("e", &[])]),
        file("b.py", &[("g", &["a.f"])]),
        file("c.py", &[("h", &["b.g", "a.e"])]),
    ];
    storage.graph().update_files("r", FileChanges { replaced, ..FileChanges::default() }).await.unwrap();
    storage.graph().replace_file("r", file("d.py", &[("k", &["a.f", "c.h"])])).await.unwrap();
    storage.graph().annotate("r", "a.py::f", "x", &[("k".to_owned(), 1.into())].into()).await.unwrap();
    storage
}

async fn verified(storage: &StorageManager) -> Verification {
    let watch: Arc<dyn VerifyWatch> = Arc::new(Unwatched);
    storage.graph().verify("r", &watch).await.unwrap().unwrap()
}

/// What a verification of the backend finds, as its subjects.
async fn subjects(backend: &Arc<dyn Backend>) -> Vec<Subject> {
    verified(&opened(backend)).await.findings.list.into_iter().map(|finding| finding.subject).collect()
}

async fn in_table(backend: &Arc<dyn Backend>, prefix: &[u8]) -> Vec<(Key, Bytes)> {
    let request = ScanRequest::new(KeyRange::prefix(prefix.to_vec()));
    let page = backend.scan(&request).await.unwrap();
    page.iter_shared().map(|(key, value)| (Key::new(key).unwrap(), value)).collect()
}

/// The tables of the newest generation.
async fn table(backend: &Arc<dyn Backend>, letter: u8) -> Vec<(Key, Bytes)> {
    let all = in_table(backend, &[SPACE]).await;
    all.into_iter().filter(|(key, _)| key.as_slice().get(5) == Some(&letter)).collect()
}

async fn put(backend: &Arc<dyn Backend>, key: &Key, value: Bytes) {
    backend.apply(Batch::new().put(key.clone(), value)).await.unwrap();
}

#[tokio::test]
async fn nothing_is_found_in_a_whole_store_of_any_engine() {
    for store in stores().await {
        let graph = store.storage.graph();
        for (path, functions) in [
            ("a.py", &[("f", &["b.g"] as &[&str])] as &[(&str, &[&str])]),
            ("b.py", &[("g", &[])]),
            ("a.py", &[("f", &["b.g", "b.h"]), ("i", &[])]),
            ("b.py", &[("h", &["a.i"])]),
        ] {
            graph.replace_file("r", file(path, functions)).await.unwrap();
        }
        let report = verified(&store.storage).await;
        assert!(report.is_right(), "{}: {report:?}", store.engine);
        assert!(report.links_compared);
        assert_eq!((report.files, report.nodes, report.version), (2, 3, 4), "{}", store.engine);
    }
}

#[tokio::test]
async fn every_record_that_is_lost_is_missed() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    filled(&backend).await;
    assert_eq!(subjects(&backend).await, []);
    for key in all_keys(backend.as_ref()).await {
        // Without its oldest record a history is a shorter one.
        if key.starts_with(&[0x06]) && key.ends_with(&[1]) {
            continue;
        }
        let key = Key::new(key).unwrap();
        let value = backend.get(&key).await.unwrap().unwrap();
        backend.apply(Batch::new().delete(key.clone())).await.unwrap();
        let watch: Arc<dyn VerifyWatch> = Arc::new(Unwatched);
        match opened(&backend).graph().verify("r", &watch).await {
            Ok(report) => assert!(!report.unwrap().is_right(), "nobody misses {key:?}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{key:?}: {error}"),
        }
        put(&backend, &key, value).await;
    }
}

#[tokio::test]
async fn every_flipped_bit_of_a_record_is_found() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    filled(&backend).await;
    for key in all_keys(backend.as_ref()).await {
        let key = Key::new(key).unwrap();
        let value = backend.get(&key).await.unwrap().unwrap();
        // The ordinal of the repository itself leads to another one, or nowhere.
        if value.is_empty() || key.as_slice().first() == Some(&0x02) {
            continue;
        }
        let mut flipped = value.to_vec();
        if let Some(last) = flipped.last_mut() {
            *last ^= 4;
        }
        put(&backend, &key, flipped.into()).await;
        assert_ne!(subjects(&backend).await, [], "{key:?}");
        put(&backend, &key, value).await;
    }
    assert_eq!(subjects(&backend).await, []);
}

#[tokio::test]
async fn a_posting_that_is_lost_is_named_by_what_it_leads_to() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    filled(&backend).await;
    let mut named = 0;
    for (key, value) in table(&backend, b'd').await {
        backend.apply(Batch::new().delete(key.clone())).await.unwrap();
        let report = verified(&opened(&backend)).await;
        let [finding] = report.findings.list.as_slice() else { panic!("{report:?}") };
        assert_eq!((finding.subject, finding.file.as_deref()), (Subject::Index, Some("d.py")));
        named += usize::from(finding.message.contains("the node `d.py::k`"));
        put(&backend, &key, value).await;
    }
    assert_eq!(named, 1);
}

#[tokio::test]
async fn a_segment_in_the_place_of_another_is_found() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    filled(&backend).await;
    let segments = in_table(&backend, &[SEGMENT]).await;
    let [(first, _), (_, second), ..] = segments.as_slice() else { panic!("{segments:?}") };
    put(&backend, first, second.clone()).await;
    let report = verified(&opened(&backend)).await;
    assert!(!report.links_compared, "links of damaged facts say nothing");
    assert!(report.findings.list.iter().any(|finding| finding.subject == Subject::Segment), "{report:?}");
}

#[tokio::test]
async fn links_that_fit_an_earlier_state_are_found_though_every_checksum_is_right() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let storage = filled(&backend).await;
    let entries = table(&backend, b'f').await;
    let links = table(&backend, b'l').await;
    // `c.py` is linked again because what it calls is gone.
    storage.graph().replace_file("r", file("b.py", &[("other", &[])])).await.unwrap();
    assert_eq!(subjects(&backend).await, []);
    for (key, value) in entries.iter().chain(&links) {
        if key.as_slice().ends_with(&[0, 0, 0, 2]) {
            put(&backend, key, value.clone()).await;
        }
    }
    let report = verified(&opened(&backend)).await;
    let links: Vec<&str> = report
        .findings
        .list
        .iter()
        .filter(|finding| finding.subject == Subject::Links && finding.file.as_deref() == Some("c.py"))
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(links.iter().any(|message| message.contains("`c.py::h` -calls-> `")), "{report:?}");
    assert!(report.findings.list.iter().any(|finding| finding.subject == Subject::Count), "{report:?}");
}

#[tokio::test]
async fn totals_of_an_earlier_version_are_found() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let storage = filled(&backend).await;
    let heads = in_table(&backend, &[HEAD]).await;
    storage.graph().remove_file("r", "d.py").await.unwrap();
    let [(key, old)] = heads.as_slice() else { panic!("{heads:?}") };
    put(&backend, key, old.clone()).await;
    assert!(subjects(&backend).await.contains(&Subject::Count));
}

#[tokio::test]
async fn a_generation_of_nobody_is_found_and_a_segment_of_nobody_is_left_to_maintenance() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let storage = filled(&backend).await;
    let stray = Key::new(vec![SPACE, 0, 0, 9, 9, b'f', 0, 0, 0, 1]).unwrap();
    put(&backend, &stray, Bytes::from_static(b"x")).await;
    assert_eq!(subjects(&backend).await, [Subject::Stray]);
    backend.apply(Batch::new().delete(stray)).await.unwrap();
    let segments = in_table(&backend, &[SEGMENT]).await;
    storage.graph().remove_file("r", "d.py").await.unwrap();
    for (key, value) in segments {
        put(&backend, &key, value).await;
    }
    let report = verified(&opened(&backend)).await;
    assert_eq!((report.is_right(), report.left_over), (true, 1), "{report:?}");
    opened(&backend).maintenance().await.unwrap();
    assert_eq!(verified(&opened(&backend)).await.left_over, 0);
}

#[tokio::test]
async fn files_are_compared_with_what_they_say_now() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let storage = filled(&backend).await;
    let now = vec![
        file("a.py", &[("f", &["b.g", "b.g"]), ("e", &[])]),
        file("b.py", &[("g", &[])]),
        file("d.py", &[("k", &["a.f", "c.h"])]),
        file("new.py", &[]),
    ];
    let states = storage.graph().compare_files("r", &now).await.unwrap();
    let state = |path: &str| states.get(path).unwrap();
    assert_eq!(state("a.py"), &FileState::Same);
    assert_eq!(state("b.py"), &FileState::Changed);
    assert_eq!(state("c.py"), &FileState::Gone);
    assert_eq!(state("new.py"), &FileState::New);
}

#[tokio::test]
async fn facts_that_the_file_does_not_state_are_told_from_a_changed_file() {
    let storage = StorageManager::in_memory().unwrap();
    storage.graph().replace_file("r", file("a.py", &[("f", &[])])).await.unwrap();
    // The file has the hash that is stored, and another node: as a faulty indexer would have left it.
    let mut graph = storage.graph().load_graph("r").await.unwrap().unwrap();
    graph.nodes.push(support::function("a.py", "g"));
    storage.graph().store_graph(&graph).await.unwrap();
    let states = storage.graph().compare_files("r", &[file("a.py", &[("f", &[])])]).await.unwrap();
    let Some(FileState::Differs(words)) = states.get("a.py") else { panic!("{states:?}") };
    assert!(words.contains("the stored node `a.py::g` is not in it"), "{words}");
}

/// Stops after so many steps.
struct Stopping(AtomicU64);

impl VerifyWatch for Stopping {
    fn is_stopped(&self) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst) > 0
    }
}

#[tokio::test]
async fn a_verification_can_be_stopped() {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let storage = filled(&backend).await;
    let watch: Arc<dyn VerifyWatch> = Arc::new(Stopping(AtomicU64::new(0)));
    assert_eq!(storage.graph().verify("r", &watch).await.unwrap(), None);
}
