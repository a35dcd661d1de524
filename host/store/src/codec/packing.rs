//! Records made smaller, and made whole again.
//!
//! A compressed record is an envelope like any other, with a codec of its own, around the length of the payload that
//! was compressed (4 bytes, little-endian) and that payload, compressed. Unpacking gives the very bytes that were packed,
//! so names by content and preconditions know nothing of compression.

use codestrata_config::Compression;
use codestrata_core::limits::MAX_VALUE_BYTES;
use codestrata_core::{Bytes, Error, ErrorKind, Result};
use xxhash_rust::xxh3::xxh3_64;

use super::{BINCODE, HEADER, MAGIC, RecordKind};

const LZ4: u8 = 1;
const ZSTD: u8 = 2;

/// Zstandard's level: higher ones were slower and hardly smaller on segments, which have no long repetitions.
const ZSTD_LEVEL: i32 = 1;

/// Records with less than this are left alone, in bytes: an envelope and a length are 17.
const SMALLEST: usize = 128;

/// The kinds of record that are worth it: those that are large, and that no precondition compares.
const PACKED: [RecordKind; 6] = [
    RecordKind::Segment,
    RecordKind::Links,
    RecordKind::Postings,
    RecordKind::Note,
    RecordKind::AnalysisData,
    RecordKind::ListedChange,
];

/// The record, compressed; none if it is to be stored as it is.
pub(crate) fn pack(record: &[u8], compression: Compression) -> Option<Bytes> {
    let (header, payload) = record.split_first_chunk::<HEADER>()?;
    let [m0, m1, kind, version, codec, ..] = *header;
    let is_packed = PACKED.iter().any(|packed| *packed as u8 == kind);
    if [m0, m1] != MAGIC || codec != BINCODE || !is_packed || record.len() < SMALLEST {
        return None;
    }
    let (codec, compressed) = match compression {
        Compression::None => return None,
        Compression::Lz4 => (LZ4, lz4_flex::block::compress(payload)),
        Compression::Zstd => (ZSTD, zstd::bulk::compress(payload, ZSTD_LEVEL).ok()?),
    };
    if HEADER + 4 + compressed.len() >= record.len() {
        return None;
    }
    let mut bytes = Vec::with_capacity(HEADER + 4 + compressed.len());
    bytes.extend_from_slice(&[m0, m1, kind, version, codec]);
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(&u32::try_from(payload.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&compressed);
    seal(&mut bytes);
    Some(bytes.into())
}

/// Whether a value was made by [`pack`].
pub(crate) fn is_packed(value: &[u8]) -> bool {
    matches!(value, [m0, m1, _, _, LZ4 | ZSTD, ..] if [*m0, *m1] == MAGIC)
}

/// The record as it was before [`pack`]; any other value as it is.
///
/// # Errors
/// `Corruption` for a record that is damaged. What it claims to be is not believed beyond
/// [`MAX_VALUE_BYTES`], the limit under which it was stored.
pub(crate) fn unpack(value: Bytes) -> Result<Bytes> {
    if !is_packed(&value) {
        return Ok(value);
    }
    let Some((header, payload)) = value.split_first_chunk::<HEADER>() else {
        return Err(damaged("it is too short"));
    };
    let [m0, m1, kind, version, codec, checksum @ ..] = *header;
    if u64::from_le_bytes(checksum) != xxh3_64(payload) {
        return Err(damaged("its checksum does not match"));
    }
    let Some((length, compressed)) = payload.split_first_chunk::<4>() else {
        return Err(damaged("it is too short"));
    };
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX_VALUE_BYTES {
        return Err(damaged(&format!(
            "it claims to have {length} bytes, and the limit is {MAX_VALUE_BYTES}"
        )));
    }
    let mut bytes = vec![0; HEADER + length];
    let Some((header, whole)) = bytes.split_first_chunk_mut::<HEADER>() else {
        return Err(damaged("it is too short"));
    };
    for (place, byte) in header.iter_mut().zip([m0, m1, kind, version, BINCODE]) {
        *place = byte;
    }
    let written = match codec {
        LZ4 => lz4_flex::block::decompress_into(compressed, whole)
            .map_err(|error| damaged("it cannot be decompressed").with_source(error))?,
        _ => zstd::bulk::decompress_to_buffer(compressed, whole)
            .map_err(|error| damaged("it cannot be decompressed").with_source(error))?,
    };
    if written != length {
        return Err(damaged("it has another length than it says"));
    }
    seal(&mut bytes);
    Ok(bytes.into())
}

/// Puts the checksum of the payload into the header.
fn seal(record: &mut [u8]) {
    let Some((header, payload)) = record.split_first_chunk_mut::<HEADER>() else { return };
    let checksum = xxh3_64(payload).to_le_bytes();
    if let Some(place) = header.last_chunk_mut::<8>() {
        *place = checksum;
    }
}

fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("a compressed record is damaged: {what}")).with_help(
        "store the repository anew (`codestrata index --rebuild`), or restore the store from a copy",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};

    fn record() -> Bytes {
        encode(RecordKind::Segment, &"segment ".repeat(1_000)).unwrap().into()
    }

    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        for compression in [Compression::Lz4, Compression::Zstd] {
            let record = record();
            let packed = pack(&record, compression).unwrap();
            assert!(packed.len() < record.len() / 10, "{compression:?}: {}", packed.len());
            assert_eq!(unpack(packed).unwrap(), record);
        }
    }

    #[test]
    fn what_would_not_become_smaller_is_left_as_it_is() {
        let random: Vec<u64> = (0..100_u64).map(|n| xxh3_64(&n.to_le_bytes())).collect();
        let record = encode(RecordKind::Segment, &random).unwrap();
        assert_eq!(pack(&record, Compression::Lz4), None);
        let short = encode(RecordKind::Segment, &"a".repeat(SMALLEST - HEADER - 2)).unwrap();
        assert_eq!((short.len(), pack(&short, Compression::Zstd)), (SMALLEST - 1, None));
        let head = encode(RecordKind::Head, &"a".repeat(1_000)).unwrap();
        assert_eq!(pack(&head, Compression::Zstd), None, "preconditions compare heads");
        assert_eq!(pack(&record, Compression::None), None);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_corruption() {
        for compression in [Compression::Lz4, Compression::Zstd] {
            let packed = pack(&record(), compression).unwrap();
            // The first five bytes say that it is packed, and what it is: who decodes the record checks them.
            for bit in 5 * 8..packed.len() * 8 {
                let mut damaged = packed.to_vec();
                damaged[bit / 8] ^= 1 << (bit % 8);
                let error = unpack(damaged.into()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Corruption, "bit {bit}");
            }
            for end in 5..packed.len() {
                assert_eq!(unpack(packed.slice(..end)).unwrap_err().kind(), ErrorKind::Corruption);
            }
            for byte in 0..5 {
                let mut damaged = packed.to_vec();
                damaged[byte] ^= 1;
                let read =
                    unpack(damaged.into()).and_then(|bytes| decode::<String>(RecordKind::Segment, &bytes));
                assert!(byte == 3 || read.is_err(), "byte {byte}");
            }
        }
    }

    #[test]
    fn a_claim_of_more_than_a_value_may_have_is_not_believed() {
        for codec in [LZ4, ZSTD] {
            let mut forged = vec![MAGIC[0], MAGIC[1], RecordKind::Segment as u8, 1, codec];
            forged.extend_from_slice(&[0; 8]);
            let claim = u32::try_from(MAX_VALUE_BYTES + 1).unwrap();
            forged.extend_from_slice(&claim.to_le_bytes());
            forged.extend_from_slice(&zstd::bulk::compress(&vec![0; 1 << 20], 1).unwrap());
            seal(&mut forged);
            let error = unpack(forged.clone().into()).unwrap_err();
            assert!(error.message().contains("the limit is"), "{error}");
            // Just within the limit, and not true.
            forged[HEADER..HEADER + 4].copy_from_slice(&(claim - 1).to_le_bytes());
            seal(&mut forged);
            assert_eq!(unpack(forged.into()).unwrap_err().kind(), ErrorKind::Corruption);
        }
    }
}
