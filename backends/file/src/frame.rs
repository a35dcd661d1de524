//! One commit as bytes: a head of 40 bytes with a checksum, and a body of operations with another.
//!
//! The head has its own checksum because a damaged length must be noticed before it is believed. The checksums are
//! mixed with the store, the file and the offset, so that a frame is one at its own place only: neither bytes that
//! a user stores nor what is left of an older file can be taken for a frame.

use codestrata_core::limits::{MAX_BATCH_BYTES, MAX_KEY_BYTES};
use codestrata_core::{Key, KeyRange};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The bytes of a head.
pub(crate) const HEAD: usize = 40;

/// The largest body: the largest batch, what shares a frame with it, and what each operation takes beside its key
/// and value. (4 million operations take 28 MB of that.)
pub(crate) const MAX_BODY: usize = 2 * MAX_BATCH_BYTES;

/// What a put takes beside its key and value.
pub(crate) const PUT_OVERHEAD: u64 = 7;

pub(crate) const MAGIC: [u8; 4] = [0xC5, b'f', b'r', 0xF1];

const PUT: u8 = 1;
const DELETE: u8 = 2;
const DELETE_RANGE: u8 = 3;
const DELETE_FROM: u8 = 4;

/// What the checksums of a file's frames are mixed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Salt(u64);

impl Salt {
    pub(crate) fn of(store: u128, log: u32) -> Self {
        Self(xxh3_64_with_seed(&store.to_le_bytes(), u64::from(log)))
    }

    fn at(self, offset: u64) -> u64 {
        self.0.wrapping_add(offset)
    }
}

/// What stands in front of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Bytes of the body. A frame without any is a *mark*: it says how far the file is synced, and the next frame
    /// takes its place and its number.
    pub(crate) body: u32,
    /// The number of the frame, one more than that of the one before, across all files.
    pub(crate) sequence: u64,
    /// Up to where the file was on the medium when the frame was written.
    pub(crate) synced: u64,
    check: u64,
}

impl Head {
    /// The head of a body that is to stand behind it at `offset`.
    pub(crate) fn of(body: &[u8], sequence: u64, synced: u64, salt: Salt, offset: u64) -> Self {
        let check = xxh3_64_with_seed(body, salt.at(offset));
        Self { body: u32::try_from(body.len()).unwrap_or(u32::MAX), sequence, synced, check }
    }

    pub(crate) fn encode(&self, salt: Salt, offset: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.body.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&self.synced.to_le_bytes());
        bytes.extend_from_slice(&self.check.to_le_bytes());
        bytes.extend_from_slice(&xxh3_64_with_seed(&bytes, salt.at(offset)).to_le_bytes());
        bytes
    }

    /// The head in these bytes, if it is one for this place.
    pub(crate) fn decode(bytes: &[u8], salt: Salt, offset: u64) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<4>()?;
        let (body, rest) = rest.split_first_chunk::<4>()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (synced, rest) = rest.split_first_chunk::<8>()?;
        let (check, rest) = rest.split_first_chunk::<8>()?;
        let (own, _) = rest.split_first_chunk::<8>()?;
        let checked = bytes.get(..HEAD - 8)?;
        let head = Self {
            body: u32::from_le_bytes(*body),
            sequence: u64::from_le_bytes(*sequence),
            synced: u64::from_le_bytes(*synced),
            check: u64::from_le_bytes(*check),
        };
        let valid = *magic == MAGIC
            && u64::from_le_bytes(*own) == xxh3_64_with_seed(checked, salt.at(offset))
            && head.body as usize <= MAX_BODY;
        valid.then_some(head)
    }

    pub(crate) fn fits(&self, body: &[u8], salt: Salt, offset: u64) -> bool {
        self.check == xxh3_64_with_seed(body, salt.at(offset))
    }

    pub(crate) const fn is_mark(&self) -> bool {
        self.body == 0
    }
}

/// A frame that is being put together: room for the head, then operations.
#[derive(Debug)]
pub(crate) struct Draft {
    bytes: Vec<u8>,
}

// A buffer that grew beyond this is not kept for the next frame.
const KEPT_CAPACITY: usize = 8 * 1024 * 1024;

impl Draft {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; HEAD] }
    }

    /// Makes it empty again.
    pub(crate) fn clear(&mut self) {
        if self.bytes.capacity() > KEPT_CAPACITY {
            *self = Self::new();
        }
        self.bytes.truncate(HEAD);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.len() <= HEAD
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.bytes.get(HEAD..).unwrap_or_default()
    }

    /// What stands at this place of the frame.
    pub(crate) fn part(&self, from: usize, length: usize) -> Option<&[u8]> {
        self.bytes.get(from..from.checked_add(length)?)
    }

    /// Adds a put; where its value begins, from the beginning of the frame.
    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) -> usize {
        self.bytes.push(PUT);
        self.short(key.len());
        self.bytes.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.bytes.extend_from_slice(key);
        let place = self.bytes.len();
        self.bytes.extend_from_slice(value);
        place
    }

    pub(crate) fn delete(&mut self, key: &Key) {
        self.bytes.push(DELETE);
        self.short(key.as_slice().len());
        self.bytes.extend_from_slice(key.as_slice());
    }

    pub(crate) fn delete_range(&mut self, range: &KeyRange) {
        let start = cut_bound(range.start());
        let end = range.end().map(|end| cut_bound(end));
        self.bytes.push(if end.is_some() { DELETE_RANGE } else { DELETE_FROM });
        self.short(start.len());
        if let Some(end) = end {
            self.short(end.len());
        }
        self.bytes.extend_from_slice(start);
        self.bytes.extend_from_slice(end.unwrap_or_default());
    }

    fn short(&mut self, length: usize) {
        self.bytes.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
    }

    /// The whole frame, for its place.
    pub(crate) fn finish(&mut self, sequence: u64, synced: u64, salt: Salt, offset: u64) -> &[u8] {
        let head = Head::of(self.body(), sequence, synced, salt, offset).encode(salt, offset);
        if let Some(room) = self.bytes.get_mut(..HEAD) {
            room.copy_from_slice(&head);
        }
        &self.bytes
    }
}

/// A bound may have any length. No key is longer than the limit, so what lies beyond one byte more than that
/// changes no comparison.
fn cut_bound(bound: &[u8]) -> &[u8] {
    bound.get(..=MAX_KEY_BYTES).unwrap_or(bound)
}

/// The first 32 bits of a value's hash: what the index keeps to know the value again when it is read.
pub(crate) fn check_of(value: &[u8]) -> u32 {
    let [a, b, c, d, ..] = xxh3_64(value).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// An operation as it stands in a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Recorded<'a> {
    /// A key, its value, and where the value begins in the body.
    Put(&'a [u8], &'a [u8], usize),
    Delete(&'a [u8]),
    /// A start and an end, if there is one.
    DeleteRange(&'a [u8], Option<&'a [u8]>),
}

/// The operations of a body, in their order.
pub(crate) struct Operations<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Operations<'a> {
    pub(crate) const fn new(body: &'a [u8]) -> Self {
        Self { body, at: 0 }
    }

    /// How far it has got.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.body.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn short(&mut self) -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(*self.take(2)?.first_chunk()?)))
    }

    fn long(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(*self.take(4)?.first_chunk()?)).ok()
    }

    fn key(&mut self, length: usize) -> Option<&'a [u8]> {
        if (1..=MAX_KEY_BYTES).contains(&length) { self.take(length) } else { None }
    }

    fn parse(&mut self) -> Option<Recorded<'a>> {
        match self.take(1)? {
            [PUT] => {
                let (key, value) = (self.short()?, self.long()?);
                let key = self.key(key)?;
                let place = self.at;
                Some(Recorded::Put(key, self.take(value)?, place))
            }
            [DELETE] => {
                let length = self.short()?;
                Some(Recorded::Delete(self.key(length)?))
            }
            [DELETE_RANGE] => {
                let (start, end) = (self.short()?, self.short()?);
                Some(Recorded::DeleteRange(self.take(start)?, Some(self.take(end)?)))
            }
            [DELETE_FROM] => {
                let start = self.short()?;
                Some(Recorded::DeleteRange(self.take(start)?, None))
            }
            _ => None,
        }
    }
}

impl<'a> Iterator for Operations<'a> {
    /// Nothing instead of an operation where the bytes are none.
    type Item = Option<Recorded<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.body.len() {
            return None;
        }
        let before = self.at;
        let found = self.parse();
        if found.is_none() {
            self.at = before;
        }
        Some(found)
    }
}
