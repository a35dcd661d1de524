//! Carrying out a batch inside redb's write transaction.

use std::ops::Bound;
use std::path::Path;

use codestrata_core::{Bytes, Error, Key, Op, Precondition, Result};
use redb::{CursorError, ReadableTable, StorageError};

use crate::error;

pub(crate) type Table<'txn> = redb::Table<'txn, &'static [u8], &'static [u8]>;

// Ascending puts of at least so many keys go through a cursor, which fills pages from left to right instead of
// searching the tree for each key.
const SHORTEST_RUN: usize = 8;

// After a key that the cursor could not take, so many are inserted one by one before the cursor is tried again,
// and twice as many each time.
const FIRST_DETOUR: usize = 8;
const LONGEST_DETOUR: usize = 4096;

/// The first precondition that does not hold, as its error.
pub(crate) fn check(table: &Table<'_>, preconditions: &[Precondition], path: &Path) -> Result<Option<Error>> {
    for one in preconditions {
        let stored = table.get(one.key().as_slice()).map_err(|e| error::of_storage(path, "reading", e))?;
        if !one.holds(stored.as_ref().map(redb::AccessGuard::value)) {
            return Ok(Some(one.failed()));
        }
    }
    Ok(None)
}

/// Carries out operations in their order.
pub(crate) fn carry_out(table: &mut Table<'_>, ops: &[Op]) -> Result<(), StorageError> {
    let mut rest = ops;
    while let Some((first, others)) = rest.split_first() {
        let run = ascending_puts(rest);
        if run >= SHORTEST_RUN {
            let (puts, after) = rest.split_at(run);
            put_ascending(table, puts)?;
            rest = after;
            continue;
        }
        match first {
            Op::Put(key, value) => put(table, key, value)?,
            Op::Delete(key) => drop(table.remove(key.as_slice())?),
            Op::DeleteRange(range) if range.is_empty() => {}
            Op::DeleteRange(range) => table.retain_in::<&[u8], _>(range.bounds(), |_, _| false)?,
        }
        rest = others;
    }
    Ok(())
}

fn put(table: &mut Table<'_>, key: &Key, value: &Bytes) -> Result<(), StorageError> {
    table.insert(key.as_slice(), value.as_ref()).map(drop)
}

/// How many of the first operations are puts of keys that ascend strictly.
fn ascending_puts(ops: &[Op]) -> usize {
    let mut last: Option<&Key> = None;
    ops.iter()
        .take_while(|op| match op {
            Op::Put(key, _) => last.replace(key).is_none_or(|before| before < key),
            _ => false,
        })
        .count()
}

fn put_ascending(table: &mut Table<'_>, puts: &[Op]) -> Result<(), StorageError> {
    let mut rest = puts.iter().filter_map(|op| match op {
        Op::Put(key, value) => Some((key, value)),
        _ => None,
    });
    let mut detour = 0;
    let mut refused = None;
    loop {
        for (key, value) in refused.take().into_iter().chain(rest.by_ref().take(detour)) {
            put(table, key, value)?;
        }
        let Some(first) = rest.next() else { return Ok(()) };
        let mut cursor = table.upper_bound_mut(Bound::Excluded(first.0.as_slice()))?;
        let mut taken = 0;
        for (key, value) in std::iter::once(first).chain(rest.by_ref()) {
            match cursor.insert_before(key.as_slice(), value.as_ref()) {
                Ok(()) => taken += 1,
                // The key is there already, or another one lies between it and the last.
                Err(CursorError::UnorderedKey) => {
                    refused = Some((key, value));
                    break;
                }
                Err(CursorError::Storage(failed)) => return Err(failed),
                Err(other) => return Err(StorageError::Corrupted(other.to_string())),
            }
        }
        cursor.close()?;
        if refused.is_none() {
            return Ok(());
        }
        detour = if taken > LONGEST_DETOUR { 0 } else { (detour * 2).clamp(FIRST_DETOUR, LONGEST_DETOUR) };
    }
}
