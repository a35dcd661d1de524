//! A full medium is `Poisoned`, because sled cannot go on; what was acknowledged is there when it is opened again.
//!
//! A limit on the size of files does as well as a full disk: the write fails in the same place. The signal that
//! comes with it is ignored by way of the shell, because ignoring it here would take unsafe code.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::path::Path;
use std::process::Command;

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{ErrorKind, KeyRange, OpenMode, ScanRequest};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const LIMIT: u64 = 2_000_000;

/// Writes batches of values of this size until the medium is full; how many entries were acknowledged.
async fn fill(path: &Path, size: usize) -> usize {
    let unlimited = getrlimit(Resource::Fsize);
    let store = open(path, OpenMode::Create).await.unwrap();
    let entries = |first: usize, size: usize| {
        let entries: Vec<_> = (0..10).map(|at| ((first + at).to_string(), vec![7; size])).collect();
        puts(&entries).unwrap()
    };
    store.apply(entries(0, 100)).await.unwrap();
    setrlimit(Resource::Fsize, Rlimit { current: Some(LIMIT), ..unlimited }).unwrap();
    let mut applied = 10;
    let full = loop {
        match store.apply(entries(applied, size)).await {
            Ok(()) => applied += 10,
            Err(error) => break error,
        }
    };
    assert_eq!(full.kind(), ErrorKind::Poisoned, "{full}");
    assert!(std::error::Error::source(&full).is_some(), "the source is kept");
    let scanned = store.scan(&ScanRequest::new(KeyRange::all())).await.unwrap_err();
    let flushed = store.flush().await.unwrap_err();
    for later in [scanned, flushed] {
        assert_eq!(later.kind(), ErrorKind::Poisoned, "every call says so: {later}");
    }
    // It may be that sled does not end. Then the process must, as the error says.
    let closed = store.close().await;
    assert!(closed.is_ok() || closed.is_err_and(|error| error.to_string().contains("end this process")));
    applied
}

#[test]
fn child_fills_the_medium_with_small_values() {
    let Some(path) = store_of_child() else { return };
    say(runtime().block_on(fill(&path, 1_000)));
}

#[test]
fn child_fills_the_medium_with_large_values() {
    let Some(path) = store_of_child() else { return };
    say(runtime().block_on(fill(&path, 3_000_000)));
}

fn ends_well(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    let plain = child::command(test, &path);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap());
    }
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let said: Vec<String> = lines(&mut child).collect();
    assert!(child.wait().unwrap().success(), "{said:?}");
    let applied: usize = said.last().unwrap().parse().unwrap();
    runtime().block_on(async {
        let store = open(&path, OpenMode::Existing).await.unwrap();
        let found = everything(&*store).await.unwrap().len();
        assert!(found == applied || found == applied + 10, "{applied} acknowledged, {found} there");
        store.apply(puts(&[("last", "value")]).unwrap()).await.unwrap();
        store.close().await.unwrap();
    });
}

#[test]
fn what_was_acknowledged_outlives_a_full_medium() {
    ends_well("child_fills_the_medium_with_small_values");
}

#[test]
fn what_was_acknowledged_outlives_a_medium_without_room_for_a_large_value() {
    ends_well("child_fills_the_medium_with_large_values");
}
