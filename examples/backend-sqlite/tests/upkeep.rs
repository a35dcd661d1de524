//! Compaction gives space back, and damage of a value is found when it is read.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::os::unix::fs::FileExt;

use codestrata_conformance::lab::{everything, key, puts};
use codestrata_core::{Batch, ErrorKind, KeyRange, OpenMode};
use support::{open, runtime};

#[test]
fn compaction_gives_back_what_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        let entries: Vec<_> = (0..3_000_u32).map(|number| (number.to_be_bytes(), [7; 2000])).collect();
        store.apply(puts(&entries).unwrap()).await.unwrap();
        let kept = KeyRange::new(100_u32.to_be_bytes().to_vec(), None);
        store.apply(Batch::new().delete_range(kept)).await.unwrap();
        let before = store.stats().await.unwrap().disk_bytes.unwrap();
        store.compact().await.unwrap();
        let after = store.stats().await.unwrap().disk_bytes.unwrap();
        assert!(after < 1_000_000 && before > 6_000_000, "{before} bytes before, {after} after");
        assert_eq!(everything(&*store).await.unwrap().len(), 100);
        store.verify().await.unwrap();
    });
}

#[test]
fn compaction_goes_on_beside_a_snapshot_which_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        let entries: Vec<_> = (0..1_000_u32).map(|number| (number.to_be_bytes(), [7; 2000])).collect();
        store.apply(puts(&entries).unwrap()).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        store.apply(Batch::new().delete_range(KeyRange::all())).await.unwrap();
        store.compact().await.unwrap();
        assert_eq!(everything(&*snapshot).await.unwrap().len(), 1_000);
        drop(snapshot);
        store.compact().await.unwrap();
        assert!(store.stats().await.unwrap().disk_bytes.unwrap() < 100_000);
    });
}

#[test]
fn a_value_with_a_flipped_bit_is_never_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("a", "sound"), ("b", "0123456789abcdef")]).unwrap()).await.unwrap();
        store.close().await.unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(16).position(|window| window == b"0123456789abcdef").unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.write_all_at(b"1", at as u64).unwrap();
        drop(file);
        let store = open(&path, OpenMode::Existing).await.unwrap();
        let error = store.get(&key("b").unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
        assert!(error.message().contains(&path.display().to_string()), "{error}");
        assert_eq!(store.verify().await.unwrap_err().kind(), ErrorKind::Corruption);
        // What is sound is still answered, and a batch that would depend on the value is not applied.
        assert_eq!(store.get(&key("a").unwrap()).await.unwrap().as_deref(), Some(b"sound".as_slice()));
        let batch =
            Batch::new().require_equals(key("b").unwrap(), "1123456789abcdef").put(key("c").unwrap(), "1");
        assert_eq!(store.apply(batch).await.unwrap_err().kind(), ErrorKind::Corruption);
        assert_eq!(store.get(&key("c").unwrap()).await.unwrap(), None);
    });
}
