//! Carrying out a batch inside a write transaction.

use std::path::Path;

use codestrata_core::{Error, KeyRange, Op, Precondition, Result};
use rusqlite::Connection;

use crate::connection::checksum;
use crate::{error, read};

const PUT: &str = "INSERT INTO entries (key, value, checksum) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, checksum = excluded.checksum";
const DELETE: &str = "DELETE FROM entries WHERE key = ?1";
const DELETE_FROM: &str = "DELETE FROM entries WHERE key >= ?1";
const DELETE_BETWEEN: &str = "DELETE FROM entries WHERE key >= ?1 AND key < ?2";
// Without a condition SQLite drops whole trees.
const DELETE_ALL: &str = "DELETE FROM entries";
const IS_PRESENT: &str = "SELECT 1 FROM entries INDEXED BY entries_by_key WHERE key = ?1";
const CURRENT: &str = "SELECT value, checksum FROM entries INDEXED BY entries_by_key WHERE key = ?1";

/// The first precondition that does not hold, as its error.
pub(crate) fn check(
    connection: &Connection,
    path: &Path,
    preconditions: &[Precondition],
) -> Result<Option<Error>> {
    let failed = |e| error::of_sqlite(path, "reading", e);
    for one in preconditions {
        let key = one.key().as_slice();
        let statement = match one {
            Precondition::Absent(_) => IS_PRESENT,
            Precondition::Equals(..) => CURRENT,
        };
        let mut statement = connection.prepare_cached(statement).map_err(failed)?;
        let mut rows = statement.query([key]).map_err(failed)?;
        let holds = match (rows.next().map_err(failed)?, one) {
            (None, _) => one.holds(None),
            (Some(_), Precondition::Absent(_)) => false,
            (Some(row), Precondition::Equals(..)) => one.holds(read::value_of(row, 0, key, path)?),
        };
        if !holds {
            return Ok(Some(one.failed()));
        }
    }
    Ok(None)
}

/// Carries out operations in their order.
pub(crate) fn carry_out(connection: &Connection, ops: &[Op]) -> rusqlite::Result<()> {
    for op in ops {
        match op {
            Op::Put(key, value) => {
                let checksum = checksum(key.as_slice(), value);
                connection.prepare_cached(PUT)?.execute((key.as_slice(), value.as_ref(), checksum))?;
            }
            Op::Delete(key) => {
                connection.prepare_cached(DELETE)?.execute([key.as_slice()])?;
            }
            Op::DeleteRange(range) => delete_range(connection, range)?,
        }
    }
    Ok(())
}

fn delete_range(connection: &Connection, range: &KeyRange) -> rusqlite::Result<()> {
    let start = range.start().as_ref();
    match range.end() {
        _ if range.is_empty() => return Ok(()),
        None if start.is_empty() => connection.prepare_cached(DELETE_ALL)?.execute([])?,
        None => connection.prepare_cached(DELETE_FROM)?.execute([start])?,
        Some(end) => connection.prepare_cached(DELETE_BETWEEN)?.execute([start, end.as_ref()])?,
    };
    Ok(())
}
