//! From link records to lists, in one pass over pages of records: what is held of the pages before is what the lists will
//! take, and one number of each edge.

use std::collections::BTreeSet;
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Page, Result};
use rayon::prelude::*;

use super::Adjacency;
use super::files::{FileLists, FileTable};
use super::numbering::Slots;
use super::rows::{End, NOWHERE, Rows, label};
use crate::keyspace::{self, FileOrd};
use crate::link::{KNOWN_KINDS, LinkEdges, LinkTarget};
use crate::model::Resolution;

/// Lists under construction.
pub(super) struct Builder {
    /// The kinds that have no number everywhere, sorted.
    kinds: Arc<[String]>,
    outgoing: Vec<(FileOrd, Slots, Rows)>,
    /// The edges from where they lead to, by file.
    arriving: Vec<(FileOrd, End)>,
    /// The kinds of edges that were found, where one of them is not among those that are known.
    found: BTreeSet<String>,
    is_lacking: bool,
}

/// What a file gives.
type OfFile = (FileOrd, Slots, Rows, Vec<(FileOrd, End)>);

/// What the lists came to.
pub(super) enum Built {
    Lists(Adjacency),
    /// There are kinds that were not known: these are all, and the records are to be read again.
    Lacks(BTreeSet<String>),
}

impl Builder {
    /// Kinds are numbered in their order, so they must be known beforehand. Nearly always there are none.
    pub(super) fn new(kinds: BTreeSet<String>) -> Self {
        Self {
            kinds: kinds.into_iter().collect(),
            outgoing: Vec::new(),
            arriving: Vec::new(),
            found: BTreeSet::new(),
            is_lacking: false,
        }
    }

    /// Adds some pages of link records.
    pub(super) fn add(&mut self, pages: &[Page]) -> Result<()> {
        let records: Vec<(&[u8], &[u8])> = pages.iter().flat_map(Page::iter).collect();
        let read: Result<Vec<(Vec<String>, Option<OfFile>)>> =
            records.par_iter().with_min_len(16).map(|(key, value)| self.read(key, value)).collect();
        for (kinds, of_file) in read? {
            self.found.extend(kinds);
            match of_file {
                Some((file, slots, outgoing, arriving)) if !self.is_lacking => {
                    self.outgoing.push((file, slots, outgoing));
                    self.arriving.extend(arriving);
                }
                Some(_) => {}
                None => {
                    self.is_lacking = true;
                    (self.outgoing, self.arriving) = (Vec::new(), Vec::new());
                }
            }
        }
        Ok(())
    }

    /// The other kinds of a record, and what it gives; nothing where one of the kinds is not known.
    fn read(&self, key: &[u8], value: &[u8]) -> Result<(Vec<String>, Option<OfFile>)> {
        let file = keyspace::last_ordinal(key)
            .ok_or_else(|| Error::new(ErrorKind::Corruption, "a link record has no ordinal"))?;
        let record = LinkEdges::decode(value)?;
        let kinds = record.other_kinds().map(str::to_owned).collect();
        let of_file = ends(&self.kinds, file, &record).map(|ends| {
            let bound = ends.iter().filter(|end| end.file != NOWHERE);
            let arriving = bound.map(|end| (end.file, turned(file, end))).collect();
            (file, Slots::of(record.slots()), Rows::new(ends), arriving)
        });
        Ok((kinds, of_file))
    }

    /// The lists, with the files in the order of their paths.
    pub(super) fn finish(mut self, files: &[FileOrd]) -> Built {
        if self.is_lacking {
            return Built::Lacks(self.found);
        }
        self.arriving.par_sort_unstable();
        let groups: Vec<&[(FileOrd, End)]> = self.arriving.chunk_by(|a, b| a.0 == b.0).collect();
        let incoming: Vec<(FileOrd, Rows)> = groups
            .into_par_iter()
            .filter_map(|group| {
                let (file, _) = group.first()?;
                Some((*file, Rows::new(group.iter().map(|(_, end)| *end).collect())))
            })
            .collect();
        self.arriving = Vec::new();
        let mut incoming = incoming.into_iter().peekable();
        // Records come in the order of their files.
        self.outgoing.sort_unstable_by_key(|(file, ..)| *file);
        let mut table = FileTable::default();
        for (file, slots, outgoing) in self.outgoing {
            // Edges to a file without a record lead nowhere.
            while incoming.next_if(|(other, _)| *other < file).is_some() {}
            let incoming = incoming.next_if(|(other, _)| *other == file).map(|(_, rows)| rows);
            let (outgoing, incoming) = (Arc::new(outgoing), Arc::new(incoming.unwrap_or_default()));
            table.set(file, Some(FileLists { slots, outgoing, incoming }));
        }
        Built::Lists(Adjacency::new(files.iter().copied(), table, self.kinds))
    }
}

/// The same edge, seen from where it leads to.
pub(super) fn turned(file: FileOrd, end: &End) -> End {
    End { own: end.slot, file, slot: end.own, label: end.label }
}

/// The edges of a file; none if one is of a kind that has no number.
pub(super) fn ends(kinds: &[String], file: FileOrd, record: &LinkEdges) -> Option<Vec<End>> {
    let number = |kind: u32| {
        if (kind as usize) < KNOWN_KINDS.len() {
            return Some(kind);
        }
        let other = kinds.binary_search_by(|other| other.as_str().cmp(record.kind(kind))).ok()?;
        u32::try_from(KNOWN_KINDS.len() + other).ok()
    };
    record
        .links(file)
        .map(|link| {
            let (file, slot, how) = match link.target {
                LinkTarget::Bound(other, slot, how) => (other, slot, how),
                LinkTarget::Loose(how) => (NOWHERE, 0, Some(how)),
                LinkTarget::Dangling => (NOWHERE, 0, Some(Resolution::Unresolved)),
            };
            Some(End { own: link.source, file, slot, label: label(number(link.kind)?, how) })
        })
        .collect()
}
