//! The documents of a SCIP index, as far as they are needed.
//!
//! Only paths and occurrences are read. What is passed over is most of an index, and need not be right: scip-typescript
//! cuts long documentation anywhere, also inside of a letter, and a reader that decodes everything refuses the whole
//! index for it.

use protobuf::rt::WireType;
use protobuf::{CodedInputStream, Message};
use scip::types::{Document, Occurrence, PositionEncoding};

/// Field numbers of `scip.proto`.
mod field {
    pub(super) const INDEX_DOCUMENTS: u32 = 2;
    pub(super) const DOCUMENT_RELATIVE_PATH: u32 = 1;
    pub(super) const DOCUMENT_OCCURRENCES: u32 = 2;
    pub(super) const DOCUMENT_POSITION_ENCODING: u32 = 6;
}

/// The documents, with paths, occurrences and encodings.
pub(crate) fn read(index: &[u8]) -> protobuf::Result<Vec<Document>> {
    let mut documents = Vec::new();
    let mut input = CodedInputStream::from_bytes(index);
    while let Some((field, wire)) = next_field(&mut input)? {
        if field == field::INDEX_DOCUMENTS && wire == WireType::LengthDelimited {
            documents.push(document(&input.read_bytes()?)?);
        } else {
            input.skip_field(wire)?;
        }
    }
    Ok(documents)
}

fn document(bytes: &[u8]) -> protobuf::Result<Document> {
    let mut document = Document::new();
    let mut input = CodedInputStream::from_bytes(bytes);
    while let Some((field, wire)) = next_field(&mut input)? {
        match (field, wire) {
            (field::DOCUMENT_RELATIVE_PATH, WireType::LengthDelimited) => {
                document.relative_path = input.read_string()?;
            }
            (field::DOCUMENT_OCCURRENCES, WireType::LengthDelimited) => {
                document.occurrences.push(Occurrence::parse_from_bytes(&input.read_bytes()?)?);
            }
            (field::DOCUMENT_POSITION_ENCODING, WireType::Varint) => {
                document.position_encoding = input.read_enum_or_unknown::<PositionEncoding>()?;
            }
            _ => input.skip_field(wire)?,
        }
    }
    Ok(document)
}

fn next_field(input: &mut CodedInputStream<'_>) -> protobuf::Result<Option<(u32, WireType)>> {
    let Some(tag) = input.read_raw_tag_or_eof()? else { return Ok(None) };
    // What is no wire type cannot be skipped either, and ends as an error.
    Ok(Some((tag >> 3, WireType::new(tag & 7).unwrap_or(WireType::EndGroup))))
}
