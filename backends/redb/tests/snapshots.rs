//! A snapshot ends when it is too old, whether it is read or not, so that the file can reuse its pages.

use std::time::Duration;

use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{ErrorKind, KeyRange, OpenRequest, Options, ScanRequest};

fn options(folder: &tempfile::TempDir) -> Options {
    Options::new().with("path", folder.path().join("store.redb").display().to_string())
}

#[tokio::test]
async fn a_snapshot_past_its_age_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let request = OpenRequest::new(options(&folder).with("snapshot_max_age", "200ms"));
    let store = codestrata_backend_redb::DESCRIPTOR.open(request).await.unwrap();
    assert_eq!(store.capabilities().snapshot_max_age(), Some(Duration::from_millis(200)));
    store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
    let snapshot = store.snapshot().await.unwrap();
    assert_eq!(everything(&*snapshot).await.unwrap().len(), 1);
    std::thread::sleep(Duration::from_millis(250));
    let error = snapshot.scan(&ScanRequest::new(KeyRange::all())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("snapshot_max_age"), "{error}");
    // A new one is as good as ever.
    assert_eq!(everything(&*store.snapshot().await.unwrap()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_forgotten_snapshot_does_not_make_the_file_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let request = OpenRequest::new(options(&folder).with("snapshot_max_age", "1ms"));
    let store = codestrata_backend_redb::DESCRIPTOR.open(request).await.unwrap();
    let entries: Vec<_> = (0..500_u32).map(|number| (number.to_be_bytes(), [7; 1000])).collect();
    let mut forgotten = Vec::new();
    let mut sizes = Vec::new();
    for _ in 0..30 {
        store.apply(puts(&entries).unwrap()).await.unwrap();
        forgotten.push(store.snapshot().await.unwrap());
        std::thread::sleep(Duration::from_millis(2));
        sizes.push(store.stats().await.unwrap().disk_bytes.unwrap());
    }
    assert!(sizes[29] <= sizes[9], "{sizes:?}");
}
