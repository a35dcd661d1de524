//! The bytes of a journal: a head, then one checksummed frame for each batch.
//!
//! ```text
//! head   magic 8 | version 4 | checksum 4 | mark 16 | mark 16 | zero 16
//! mark   end 8 | checksum 8            everything before `end` has been synced
//! frame  length 4 | sequence 8 | checksum 8 | payload of `length` bytes
//! op     1 | key | value     2 | key     3 | start     4 | start | end
//! field  length 4 | bytes
//! ```
//!
//! Numbers are little-endian. The two marks are written in turn, so that one is whole whatever happens.

use codestrata_core::limits::{MAX_BATCH_BYTES, MAX_BATCH_OPS};
use codestrata_core::{Bytes, Key, KeyRange, Op};
use xxhash_rust::xxh3::xxh3_64;

pub(super) const MAGIC: [u8; 8] = *b"journal\n";
pub(super) const VERSION: u32 = 1;
pub(super) const HEAD_LENGTH: usize = 64;
pub(super) const HEAD_BYTES: u64 = HEAD_LENGTH as u64;
pub(super) const MARKS: [u64; 2] = [16, 32];
pub(super) const FRAME_HEAD_BYTES: usize = 20;

// An operation costs at most its kind and two lengths beside its keys and values.
const MAX_PAYLOAD_BYTES: usize = MAX_BATCH_BYTES + MAX_BATCH_OPS * 9;

/// The head of a new journal.
pub(super) fn head() -> Vec<u8> {
    head_of(VERSION)
}

/// The head of a new journal of some version.
pub(super) fn head_of(version: u32) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&version_checksum(version.to_le_bytes()));
    for _ in MARKS {
        bytes.extend_from_slice(&mark(HEAD_BYTES));
    }
    bytes.extend_from_slice(&[0; 16]);
    bytes
}

/// The checksum of a version: a damaged one is not a newer one.
pub(super) fn version_checksum(version: [u8; 4]) -> [u8; 4] {
    xxh3_64(&version).to_le_bytes().first_chunk().copied().unwrap_or_default()
}

/// The mark that everything before this place has been synced.
pub(super) fn mark(end: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(end.to_le_bytes().into_iter().chain(mark_checksum(end))) {
        *to = from;
    }
    bytes
}

/// What a mark says, if it is whole.
pub(super) fn read_mark(bytes: [u8; 16]) -> Option<u64> {
    let (end, checksum) = bytes.split_first_chunk::<8>()?;
    let end = u64::from_le_bytes(*end);
    (mark_checksum(end) == checksum).then_some(end)
}

fn mark_checksum(end: u64) -> [u8; 8] {
    xxh3_64(&end.to_le_bytes()).to_le_bytes()
}

/// What stands in front of a frame's payload.
pub(super) struct FrameHead {
    pub(super) length: usize,
    pub(super) sequence: u64,
    pub(super) checksum: u64,
}

impl FrameHead {
    pub(super) fn of(sequence: u64, payload: &[u8]) -> Self {
        Self { length: payload.len(), sequence, checksum: checksum(sequence, payload) }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = u32::try_from(self.length).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&self.checksum.to_le_bytes());
        bytes
    }

    /// Reads one; none if it cannot be one, for its length above all.
    pub(super) fn decode(bytes: &[u8; FRAME_HEAD_BYTES]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let length = fields.number()?;
        let (sequence, rest) = fields.0.split_first_chunk::<8>()?;
        let checksum = u64::from_le_bytes(*rest.first_chunk::<8>()?);
        (length <= MAX_PAYLOAD_BYTES).then_some(Self {
            length,
            sequence: u64::from_le_bytes(*sequence),
            checksum,
        })
    }

    pub(super) fn fits(&self, payload: &[u8]) -> bool {
        self.checksum == checksum(self.sequence, payload)
    }
}

fn checksum(sequence: u64, payload: &[u8]) -> u64 {
    // The length is covered as well: a payload of another length has another checksum.
    xxhash_rust::xxh3::xxh3_64_with_seed(payload, sequence)
}

/// The payload of a frame with these operations.
pub(super) fn encode(ops: &[Op]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for op in ops {
        match op {
            Op::Put(key, value) => {
                bytes.push(1);
                field(&mut bytes, key.as_slice());
                field(&mut bytes, value);
            }
            Op::Delete(key) => {
                bytes.push(2);
                field(&mut bytes, key.as_slice());
            }
            Op::DeleteRange(range) => {
                bytes.push(if range.end().is_none() { 3 } else { 4 });
                field(&mut bytes, range.start());
                if let Some(end) = range.end() {
                    field(&mut bytes, end);
                }
            }
        }
    }
    bytes
}

fn field(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(part);
}

/// The operations of a payload, as far as they can be read, and whether that was all of it.
pub(super) fn decode(payload: &[u8]) -> (Vec<Op>, bool) {
    let mut fields = Fields(payload);
    let mut ops = Vec::new();
    while !fields.0.is_empty() {
        match fields.op() {
            Some(op) => ops.push(op),
            None => return (ops, false),
        }
    }
    (ops, true)
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn number(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*number)).ok()
    }

    fn bytes(&mut self) -> Option<Bytes> {
        let length = self.number()?;
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Bytes::copy_from_slice(part))
    }

    fn op(&mut self) -> Option<Op> {
        let (kind, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(match kind {
            1 => Op::Put(Key::new(self.bytes()?).ok()?, self.bytes()?),
            2 => Op::Delete(Key::new(self.bytes()?).ok()?),
            3 => Op::DeleteRange(KeyRange::new(self.bytes()?, None)),
            4 => Op::DeleteRange(KeyRange::new(self.bytes()?, Some(self.bytes()?))),
            _ => return None,
        })
    }
}
