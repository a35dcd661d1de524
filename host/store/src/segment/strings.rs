//! The string table of a segment: each text once, in the order of first use.

use std::hash::BuildHasher;

use bincode::{BorrowDecode, Encode};
use codestrata_core::{Error, ErrorKind, Result};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

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

impl Strings {
    /// Whether the text of this number is this one.
    fn is(&self, index: u32, text: &str) -> bool {
        let index = index as usize;
        let start = index.checked_sub(1).map_or(0, |last| self.ends.get(last)) as usize;
        self.heap.as_bytes().get(start..self.ends.get(index) as usize) == Some(text.as_bytes())
    }
}

/// Fills a string table. What is known stands in the table alone, so that interning a text allocates nothing of its own.
#[derive(Default)]
pub(super) struct Interner {
    table: Strings,
    /// Numbers of texts, each with the hash of its text.
    known: HashTable<(u64, u32)>,
    hashing: RandomState,
}

impl Interner {
    /// The number of this text.
    pub(super) fn intern(&mut self, text: &str) -> Result<u32> {
        let hash = self.hashing.hash_one(text);
        let table = &self.table;
        let is_it = |(other, index): &(u64, u32)| *other == hash && table.is(*index, text);
        if let Some((_, index)) = self.known.find(hash, is_it) {
            return Ok(*index);
        }
        let index = to_u32(self.table.ends.len())?;
        self.table.heap.push_str(text);
        self.table.ends.push(to_u32(self.table.heap.len())?);
        self.known.insert_unique(hash, (hash, index), |(hash, _)| *hash);
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
