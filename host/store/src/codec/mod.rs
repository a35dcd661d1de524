//! How records become bytes: an envelope around bincode.
//!
//! | bytes | what |
//! |---|---|
//! | 2 | `cS` |
//! | 1 | kind of record |
//! | 1 | format version |
//! | 1 | codec of the payload: 0 is bincode 2, standard configuration; 1 and 2 are the same in LZ4 and Zstandard |
//! | 8 | xxh3-64 of the payload, little-endian |
//! | n | payload |
//!
//! Decoding trusts nothing: the checksum is compared before anything is decoded, the decoder may claim at most
//! [`MAX_DECODED_BYTES`], and every byte must be used. No type decoded here is recursive or has elements of no
//! size; bincode was seen to overflow the stack on the one and to loop on the other.

mod column;
mod packing;
mod sheet;
mod table;

pub(crate) use column::Column;
pub(crate) use packing::{is_packed, pack, unpack};
pub(crate) use sheet::{ColumnView, Placed, Sheet};
pub(crate) use table::{Cell, Cells, MadeRows, Planes, Row, Table, TableView};

use bincode::de::read::{Reader, SliceReader};
use bincode::de::{Decoder, DecoderImpl};
use bincode::error::DecodeError;
use bincode::{BorrowDecode, Decode, Encode, config};
use codestrata_core::{Error, ErrorKind, Result};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// The most memory that decoding one record may claim, in bytes.
pub(crate) const MAX_DECODED_BYTES: usize = 256 * 1024 * 1024;

const MAGIC: [u8; 2] = *b"cS";
const BINCODE: u8 = 0;
/// The version of the records' formats that this program writes.
const FORMAT_VERSION: u8 = 1;
const HEADER: usize = 13;

/// What a record is. The number stands in its envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum RecordKind {
    /// What a store says of itself.
    Store = 1,
    /// The head of a repository.
    Head = 2,
    /// One file of a generation.
    File = 3,
    /// What one file says.
    Segment = 4,
    /// What the references of one file were bound to.
    Links = 5,
    /// One bucket of the inverted index.
    Postings = 6,
    /// Attributes of one node by one analyser.
    Note = 7,
    /// A generation that is being written, or deleted.
    Marker = 8,
    /// The ordinal of a repository or file.
    Ordinal = 9,
    /// What is known of the results of a repository as a whole.
    AnalysisHead = 10,
    /// The result of an analysis, without its data.
    AnalysisResult = 11,
    /// A part of the data of a result.
    AnalysisData = 12,
    /// What a version changed, in figures.
    Change = 13,
    /// The nodes and edges that a version added and removed.
    ListedChange = 14,
    /// A copy from another store that is under way.
    Copy = 15,
}

impl RecordKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Store => "a store record",
            Self::Head => "a repository head",
            Self::File => "a file entry",
            Self::Segment => "a segment",
            Self::Links => "a link record",
            Self::Postings => "an index bucket",
            Self::Note => "a note",
            Self::Marker => "a marker",
            Self::Ordinal => "an ordinal",
            Self::AnalysisHead => "an analysis head",
            Self::AnalysisResult => "the result of an analysis",
            Self::AnalysisData => "the data of an analysis",
            Self::Change => "a record of the history",
            Self::ListedChange => "what a record of the history lists",
            Self::Copy => "the record of a copy",
        }
    }
}

/// The 128-bit name of some bytes: what segments and link records are known by.
pub(crate) type ContentName = u128;

/// The name of these bytes.
pub(crate) fn content_name(bytes: &[u8]) -> ContentName {
    xxh3_128(bytes)
}

// So many low bits of the name of a segment are of its content; those above are of its path.
const CONTENT_BITS: u32 = 96;

/// The name of a segment: names of one file's segments lie together, so that a change of the file touches one place of
/// the store and not two.
pub(crate) fn segment_name(path: &str, bytes: &[u8]) -> ContentName {
    let place = ContentName::from(xxh3_64(path.as_bytes()) >> 32);
    place << CONTENT_BITS | content_name(bytes) & content_mask()
}

/// Whether a segment of these bytes may have this name, whatever its path is.
pub(crate) fn is_segment_name(name: ContentName, bytes: &[u8]) -> bool {
    (name ^ content_name(bytes)) & content_mask() == 0
}

const fn content_mask() -> ContentName {
    (1 << CONTENT_BITS) - 1
}

/// The first of so many rows for which this does not hold, where those for which it does come first.
#[inline]
pub(crate) fn first_not(rows: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, rows);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// A record as bytes.
pub(crate) fn encode<T: Encode>(kind: RecordKind, record: &T) -> Result<Vec<u8>> {
    let mut bytes = vec![0; HEADER];
    bincode::encode_into_std_write(record, &mut bytes, config::standard()).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("{} cannot be encoded", kind.name())).with_source(error)
    })?;
    let checksum = xxh3_64(bytes.get(HEADER..).unwrap_or_default());
    let header = MAGIC.into_iter().chain([kind as u8, FORMAT_VERSION, BINCODE]).chain(checksum.to_le_bytes());
    for (place, byte) in bytes.iter_mut().zip(header) {
        *place = byte;
    }
    Ok(bytes)
}

/// A record from bytes that may be anything.
///
/// # Errors
/// `Corruption` for bytes that are not such a record, `Unsupported` for a newer format.
pub(crate) fn decode<T: Decode<()>>(kind: RecordKind, bytes: &[u8]) -> Result<T> {
    let payload = payload(kind, bytes)?;
    let (record, used) = decode_payload(kind, payload)?;
    if used != payload.len() {
        return Err(damaged(kind, "bytes are left over"));
    }
    Ok(record)
}

/// A record whose columns are put into a sheet, from bytes that may be anything.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode_sheet<'a, T: BorrowDecode<'a, Sheet>>(
    kind: RecordKind,
    bytes: &'a [u8],
) -> Result<(T, Sheet)> {
    let payload = payload(kind, bytes)?;
    let (record, sheet, is_whole) = decode_sheet_payload(payload)
        .map_err(|error| damaged(kind, "it cannot be decoded").with_source(error))?;
    if !is_whole {
        return Err(damaged(kind, "bytes are left over"));
    }
    Ok((record, sheet.finish()))
}

/// The record, its sheet, and whether they were all of the payload.
fn decode_sheet_payload<'a, T: BorrowDecode<'a, Sheet>>(
    payload: &'a [u8],
) -> std::result::Result<(T, Sheet, bool), DecodeError> {
    let configuration = config::standard().with_limit::<MAX_DECODED_BYTES>();
    let sheet = Sheet::with_capacity(payload.len());
    let mut decoder = DecoderImpl::new(SliceReader::new(payload), configuration, sheet);
    let record = T::borrow_decode(&mut decoder)?;
    let is_whole = decoder.reader().peek_read(1).is_none();
    Ok((record, std::mem::take(decoder.context()), is_whole))
}

/// What a record begins with. The whole of it is checked as by [`decode`], and the rest not decoded.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode_sheet_beginning<'a, T: BorrowDecode<'a, Sheet>>(
    kind: RecordKind,
    bytes: &'a [u8],
) -> Result<(T, Sheet)> {
    let (record, sheet, _) = decode_sheet_payload(payload(kind, bytes)?)
        .map_err(|error| damaged(kind, "it cannot be decoded").with_source(error))?;
    Ok((record, sheet.finish()))
}

fn damaged(kind: RecordKind, what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is damaged: {what}", kind.name())).with_help(
        "store the repository anew (`codestrata index --rebuild`), or restore the store from a copy",
    )
}

fn decode_payload<T: Decode<()>>(kind: RecordKind, payload: &[u8]) -> Result<(T, usize)> {
    bincode::decode_from_slice(payload, config::standard().with_limit::<MAX_DECODED_BYTES>())
        .map_err(|error| damaged(kind, "it cannot be decoded").with_source(error))
}

/// The payload of a record, once its envelope has been found right.
fn payload(kind: RecordKind, bytes: &[u8]) -> Result<&[u8]> {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return Err(damaged(kind, &format!("it has only {} bytes", bytes.len())));
    };
    let [m0, m1, found_kind, version, codec, checksum @ ..] = *header;
    if [m0, m1] != MAGIC || found_kind != kind as u8 {
        return Err(damaged(kind, "it does not begin like one"));
    }
    if version == 0 {
        return Err(damaged(kind, "it has a format that never was"));
    }
    if version > FORMAT_VERSION || codec != BINCODE {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "{} has format {version} with codec {codec}, which this program does not know",
                kind.name()
            ),
        )
        .with_help("use the newer version of codestrata that wrote it"));
    }
    if u64::from_le_bytes(checksum) != xxh3_64(payload) {
        return Err(damaged(kind, "its checksum does not match"));
    }
    Ok(payload)
}
