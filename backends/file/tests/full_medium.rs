//! A full medium is `Full`: nothing is applied, reads go on, and so do writes once there is room.
//!
//! A limit on the size of files does as well as a full disk: the write fails in the same place. The signal that
//! comes with it is ignored by way of the shell, because ignoring it here would take unsafe code.

mod child;

use std::process::Command;

use child::{lines, open, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, key, puts};
use codestrata_core::{ErrorKind, OpenMode, OpenRequest, Options};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const VALUE: [u8; 1000] = [7; 1000];

#[test]
fn child_fills_the_medium() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        let unlimited = getrlimit(Resource::Fsize);
        let options = Options::new().with("path", path.display().to_string());
        let store = codestrata_backend_file::DESCRIPTOR.open(OpenRequest::new(options)).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        setrlimit(Resource::Fsize, Rlimit { current: Some(500_000), ..unlimited }).unwrap();
        let mut applied = 0;
        let full = loop {
            let entries: Vec<_> = (0..50).map(|at| (format!("{applied}/{at}"), VALUE)).collect();
            match store.apply(puts(&entries).unwrap()).await {
                Ok(()) => applied += 50,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::Full, "{full}");
        assert!(std::error::Error::source(&full).is_some(), "the source is kept");
        let there = everything(&*store).await.unwrap().len();
        assert_eq!(there, applied, "what was acknowledged is there, and no more");
        assert_eq!(snapshot.get(&key("0/0").unwrap()).await.unwrap(), None, "snapshots go on");
        // Something smaller still has room; then there is none.
        store.apply(puts(&[("small", "value")]).unwrap()).await.unwrap();
        let large: Vec<_> = (0..600_u32).map(|at| (at.to_string(), VALUE)).collect();
        let again = store.apply(puts(&large).unwrap()).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Full, "{again}");
        setrlimit(Resource::Fsize, unlimited).unwrap();
        store.apply(puts(&large).unwrap()).await.unwrap();
        store.close().await.unwrap();
        let store = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*store).await.unwrap().len(), applied + 1 + 600);
        store.verify().await.unwrap();
        say("fine");
    });
}

#[test]
fn a_full_medium_stops_nothing_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let plain = child::command("child_fills_the_medium", &folder.path().join("store"));
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
