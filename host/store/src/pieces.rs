//! Pieces of the inside that `tests/bench` measures by themselves. They are no part of the interface: they are there with the
//! feature `pieces` alone, and change without notice.

use codestrata_core::{Key, Result};

use crate::keyspace;
use crate::segment::{PreparedFile, Segment};

/// Decodes a segment, and says how many nodes it has.
///
/// # Errors
/// None that a file which was prepared could cause.
pub fn decode_segment(file: &PreparedFile) -> Result<u32> {
    Ok(Segment::decode(file.bytes())?.node_count())
}

/// Makes the key of a link record.
///
/// # Errors
/// None: it is short.
pub fn link_key(space: u32, file: u32) -> Result<Key> {
    keyspace::links(space, file)
}

/// Reads the ordinal in which such a key ends.
#[must_use]
pub fn ordinal_of(key: &Key) -> Option<u32> {
    keyspace::last_ordinal(key.as_slice())
}
