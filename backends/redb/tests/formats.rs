//! Files of other programs and of newer versions are refused and not touched.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails fails its test")]

mod child;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use child::{open, runtime};
use codestrata_backend_redb::journal::{FORMAT, identity_of};
use codestrata_core::{ErrorKind, OpenMode};
use redb::{Database, TableDefinition};

fn made_by(path: &Path, write: impl FnOnce(&redb::WriteTransaction)) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    write(&transaction);
    transaction.commit().unwrap();
}

fn refused(path: &Path, kind: ErrorKind, words: &[&str]) {
    for mode in [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly] {
        let error = runtime().block_on(open(path, mode)).err().unwrap();
        assert_eq!(error.kind(), kind, "{error}");
        for word in words {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}

#[test]
fn a_redb_file_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, table) in [("other", "their-table"), ("alike", "entries")] {
        let path = folder.path().join(name);
        made_by(&path, |transaction| {
            let table: TableDefinition<'_, u64, u64> = TableDefinition::new(table);
            transaction.open_table(table).unwrap().insert(1, 2).unwrap();
        });
        refused(&path, ErrorKind::Corruption, &[name, "another program"]);
    }
}

#[test]
fn a_redb_file_without_tables_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty");
    made_by(&path, |_| {});
    refused(&path, ErrorKind::Corruption, &["another program"]);
}

/// A store whose first bytes are replaced.
fn beginning_with(path: &Path, first: &[u8]) {
    runtime().block_on(async { open(path, OpenMode::Create).await.unwrap().close().await.unwrap() });
    File::options().write(true).open(path).unwrap().write_all_at(first, 0).unwrap();
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer");
    beginning_with(&path, &identity_of(FORMAT + 1));
    refused(&path, ErrorKind::InvalidConfig, &["format 3", "newer version"]);
}

#[test]
fn the_format_without_a_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("older");
    beginning_with(&path, b"CDSTREDB");
    refused(&path, ErrorKind::InvalidConfig, &["format 1", "does not read any more", "fill it anew"]);
}

#[test]
fn a_flipped_bit_of_the_first_bytes_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    for at in 0..24 {
        let mut first = identity_of(FORMAT);
        first[at] ^= 1 << (at % 8);
        beginning_with(&path, &first);
        refused(&path, ErrorKind::Corruption, &[if at < 8 { "not a redb store" } else { "damaged" }]);
        std::fs::remove_file(&path).unwrap();
    }
}
