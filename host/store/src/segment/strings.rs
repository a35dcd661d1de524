//! The string table of a segment: each text once; the names of nodes sorted, then all others in the order of first use.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use bincode::de::BorrowDecoder;
use bincode::error::DecodeError;
use bincode::{BorrowDecode, Encode};
use codestrata_core::{Error, ErrorKind};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::codec::{Cell, Cells, Column, Planes, Sheet, Table};

/// Texts end to end, and where each ends.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct Strings<C = Column> {
    heap: String,
    ends: C,
    /// How many of the first texts are the names of nodes, sorted.
    names: u32,
}

/// The string table of a decoded segment.
#[derive(Debug)]
pub(super) struct Texts {
    heap: Box<str>,
    /// Where each begins and the last one ends.
    places: Table,
    place: Cell,
    names: u32,
}

impl<'de> BorrowDecode<'de, Sheet> for Texts {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Sheet>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let strings: Strings<Planes<'de>> = BorrowDecode::borrow_decode(decoder)?;
        let mut places = strings.ends.numbers();
        places.insert(0, 0);
        let (places, [place]) = decoder.context().add_table(&[Cells::Made(places)])?;
        Ok(Self { heap: strings.heap.into(), places, place, names: strings.names })
    }
}

impl Texts {
    /// The text of this number; empty if there is none, which a checksummed segment never asks for.
    #[inline]
    pub(super) fn get(&self, sheet: &Sheet, index: u32) -> &str {
        let (begin, end) = sheet.table(self.places).get_two(index, self.place);
        self.heap.get(begin as usize..end as usize).unwrap_or_default()
    }

    /// The number of a text that is the name of a node.
    ///
    /// Cost: a search of the names.
    pub(super) fn name(&self, sheet: &Sheet, name: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.names);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(sheet, middle).cmp(name) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
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
    /// One that has the names of nodes, in any order.
    pub(super) fn of_names<'a>(names: impl Iterator<Item = &'a str>) -> codestrata_core::Result<Self> {
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        let mut this = Self::default();
        for name in &names {
            this.intern(name)?;
        }
        this.table.names = to_u32(names.len())?;
        Ok(this)
    }

    /// The number of this text.
    pub(super) fn intern(&mut self, text: &str) -> codestrata_core::Result<u32> {
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
pub(super) fn to_u32(figure: usize) -> codestrata_core::Result<u32> {
    u32::try_from(figure).map_err(|_| {
        Error::new(ErrorKind::TooLarge, "a file has more than 4 GiB of texts or 4 billion elements")
            .with_help("split it into several files")
    })
}
