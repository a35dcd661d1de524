//! Several processes and one store: one writes, or several read; whoever is in the way is named.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod child;

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{ErrorKind, OpenMode};

const MODES: [OpenMode; 3] = [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly];

/// The child: opens the store to write, or to read if it is there, and holds it until it is killed.
#[test]
fn child_holds_the_store() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let mode = if path.join("MANIFEST").exists() { OpenMode::ReadOnly } else { OpenMode::Create };
        let store = open(&path, mode).await.unwrap();
        if mode == OpenMode::Create {
            store.apply(puts(&[("k", "v")]).unwrap()).await.unwrap();
        }
        say("open");
        std::thread::sleep(std::time::Duration::from_secs(60));
    });
}

#[test]
fn a_second_process_is_told_who_has_the_store_until_that_one_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let runtime = runtime();
    for (round, kept_out) in [(1, &MODES[..]), (2, &MODES[..2])] {
        let mut child = child::command("child_holds_the_store", &path).spawn().unwrap();
        assert_eq!(lines(&mut child).next().as_deref(), Some("open"));
        for mode in kept_out {
            let refused = runtime.block_on(open(&path, *mode)).err().unwrap();
            assert_eq!(refused.kind(), ErrorKind::Locked, "round {round}, {mode:?}: {refused}");
            let message = refused.to_string();
            assert!(message.contains(&path.display().to_string()), "{message}");
            if cfg!(target_os = "linux") {
                assert!(message.contains(&child.id().to_string()), "{message}, by process {}", child.id());
            }
        }
        if round == 2 {
            let reader = runtime.block_on(open(&path, OpenMode::ReadOnly)).unwrap();
            assert_eq!(runtime.block_on(everything(&*reader)).unwrap().len(), 1, "readers share a store");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let writer = runtime.block_on(open(&path, OpenMode::Existing)).unwrap();
        assert_eq!(runtime.block_on(everything(&*writer)).unwrap().len(), 1);
    }
}

#[test]
fn a_second_handle_of_this_process_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let runtime = runtime();
    let first = runtime.block_on(open(&path, OpenMode::Create)).unwrap();
    for mode in MODES {
        let refused = runtime.block_on(open(&path, mode)).err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Locked);
        if cfg!(target_os = "linux") {
            assert!(refused.to_string().contains("this very process"), "{refused}");
        }
    }
    // A snapshot that outlives its store keeps nobody out.
    let snapshot = runtime.block_on(first.snapshot()).unwrap();
    runtime.block_on(first.close()).unwrap();
    runtime.block_on(open(&path, OpenMode::Existing)).unwrap();
    drop(snapshot);
}
