//! Pieces of the inside that `tests/bench` measures by themselves. They are no part of the interface: they are there with the
//! feature `pieces` alone, and change without notice.

use codestrata_config::Compression;
use codestrata_core::{Bytes, Key, Result};

use crate::keyspace;
use crate::segment::{PreparedFile, Segment};

/// The segment of a prepared file, as it is decoded: uncompressed.
///
/// # Errors
/// None that a file which was prepared could cause.
pub fn segment_of(file: &PreparedFile) -> Result<Bytes> {
    file.record(Compression::None)
}

/// Decodes a segment, and says how many nodes it has.
///
/// # Errors
/// Those of bytes that are none.
pub fn decode_segment(bytes: &[u8]) -> Result<u32> {
    Ok(Segment::decode(bytes)?.node_count())
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
