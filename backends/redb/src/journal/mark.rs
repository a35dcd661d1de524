//! The first block of the file: what tells our files from others, and how far the journal has been settled.
//!
//! ```text
//! | magic, format, 0, checksum | ... | mark, at byte 512 | ... | mark, at byte 1024 | ...
//! ```
//!
//! The format has 4 bytes, and the checksum is that of the 16 bytes in front of it. The two marks are written in turn, so that a torn one leaves the other.

use std::hash::{BuildHasher, RandomState};
use std::io::Error as IoError;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::medium::Storage;

type Io<T> = Result<T, IoError>;

/// The first bytes of a file.
const MAGIC: [u8; 8] = *b"CDSTRED2";

/// What files began with before they had a journal.
const MAGIC_WITHOUT_JOURNAL: [u8; 8] = *b"CDSTREDB";

/// The format of files that this program makes, and the newest that it knows. The first had no journal.
pub const FORMAT: u32 = 2;

/// Magic, format, zeros and checksum.
pub(crate) const IDENTITY_BYTES: usize = 24;

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// One of this format.
    Format(u32),
    /// It was one, or is one whose first bytes are damaged.
    Damaged,
    /// Something else.
    Other,
}

/// The first bytes of a file of a format.
#[must_use]
pub fn identity_of(format: u32) -> [u8; IDENTITY_BYTES] {
    let mut bytes = [0; IDENTITY_BYTES];
    let said = MAGIC.into_iter().chain(format.to_le_bytes()).chain([0; 4]);
    for (place, byte) in bytes.iter_mut().zip(said) {
        *place = byte;
    }
    let checksum = bytes.first_chunk::<16>().map_or(0, |said| xxh3_64_with_seed(said, 0));
    if let Some(place) = bytes.last_chunk_mut::<8>() {
        *place = checksum.to_le_bytes();
    }
    bytes
}

impl Identity {
    pub(crate) fn of(first: &[u8; IDENTITY_BYTES]) -> Self {
        if first.starts_with(&MAGIC_WITHOUT_JOURNAL) {
            return Self::Format(1);
        }
        if !first.starts_with(&MAGIC) {
            return Self::Other;
        }
        let format = first.get(8..12).and_then(|format| Some(u32::from_le_bytes(*format.first_chunk()?)));
        match format {
            Some(format) if identity_of(format) == *first => Self::Format(format),
            _ => Self::Damaged,
        }
    }
}

/// The bytes in front of what is kept in the file.
pub(super) const FIRST_BLOCK: u64 = 4096;

// Where the first mark is, and how far it is from there to the second.
const PLACE: u64 = 512;
const APART: usize = 512;

const NUMBERS: usize = 4;
// The numbers and their checksum.
const BYTES: usize = (NUMBERS + 1) * 8;

/// How far the journal has been settled. That of a new file is all zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    /// How many marks were written before. The comparison of two begins with it.
    turn: u64,
    /// The number of the last record that the rest of the file has wholly, with everything before it, on the medium.
    pub(super) settled: u64,
    /// The length of the file in front of the journal, first block included; zero if there is no journal.
    pub(super) journal: u64,
    /// A number by chance, different for each journal: what is stored cannot pass for one of its records.
    pub(super) salt: u64,
}

impl Mark {
    /// The last mark that was written.
    pub(super) fn read(file: &dyn Storage) -> Io<Self> {
        let mut bytes = [0; APART + BYTES];
        file.read(PLACE, &mut bytes)?;
        let [first, second] =
            [bytes.first_chunk(), bytes.last_chunk()].map(|mark| mark.and_then(Self::from_bytes));
        Ok(first.max(second).unwrap_or_default())
    }

    /// Writes another mark, and waits until it is on the medium.
    pub(super) fn follow(self, settled: u64, journal: u64, file: &dyn Storage) -> Io<Self> {
        let salt = if journal == self.journal { self.salt } else { RandomState::new().hash_one(settled) };
        let next = Self { turn: self.turn + 1, settled, journal, salt };
        let place = if next.turn.is_multiple_of(2) { PLACE } else { PLACE + APART as u64 };
        file.write_synced(place, &next.to_bytes())?;
        Ok(next)
    }

    fn to_bytes(self) -> Vec<u8> {
        let numbers: [u64; NUMBERS] = [self.turn, self.settled, self.journal, self.salt];
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes.extend(sum(&bytes).to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; BYTES]) -> Option<Self> {
        let (numbers, last) = bytes.split_last_chunk::<8>()?;
        if sum(numbers) != u64::from_le_bytes(*last) {
            return None;
        }
        let mut numbers =
            numbers.chunks_exact(8).map(|number| number.try_into().map_or(0, u64::from_le_bytes));
        let mut next = || numbers.next();
        Some(Self { turn: next()?, settled: next()?, journal: next()?, salt: next()? })
    }
}

fn sum(numbers: &[u8]) -> u64 {
    // Any seed will do under which zeros are no mark.
    xxh3_64_with_seed(numbers, u64::from_le_bytes(MAGIC))
}
