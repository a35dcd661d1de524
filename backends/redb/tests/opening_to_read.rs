//! Opening to read is done where the call is made, as long as there is little to do.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;

use child::{open, runtime};
use codestrata_backend_redb::backend::RedbBackend;
use codestrata_backend_redb::config::RedbConfig;
use codestrata_backend_redb::medium::{Draft, Medium, Storage};
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{OpenMode, OpenRequest, Options, Result};

/// A medium that notes which threads open the file.
struct Noting {
    medium: Arc<dyn Medium>,
    threads: Arc<Mutex<Vec<ThreadId>>>,
}

impl Medium for Noting {
    fn open(&self, writable: bool) -> Result<Box<dyn Storage>> {
        self.threads.lock().unwrap().push(std::thread::current().id());
        self.medium.open(writable)
    }

    fn create(&self) -> Result<Box<dyn Draft>> {
        self.medium.create()
    }

    fn sync(&self) -> Result<()> {
        self.medium.sync()
    }

    fn length(&self) -> Result<u64> {
        self.medium.length()
    }
}

/// Opens a store to read, looks for its one entry, and says for each time the file was opened whether that was here.
async fn opened_here(path: &Path) -> Vec<bool> {
    let threads = Arc::new(Mutex::default());
    let wrap = |medium| -> Arc<dyn Medium> { Arc::new(Noting { medium, threads: Arc::clone(&threads) }) };
    let options = Options::new().with("path", path.display().to_string());
    let request = OpenRequest::new(options).mode(OpenMode::ReadOnly);
    let reader = RedbBackend::open_through(RedbConfig::from_request(&request).unwrap(), wrap).await.unwrap();
    assert_eq!(everything(&reader).await.unwrap().len(), 1);
    let here = std::thread::current().id();
    threads.lock().unwrap().iter().map(|thread| *thread == here).collect()
}

#[test]
fn a_closed_store_is_opened_here_and_one_that_has_to_be_repaired_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (path, left) = (folder.path().join("store.redb"), folder.path().join("left.redb"));
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("key", "value")]).unwrap()).await.unwrap();
        // As a killed process leaves it.
        std::fs::copy(&path, &left).unwrap();
        store.close().await.unwrap();
        assert_eq!(opened_here(&path).await, [true]);
        let repaired = opened_here(&left).await;
        assert!(repaired.len() > 1 && repaired.iter().skip(1).all(|here| !here), "{repaired:?}");
    });
}
