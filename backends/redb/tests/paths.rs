//! A path that is not a store's is refused with a plain message, and what is there is left as it is.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use child::{open, runtime};
use codestrata_core::{ErrorKind, KeyRange, OpenMode, ScanRequest};

fn refused(path: &Path, mode: OpenMode, kind: ErrorKind, word: &str) {
    let error = runtime().block_on(open(path, mode)).err().unwrap();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(word), "{error}");
    assert!(error.message().contains(&path.display().to_string()), "{error}");
}

const MODES: [OpenMode; 3] = [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly];

#[test]
fn files_that_are_no_stores_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for (content, word) in
        [("", "empty"), ("short", "not a redb store"), ("x".repeat(100_000).as_str(), "not a redb store")]
    {
        fs::write(&path, content).unwrap();
        for mode in MODES {
            refused(&path, mode, ErrorKind::Corruption, word);
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }
}

#[test]
fn a_directory_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for mode in MODES {
        refused(folder.path(), mode, ErrorKind::InvalidConfig, "a directory");
    }
}

#[test]
fn a_fifo_is_refused_and_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    for mode in MODES {
        refused(&path, mode, ErrorKind::InvalidConfig, "not a regular file");
    }
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
    runtime().block_on(async { open(&target, OpenMode::Create).await.unwrap().close().await.unwrap() });
    for mode in MODES {
        refused(&link, mode, ErrorKind::InvalidConfig, "a symbolic link");
    }
}

#[test]
fn a_path_through_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "content").unwrap();
    let error = runtime().block_on(open(&file.join("store.redb"), OpenMode::Create)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
}

#[test]
fn a_store_and_the_folders_made_for_it_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/store.redb");
    runtime().block_on(async { open(&path, OpenMode::Create).await.unwrap().close().await.unwrap() });
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&folder.path().join("a")), 0o700);
    assert_eq!(mode(&folder.path().join("a/b")), 0o700);
}

#[test]
fn a_damaged_or_cut_file_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        let entries: Vec<_> = (0..2_000_u32).map(|number| (number.to_be_bytes(), [7; 50])).collect();
        store.apply(codestrata_conformance::lab::puts(&entries).unwrap()).await.unwrap();
        store.close().await.unwrap();
    });
    let whole = fs::read(&path).unwrap();
    for length in [9, 10, 64, 320, 1_000, 4_095, 4_096, 4_097, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        for mode in MODES {
            let kind = runtime().block_on(async {
                let store = open(&path, mode).await.map_err(|error| error.kind())?;
                // redb trusts the size of a file that was closed cleanly, and finds out when it reads.
                let read = store.scan(&ScanRequest::new(KeyRange::all())).await.map_err(|error| error.kind());
                assert!(
                    read.is_err() || read.is_ok_and(|page| page.len() == 2_000),
                    "{length} bytes gave other data"
                );
                if mode == OpenMode::ReadOnly {
                    Err(ErrorKind::Corruption)
                } else {
                    Err(store.verify().await.unwrap_err().kind())
                }
            });
            let kind: Result<(), ErrorKind> = kind;
            assert_eq!(kind, Err(ErrorKind::Corruption), "{length} bytes, {mode:?}");
        }
    }
}

#[test]
fn a_folder_that_may_not_be_written_takes_no_new_store_and_keeps_one_that_is_there() {
    // For an ordinary user by its permissions; for root by the one kind of folder that root cannot write to either.
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there.redb");
    runtime().block_on(async { open(&there, OpenMode::Create).await.unwrap().close().await.unwrap() });
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let closed = if fs::File::create(folder.path().join("probe")).is_ok() {
        Path::new("/proc/self/fdinfo")
    } else {
        folder.path()
    };
    let error = runtime().block_on(open(&closed.join("new.redb"), OpenMode::Create)).err().unwrap();
    let kinds = [ErrorKind::InvalidConfig, ErrorKind::ReadOnly, ErrorKind::NotFound];
    assert!(kinds.contains(&error.kind()), "{}: {error}", error.kind());
    assert!(error.message().contains("new.redb"), "{error}");
    for mode in [OpenMode::Existing, OpenMode::ReadOnly] {
        runtime().block_on(async { open(&there, mode).await.unwrap().close().await.unwrap() });
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
}
