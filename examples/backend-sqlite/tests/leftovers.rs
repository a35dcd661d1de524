//! What a process that was killed leaves beside the file is taken up, and cleared away.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::path::Path;

use codestrata_conformance::child::own::{command, lines, say, store_of_child};
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{Durability, OpenMode};
use support::{names, open, runtime};

/// The child: writes two batches, of which the second is not synced, and waits to be killed.
#[test]
fn child_leaves_a_log() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("synced", "1")]).unwrap()).await.unwrap();
        store.apply(puts(&[("buffered", "2")]).unwrap().durability(Durability::Buffered)).await.unwrap();
        say("written");
        std::thread::sleep(std::time::Duration::from_secs(60));
    });
}

fn leave_a_log(path: &Path) {
    let mut child = command("child_leaves_a_log", path).unwrap().spawn().unwrap();
    assert_eq!(lines(&mut child).next().as_deref(), Some("written"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names(path.parent().unwrap()), ["store", "store-shm", "store-wal"]);
}

#[test]
fn a_writer_takes_up_the_log_and_clears_it_away_when_it_closes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    leave_a_log(&path);
    runtime().block_on(async {
        let store = open(&path, OpenMode::Existing).await.unwrap();
        // The kill of a process loses nothing that the system has.
        assert_eq!(everything(&*store).await.unwrap().len(), 2);
        store.close().await.unwrap();
        assert_eq!(names(folder.path()), ["store"]);
        let store = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*store).await.unwrap().len(), 2);
    });
}

#[test]
fn an_opening_moves_the_log_into_the_file_before_anything_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    leave_a_log(&path);
    runtime().block_on(async {
        let store = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(std::fs::metadata(folder.path().join("store-wal")).unwrap().len(), 0);
        store.close().await.unwrap();
    });
}

#[test]
fn a_reader_sees_what_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    leave_a_log(&path);
    runtime().block_on(async {
        let reader = open(&path, OpenMode::ReadOnly).await.unwrap();
        assert_eq!(everything(&*reader).await.unwrap().len(), 2);
        reader.close().await.unwrap();
        assert_eq!(names(folder.path()), ["store"]);
    });
}

#[test]
fn a_reader_leaves_a_store_that_was_closed_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
        store.close().await.unwrap();
        let before = std::fs::read(&path).unwrap();
        let reader = open(&path, OpenMode::ReadOnly).await.unwrap();
        assert_eq!(everything(&*reader).await.unwrap().len(), 1);
        reader.close().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(names(folder.path()), ["store"]);
    });
}

#[test]
fn a_store_that_was_never_finished_is_swept_and_one_in_the_making_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let left = [".store.1-0.new", ".store.1-0.new-journal"].map(|name| folder.path().join(name));
    for file in left {
        std::fs::write(file, "half").unwrap();
    }
    let making = folder.path().join(".store.1-1.new");
    std::fs::write(&making, "half").unwrap();
    let lock = std::fs::File::open(&making).unwrap();
    lock.lock().unwrap();
    runtime().block_on(async { open(&path, OpenMode::Create).await.unwrap().close().await.unwrap() });
    assert_eq!(names(folder.path()), [".store.1-1.new", "store"]);
}
