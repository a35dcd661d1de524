//! A record of the journal: all that was written for one commit, in its order.
//!
//! ```text
//! | magic | bytes | number | checksum of the rest and of these | place, length, said, content | place, length, said, content | ...
//! ```
//!
//! Numbers are little-endian: 4 bytes for the magic, lengths and the bytes, 8 for the others. Of what was written at a place only the
//! first bytes are said, as far as they are not zero: pages are half full, and end in zeros. A record begins at a whole
//! block and is filled up to one, so that no write reads first what it only partly replaces.

use std::io::Error as IoError;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::checked::BLOCK_BYTES;
use crate::medium::Storage;

type Io<T> = Result<T, IoError>;

const MAGIC: u32 = u32::from_le_bytes(*b"jrnl");

/// Magic, bytes, number and checksum.
pub(super) const HEAD_BYTES: usize = 4 + 4 + 8 + 8;

// Place and length of what was written, and how much of it is said.
const PART_HEAD_BYTES: usize = 8 + 4 + 4;

/// One write has no more bytes. redb writes pages, and large values in one piece.
const MOST_WRITTEN: usize = MOST_BYTES;

/// A record has no more bytes. A commit that writes more is better off if all of it is written once.
pub(super) const MOST_BYTES: usize = 1 << 18;

/// The record that is being made.
#[derive(Debug)]
pub(super) struct Draft {
    /// The parts, behind room for the head; nothing once there was too much for a record.
    bytes: Option<Vec<u8>>,
}

impl Default for Draft {
    fn default() -> Self {
        Self { bytes: Some(vec![0; HEAD_BYTES]) }
    }
}

impl Draft {
    /// Takes in a write.
    pub(super) fn note(&mut self, place: u64, content: &[u8]) {
        let Some(bytes) = &mut self.bytes else { return };
        let said = without_zeros(content);
        let lengths = u32::try_from(content.len()).ok().zip(u32::try_from(said.len()).ok());
        let fits = content.len() <= MOST_WRITTEN && bytes.len() + PART_HEAD_BYTES + said.len() <= MOST_BYTES;
        match lengths.filter(|_| fits) {
            None => self.bytes = None,
            Some((length, of_said)) => {
                bytes.extend(place.to_le_bytes());
                bytes.extend(length.to_le_bytes());
                bytes.extend(of_said.to_le_bytes());
                bytes.extend_from_slice(said);
            }
        }
    }

    /// How many bytes of the journal it takes; none if it had more than fits into a record.
    pub(super) fn room(&self) -> Option<u64> {
        self.bytes.as_ref().map(|bytes| room(bytes.len()))
    }

    /// The whole record under this number, in a journal of this salt; none if it had more than fits into one.
    pub(super) fn sealed(&mut self, number: u64, salt: u64) -> Option<&[u8]> {
        let bytes = self.bytes.as_mut()?;
        let length = bytes.len();
        let sum = {
            let (head, parts) = bytes.split_first_chunk_mut::<HEAD_BYTES>()?;
            *head = head_of(u32::try_from(length).ok()?, number, 0);
            sum_of(head, parts, salt)
        };
        bytes.get_mut(HEAD_BYTES - 8..HEAD_BYTES)?.copy_from_slice(&sum.to_le_bytes());
        bytes.resize(length.next_multiple_of(BLOCK_BYTES), 0);
        Some(bytes)
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        match &mut self.bytes {
            Some(bytes) => bytes.truncate(HEAD_BYTES),
            None => *self = Self::default(),
        }
    }
}

/// A record that was read.
pub(super) struct Record {
    pub(super) number: u64,
    bytes: Vec<u8>,
}

impl Record {
    /// The record at a place that lies this far in front of the end of the file; none if there is no whole one of a
    /// journal of this salt.
    pub(super) fn read(file: &dyn Storage, place: u64, left: u64, salt: u64) -> Io<Option<Self>> {
        let mut head = [0; HEAD_BYTES];
        if left < HEAD_BYTES as u64 {
            return Ok(None);
        }
        file.read(place, &mut head)?;
        let Some((length, number, sum)) = read_head(&head) else { return Ok(None) };
        if !(HEAD_BYTES..=MOST_BYTES).contains(&length) || length as u64 > left {
            return Ok(None);
        }
        let mut bytes = vec![0; length];
        file.read(place, &mut bytes)?;
        let bare = head_of(u32::try_from(length).unwrap_or_default(), number, 0);
        let is_whole = bytes.get(HEAD_BYTES..).is_some_and(|parts| sum_of(&bare, parts, salt) == sum);
        Ok(is_whole.then_some(Self { number, bytes }))
    }

    /// How many bytes of the journal it takes.
    pub(super) fn room(&self) -> u64 {
        room(self.bytes.len())
    }

    /// What was written: places and content, in their order.
    pub(super) fn parts(&self) -> impl Iterator<Item = (u64, Vec<u8>)> {
        let mut rest = self.bytes.get(HEAD_BYTES..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (place, after) = rest.split_first_chunk::<8>()?;
            let (length, after) = after.split_first_chunk::<4>()?;
            let (said, after) = after.split_first_chunk::<4>()?;
            let (said, after) = after.split_at_checked(usize::try_from(u32::from_le_bytes(*said)).ok()?)?;
            rest = after;
            let mut content = said.to_vec();
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            content.resize(length.min(MOST_WRITTEN).max(content.len()), 0);
            Some((u64::from_le_bytes(*place), content))
        })
    }
}

/// Bytes up to the last that is not zero, or a few more.
fn without_zeros(content: &[u8]) -> &[u8] {
    let words = content.rchunks_exact(8);
    let zeros = words.take_while(|word| **word == [0; 8]).count() * 8;
    content.get(..content.len() - zeros).unwrap_or(content)
}

fn room(bytes: usize) -> u64 {
    bytes.next_multiple_of(BLOCK_BYTES) as u64
}

fn head_of(length: u32, number: u64, sum: u64) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    let fields = MAGIC.to_le_bytes().into_iter().chain(length.to_le_bytes());
    let fields = fields.chain(number.to_le_bytes()).chain(sum.to_le_bytes());
    for (byte, field) in head.iter_mut().zip(fields) {
        *byte = field;
    }
    head
}

/// The length in bytes, the number and the checksum.
fn read_head(head: &[u8; HEAD_BYTES]) -> Option<(usize, u64, u64)> {
    let (magic, rest) = head.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let (sum, _) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    (u32::from_le_bytes(*magic) == MAGIC).then_some((
        length,
        u64::from_le_bytes(*number),
        u64::from_le_bytes(*sum),
    ))
}

/// The checksum of a record, whose head has zero in its place.
fn sum_of(head: &[u8; HEAD_BYTES], parts: &[u8], salt: u64) -> u64 {
    xxh3_64_with_seed(parts, xxh3_64_with_seed(head, salt))
}
