//! Which node an ordinal is.

use std::collections::HashMap;

use super::Ordinal;
use crate::keyspace::{FileOrd, Slot};
use crate::link::{KNOWN_KINDS, SlotTable};

/// The nodes of a repository in the order of paths, and in a file in the order of ids.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    /// The files in the order of their paths, each with the ordinal of its first node.
    files: Vec<(FileOrd, Ordinal)>,
    /// By file: its position in `files` plus one, 0 where there is no such file.
    position: Vec<u32>,
    /// Of files whose slots are not their rows: by slot the row plus one, 0 for a slot that no node goes by.
    moved: HashMap<FileOrd, Vec<u32>>,
    /// The kinds of edges that have no number everywhere, sorted; they are numbered after those that have.
    kinds: Vec<String>,
    nodes: Ordinal,
}

impl Numbering {
    /// Numbers the nodes of files, given in the order of their paths.
    pub(super) fn new<'a>(files: impl Iterator<Item = (FileOrd, &'a SlotTable)>, kinds: Vec<String>) -> Self {
        let mut this = Self { kinds, ..Self::default() };
        for (file, slots) in files {
            let place = file as usize;
            if this.position.len() <= place {
                this.position.resize(place + 1, 0);
            }
            this.files.push((file, this.nodes));
            if let Some(position) = this.position.get_mut(place) {
                *position = u32::try_from(this.files.len()).unwrap_or(0);
            }
            let rows = match slots.moved() {
                // Rows that were the last ones and are gone still have a number each, which nothing leads to.
                None => slots.end(),
                Some(moved) => {
                    let mut rows = vec![0; slots.end() as usize];
                    for (row, slot) in (1..).zip(moved) {
                        if let Some(place) = rows.get_mut(*slot as usize) {
                            *place = row;
                        }
                    }
                    this.moved.insert(file, rows);
                    u32::try_from(moved.len()).unwrap_or(u32::MAX)
                }
            };
            this.nodes = this.nodes.saturating_add(rows);
        }
        this
    }

    /// How many ordinals there are.
    pub(crate) fn len(&self) -> Ordinal {
        self.nodes
    }

    /// How many files there are.
    pub(crate) fn file_count(&self) -> usize {
        self.files.len()
    }

    fn position(&self, file: FileOrd) -> Option<usize> {
        self.position.get(file as usize)?.checked_sub(1).map(|position| position as usize)
    }

    /// The ordinal of a node.
    pub(crate) fn ordinal(&self, file: FileOrd, slot: Slot) -> Option<Ordinal> {
        let (_, base) = self.files.get(self.position(file)?)?;
        let row = match self.moved.get(&file) {
            None => slot,
            Some(rows) => rows.get(slot as usize)?.checked_sub(1)?,
        };
        base.checked_add(row)
    }

    /// The ordinal of a row of a file.
    pub(crate) fn ordinal_of_row(&self, file: FileOrd, row: u32) -> Option<Ordinal> {
        self.files.get(self.position(file)?)?.1.checked_add(row)
    }

    /// The file and slot of an ordinal.
    pub(crate) fn place(&self, node: Ordinal) -> Option<(FileOrd, Slot)> {
        let (file, base) = self.files.get(self.file_position(node)?)?;
        let row = node - base;
        let slot = match self.moved.get(file) {
            None => row,
            Some(rows) => u32::try_from(rows.iter().position(|other| *other == row + 1)?).ok()?,
        };
        Some((*file, slot))
    }

    /// Where the file of a node stands in the order of paths.
    pub(crate) fn file_position(&self, node: Ordinal) -> Option<usize> {
        if node >= self.nodes {
            return None;
        }
        self.files.partition_point(|(_, base)| *base <= node).checked_sub(1)
    }

    /// The file at a place in the order of paths, and the ordinals of its nodes.
    pub(crate) fn file_at(&self, position: usize) -> Option<(FileOrd, std::ops::Range<Ordinal>)> {
        let (file, base) = self.files.get(position)?;
        let end = self.files.get(position + 1).map_or(self.nodes, |(_, base)| *base);
        Some((*file, *base..end))
    }

    /// The number of a kind that a link record calls by this name.
    pub(super) fn number_of_kind(&self, name: &str) -> u32 {
        let known = KNOWN_KINDS.iter().position(|known| *known == name);
        let place = known.or_else(|| {
            let other = self.kinds.binary_search_by(|other| other.as_str().cmp(name)).ok()?;
            Some(KNOWN_KINDS.len() + other)
        });
        place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)
    }

    /// The name of a kind.
    pub(crate) fn kind(&self, number: u32) -> &str {
        let number = number as usize;
        KNOWN_KINDS.get(number).copied().unwrap_or_else(|| {
            let other = number.checked_sub(KNOWN_KINDS.len()).and_then(|place| self.kinds.get(place));
            other.map_or("", String::as_str)
        })
    }

    /// For each kind by its number whether it is wanted.
    pub(crate) fn kinds_wanted(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<bool> {
        KNOWN_KINDS.iter().copied().chain(self.kinds.iter().map(String::as_str)).map(is_wanted).collect()
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>()
            + self.files.len() * 8
            + self.position.len() * 4
            + self.moved.values().map(|rows| rows.len() * 4 + 64).sum::<usize>()
            + self.kinds.iter().map(|kind| kind.len() + 24).sum::<usize>()
    }
}
