//! Neighbour lists in one direction: compressed sparse rows, in parts of which a changed copy shares all but what changed.
//!
//! An edge is one word: the handle at its other end, and its label beside it. Where a graph has more nodes or kinds than
//! have room in a word, two words. References that lead to no node stand at the end of a row, with how many there are of
//! a label in place of a handle.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::handles::{Handle, MAX_HANDLES};
use crate::model::Resolution;

/// Kind and resolution of an edge as one number, small where the kind's is.
pub(crate) type Label = u32;

/// An edge from one of its ends: the handle of the other, or [`NOWHERE`], and the label.
pub(super) type Entry = (Handle, Label);

/// In place of the handle of an edge that leads to no node, while lists are made.
pub(super) const NOWHERE: Handle = Handle::MAX;

/// So many rows are in one part: about a page of memory.
const ROWS_PER_PART: usize = 256;

/// How many labels a kind has: no resolution, or one of five.
const LABELS_PER_KIND: u32 = 6;

const LABEL_BITS: u32 = 8;

/// The label of a kind and a resolution.
pub(super) fn label(kind: u32, resolution: Option<Resolution>) -> Label {
    kind.saturating_mul(LABELS_PER_KIND).saturating_add(resolution.map_or(0, |how| how as u32 + 1))
}

/// The kind of a label.
pub(crate) fn kind(label: Label) -> u32 {
    label / LABELS_PER_KIND
}

/// The resolution of a label.
#[inline]
pub(crate) fn resolution(label: Label) -> Option<Resolution> {
    match label % LABELS_PER_KIND {
        0 => None,
        1 => Some(Resolution::Exact),
        2 => Some(Resolution::Import),
        3 => Some(Resolution::UniqueName),
        4 => Some(Resolution::Ambiguous),
        _ => Some(Resolution::Unresolved),
    }
}

/// For each label whether its kind is among some.
pub(crate) fn labels_of(kinds: &[bool]) -> Vec<bool> {
    kinds.iter().flat_map(|is_wanted| [*is_wanted; LABELS_PER_KIND as usize]).collect()
}

/// How much room an edge has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// One word: 24 bits of it are the handle, 8 the label.
    Narrow,
    /// A word each.
    Wide,
}

impl Width {
    /// What so many handles and kinds need.
    pub(super) fn of(handles: Handle, kinds: usize) -> Self {
        let has_room = handles <= Self::Narrow.loose() && kinds * LABELS_PER_KIND as usize <= 1 << LABEL_BITS;
        if has_room { Self::Narrow } else { Self::Wide }
    }

    /// From here on it is no handle but a number of references that lead to no node.
    fn loose(self) -> Handle {
        match self {
            Self::Narrow => 1 << (Handle::BITS - LABEL_BITS - 1),
            Self::Wide => MAX_HANDLES,
        }
    }
}

/// What making lists takes beside them. It is there for both directions, and given back when both are made: large pieces
/// that come and go in turns stay with the process.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// How many edges a row has; then where it begins; then, as it is filled, where it ends.
    places: Vec<usize>,
    entries: Vec<Entry>,
}

/// The lists of all nodes in one direction, by handle.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    /// Where each row begins and the last one ends, then the edges.
    parts: Vec<Arc<[u32]>>,
    width: Width,
    words: usize,
}

impl Lists {
    /// The lists of so many handles, made of edges in any order.
    pub(super) fn of(
        rows: Handle,
        width: Width,
        edges: impl Iterator<Item = (Handle, Entry)> + Clone,
        Scratch { places, entries }: &mut Scratch,
    ) -> Self {
        places.clear();
        places.resize(rows as usize, 0);
        for (row, _) in edges.clone() {
            if let Some(count) = places.get_mut(row as usize) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for place in places.iter_mut() {
            sum += std::mem::replace(place, sum);
        }
        entries.clear();
        entries.resize(sum, (0, 0));
        for (row, entry) in edges {
            let Some(place) = places.get_mut(row as usize) else { continue };
            if let Some(free) = entries.get_mut(*place) {
                *free = entry;
                *place += 1;
            }
        }
        let mut lists = Self { parts: Vec::new(), width, words: 0 };
        let mut begin = 0;
        for ends in places.chunks(ROWS_PER_PART) {
            let mut part = Part::new(width);
            for end in ends {
                part.add(entries.get_mut(begin..*end).unwrap_or_default());
                begin = *end;
            }
            lists.set(lists.parts.len(), part);
        }
        lists
    }

    /// These lists with other rows in place of some, for so many handles.
    ///
    /// Cost: the parts that the rows are in, and a pointer for each other one.
    pub(super) fn with(&self, rows: Handle, changed: BTreeMap<Handle, Vec<Entry>>) -> Self {
        let mut lists = self.clone();
        let mut changed = changed.into_iter().peekable();
        let mut next_new = self.parts.len();
        loop {
            let touched = changed.peek().map(|(row, _)| *row as usize / ROWS_PER_PART);
            // New rows come with new parts, which may have no edges at all.
            let place = match touched {
                Some(place) if place < next_new => place,
                _ if next_new * ROWS_PER_PART < rows as usize => next_new,
                _ => break,
            };
            next_new = next_new.max(place + 1);
            let mut part = Part::new(self.width);
            let first = place * ROWS_PER_PART;
            for row in first..first + ROWS_PER_PART {
                match changed.next_if(|(other, _)| *other as usize == row) {
                    Some((_, mut entries)) => part.add(&mut entries),
                    None => part.copy(self.row(Handle::try_from(row).unwrap_or(Handle::MAX))),
                }
            }
            lists.set(place, part);
        }
        lists
    }

    fn set(&mut self, place: usize, part: Part) {
        let part = part.finish();
        self.words += part.len();
        match self.parts.get_mut(place) {
            Some(old) => self.words -= std::mem::replace(old, part).len(),
            None => self.parts.push(part),
        }
    }

    /// The edges of a node.
    #[inline]
    pub(super) fn row(&self, handle: Handle) -> Row<'_> {
        let words = || {
            let part = self.parts.get(handle as usize / ROWS_PER_PART)?;
            let [begin, end] = part.get(handle as usize % ROWS_PER_PART..)?.first_chunk()?;
            part.get(*begin as usize..*end as usize)
        };
        Row { words: words().unwrap_or_default(), width: self.width }
    }

    pub(super) fn width(&self) -> Width {
        self.width
    }

    /// How many edges there are, about: references of one node and label that lead to no node are one.
    pub(super) fn len(&self) -> usize {
        let edges = self.words.saturating_sub(self.parts.len() * (ROWS_PER_PART + 1));
        if self.width == Width::Wide { edges / 2 } else { edges }
    }

    /// The memory it takes beside itself, in bytes.
    pub(super) fn weight(&self) -> usize {
        // A pointer with its length, two counters, and what the allocator adds.
        self.words * size_of::<u32>() + self.parts.len() * (16 + 16 + 8)
    }
}

/// The edges of one node, those that lead to no node at the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    words: &'a [u32],
    width: Width,
}

impl Iterator for Row<'_> {
    type Item = (u32, Label);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.width {
            Width::Narrow => {
                let (word, rest) = self.words.split_first()?;
                self.words = rest;
                Some((word >> LABEL_BITS, word & ((1 << LABEL_BITS) - 1)))
            }
            Width::Wide => {
                let ([end, label], rest) = self.words.split_first_chunk()?;
                self.words = rest;
                Some((*end, *label))
            }
        }
    }
}

impl<'a> Row<'a> {
    /// The edges that lead to a node, with its handle.
    #[inline]
    pub(super) fn bound(self) -> impl Iterator<Item = Entry> + Clone + 'a {
        let loose = self.width.loose();
        self.take_while(move |(end, _)| *end < loose)
    }

    /// The others: their labels, each as often as it stands there.
    pub(super) fn loose(self) -> impl Iterator<Item = Label> + 'a {
        let loose = self.width.loose();
        let counts = self.filter_map(move |(end, label)| Some((end.checked_sub(loose)?, label)));
        counts.flat_map(|(count, label)| (0..count).map(move |_| label))
    }
}

/// A part that is being made.
struct Part {
    starts: Vec<u32>,
    words: Vec<u32>,
    width: Width,
}

impl Part {
    fn new(width: Width) -> Self {
        Self { starts: Vec::with_capacity(ROWS_PER_PART + 1), words: Vec::new(), width }
    }

    /// Adds the next row.
    fn add(&mut self, entries: &mut [Entry]) {
        self.begin_row();
        entries.sort_unstable();
        let bound = entries.partition_point(|(end, _)| *end != NOWHERE);
        let (bound, loose) = entries.split_at(bound);
        for (end, label) in bound {
            self.word(*end, *label);
        }
        // The largest number of a word of either width.
        let most = self.width.loose() - 1;
        for same in loose.chunk_by(|a, b| a == b) {
            let Some((_, label)) = same.first() else { continue };
            let mut left = same.len();
            while left > 0 {
                let count = u32::try_from(left).unwrap_or(most).min(most);
                self.word(self.width.loose() + count, *label);
                left -= count as usize;
            }
        }
    }

    /// Adds the next row as it stands.
    fn copy(&mut self, row: Row<'_>) {
        self.begin_row();
        self.words.extend_from_slice(row.words);
    }

    fn begin_row(&mut self) {
        self.starts.push(self.place());
    }

    /// Where the next word will stand.
    fn place(&self) -> u32 {
        u32::try_from(ROWS_PER_PART + 1 + self.words.len()).unwrap_or(u32::MAX)
    }

    fn word(&mut self, end: u32, label: Label) {
        match self.width {
            Width::Narrow => self.words.push(end << LABEL_BITS | label),
            Width::Wide => self.words.extend([end, label]),
        }
    }

    fn finish(mut self) -> Arc<[u32]> {
        let end = self.place();
        self.starts.resize(ROWS_PER_PART + 1, end);
        self.starts.append(&mut self.words);
        self.starts.into()
    }
}
