//! Connections: the tables of a store, and what is said to SQLite before a connection is used.
//!
//! The entries are a table with row numbers and an index of the keys, and not one table by key (`WITHOUT ROWID`):
//! SQLite reads the whole of a row to compare it in such a table when the row is longer than a quarter of a page, so
//! a search would read the values of all keys that it passes. An index that has keys alone does not; and because the two
//! trees must agree, a row that damage has taken out of one of them is found.

use std::path::Path;
use std::time::Duration;

use codestrata_core::limits::{MAX_KEY_BYTES, MAX_VALUE_BYTES};
use codestrata_core::{OpenMode, Result};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use xxhash_rust::xxh3::Xxh3Default;

use crate::config::SqliteConfig;
use crate::error;

/// What tells a store from a database of another program: `cstr`.
pub(crate) const APPLICATION_ID: i32 = 0x6373_7472;

/// The format that is written here.
pub(crate) const FORMAT: u16 = 1;

/// How a format is kept, in the number that SQLite leaves to its user: twice, the second time with all bits turned, so
/// that a damaged byte is not taken for a later format.
const fn version_of(format: u16) -> i32 {
    ((format as i32) << 16) | (!format as i32)
}

/// The format that such a number stands for.
pub(crate) fn format_of(version: i32) -> Option<u16> {
    let format = u16::try_from(version >> 16).ok()?;
    (version_of(format) == version).then_some(format)
}

/// The size of a page. A page with its frame is also the least that a commit adds to the log.
pub(crate) const PAGE_BYTES: u32 = 4096;

// What a log is cut down to when it is begun anew.
const LOG_BYTES: u32 = 64 * 1024 * 1024;

// As SQLite keeps them, word for word, sorted by name.
const SCHEMA: [&str; 3] = [
    "CREATE TABLE entries (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT",
    "CREATE UNIQUE INDEX entries_by_key ON entries (key)",
    "CREATE TABLE flushes (id INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT",
];

// More than the different statements there are.
const STATEMENTS: usize = 32;

/// Opens another connection to a store that is there.
pub(crate) fn open(path: &Path, config: &SqliteConfig) -> Result<Connection> {
    let failed = |e| error::of_sqlite(path, "opening", e);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    prepare(&connection, config).map_err(failed)?;
    Ok(connection)
}

fn prepare(connection: &Connection, config: &SqliteConfig) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // No length that a damaged file states is believed, so none makes SQLite allocate it.
    let longest = i32::try_from(MAX_VALUE_BYTES + MAX_KEY_BYTES + 4096).unwrap_or(i32::MAX);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest)?;
    // A file can carry programs. It does not here.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.busy_timeout(config.busy_timeout)?;
    // temp_store: no file is made in a folder that the configuration does not name. fullfsync: on macOS, a sync that
    // reaches the medium. wal_autocheckpoint: the thread that writes decides itself, and sees what fails.
    connection.execute_batch(&format!(
        "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -{}; \
         PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA synchronous = FULL; \
         PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {LOG_BYTES}; PRAGMA query_only = {};",
        (config.cache_bytes / 1024).max(64),
        u8::from(config.mode == OpenMode::ReadOnly),
    ))
}

/// Checks that the file has our tables and nothing else. The first read of a connection, which also recovers what a
/// crash has left.
pub(crate) fn check_schema(connection: &Connection, path: &Path) -> Result<()> {
    let failed = |e| error::of_sqlite(path, "opening", e);
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY name").map_err(failed)?;
    let found = statement.query_map([], |row| row.get::<_, Option<String>>(0)).map_err(failed)?;
    let found = found.collect::<rusqlite::Result<Vec<_>>>().map_err(failed)?;
    if !found.iter().map(Option::as_deref).eq(SCHEMA.map(Some)) {
        return Err(error::corrupt(path, "it has other tables than a store has"));
    }
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        return Err(error::corrupt(path, "it is not in WAL mode, as a store is"));
    }
    Ok(())
}

/// Writes an empty store into an empty file that nobody else knows.
pub(crate) fn fill(path: &Path) -> Result<()> {
    let failed = |e| error::of_sqlite(path, "making", e);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    // auto_vacuum: pages that are free can be given back one by one, without a copy of the whole file.
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA temp_store = MEMORY; \
             PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA synchronous = FULL; BEGIN; \
             PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}; {}; {}; {}; \
             INSERT INTO flushes (id, count) VALUES (1, 0); COMMIT; PRAGMA journal_mode = WAL;",
            version_of(FORMAT),
            SCHEMA[0],
            SCHEMA[1],
            SCHEMA[2],
        ))
        .map_err(failed)?;
    connection.close().map_err(|(_, e)| failed(e))
}

/// Whether it waits for another process, and for how long.
pub(crate) fn set_patience(connection: &Connection, path: &Path, patience: Duration) -> Result<()> {
    connection.busy_timeout(patience).map_err(|e| error::of_sqlite(path, "opening", e))
}

/// What is kept beside a value, so that no other is ever answered: SQLite has no checksums of its own.
pub(crate) fn checksum(key: &[u8], value: &[u8]) -> i64 {
    let mut hash = Xxh3Default::new();
    // The length of the key, so that no byte moves from one to the other.
    hash.update(&(key.len() as u64).to_le_bytes());
    hash.update(key);
    hash.update(value);
    hash.digest().cast_signed()
}
