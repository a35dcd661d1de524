//! Updates whose files come in portions are those of all their files at once, and nothing of them is there before.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

mod support;

use std::sync::Arc;

use codestrata::limits::MAX_HELD_BYTES;
use codestrata::{
    ErrorKind, FileChanges, FileUpdate, GraphStorage, PreparedFile, Result, StorageConfig, StorageManager,
    Unwatched, UpdateSummary, VerifyWatch,
};
use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Key};
use support::{Fault, Faulty, all_keys, export, facts, file, stores};

/// Letters of a text in each file that compression does not make smaller by much.
const LETTERS: usize = 256 * 1024;

/// So many files are more than may be held: they are there decoded and as they will be stored.
const FILES: usize = MAX_HELD_BYTES / LETTERS;

/// Files that call each other along a chain and one that all call, each too large for many of them to be held.
fn files(version: u64, count: usize) -> Vec<PreparedFile> {
    (0..count)
        .map(|number| {
            let next = format!("m{:03}.f", (number + 1) % count);
            let other = format!("m000.g{}", version % 2);
            let mut facts =
                facts(&format!("m{number:03}.py"), &[("f", &[&next, &other]), ("g0", &[]), ("g1", &[])]);
            let text = incompressible(version * 1_000 + u64::try_from(number).unwrap());
            facts.hash = format!("{version} of {number}");
            facts.nodes.first_mut().unwrap().attributes.insert("text", text.into());
            PreparedFile::new(&facts).unwrap()
        })
        .collect()
}

fn incompressible(seed: u64) -> String {
    let mut state = seed;
    let letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 33).to_le_bytes()[0] % 26)
    };
    std::iter::repeat_with(letter).take(LETTERS).collect()
}

fn over(backend: &Arc<dyn Backend>) -> StorageManager {
    StorageManager::from_backends(StorageConfig::in_memory(), Arc::clone(backend)).unwrap()
}

fn in_memory() -> Arc<dyn Backend> {
    Arc::new(MemoryBackend::new())
}

/// Feeds an update some files at a time.
async fn fed<'s>(storage: &'s StorageManager, files: &[PreparedFile]) -> Result<Box<dyn FileUpdate + 's>> {
    let mut update = storage.graph().begin_update("r").await?;
    for portion in files.chunks(7) {
        update.add(portion.to_vec()).await?;
    }
    Ok(update)
}

async fn update(
    storage: &StorageManager,
    files: &[PreparedFile],
    changes: FileChanges,
) -> Result<UpdateSummary> {
    fed(storage, files).await?.commit(changes).await
}

/// What a store has of these files alone.
async fn stored(files: &[PreparedFile]) -> String {
    let storage = StorageManager::in_memory().unwrap();
    let changes = FileChanges { replaced: files.to_vec(), ..FileChanges::default() };
    storage.graph().update_files("r", changes).await.unwrap();
    export(&storage, "r").await
}

/// Whether a store is right, and has nothing that nobody refers to.
async fn assert_right(backend: &Arc<dyn Backend>, context: &str) {
    let storage = over(backend);
    let watch: Arc<dyn VerifyWatch> = Arc::new(Unwatched);
    let report = storage.graph().verify("r", &watch).await.unwrap().unwrap();
    assert!(report.is_right() && report.left_over == 0, "{context}: {report:?}");
    let before = all_keys(backend.as_ref()).await;
    storage.maintenance().await.unwrap();
    assert_eq!(before, all_keys(backend.as_ref()).await, "{context}");
}

#[tokio::test]
async fn they_are_the_same_on_every_engine() {
    let (first, second) = (files(0, FILES), files(1, FILES));
    let (one, two) = (stored(&first).await, stored(&second).await);
    for store in stores().await {
        let summary = update(&store.storage, &first, FileChanges::default()).await.unwrap();
        let count = u64::try_from(FILES).unwrap();
        assert_eq!((summary.version, summary.added, summary.unchanged), (1, count, 0), "{}", store.engine);
        assert!(export(&store.storage, "r").await == one, "{}", store.engine);
        let summary = update(&store.storage, &second, FileChanges::default()).await.unwrap();
        assert_eq!((summary.version, summary.replaced), (2, count), "{}", store.engine);
        assert!(export(&store.storage, "r").await == two, "{}", store.engine);
        let changes = store.storage.graph().changes_of("r", 2).await.unwrap();
        assert_eq!(changes.edges_added.len(), FILES, "{}", store.engine);
        assert_eq!(changes.edges_removed.len(), FILES, "{}", store.engine);
    }
}

#[tokio::test]
async fn no_more_is_held_than_may_be() {
    let weight = |files: &[PreparedFile]| -> usize { files.iter().map(PreparedFile::stored_bytes).sum() };
    let backend = in_memory();
    let storage = over(&backend);
    let mut update = storage.graph().begin_update("r").await.unwrap();
    let mut given = 0;
    for file in files(0, FILES) {
        given += weight(std::slice::from_ref(&file));
        update.add(vec![file]).await.unwrap();
        if given < MAX_HELD_BYTES / 3 {
            assert!(all_keys(backend.as_ref()).await.is_empty(), "after {given} bytes");
        }
    }
    // What is written last may be under way.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let mut keys = Vec::new();
    for key in all_keys(backend.as_ref()).await {
        keys.push(Key::new(key).unwrap());
    }
    let values = backend.get_many(&keys).await.unwrap();
    let written: usize = values.into_iter().flatten().map(|value| value.len()).sum();
    assert!(written + MAX_HELD_BYTES >= given, "{written} of {given} bytes");
    update.abandon().await.unwrap();
}

#[tokio::test]
async fn one_that_is_given_up_leaves_what_was() {
    let (first, second) = (files(0, 3), files(1, FILES));
    let before = stored(&first).await;
    for is_dropped in [false, true] {
        let backend = in_memory();
        let storage = over(&backend);
        update(&storage, &first, FileChanges::default()).await.unwrap();
        let keys = all_keys(backend.as_ref()).await;
        let begun = fed(&storage, &second).await.unwrap();
        assert!(all_keys(backend.as_ref()).await.len() > keys.len(), "it is written ahead");
        assert!(export(&storage, "r").await == before);
        if is_dropped {
            drop(begun);
            // As a crash would: another process comes next.
            over(&backend).maintenance().await.unwrap();
        } else {
            begun.abandon().await.unwrap();
        }
        assert_eq!(all_keys(backend.as_ref()).await.len(), keys.len());
        assert!(export(&storage, "r").await == before);
        update(&storage, &second, FileChanges::default()).await.unwrap();
        assert_right(&backend, "afterwards").await;
    }
}

#[tokio::test]
async fn files_that_are_the_same_make_no_version() {
    let mut files = files(0, FILES);
    let backend = in_memory();
    let storage = over(&backend);
    update(&storage, &files, FileChanges::default()).await.unwrap();
    let summary = update(&storage, &files, FileChanges::default()).await.unwrap();
    let count = u64::try_from(FILES).unwrap();
    assert_eq!((summary.version, summary.unchanged, summary.replaced), (1, count, 0));
    let last = files.len() - 1;
    files.truncate(last);
    files.push(file("new.py", &[("f", &["m000.f"])]));
    let changes = FileChanges { replace_all: true, ..FileChanges::default() };
    let summary = update(&storage, &files, changes).await.unwrap();
    assert_eq!((summary.version, summary.unchanged, summary.added, summary.removed), (2, count - 1, 1, 1));
    assert!(export(&storage, "r").await == stored(&files).await);
    assert_right(&backend, "a few differ").await;
    // Everything is written again where that is asked for.
    let changes = FileChanges { rewrite: true, ..FileChanges::default() };
    let summary = update(&storage, &files, changes).await.unwrap();
    assert_eq!((summary.version, summary.unchanged), (3, count));
    assert_right(&backend, "a rewriting").await;
}

#[tokio::test]
async fn a_path_stands_once() {
    let mut files = files(0, FILES);
    files.push(file("m000.py", &[]));
    let backend = in_memory();
    let storage = over(&backend);
    let error = update(&storage, &files, FileChanges::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("m000.py"), "{error}");
    assert!(!storage.graph().graph_exists("r").await.unwrap());
    let twice = facts("other.py", &[("f", &[])]);
    let mut twice = codestrata::FileFacts { hash: "2".to_owned(), ..twice };
    twice.nodes.first_mut().unwrap().id = "m005.py::f".to_owned().into();
    files.pop();
    files.push(PreparedFile::new(&twice).unwrap());
    let error = update(&storage, &files, FileChanges::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let said = error.to_string();
    assert!(["m005.py::f", "`m005.py`", "`other.py`"].iter().all(|part| said.contains(part)), "{said}");
}

#[tokio::test]
async fn other_writers_go_on_and_nothing_of_theirs_is_lost() {
    // So many that the first of them are certainly written before the last ones come.
    let count = 2 * FILES;
    let (first, second) = (files(0, count), files(1, count));
    let backend = in_memory();
    let storage = over(&backend);
    update(&storage, &first, FileChanges::default()).await.unwrap();
    let begun = fed(&storage, &second).await.unwrap();
    storage.graph().replace_file("r", file("other.py", &[("f", &["m000.g1"])])).await.unwrap();
    assert_eq!(begun.commit(FileChanges::default()).await.unwrap().version, 3);
    let mut all = second.clone();
    all.push(file("other.py", &[("f", &["m000.g1"])]));
    assert!(export(&storage, "r").await == stored(&all).await);
    assert_right(&backend, "a file beside").await;
    // One that takes away what was written ahead ends the update, and nothing else does.
    let begun = fed(&storage, &files(2, count)).await.unwrap();
    for version in [2, 3] {
        let one = files(version, count).swap_remove(3);
        storage.graph().replace_file("r", one).await.unwrap();
    }
    let error = begun.commit(FileChanges::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    let begun = fed(&storage, &files(4, count)).await.unwrap();
    assert!(storage.graph().delete_graph("r").await.unwrap());
    assert_eq!(begun.commit(FileChanges::default()).await.unwrap_err().kind(), ErrorKind::Conflict);
    update(&storage, &first, FileChanges::default()).await.unwrap();
    assert!(export(&storage, "r").await == stored(&first).await);
    assert_right(&backend, "after all").await;
}

#[tokio::test]
async fn whatever_commit_fails_the_graph_is_the_old_or_the_new_one() {
    let (first, second) = (files(0, 3), files(1, FILES));
    let (one, two) = (stored(&first).await, stored(&second).await);
    for fault in [Fault::Refuse(ErrorKind::Unavailable), Fault::LoseAcknowledgement, Fault::LoseCommit] {
        for fail_at in 0.. {
            let context = format!("{fault:?} at {fail_at}");
            let backend = in_memory();
            update(&over(&backend), &first, FileChanges::default()).await.unwrap();
            let faulty = Arc::new(Faulty::new(Arc::clone(&backend), fail_at, fault));
            let below: Arc<dyn Backend> = Arc::<Faulty>::clone(&faulty);
            let outcome = update(&over(&below), &second, FileChanges::default()).await;
            let found = export(&over(&backend), "r").await;
            assert!(
                found == if outcome.is_ok() { two.as_str() } else { one.as_str() },
                "{context}: {outcome:?}"
            );
            over(&backend).maintenance().await.unwrap();
            assert_right(&backend, &context).await;
            update(&over(&backend), &second, FileChanges::default()).await.unwrap();
            assert!(export(&over(&backend), "r").await == two, "{context}");
            if faulty.commits.load(std::sync::atomic::Ordering::SeqCst) < fail_at {
                break;
            }
        }
    }
}
