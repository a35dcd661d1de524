//! What is not a store of ours is refused with a plain message, and left as it is.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::Path;

use codestrata_conformance::lab::puts;
use codestrata_core::{ErrorKind, OpenMode};
use rusqlite::Connection;
use support::{names, open, runtime};

const MODES: [OpenMode; 3] = [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly];

/// Demands that a path is refused in every mode, in words that name it, and that its folder stays as it is.
fn refused(path: &Path, kind: ErrorKind, words: &str) {
    let before: Vec<_> = state(path.parent().unwrap());
    for mode in MODES {
        let error = runtime().block_on(open(path, mode)).err().unwrap();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(words), "{error}");
        assert!(error.message().contains(&path.display().to_string()), "{error}");
        assert_eq!(state(path.parent().unwrap()), before, "{mode:?}");
    }
}

fn state(folder: &Path) -> Vec<(String, Vec<u8>)> {
    names(folder)
        .into_iter()
        .map(|name| (name.clone(), fs::read(folder.join(name)).unwrap_or_default()))
        .collect()
}

#[test]
fn an_empty_file_is_not_taken_for_an_empty_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "").unwrap();
    refused(&path, ErrorKind::Corruption, "an empty file");
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for content in ["short", &"x".repeat(100_000)] {
        fs::write(&path, content).unwrap();
        refused(&path, ErrorKind::Corruption, "not a SQLite database");
    }
}

#[test]
fn a_database_of_another_program_is_not_even_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, path) = (folder.path().join("theirs"), folder.path().join("copy/theirs"));
    fs::create_dir(path.parent().unwrap()).unwrap();
    let database = Connection::open(&theirs).unwrap();
    database
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE notes (text); INSERT INTO notes VALUES (1);")
        .unwrap();
    // As a crash would leave it: with a log that has what the file has not.
    for end in ["", "-wal"] {
        let name = format!("theirs{end}");
        fs::copy(folder.path().join(&name), path.with_file_name(name)).unwrap();
    }
    refused(&path, ErrorKind::Corruption, "a SQLite database of another program");
    let copy = Connection::open(&path).unwrap();
    assert_eq!(copy.query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, u32>(0)).unwrap(), 1);
}

#[test]
fn a_later_format_is_told_from_a_damaged_head() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async { open(&path, OpenMode::Create).await.unwrap().close().await.unwrap() });
    let version =
        |bytes: &[u8]| fs::File::options().write(true).open(&path).unwrap().write_all_at(bytes, 60).unwrap();
    version(&[0, 2, 0xFF, 0xFD]);
    refused(&path, ErrorKind::InvalidConfig, "has format 2");
    for damaged in [[0, 2, 0xFF, 0xFE], [0, 0, 0, 0], [0xFF; 4]] {
        version(&damaged);
        refused(&path, ErrorKind::Corruption, "states no format");
    }
}

#[test]
fn a_store_with_tables_of_somebody_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    runtime().block_on(async { open(&path, OpenMode::Create).await.unwrap().close().await.unwrap() });
    let database = Connection::open(&path).unwrap();
    database
        .execute_batch("CREATE TRIGGER spy AFTER INSERT ON entries BEGIN DELETE FROM entries; END")
        .unwrap();
    drop(database);
    refused(&path, ErrorKind::Corruption, "other tables");
}

#[test]
fn the_log_of_a_store_that_is_gone_does_not_get_into_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fs::write(folder.path().join("store-wal"), "what was written last").unwrap();
    let error = runtime().block_on(open(&path, OpenMode::Create)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
    assert!(error.message().contains("store-wal"), "{error}");
    assert_eq!(state(folder.path()), [("store-wal".to_owned(), b"what was written last".to_vec())]);
}

#[test]
fn a_path_that_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it");
    fs::create_dir(&path).unwrap();
    refused(&path, ErrorKind::InvalidConfig, "a directory");
    fs::remove_dir(&path).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let error = runtime().block_on(open(&path, OpenMode::Create)).err().unwrap();
    assert!(error.message().contains("not a regular file"), "{error}");
}

#[test]
fn a_symbolic_link_is_refused_and_one_to_a_folder_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    symlink(&target, &link).unwrap();
    refused(&link, ErrorKind::InvalidConfig, "a symbolic link");
    assert!(!target.exists(), "nothing is made through a link");
    let (real, alias) = (folder.path().join("real"), folder.path().join("alias"));
    fs::create_dir(&real).unwrap();
    symlink(&real, &alias).unwrap();
    runtime().block_on(async {
        open(&alias.join("store"), OpenMode::Create).await.unwrap().close().await.unwrap();
    });
    assert_eq!(names(&real), ["store"]);
}

#[test]
fn every_file_of_a_store_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/store");
    runtime().block_on(async {
        let store = open(&path, OpenMode::Create).await.unwrap();
        store.apply(puts(&[("k", "1")]).unwrap()).await.unwrap();
        let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(names(&folder.path().join("a/b")), ["store", "store-shm", "store-wal"]);
        for name in names(&folder.path().join("a/b")) {
            assert_eq!(rights(&folder.path().join("a/b").join(&name)), 0o600, "{name}");
        }
        assert_eq!(rights(&folder.path().join("a")), 0o700);
        assert_eq!(rights(&folder.path().join("a/b")), 0o700);
        store.close().await.unwrap();
    });
}
