//! The keys of the cache: 16 bytes, whatever they stand for.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::text::TextHash;
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
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.spread());
    }
}

impl CacheKey {
    /// A number that keys spread over, in all its bits. Both halves depend on a secret, so that nobody can choose
    /// keys that come together.
    #[inline]
    pub(super) fn spread(self) -> u64 {
        let product = u128::from(self.high) * u128::from(self.low);
        low_half(product) ^ low_half(product >> 64)
    }
}

fn low_half(number: u128) -> u64 {
    u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default()
}

/// Takes the number that a key spreads over for its hash: it is one.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Keys have no other parts than that number.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Makes the keys. They depend on numbers that nobody outside knows, so that no content can be made that has the key of
/// an answer, and no two texts that have one key.
#[derive(Debug)]
pub(super) struct Keys {
    secret: [u64; 2],
    texts: TextHash,
}

impl Default for Keys {
    fn default() -> Self {
        let random = RandomState::new();
        let secret = [random.hash_one("high"), random.hash_one("low")];
        Self { secret, texts: TextHash::new(|place| random.hash_one(place)) }
    }
}

impl Keys {
    fn of(&self, high: u64, low: u64) -> CacheKey {
        CacheKey { high: high ^ self.secret[0], low: low ^ self.secret[1] }
    }

    /// A record, by the name of its content: never stale.
    pub(super) fn content(&self, name: ContentName) -> CacheKey {
        self.of(low_half(name >> 64), low_half(name))
    }

    /// What a question to a graph was answered, by its epoch. No two of them have one key.
    pub(super) fn answer(&self, epoch: EpochNumber, answered: Answered) -> CacheKey {
        let (question, about) = match answered {
            Answered::Entry(file) => (0_u64, file),
            Answered::Listing(file) => (1, file),
            Answered::Files(term) => (2, term),
            Answered::Loose(term) => (3, term),
            Answered::File(file) => (4, file),
        };
        self.of(epoch, question << 32 | u64::from(about))
    }

    /// A user's entry, which is known by its key alone: the text is not kept.
    pub(super) fn user(&self, text: &str) -> CacheKey {
        let [high, low] = self.texts.of(text.as_bytes());
        CacheKey { high, low }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Answered, Keys};

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
            parts[usize::try_from(keys.answer(7, Answered::Entry(file)).spread() >> 40 & 15).unwrap()] += 1;
        }
        assert!(parts.iter().all(|count| (700..1_300).contains(count)), "{parts:?}");
    }

    #[test]
    fn all_bits_of_a_name_are_in_its_key() {
        let keys = Keys::default();
        let name = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;
        let mut seen = HashSet::from([keys.content(name)]);
        assert!((0..128).all(|bit| seen.insert(keys.content(name ^ 1 << bit))));
    }
}
