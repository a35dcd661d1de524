//! A path that is not a store's is refused with a plain message, and what is there is left as it is.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use child::{open, runtime};
use codestrata_conformance::lab::{everything, puts};
use codestrata_core::{Batch, ErrorKind, OpenMode};

const MODES: [OpenMode; 3] = [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly];

fn refused(path: &Path, mode: OpenMode, kind: ErrorKind, word: &str) {
    let error = runtime().block_on(open(path, mode)).err().unwrap();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(word), "{error}");
    assert!(error.message().contains(&path.display().to_string()), "{error}");
}

fn make(path: &Path) {
    runtime().block_on(async {
        let store = open(path, OpenMode::Create).await.unwrap();
        // Large enough for sled to give it a file of its own.
        store.apply(puts(&[("large", vec![7; 300_000])]).unwrap()).await.unwrap();
        store.close().await.unwrap();
    });
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "content").unwrap();
    for mode in MODES {
        refused(&path, mode, ErrorKind::InvalidConfig, "not a folder");
        assert_eq!(fs::read_to_string(&path).unwrap(), "content");
        assert_eq!(names(folder.path()), ["file"]);
    }
}

#[test]
fn folders_of_others_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("folder");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("letter.txt"), "content").unwrap();
    for mode in MODES {
        refused(&path, mode, ErrorKind::Corruption, "no store");
        assert_eq!(names(&path), ["letter.txt"]);
        assert_eq!(names(folder.path()), ["folder"]);
    }
}

#[test]
fn a_sled_database_of_another_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs");
    sled::open(&path).unwrap().insert("theirs", "value").unwrap();
    let before = names(&path);
    for mode in MODES {
        refused(&path, mode, ErrorKind::Corruption, "no store");
    }
    assert_eq!(names(&path), before);
    assert_eq!(sled::open(&path).unwrap().get("theirs").unwrap().unwrap(), "value");
}

#[test]
fn a_newer_format_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer");
    fs::create_dir(&path).unwrap();
    let text = "codestrata sled store, format 2";
    let hash = xxhash_rust::xxh3::xxh3_64(text.as_bytes());
    fs::write(path.join("codestrata"), format!("{text}, {hash:016x}\n")).unwrap();
    for mode in MODES {
        refused(&path, mode, ErrorKind::InvalidConfig, "format 2");
    }
    assert_eq!(names(&path), ["codestrata"]);
}

#[test]
fn an_empty_folder_becomes_a_store_if_one_is_to_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty");
    fs::create_dir(&path).unwrap();
    for mode in [OpenMode::Existing, OpenMode::ReadOnly] {
        refused(&path, mode, ErrorKind::NotFound, "no store");
        assert!(names(&path).is_empty());
    }
    make(&path);
    assert_eq!(names(folder.path()), ["empty"]);
    runtime().block_on(async {
        let store = open(&path, OpenMode::Existing).await.unwrap();
        assert_eq!(everything(&*store).await.unwrap().len(), 1);
    });
}

#[test]
fn a_symbolic_link_is_refused_dangling_or_not() {
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
    }
}

#[test]
fn a_store_with_a_link_in_it_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    make(&path);
    let victim = folder.path().join("victim");
    fs::write(&victim, "content").unwrap();
    for name in ["conf", "db", "blobs/999999", "snap.FFFFFFFFFFFFFFFF"] {
        let place = path.join(name);
        let moved = folder.path().join("moved");
        let was_there = fs::rename(&place, &moved).is_ok();
        symlink(&victim, &place).unwrap();
        for mode in MODES {
            refused(&path, mode, ErrorKind::InvalidConfig, name);
            assert_eq!(fs::read_to_string(&victim).unwrap(), "content");
        }
        fs::remove_file(&place).unwrap();
        if was_there {
            fs::rename(&moved, &place).unwrap();
        }
    }
    runtime().block_on(async { open(&path, OpenMode::Existing).await.unwrap().close().await.unwrap() });
}

#[test]
fn a_path_through_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "content").unwrap();
    for mode in MODES {
        refused(&file.join("store.sled"), mode, ErrorKind::InvalidConfig, "another path");
    }
}

#[test]
fn a_store_and_the_folders_made_for_it_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/store.sled");
    make(&path);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for made in ["a", "a/b", "a/b/store.sled", "a/b/store.sled/blobs"] {
        assert_eq!(mode(&folder.path().join(made)), 0o700, "{made}");
    }
    let mut files = 0;
    for place in [path.clone(), path.join("blobs")] {
        for file in fs::read_dir(place).unwrap().map(|one| one.unwrap().path()).filter(|one| one.is_file()) {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
            files += 1;
        }
    }
    assert!(files >= 6, "the marker, the seal, and sled's files: {files}");
}

#[test]
fn several_makers_of_one_store_end_with_one_store() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/store.sled");
        let makers: Vec<_> = (0..4_u8)
            .map(|maker| {
                let path = path.clone();
                std::thread::spawn(move || {
                    runtime().block_on(async {
                        match open(&path, OpenMode::Create).await {
                            Ok(store) => {
                                store.apply(puts(&[([maker], "")]).unwrap()).await.unwrap();
                                store.close().await.unwrap();
                                1
                            }
                            Err(error) => {
                                assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
                                0
                            }
                        }
                    })
                })
            })
            .collect();
        let written: usize = makers.into_iter().map(|maker| maker.join().unwrap()).sum();
        assert!(written > 0, "somebody wins");
        let there = runtime().block_on(async {
            let store = open(&path, OpenMode::Existing).await.unwrap();
            everything(&*store).await.unwrap().len()
        });
        assert_eq!(there, written, "nobody replaces what another has made");
        assert_eq!(names(path.parent().unwrap()), ["store.sled"], "nothing is left beside the store");
    }
}

#[test]
fn reading_changes_no_entry_and_refuses_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    make(&path);
    runtime().block_on(async {
        for _ in 0..3 {
            let reader = open(&path, OpenMode::ReadOnly).await.unwrap();
            assert_eq!(reader.apply(Batch::new()).await.unwrap_err().kind(), ErrorKind::ReadOnly);
            assert_eq!(everything(&*reader).await.unwrap().len(), 1);
            reader.verify().await.unwrap();
            reader.close().await.unwrap();
        }
    });
}
