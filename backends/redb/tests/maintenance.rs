//! Compaction and verification: they need the database for themselves, and lose nothing.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::os::unix::fs::FileExt;
use std::sync::Arc;

use child::open;
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{Backend, Batch, ErrorKind, KeyRange, OpenMode};

async fn filled(path: &std::path::Path) -> Arc<dyn Backend> {
    let store = open(path, OpenMode::Create).await.unwrap();
    let entries: Vec<_> = (0..5_000_u32).map(|number| (number.to_be_bytes(), [7; 500])).collect();
    store.apply(puts(&entries).unwrap()).await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compaction_gives_space_back_while_others_read_and_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder.path().join("store.redb")).await;
    let low = KeyRange::new(vec![], Some(4_900_u32.to_be_bytes().to_vec().into()));
    store.apply(Batch::new().delete_range(low)).await.unwrap();
    let before = store.stats().await.unwrap().disk_bytes.unwrap();
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for _ in 0..100 {
                    assert!(everything(&*store).await.unwrap().len() >= 100);
                }
            })
        })
        .collect();
    store.compact().await.unwrap();
    store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
    for reader in readers {
        reader.await.unwrap();
    }
    store.verify().await.unwrap();
    let stats = store.stats().await.unwrap();
    assert_eq!(stats.keys, Some(101));
    assert!(stats.disk_bytes.unwrap() < before / 2, "{before} before, {stats:?} after");
}

#[tokio::test]
async fn neither_runs_while_a_snapshot_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder.path().join("store.redb")).await;
    let snapshot = store.snapshot().await.unwrap();
    assert_eq!(store.compact().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(store.verify().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(everything(&*snapshot).await.unwrap().len(), 5_000);
    drop(snapshot);
    store.compact().await.unwrap();
    store.verify().await.unwrap();
}

#[tokio::test]
async fn neither_is_for_readers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    filled(&path).await.close().await.unwrap();
    let reader = open(&path, OpenMode::ReadOnly).await.unwrap();
    assert_eq!(reader.compact().await.unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(reader.verify().await.unwrap_err().kind(), ErrorKind::ReadOnly);
}

#[tokio::test]
async fn verification_finds_damage_that_nobody_has_read_yet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let whole = {
        filled(&path).await.close().await.unwrap();
        std::fs::read(&path).unwrap()
    };
    // In the pages of the entries, which are most of the file and are full of sevens.
    let sevens = (0..whole.len()).filter(|at| whole[*at..].starts_with(&[7; 100]));
    for at in sevens.step_by(whole.len() / 20) {
        std::fs::write(&path, &whole).unwrap();
        let store = open(&path, OpenMode::Existing).await.unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.write_all_at(&[7 ^ 0x10], at as u64).unwrap();
        let error = store.verify().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        assert!(error.message().contains("store.redb"), "{error}");
    }
}
