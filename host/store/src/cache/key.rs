//! The keys of the cache: 16 bytes, whatever they stand for.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::codec::ContentName;
use crate::graph::EpochNumber;
use crate::keyspace::FileOrd;
use crate::link::term::Term;

/// What was asked of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// The entry of a file.
    Entry(FileOrd),
    /// A file with its facts, and perhaps its links.
    File(FileOrd),
    /// What lists show of the nodes of a file.
    Listing(FileOrd),
    /// The files that a term leads to.
    Files(Term),
    /// How many references that end in the name of a term are unbound.
    Loose(Term),
}

/// A key. Two halves and not one number of 128 bits, which would be aligned to 16 bytes and so take more of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CacheKey {
    high: u64,
    low: u64,
}

impl Hash for CacheKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.number());
    }
}

impl CacheKey {
    fn of(number: u128) -> Self {
        let halves = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default();
        Self { high: halves(number >> 64), low: halves(number) }
    }

    fn number(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }

    /// A record, by the name of its content: never stale.
    pub(super) fn content(name: ContentName) -> Self {
        Self::of(name)
    }

    /// A number that keys spread over.
    pub(super) fn spread(self) -> u64 {
        // The golden ratio of 64 bits: neighbours come far from each other, in the upper bits.
        (self.high.rotate_left(32) ^ self.low).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
    }
}

/// Makes the keys that are not names of contents. They depend on a number that nobody outside knows, so that no content
/// can be made that has the key of an answer, and no two texts that have one key.
#[derive(Debug)]
pub(super) struct Keys {
    secret: [u64; 2],
}

impl Default for Keys {
    fn default() -> Self {
        let random = RandomState::new();
        Self { secret: [random.hash_one(0_u8), random.hash_one(1_u8)] }
    }
}

impl Keys {
    /// What a question to a graph was answered, by its epoch. No two of them have one key.
    pub(super) fn answer(&self, epoch: EpochNumber, answered: Answered) -> CacheKey {
        let (question, about) = match answered {
            Answered::Entry(file) => (0_u64, file),
            Answered::Listing(file) => (1, file),
            Answered::Files(term) => (2, term),
            Answered::Loose(term) => (3, term),
            Answered::File(file) => (4, file),
        };
        let [high, low] = self.secret;
        CacheKey { high: epoch ^ high, low: (question << 32 | u64::from(about)) ^ low }
    }

    /// A user's entry. Two texts may have one key, so an entry has its text beside it.
    pub(super) fn user(&self, text: &str) -> CacheKey {
        CacheKey::of(xxh3_128_with_seed(text.as_bytes(), self.secret[0]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Answered, CacheKey, Keys};

    #[test]
    fn every_question_has_a_key_of_its_own() {
        let keys = Keys::default();
        let mut seen = HashSet::new();
        for epoch in 0..20 {
            for about in 0..20 {
                let all = [
                    Answered::Entry(about),
                    Answered::File(about),
                    Answered::Listing(about),
                    Answered::Files(about),
                    Answered::Loose(about),
                ];
                assert!(all.into_iter().all(|answered| seen.insert(keys.answer(epoch, answered))));
            }
        }
    }

    #[test]
    fn neighbours_spread_over_the_parts() {
        let keys = Keys::default();
        let mut parts = [0; 16];
        for file in 0..16_000 {
            parts[usize::try_from(keys.answer(7, Answered::Entry(file)).spread() % 16).unwrap()] += 1;
        }
        assert!(parts.iter().all(|count| (700..1_300).contains(count)), "{parts:?}");
    }

    #[test]
    fn a_key_keeps_all_bits_of_a_name() {
        let name = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;
        assert_eq!(CacheKey::content(name).number(), name);
    }
}
