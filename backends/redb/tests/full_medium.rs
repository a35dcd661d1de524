//! A full medium is `Full`: nothing is applied, reads go on, and so do writes once there is room.
//!
//! A limit on the size of files does as well as a full disk: the write fails in the same place. The signal that
//! comes with it is ignored by way of the shell, because ignoring it here would take unsafe code.

mod child;

use std::process::Command;

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, key, puts};
use codestrata_core::{Batch, ErrorKind, KeyRange, OpenMode};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const VALUE: [u8; 1000] = [7; 1000];

#[test]
fn child_fills_the_medium() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let unlimited = getrlimit(Resource::Fsize);
        let store = open(&path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("first", "value")]).unwrap()).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        setrlimit(Resource::Fsize, Rlimit { current: Some(2_000_000), ..unlimited }).unwrap();
        let mut applied = 1;
        let full = loop {
            let entries: Vec<_> =
                (0..50_u32).map(|at| ([applied.to_string(), at.to_string()].join("/"), VALUE)).collect();
            match store.apply(puts(&entries).unwrap()).await {
                Ok(()) => applied += 50,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::Full, "{full}");
        assert!(std::error::Error::source(&full).is_some(), "the source is kept");
        say(format!("full after {applied}"));
        assert_eq!(
            everything(&*store).await.unwrap().len(),
            applied,
            "what was acknowledged is there, and no more"
        );
        assert_eq!(
            snapshot.get(&key("first").unwrap()).await.err().map(|error| error.kind()),
            Some(ErrorKind::Unavailable)
        );
        // Still full, and still in order.
        let large: Vec<_> = (0..2_000_u32).map(|at| (at.to_string(), VALUE)).collect();
        let again = store.apply(puts(&large).unwrap()).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Full, "{again}");
        setrlimit(Resource::Fsize, unlimited).unwrap();
        store.apply(puts(&large).unwrap()).await.unwrap();
        store.apply(Batch::new().delete_range(KeyRange::all())).await.unwrap();
        store.apply(puts(&[("last", "value")]).unwrap()).await.unwrap();
        store.close().await.unwrap();
        let store = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*store).await.unwrap().len(), 1);
        say("fine");
    });
}

#[test]
fn a_full_medium_stops_nothing_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let plain = child::command("child_fills_the_medium", &path);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap());
    }
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let said: Vec<String> = lines(&mut child).collect();
    assert!(child.wait().unwrap().success(), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("fine"), "{said:?}");
}
