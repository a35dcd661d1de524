//! Reading: one state of the entries, on one connection.
//!
//! A single statement sees one state. What takes several is put into a read transaction, unless the connection is in
//! one already, as that of a snapshot is.

use std::path::Path;

use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{
    Bytes, Direction, Error, ErrorKind, Key, Page, PageBuilder, Result, ScanRequest, escape,
};
use rusqlite::{Connection, Row};

use crate::connection::checksum;
use crate::error;

// `length` does not read the value, so that one that is too large for the moment costs nothing.
const GET: &str = "SELECT iif(length(value) <= ?1, value, NULL), checksum FROM entries INDEXED BY entries_by_key \
                   WHERE key = ?2";

// INDEXED BY: SQLite might prefer to read and sort the whole table.
macro_rules! scan {
    ($columns:literal, $end:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM entries INDEXED BY entries_by_key WHERE key >= ?2",
            $end,
            " ORDER BY key",
            $order
        )
    };
}

fn scan_statement(request: &ScanRequest) -> &'static str {
    let has_end = request.range().end().is_some();
    // ?1 is named in every statement, so that all have the same parameters.
    match (request.is_keys_only(), has_end, request.direction()) {
        (false, false, Direction::Forward) => {
            scan!("key, iif(length(value) <= ?1, value, NULL), checksum", "", "")
        }
        (false, false, Direction::Reverse) => {
            scan!("key, iif(length(value) <= ?1, value, NULL), checksum", "", " DESC")
        }
        (false, true, Direction::Forward) => {
            scan!("key, iif(length(value) <= ?1, value, NULL), checksum", " AND key < ?3", "")
        }
        (false, true, Direction::Reverse) => {
            scan!("key, iif(length(value) <= ?1, value, NULL), checksum", " AND key < ?3", " DESC")
        }
        (true, false, Direction::Forward) => scan!("key, ?1", "", ""),
        (true, false, Direction::Reverse) => scan!("key, ?1", "", " DESC"),
        (true, true, Direction::Forward) => scan!("key, ?1", " AND key < ?3", ""),
        (true, true, Direction::Reverse) => scan!("key, ?1", " AND key < ?3", " DESC"),
    }
}

/// The values, or nothing if they are over `most` bytes together.
pub(crate) fn look_up(
    connection: &Connection,
    path: &Path,
    keys: &[Key],
    most: usize,
) -> Result<Option<Vec<Option<Bytes>>>> {
    // A transaction costs two statements; one key needs none.
    if keys.len() < 2 || !connection.is_autocommit() {
        return values(connection, path, keys, most);
    }
    run(connection, path, "BEGIN")?;
    let found = values(connection, path, keys, most)?;
    run(connection, path, "COMMIT")?;
    Ok(found)
}

fn values(
    connection: &Connection,
    path: &Path,
    keys: &[Key],
    most: usize,
) -> Result<Option<Vec<Option<Bytes>>>> {
    let failed = |e| error::of_sqlite(path, "reading", e);
    let mut statement = connection.prepare_cached(GET).map_err(failed)?;
    let mut found = Vec::with_capacity(keys.len());
    let mut left = most;
    for key in keys {
        let mut rows = statement.query((as_limit(left), key.as_slice())).map_err(failed)?;
        let value = match rows.next().map_err(failed)? {
            None => None,
            Some(row) => match value_of(row, 0, key.as_slice(), path)? {
                None => return Ok(None),
                Some(value) => {
                    left = left.saturating_sub(value.len());
                    Some(Bytes::copy_from_slice(value))
                }
            },
        };
        found.push(value);
    }
    Ok(Some(found))
}

/// The answer to a `get_many` that may take its time.
pub(crate) fn get_many(connection: &Connection, path: &Path, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
    look_up(connection, path, keys, MAX_GET_BYTES)?.ok_or_else(|| {
        let message =
            format!("the {} keys of one get_many have over {MAX_GET_BYTES} bytes of values", keys.len());
        Error::new(ErrorKind::TooLarge, message).with_help("ask for fewer keys at a time")
    })
}

/// A page, or nothing if a value in it is over `most` bytes.
pub(crate) fn page(
    connection: &Connection,
    path: &Path,
    request: &ScanRequest,
    most: usize,
) -> Result<Option<Page>> {
    let mut page = PageBuilder::new(request);
    let range = request.range();
    if range.is_empty() {
        return Ok(Some(page.finish()));
    }
    let failed = |e| error::of_sqlite(path, "reading", e);
    let mut statement = connection.prepare_cached(scan_statement(request)).map_err(failed)?;
    let mut rows = match range.end() {
        None => statement.query((as_limit(most), range.start().as_ref())),
        Some(end) => statement.query((as_limit(most), range.start().as_ref(), end.as_ref())),
    }
    .map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let key = blob(row, 0, path)?.unwrap_or_default();
        let value = if request.is_keys_only() { Some([].as_slice()) } else { value_of(row, 1, key, path)? };
        let Some(value) = value else { return Ok(None) };
        if !page.push(key, value) {
            break;
        }
    }
    Ok(Some(page.finish()))
}

/// A page that may take its time.
pub(crate) fn whole_page(connection: &Connection, path: &Path, request: &ScanRequest) -> Result<Page> {
    Ok(page(connection, path, request, usize::MAX)?.unwrap_or_default())
}

/// Reads something, so that a transaction has its state.
pub(crate) fn first(connection: &Connection, path: &Path) -> Result<()> {
    let failed = |e| error::of_sqlite(path, "reading", e);
    let mut statement = connection.prepare_cached("SELECT count FROM flushes").map_err(failed)?;
    statement.query_row([], |row| row.get::<_, i64>(0)).map(drop).map_err(failed)
}

/// The value in a row, compared with the checksum beside it; nothing if it was left out for its size.
pub(crate) fn value_of<'a>(
    row: &'a Row<'_>,
    column: usize,
    key: &[u8],
    path: &Path,
) -> Result<Option<&'a [u8]>> {
    let Some(value) = blob(row, column, path)? else { return Ok(None) };
    let stated: i64 = row.get(column + 1).map_err(|e| error::of_sqlite(path, "reading", e))?;
    if checksum(key, value) != stated {
        return Err(error::corrupt(
            path,
            &format!("the value of the key {} has another checksum", escape(key)),
        ));
    }
    Ok(Some(value))
}

fn blob<'a>(row: &'a Row<'_>, column: usize, path: &Path) -> Result<Option<&'a [u8]>> {
    let value = row.get_ref(column).map_err(|e| error::of_sqlite(path, "reading", e))?;
    value.as_blob_or_null().map_err(|_| error::corrupt(path, "a key or a value is of another type"))
}

/// Checks the structure of the file, that the table and its index agree, and every checksum.
pub(crate) fn verify(connection: &Connection, path: &Path) -> Result<()> {
    let failed = |e| error::of_sqlite(path, "checking", e);
    run(connection, path, "BEGIN")?;
    // One finding is enough to say where.
    let said: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if said != "ok" {
        // It has a heading on a line of its own.
        let words: Vec<&str> = said.split_whitespace().collect();
        return Err(error::corrupt(path, &words.join(" ")));
    }
    let mut statement = connection.prepare("SELECT key, value, checksum FROM entries").map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let key = blob(row, 0, path)?.unwrap_or_default();
        value_of(row, 1, key, path)?;
    }
    Ok(())
}

/// Runs one of the statements that begin and end a transaction.
pub(crate) fn run(connection: &Connection, path: &Path, statement: &str) -> Result<()> {
    let failed = |e| error::of_sqlite(path, "reading", e);
    connection
        .prepare_cached(statement)
        .and_then(|mut prepared| prepared.execute([]).map(drop))
        .map_err(failed)
}

fn as_limit(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
