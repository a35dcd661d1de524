//! One user at a time: everybody else is told who has the store, and a killed one holds nothing.

mod child;

use std::time::Duration;

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{ErrorKind, OpenMode};

/// The child: opens to write, writes, and holds the store until it is killed.
#[test]
fn child_holds_the_store() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
        say("open");
        std::thread::sleep(Duration::from_secs(60));
    });
}

#[test]
fn a_second_process_is_told_who_has_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    let mut child = child::command("child_holds_the_store", &path).spawn().unwrap();
    assert_eq!(lines(&mut child).next().as_deref(), Some("open"));
    runtime().block_on(async {
        for mode in [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly] {
            let refused = open(&path, mode).await.err().unwrap();
            assert_eq!(refused.kind(), ErrorKind::Locked, "{refused}");
            assert!(refused.message().contains("store.sled"), "{refused}");
            if cfg!(target_os = "linux") {
                assert!(refused.message().contains(&format!("process {}", child.id())), "{refused}");
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*store).await.unwrap().len(), 1);
    });
}

#[test]
fn a_second_handle_of_this_process_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    runtime().block_on(async {
        let _first = open(&path, OpenMode::Create).await.unwrap();
        let refused = open(&path, OpenMode::Create).await.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Locked);
        if cfg!(target_os = "linux") {
            assert!(refused.to_string().contains("this very process"), "{refused}");
        }
    });
}

#[test]
fn a_program_that_has_the_files_open_with_sled_itself_locks_us_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    runtime().block_on(async {
        open(&path, OpenMode::Create).await.unwrap().close().await.unwrap();
        let theirs = sled::open(&path).unwrap();
        // They have changed the files behind our seal, which is damage; without it, it is a matter of the lock.
        std::fs::remove_file(path.join("seal")).unwrap();
        let refused = open(&path, OpenMode::Existing).await.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Locked, "{refused}");
        drop(theirs);
    });
}

#[test]
fn short_readers_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    runtime().block_on(async { open(&path, OpenMode::Create).await.unwrap().close().await.unwrap() });
    let reader = runtime().block_on(open(&path, OpenMode::ReadOnly)).unwrap();
    let second = {
        let path = path.clone();
        std::thread::spawn(move || {
            runtime().block_on(open(&path, OpenMode::ReadOnly)).map(drop).map_err(|error| error.to_string())
        })
    };
    std::thread::sleep(Duration::from_millis(50));
    drop(reader);
    assert_eq!(second.join().unwrap(), Ok(()));
}
