//! Files of other programs and of newer versions are refused and not touched.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::fs::File;
use std::path::Path;

use child::{open, runtime};
use codestrata_backend_redb::checked::Checked;
use codestrata_backend_redb::journal::Journaled;
use codestrata_core::{ErrorKind, OpenMode};
use redb::backends::FileBackend;
use redb::{Builder, Database, TableDefinition};

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("codestrata");

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

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer");
    let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
    let journal = Journaled::new(Box::new(FileBackend::new(file).unwrap()), 0, true).unwrap();
    let checked = Checked::new(Box::new(journal));
    let database = Builder::new().create_with_backend(checked).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut meta = transaction.open_table(META).unwrap();
        meta.insert("magic", b"codestrata key-value store".as_slice()).unwrap();
        meta.insert("format", 2_u32.to_le_bytes().as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    database.close().unwrap();
    refused(&path, ErrorKind::InvalidConfig, &["format 2", "newer version"]);
}
