//! Several processes and one file: one writes, the others read or are told who has it.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, key, puts};
use codestrata_core::{ErrorKind, OpenMode};

/// The child: opens to write, writes what it is told to count to, and holds the store until it is killed.
#[test]
fn child_holds_the_store() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        for number in 0_u8..=u8::MAX {
            store.apply(puts(&[("count", [number])]).unwrap()).await.unwrap();
            if number == 0 {
                say("open");
            }
        }
        say("done");
        std::thread::sleep(std::time::Duration::from_secs(60));
    });
}

#[test]
fn a_second_process_is_told_who_has_the_store_and_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let mut child = child::command("child_holds_the_store", &path).spawn().unwrap();
    let mut said = lines(&mut child);
    assert_eq!(said.next().as_deref(), Some("open"));
    let runtime = runtime();
    runtime.block_on(async {
        let refused = open(&path, OpenMode::Existing).await.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Locked, "{refused}");
        let message = refused.to_string();
        assert!(message.contains("store.redb") && message.contains("read-only"), "{message}");
        if cfg!(target_os = "linux") {
            assert!(message.contains(&child.id().to_string()), "{message}, by process {}", child.id());
        }

        let reader = open(&path, OpenMode::ReadOnly).await.unwrap();
        let count = key("count").unwrap();
        let mut last = 0;
        loop {
            let seen = reader.get(&count).await.unwrap().unwrap()[0];
            assert!(seen >= last, "{seen} after {last}");
            last = seen;
            if seen == u8::MAX {
                break;
            }
        }
        assert_eq!(said.next().as_deref(), Some("done"));

        // The writer's death harms neither the reader that is there nor one that comes.
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(reader.get(&count).await.unwrap().unwrap()[0], u8::MAX);
        let second = open(&path, OpenMode::ReadOnly).await;
        match second {
            Ok(second) => assert_eq!(everything(&*second).await.unwrap().len(), 1),
            // The file may not be repaired while it is read.
            Err(error) => panic!("a reader beside a reader, after the writer was killed: {error}"),
        }
        reader.close().await.unwrap();
        let writer = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*writer).await.unwrap().len(), 1);
    });
}

#[test]
fn a_second_handle_of_this_process_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    runtime().block_on(async {
        let _first = open(&path, OpenMode::Create).await.unwrap();
        let refused = open(&path, OpenMode::Create).await.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Locked);
        if cfg!(target_os = "linux") {
            assert!(refused.to_string().contains("this very process"), "{refused}");
        }
    });
}

/// A copy of each descriptor of this process that is open on the file, as a child has them from its fork until it
/// runs a program of its own. A test may not fork, so this process takes them from itself.
#[cfg(target_os = "linux")]
fn copies_of_descriptors(path: &std::path::Path) -> Vec<std::os::fd::OwnedFd> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let this = pidfd_open(getpid(), PidfdFlags::empty()).unwrap();
    std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|entry| std::fs::read_link(entry).is_ok_and(|target| target == path))
        .map(|entry| entry.file_name().unwrap().to_str().unwrap().parse().unwrap())
        .map(|number| pidfd_getfd(&this, number, PidfdGetfdFlags::empty()).unwrap())
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_store_is_free_although_a_forked_child_has_its_descriptors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("store.redb");
    runtime().block_on(async {
        for mode in [OpenMode::Create, OpenMode::ReadOnly, OpenMode::Existing] {
            for closed in [true, false] {
                let store = open(&path, mode).await.unwrap();
                let copies = copies_of_descriptors(&path);
                assert!(!copies.is_empty(), "{mode:?}");
                if closed {
                    store.close().await.unwrap();
                }
                drop(store);
                let next = open(&path, OpenMode::Existing).await;
                let next = next.unwrap_or_else(|error| panic!("{mode:?}, closed: {closed}: {error}"));
                next.close().await.unwrap();
                drop(copies);
            }
        }
    });
}

/// The child: rewrites everything again and again.
#[test]
fn child_rewrites_everything() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let store = open(&path, OpenMode::Existing).await.unwrap();
        say("open");
        for number in 0_u8..120 {
            let entries: Vec<_> = (0..40_u8).map(|at| ([at], vec![number; 2_000])).collect();
            store.apply(puts(&entries).unwrap()).await.unwrap();
        }
        say("done");
    });
}

#[test]
fn a_reader_never_takes_a_page_that_is_being_rewritten_for_a_damaged_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let runtime = runtime();
    runtime.block_on(async { open(&path, OpenMode::Create).await.unwrap().close().await.unwrap() });
    let mut child = child::command("child_rewrites_everything", &path).spawn().unwrap();
    let mut said = lines(&mut child);
    assert_eq!(said.next().as_deref(), Some("open"));
    let mut reads = 0;
    runtime.block_on(async {
        let reader = open(&path, OpenMode::ReadOnly).await.unwrap();
        while child.try_wait().unwrap().is_none() {
            let found = everything(&*reader.snapshot().await.unwrap()).await.unwrap();
            assert!(found.windows(2).all(|two| two[0].1 == two[1].1), "one commit is seen");
            reads += 1;
        }
    });
    assert_eq!(said.next().as_deref(), Some("done"));
    assert!(reads > 10, "{reads} reads beside the writer");
}
