//! What a batch comes to: for each key one value, or none; and the head that goes with it.

use std::collections::BTreeMap;

use codestrata_core::{Bytes, Op, Precondition, Result};
use sled::IVec;

use crate::read::Entries;
use crate::record::{self, HEAD_KEY, Head};

/// The first precondition that does not hold, as its error.
pub(crate) fn check(entries: Entries<'_>, preconditions: &[Precondition]) -> Result<()> {
    for one in preconditions {
        let stored = entries.get(one.key().as_slice())?;
        if !one.holds(stored.as_deref()) {
            return Err(one.failed());
        }
    }
    Ok(())
}

/// The operations as sled takes them, which knows neither an order nor ranges; and the head after them.
///
/// Costs a search for each key that is named, to know what it replaces, and memory for each key of a range.
pub(crate) fn resolve(entries: Entries<'_>, ops: Vec<Op>, head: Head) -> Result<(sled::Batch, Head)> {
    let mut batch = sled::Batch::default();
    let mut next = Head { sequence: head.sequence.wrapping_add(1), ..head };
    for (key, value) in outcome(entries, ops)? {
        let before = entries.hash(&key)?;
        if let Some(hash) = before {
            next.remove(hash);
        }
        match value {
            Some(value) => {
                let (stored, hash) = record::encode(&key, &value);
                next.add(hash);
                batch.insert(key.as_ref(), stored);
            }
            None if before.is_some() => batch.remove(key.as_ref()),
            None => {}
        }
    }
    batch.insert(HEAD_KEY, IVec::from(next.encode()));
    Ok((batch, next))
}

/// What each key that the operations touch has after them.
fn outcome(entries: Entries<'_>, ops: Vec<Op>) -> Result<BTreeMap<Bytes, Option<Bytes>>> {
    let mut after = BTreeMap::new();
    for op in ops {
        match op {
            Op::Put(key, value) => {
                after.insert(key.into_bytes(), Some(value));
            }
            Op::Delete(key) => {
                after.insert(key.into_bytes(), None);
            }
            Op::DeleteRange(range) if range.is_empty() => {}
            Op::DeleteRange(range) => {
                for (_, value) in after.range_mut::<[u8], _>(range.bounds()) {
                    *value = None;
                }
                for stored in entries.hashes(&range) {
                    after.insert(Bytes::copy_from_slice(&stored?.0), None);
                }
            }
        }
    }
    Ok(after)
}
