//! Numbered batches that can be told apart: what is written by a process that is killed, and how it is checked after.

use std::collections::BTreeSet;

use codestrata_core::{Backend, Batch, Bytes, Durability, KeyRange, OpenMode, ReadView, Result};

use crate::lab::{Entries, everything, key};
use crate::place::Place;
use crate::violation::{Outcome, Violation, demand, demand_equal};

/// Entries of one batch.
pub const WIDTH: u32 = 10;

/// The entries of a batch: their keys begin with its number, and their values are of lengths and bytes of their own.
#[must_use]
pub fn entries_of(number: u32) -> Entries {
    (0..WIDTH)
        .map(|at| {
            let name = [number.to_be_bytes(), at.to_be_bytes()].concat();
            // One of them is empty, and none of the others is like its neighbour.
            let length =
                usize::try_from((number * 37 + at * 61) % 300).unwrap_or_default() * usize::from(at != 3);
            let value: Vec<u8> = name.iter().copied().cycle().take(length).collect();
            (Bytes::from(name), Bytes::from(value))
        })
        .collect()
}

/// The batch that puts them.
///
/// # Errors
/// None, as long as keys of eight bytes are keys.
pub fn batch(number: u32) -> Result<Batch> {
    entries_of(number)
        .into_iter()
        .try_fold(Batch::new(), |batch, (name, value)| Ok(batch.put(key(name)?, value)))
}

/// The strongest durability that the backend claims.
#[must_use]
pub fn strongest(store: &dyn Backend) -> Durability {
    if store.capabilities().synced() { Durability::Synced } else { Durability::Strongest }
}

/// How many batches a view has, which must be those from 0 on, each of them whole and exact.
///
/// # Errors
/// If they are not.
pub async fn count_batches(view: &dyn ReadView) -> Outcome<u32> {
    let found = everything(view).await?;
    let mut count = 0;
    let mut rest = found.as_slice();
    while !rest.is_empty() {
        let expected = entries_of(count);
        let (batch, after) = rest.split_at(rest.len().min(expected.len()));
        demand(
            "a batch is there whole or not at all, no later one without it, and its values are what was written",
            batch == expected.as_slice(),
            format_args!(
                "batch {count} is there as {} entries of {}, or not as written",
                batch.len(),
                expected.len()
            ),
        )?;
        rest = after;
        count += 1;
    }
    Ok(count)
}

/// As [`count_batches`], of a store that is opened for it and closed again.
///
/// # Errors
/// If it cannot be, or they are not.
pub async fn batches_at(place: &Place, mode: OpenMode) -> Outcome<u32> {
    let store = place
        .open(mode)
        .await
        .map_err(|error| Violation::new("a store opens again", format!("{}: {error}", error.kind())))?;
    let count = count_batches(&*store).await?;
    store.close().await?;
    Ok(count)
}

/// The batch that replaces all that is there by the state of this number: other keys, and other values.
///
/// # Errors
/// None, as long as keys of some bytes are keys.
pub fn state(number: u32) -> Result<Batch> {
    let put = |batch: Batch, (name, value)| Ok(batch.put(key(name)?, value));
    entries_of_state(number).into_iter().try_fold(Batch::new().delete_range(KeyRange::all()), put)
}

fn entries_of_state(number: u32) -> Entries {
    let value = |length| Bytes::from(number.to_be_bytes().repeat(length));
    let moving = (0..60_u32).map(|at| (at * 7 + number) % 100).collect::<BTreeSet<_>>();
    let entries = moving.into_iter().map(|at| (Bytes::from(format!("entry/{at:03}")), value(20)));
    [(Bytes::from_static(b"count"), value(1))].into_iter().chain(entries).collect()
}

/// The number of the state that a view has, of which everything must be there and nothing else; 0 of an empty view.
///
/// # Errors
/// If it is of no one state.
pub async fn state_of(view: &dyn ReadView) -> Outcome<u32> {
    let found = everything(view).await?;
    let number =
        found.first().and_then(|(_, count)| count.as_ref().try_into().ok()).map_or(0, u32::from_be_bytes);
    let expected = if number == 0 { Entries::new() } else { entries_of_state(number) };
    demand_equal("all that is there is of one state", &found, &expected)?;
    Ok(number)
}
