//! A snapshot ends when it is too old, whether it is read or not, and there are so many at most.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::time::Duration;

use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{ErrorKind, KeyRange, OpenMode, ScanRequest};
use support::{open, open_with, options, runtime};

#[test]
fn a_snapshot_past_its_age_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder.path().join("store")).with("snapshot_max_age", "200ms");
    runtime().block_on(async {
        let store = open_with(options, OpenMode::Create).await.unwrap();
        assert_eq!(store.capabilities().snapshot_max_age(), Some(Duration::from_millis(200)));
        store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        std::thread::sleep(Duration::from_millis(250));
        let error = snapshot.scan(&ScanRequest::new(KeyRange::all())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("snapshot_max_age"), "{error}");
        // A new one is as good as ever.
        assert_eq!(everything(&*store.snapshot().await.unwrap()).await.unwrap().len(), 1);
    });
}

#[test]
fn one_snapshot_too_many_is_unavailable_until_another_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = open(&folder.path().join("store"), OpenMode::Create).await.unwrap();
        let mut snapshots = Vec::new();
        let refused = loop {
            match store.snapshot().await {
                Ok(snapshot) => snapshots.push(snapshot),
                Err(error) => break error,
            }
        };
        assert_eq!((refused.kind(), snapshots.len()), (ErrorKind::Unavailable, 64), "{refused}");
        snapshots.pop();
        store.snapshot().await.unwrap();
        // They do not stand in the way of anything else.
        store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
        assert_eq!(everything(&*store).await.unwrap().len(), 1);
        assert_eq!(everything(&*snapshots[0]).await.unwrap().len(), 0);
        store.close().await.unwrap();
    });
}

#[test]
fn a_forgotten_snapshot_does_not_make_the_log_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder.path().join("store")).with("snapshot_max_age", "1ms");
    runtime().block_on(async {
        let store = open_with(options, OpenMode::Create).await.unwrap();
        let entries: Vec<_> = (0..2_000_u32).map(|number| (number.to_be_bytes(), [7; 1000])).collect();
        let mut forgotten = Vec::new();
        let mut sizes = Vec::new();
        for _ in 0..30 {
            store.apply(puts(&entries).unwrap()).await.unwrap();
            forgotten.push(store.snapshot().await.unwrap());
            std::thread::sleep(Duration::from_millis(2));
            sizes.push(store.stats().await.unwrap().disk_bytes.unwrap());
        }
        // It is moved into the file at 16 MiB, and has some batches more by then.
        assert!(sizes[29] < 40 * 1024 * 1024, "{sizes:?}");
    });
}
