//! What is stored under a key, so that damage and loss are noticed that sled does not notice.
//!
//! A value is kept behind eight bytes: the xxh3 hash of the value, seeded with the hash of its key. So a value that was
//! changed, or that comes back under another key, is found when it is read.
//!
//! The empty key, which the seam does not allow and which therefore is free, has the [`Head`]: how many entries
//! there are and the sum of their hashes. Every batch writes it together with its entries, so entries that are lost
//! are found by adding up what is there. The sum does not depend on the order, and is kept up to date by
//! subtracting what goes and adding what comes.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Where the head is. It is the smallest key, before every key of the seam.
pub(crate) const HEAD_KEY: &[u8] = b"";
/// The smallest key that is an entry.
pub(crate) const FIRST_KEY: &[u8] = &[0];

const MAGIC: &[u8; 8] = b"cs-sled1";
const HASH_BYTES: usize = 8;

/// The hash of an entry.
fn hash(key: &[u8], value: &[u8]) -> u64 {
    xxh3_64_with_seed(value, xxh3_64(key))
}

/// A value as it is stored, and the hash of the entry.
pub(crate) fn encode(key: &[u8], value: &[u8]) -> (Vec<u8>, u64) {
    let hash = hash(key, value);
    let mut stored = Vec::with_capacity(HASH_BYTES + value.len());
    stored.extend_from_slice(&hash.to_le_bytes());
    stored.extend_from_slice(value);
    (stored, hash)
}

/// A stored value without what is around it, and the hash of the entry; nothing if it is not what was stored.
pub(crate) fn decode<'a>(key: &[u8], stored: &'a [u8]) -> Option<(&'a [u8], u64)> {
    let (expected, value) = stored.split_first_chunk::<HASH_BYTES>()?;
    let hash = hash(key, value);
    (u64::from_le_bytes(*expected) == hash).then_some((value, hash))
}

/// What must be there in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// How many batches have changed the store.
    pub(crate) sequence: u64,
    /// How many entries there are.
    pub(crate) count: u64,
    /// The sum of their hashes.
    pub(crate) digest: u64,
}

impl Head {
    /// An entry comes.
    pub(crate) fn add(&mut self, hash: u64) {
        self.count = self.count.wrapping_add(1);
        self.digest = self.digest.wrapping_add(hash);
    }

    /// An entry goes.
    pub(crate) fn remove(&mut self, hash: u64) {
        self.count = self.count.wrapping_sub(1);
        self.digest = self.digest.wrapping_sub(hash);
    }

    /// The head as it is stored.
    pub(crate) fn encode(self) -> Vec<u8> {
        let mut value = MAGIC.to_vec();
        for figure in [self.sequence, self.count, self.digest] {
            value.extend_from_slice(&figure.to_le_bytes());
        }
        encode(HEAD_KEY, &value).0
    }

    /// The head that was stored; nothing if it is none.
    pub(crate) fn decode(stored: &[u8]) -> Option<Self> {
        let (value, _) = decode(HEAD_KEY, stored)?;
        let rest = value.strip_prefix(MAGIC)?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let digest: [u8; 8] = rest.try_into().ok()?;
        Some(Self {
            sequence: u64::from_le_bytes(*sequence),
            count: u64::from_le_bytes(*count),
            digest: u64::from_le_bytes(digest),
        })
    }
}
