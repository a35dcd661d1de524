//! One file, several handles and processes: SQLite's locks hold between all of them.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use codestrata_conformance::child::own::{command, lines, say, store_of_child};
use codestrata_conformance::lab::{everything, key, puts};
use codestrata_core::{ErrorKind, OpenMode};
use rusqlite::Connection;
use support::{open, open_with, options, runtime};

/// The child: opens the store, writes to it and closes it.
#[test]
fn child_writes_and_closes() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let store = open(&path, OpenMode::Existing).await.unwrap();
        store.apply(puts(&[("child", "2")]).unwrap()).await.unwrap();
        store.close().await.unwrap();
    });
    say("closed");
}

/// The child: asks for the whole file, as whoever wanted to have it alone would.
#[test]
fn child_asks_for_the_file() {
    let Some(path) = store_of_child() else { return };
    let file = std::fs::File::options().read(true).write(true).open(path).unwrap();
    let had = rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive);
    say(if had.is_ok() { "had it" } else { "it is held" });
}

#[test]
fn a_second_handle_of_a_process_does_not_cost_the_first_its_locks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async {
        let first = open(&path, OpenMode::Create).await.unwrap();
        first.apply(puts(&[("first", "1")]).unwrap()).await.unwrap();
        for mode in [OpenMode::Existing, OpenMode::ReadOnly, OpenMode::Create] {
            open(&path, mode).await.unwrap().close().await.unwrap();
        }
        let mut child = command("child_asks_for_the_file", &path).unwrap().spawn().unwrap();
        assert_eq!(lines(&mut child).next().as_deref(), Some("it is held"));
        child.wait().unwrap();
        // A process that believed itself alone would delete the log when it closes.
        let mut child = command("child_writes_and_closes", &path).unwrap().spawn().unwrap();
        assert_eq!(lines(&mut child).next().as_deref(), Some("closed"));
        child.wait().unwrap();
        assert!(folder.path().join("store-wal").exists());
        first.apply(puts(&[("last", "3")]).unwrap()).await.unwrap();
        let expected = everything(&*first).await.unwrap();
        assert_eq!(expected.len(), 3);
        first.close().await.unwrap();
        let again = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*again).await.unwrap(), expected);
    });
}

#[test]
fn a_batch_that_waits_too_long_for_another_writer_is_not_applied_and_may_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async {
        let store = open_with(options(&path).with("busy_timeout", "20ms"), OpenMode::Create).await.unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.kind().is_retryable() && error.to_string().contains("busy_timeout"), "{error}");
        // Reading, and asking without writing, go on beside a writer.
        assert_eq!(store.get(&key("k").unwrap()).await.unwrap(), None);
        store.apply(codestrata_core::Batch::new().require_absent(key("k").unwrap())).await.unwrap();
        other.execute_batch("ROLLBACK").unwrap();
        store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
        assert_eq!(everything(&*store).await.unwrap().len(), 1);
    });
}

#[test]
fn a_store_that_another_program_has_to_itself_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async {
        open(&path, OpenMode::Create).await.unwrap().close().await.unwrap();
        let other = Connection::open(&path).unwrap();
        other
            .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE flushes SET count = 7")
            .unwrap();
        for mode in [OpenMode::Existing, OpenMode::ReadOnly] {
            let error = open_with(options(&path).with("busy_timeout", "20ms"), mode).await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
        }
        other.execute_batch("ROLLBACK").unwrap();
        drop(other);
        open(&path, OpenMode::Existing).await.unwrap().close().await.unwrap();
    });
}
