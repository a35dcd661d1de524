//! From link records to lists, in one pass over pages of records: what is held of the pages before is four numbers of
//! each edge, in one piece that goes back to the system as a whole. At the end they are dealt to rows; nothing is sorted
//! but rows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Page, Result};
use rayon::prelude::*;

use super::Adjacency;
use super::handles::{Handle, Handles};
use super::lists::{Label, Lists, NOWHERE, Scratch, Width, label};
use super::numbering::{Numbering, Slots};
use crate::keyspace::{self, FileOrd, Slot};
use crate::link::{KNOWN_KINDS, LinkEdges, LinkTarget};
use crate::model::Resolution;

/// Lists under construction.
pub(super) struct Builder {
    /// The kinds that have no number everywhere, sorted.
    kinds: Arc<[String]>,
    files: Vec<OfFile>,
    /// The edges of all files.
    ends: Vec<End>,
    /// The kinds of edges that were found, where one of them is not among those that are known.
    found: BTreeSet<String>,
    is_lacking: bool,
}

/// What is known of a file.
#[derive(Debug)]
struct OfFile {
    file: FileOrd,
    slots: Slots,
    /// How many slots there are, those that no node goes by any more among them.
    slot_count: Slot,
    /// Where its edges stand among those of all files.
    ends: Range<usize>,
}

/// An edge of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) own: Slot,
    pub(super) label: Label,
    /// The file that it leads to, or [`NO_FILE`].
    file: FileOrd,
    slot: Slot,
}

/// In place of the file of an edge that leads to no node. Files are numbered from 0, and no store has so many.
const NO_FILE: FileOrd = FileOrd::MAX;

impl End {
    /// The handle at the other end, [`NOWHERE`] for a reference that leads to no node. None of an edge to a file without a
    /// record: it leads nowhere, and is no reference either.
    pub(super) fn target(&self, handles: &Handles) -> Option<Handle> {
        if self.file == NO_FILE { Some(NOWHERE) } else { handles.handle(self.file, self.slot) }
    }
}

/// What a record gives: the kinds that have no number everywhere, and file and edges, nothing where one of the kinds is
/// not known.
type OfRecord = (Vec<String>, Option<(OfFile, Vec<End>)>);

/// What the lists came to.
pub(super) enum Built {
    Lists(Adjacency),
    /// There are kinds that were not known: these are all, and the records are to be read again.
    Lacks(BTreeSet<String>),
}

impl Builder {
    /// Kinds are numbered in their order, so they must be known beforehand. Nearly always there are none.
    pub(super) fn new(kinds: BTreeSet<String>) -> Self {
        let kinds = kinds.into_iter().collect();
        Self { kinds, files: Vec::new(), ends: Vec::new(), found: BTreeSet::new(), is_lacking: false }
    }

    /// Adds some pages of link records.
    pub(super) fn add(&mut self, pages: &[Page]) -> Result<()> {
        let records: Vec<(&[u8], &[u8])> = pages.iter().flat_map(Page::iter).collect();
        let read: Result<Vec<OfRecord>> =
            records.par_iter().with_min_len(16).map(|(key, value)| self.read(key, value)).collect();
        read?.into_iter().for_each(|read| self.note(read));
        Ok(())
    }

    fn read(&self, key: &[u8], value: &[u8]) -> Result<OfRecord> {
        let file = keyspace::last_ordinal(key)
            .ok_or_else(|| Error::new(ErrorKind::Corruption, "a link record has no ordinal"))?;
        Ok(self.of_record(file, &LinkEdges::decode(value)?))
    }

    fn of_record(&self, file: FileOrd, record: &LinkEdges) -> OfRecord {
        let kinds = record.other_kinds().map(str::to_owned).collect();
        let ends: Option<Vec<End>> = ends(&self.kinds, file, record).collect();
        let (slots, slot_count) = (Slots::of(record.slots()), record.slots().end());
        (kinds, ends.map(|ends| (OfFile { file, slots, slot_count, ends: 0..0 }, ends)))
    }

    fn note(&mut self, (kinds, of_file): OfRecord) {
        self.found.extend(kinds);
        self.is_lacking |= of_file.is_none();
        if self.is_lacking {
            (self.files, self.ends) = (Vec::new(), Vec::new());
        } else if let Some((of, ends)) = of_file {
            let begin = self.ends.len();
            self.ends.extend(ends);
            self.files.push(OfFile { ends: begin..self.ends.len(), ..of });
        }
    }

    /// Adds the links of a file.
    #[cfg(test)]
    pub(super) fn add_links(&mut self, file: FileOrd, links: &LinkEdges) {
        self.note(self.of_record(file, links));
    }

    /// The lists, with the files in the order of their paths.
    pub(super) fn finish(mut self, order: &[FileOrd]) -> Result<Built> {
        if self.is_lacking {
            return Ok(Built::Lacks(self.found));
        }
        // Records come in the order of their files, or nearly so.
        self.files.sort_unstable_by_key(|of| of.file);
        let find = |file: &FileOrd| {
            let place = self.files.binary_search_by_key(file, |of| of.file).ok()?;
            self.files.get(place)
        };
        let handles = Handles::made(order.iter().filter_map(find).map(|of| (of.file, of.slot_count)))
            .ok_or_else(|| {
                Error::new(ErrorKind::TooLarge, "a graph of more than 2,147,483,648 nodes cannot be walked")
            })?;
        let slots: Vec<(FileOrd, Slots)> =
            order.iter().filter_map(find).map(|of| (of.file, of.slots.clone())).collect();
        let width = Width::of(handles.len(), KNOWN_KINDS.len() + self.kinds.len());
        let ends_of = |of: &OfFile| self.ends.get(of.ends.clone()).unwrap_or_default().iter();
        let ends = self.files.iter().flat_map(|of| ends_of(of).map(|end| (of.file, end)));
        let leaving = ends.filter_map(|(file, end)| {
            Some((handles.handle(file, end.own)?, (end.target(&handles)?, end.label)))
        });
        let mut scratch = Scratch::default();
        let outgoing = Lists::of(handles.len(), width, leaving, &mut scratch);
        let sources = 0..handles.len();
        let arriving = sources.flat_map(|source| {
            outgoing.row(source).bound().map(move |(target, label)| (target, (source, label)))
        });
        let incoming = Lists::of(handles.len(), width, arriving, &mut scratch);
        let numbering = Numbering::new(slots.into_iter(), self.kinds, handles);
        Ok(Built::Lists(Adjacency { numbering, outgoing, incoming }))
    }
}

/// The edges of a file; in place of one of a kind that has no number there is none.
pub(super) fn ends<'a>(
    kinds: &'a [String],
    file: FileOrd,
    record: &'a LinkEdges,
) -> impl Iterator<Item = Option<End>> + 'a {
    let number = |kind: u32| {
        if (kind as usize) < KNOWN_KINDS.len() {
            return Some(kind);
        }
        let other = kinds.binary_search_by(|other| other.as_str().cmp(record.kind(kind))).ok()?;
        u32::try_from(KNOWN_KINDS.len() + other).ok()
    };
    record.links(file).map(move |link| {
        let (file, slot, how) = match link.target {
            LinkTarget::Bound(other, slot, how) => (other, slot, how),
            LinkTarget::Loose(how) => (NO_FILE, 0, Some(how)),
            LinkTarget::Dangling => (NO_FILE, 0, Some(Resolution::Unresolved)),
        };
        Some(End { own: link.source, label: label(number(link.kind)?, how), file, slot })
    })
}
