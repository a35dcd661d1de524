//! The hash by which an unchanged file is known.

use xxhash_rust::xxh3::xxh3_128;

/// The hash of a file's content: XXH3 of 128 bits, as 32 hexadecimal digits.
///
/// It tells a changed file from an unchanged one; it is no defence against someone who forges files.
#[must_use]
pub fn content_hash(content: &[u8]) -> String {
    format!("{:032x}", xxh3_128(content))
}
