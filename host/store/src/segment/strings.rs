//! The string table of a segment: each text once, in the order of first use.

use std::collections::HashMap;

use bincode::{BorrowDecode, Encode};
use codestrata_core::{Error, ErrorKind, Result};

use crate::codec::{Column, Placed, Sheet};

/// Texts end to end, and where each ends.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct Strings<C = Column> {
    heap: String,
    ends: C,
}

impl Strings<Placed> {
    /// The text of this number; empty if there is none, which a checksummed segment never asks for.
    pub(super) fn get(&self, sheet: &Sheet, index: u32) -> &str {
        self.heap.get(self.range(sheet, index)).unwrap_or_default()
    }

    /// Whether the text of this number is this one.
    pub(super) fn is(&self, sheet: &Sheet, index: u32, text: &str) -> bool {
        let range = self.range(sheet, index);
        range.end.checked_sub(range.start) == Some(text.len())
            && self.heap.as_bytes().get(range) == Some(text.as_bytes())
    }

    fn range(&self, sheet: &Sheet, index: u32) -> std::ops::Range<usize> {
        let (ends, index) = (sheet.column(self.ends), index as usize);
        let start = index.checked_sub(1).map_or(0, |last| ends.get(last));
        start as usize..ends.get(index) as usize
    }

    /// The memory it takes beside the sheet, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.heap.len()
    }
}

/// Fills a string table.
#[derive(Default)]
pub(super) struct Interner {
    table: Strings,
    known: HashMap<String, u32>,
}

impl Interner {
    /// The number of this text.
    pub(super) fn intern(&mut self, text: &str) -> Result<u32> {
        if let Some(index) = self.known.get(text) {
            return Ok(*index);
        }
        let index = to_u32(self.table.ends.len())?;
        self.table.heap.push_str(text);
        self.table.ends.push(to_u32(self.table.heap.len())?);
        self.known.insert(text.to_owned(), index);
        Ok(index)
    }

    pub(super) fn finish(self) -> Strings {
        self.table
    }
}

/// A count or position as the 32 bits that segments keep it in.
pub(super) fn to_u32(figure: usize) -> Result<u32> {
    u32::try_from(figure).map_err(|_| {
        Error::new(ErrorKind::TooLarge, "a file has more than 4 GiB of texts or 4 billion elements")
            .with_help("split it into several files")
    })
}
