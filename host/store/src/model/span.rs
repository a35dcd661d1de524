//! Where something stands in its file.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A stretch of a source file, in bytes and in lines and columns.
///
/// Bytes count from 0, the end excluded. Lines count from 1; columns count bytes from 0, the end excluded, as
/// tree-sitter and most compilers have them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode,
)]
#[serde(
    deny_unknown_fields,
    expecting = "a span: an object with start_byte, end_byte, start_line, end_line, start_column and end_column"
)]
pub struct Span {
    /// The first byte.
    pub start_byte: u32,
    /// The byte after the last.
    pub end_byte: u32,
    /// The line of the first byte, from 1.
    pub start_line: u32,
    /// The line of the last byte, from 1.
    pub end_line: u32,
    /// The column of the first byte, in bytes from 0.
    pub start_column: u32,
    /// The column after the last byte, in bytes from 0.
    pub end_column: u32,
}
