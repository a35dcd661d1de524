//! A path that is not a store's is refused with a plain message, and what is there is left as it is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod child;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use child::{open, runtime};
use codestrata_conformance::lab::puts;
use codestrata_core::{ErrorKind, OpenMode};

const MODES: [OpenMode; 3] = [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly];

fn refused(path: &Path, mode: OpenMode, kind: ErrorKind, word: &str) {
    let error = runtime().block_on(open(path, mode)).err().unwrap();
    assert_eq!(error.kind(), kind, "{mode:?}: {error}");
    assert!(error.to_string().contains(word), "{error}");
    assert!(error.message().contains(&path.display().to_string()), "{error}");
}

fn make(path: &Path) {
    runtime().block_on(async {
        let store = open(path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("k", "v")]).unwrap()).await.unwrap();
        store.close().await.unwrap();
    });
}

#[test]
fn a_file_a_pipe_and_a_path_through_a_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, fifo) = (folder.path().join("file"), folder.path().join("fifo"));
    fs::write(&file, "content").unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    for mode in MODES {
        refused(&file, mode, ErrorKind::InvalidConfig, "not a folder");
        refused(&fifo, mode, ErrorKind::InvalidConfig, "not a folder");
        refused(&file.join("store"), mode, ErrorKind::InvalidConfig, "file/store");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "content");
}

#[test]
fn a_folder_of_other_things_is_left_alone() {
    for other in ["readme.txt", "1.log", "0000000002.log", ".hidden", "MANIFEST.old"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(other), "content").unwrap();
        for mode in MODES {
            refused(folder.path(), mode, ErrorKind::Corruption, "");
        }
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, [other]);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("MANIFEST"), "Manifest-Version: 1.0\n".repeat(9)).unwrap();
    for mode in MODES {
        refused(folder.path(), mode, ErrorKind::Corruption, "not a file of a store");
    }
}

#[test]
fn an_empty_folder_is_made_a_store_only_when_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [OpenMode::Existing, OpenMode::ReadOnly] {
        refused(folder.path(), mode, ErrorKind::NotFound, "no store");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    make(folder.path());
    assert!(folder.path().join("MANIFEST").exists());
}

#[test]
fn a_symbolic_link_is_refused_in_place_of_the_folder_and_of_each_file() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    symlink(&target, &link).unwrap();
    for mode in MODES {
        refused(&link, mode, ErrorKind::InvalidConfig, "a symbolic link");
        assert!(!target.exists(), "nothing is made through a link");
    }
    make(&target);
    for mode in MODES {
        refused(&link, mode, ErrorKind::InvalidConfig, "a symbolic link");
        let slash = runtime().block_on(open(&link.join(""), mode)).err().unwrap();
        assert!(slash.to_string().contains("a symbolic link"), "with a slash: {slash}");
    }
    for name in ["MANIFEST", "0000000001.log"] {
        let moved = folder.path().join("moved");
        fs::rename(target.join(name), &moved).unwrap();
        symlink(&moved, target.join(name)).unwrap();
        for mode in MODES {
            refused(&target, mode, ErrorKind::InvalidConfig, name);
        }
        fs::remove_file(target.join(name)).unwrap();
        fs::rename(&moved, target.join(name)).unwrap();
    }
    make(&target);
}

#[test]
fn a_link_that_waits_for_a_new_file_is_replaced_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (store, victim) = (folder.path().join("store"), folder.path().join("victim"));
    make(&store);
    fs::write(&victim, "content").unwrap();
    for name in ["MANIFEST.new", "0000000002.log"] {
        symlink(&victim, store.join(name)).unwrap();
    }
    // A log file that the manifest does not name is looked into before it is removed.
    refused(&store, OpenMode::Create, ErrorKind::InvalidConfig, "0000000002.log");
    fs::remove_file(store.join("0000000002.log")).unwrap();
    runtime().block_on(async {
        let opened = open(&store, OpenMode::Create).await.unwrap();
        symlink(&victim, store.join("0000000002.log")).unwrap();
        opened.compact().await.unwrap();
        opened.close().await.unwrap();
    });
    assert_eq!(fs::read_to_string(&victim).unwrap(), "content");
    make(&store);
}

#[test]
fn a_store_and_the_folders_made_for_it_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/store");
    make(&path);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for made in ["a", "a/b", "a/b/store"] {
        assert_eq!(mode(&folder.path().join(made)), 0o700, "{made}");
    }
    let files: Vec<_> = fs::read_dir(&path).unwrap().map(|one| one.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn what_others_put_into_the_folder_later_stays() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    for other in ["notes.txt", ".DS_Store", "12.log"] {
        fs::write(folder.path().join(other), "content").unwrap();
    }
    make(folder.path());
    for other in ["notes.txt", ".DS_Store", "12.log"] {
        assert_eq!(fs::read_to_string(folder.path().join(other)).unwrap(), "content");
    }
}
