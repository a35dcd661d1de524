//! What the links of one file are, as stored.

use std::collections::BTreeMap;

use bincode::{Decode, Encode};
use codestrata_core::Result;

use super::term::Term;
use crate::codec::{Column, ContentName, RecordKind, content_name, decode, decode_beginning, encode};
use crate::keyspace::{FileOrd, Slot};
use crate::model::{Resolution, edge_kind};
use crate::segment::{Segment, rows_by_id};

/// The kinds of edge that have numbers of their own, because nearly every edge is of one of them.
pub(crate) const KNOWN_KINDS: [&str; 7] = [
    edge_kind::CONTAINS,
    edge_kind::CALLS,
    edge_kind::INSTANTIATES,
    edge_kind::IMPORTS,
    edge_kind::INHERITS,
    edge_kind::USES_TYPE,
    edge_kind::ACCESSES,
];

/// What a reference or a stated edge was bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkTarget {
    /// A node. The resolution is none for an edge whose target was stated.
    Bound(FileOrd, Slot, Option<Resolution>),
    /// A stated target that no node has.
    Dangling,
    /// A reference that is ambiguous or unresolved.
    Loose(Resolution),
}

/// One link: of a reference, or of a stated edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) source: Slot,
    /// A number of [`KNOWN_KINDS`], or after them a position in the record's other kinds.
    pub(crate) kind: u32,
    pub(crate) target: LinkTarget,
}

/// How many references that end in one name are left unbound in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct LooseCounts {
    pub(crate) ambiguous_calls: u32,
    pub(crate) unresolved_calls: u32,
    pub(crate) ambiguous_others: u32,
    pub(crate) unresolved_others: u32,
}

impl LooseCounts {
    /// Adds those of another file.
    pub(crate) fn add(&mut self, other: Self) {
        for (sum, count) in [
            (&mut self.ambiguous_calls, other.ambiguous_calls),
            (&mut self.unresolved_calls, other.unresolved_calls),
            (&mut self.ambiguous_others, other.ambiguous_others),
            (&mut self.unresolved_others, other.unresolved_others),
        ] {
            *sum = sum.saturating_add(count);
        }
    }
}

/// Which number each node of a file goes by. Numbers stay while ids stay, so that links from other files hold
/// when this one changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct SlotTable {
    /// The slot of each row; empty when every slot is its row.
    slots: Vec<u32>,
    next: u32,
}

impl SlotTable {
    /// The slots of a file that is stored anew.
    pub(crate) fn fresh(rows: u32) -> Self {
        Self { slots: Vec::new(), next: rows }
    }

    /// The slots of a file that replaces another state of it.
    pub(crate) fn carried_over(old: &Segment, table: &Self, new: &Segment) -> Self {
        let mut next = table.next;
        let mut slots = Vec::with_capacity(new.node_count() as usize);
        for (before, after) in rows_by_id(Some(old), Some(new)) {
            if after.is_some() {
                slots.push(before.map_or(next, |row| table.slot(row)));
                next += u32::from(before.is_none());
            }
        }
        let identity = slots.iter().zip(0..).all(|(slot, row)| *slot == row);
        Self { slots: if identity { Vec::new() } else { slots }, next }
    }

    pub(crate) fn slot(&self, row: u32) -> Slot {
        if self.slots.is_empty() { row } else { self.slots.get(row as usize).copied().unwrap_or(row) }
    }

    /// The row of a slot, if a node goes by it now.
    pub(crate) fn row(&self, slot: Slot, rows: u32) -> Option<u32> {
        if self.slots.is_empty() {
            return (slot < rows).then_some(slot);
        }
        self.slots.iter().position(|other| *other == slot).and_then(|row| u32::try_from(row).ok())
    }

    /// The memory it takes, in bytes.
    fn weight(&self) -> usize {
        self.slots.len() * 4
    }

    /// The slots of the rows, where they are not the rows.
    pub(crate) fn moved(&self) -> Option<&[Slot]> {
        (!self.slots.is_empty()).then_some(self.slots.as_slice())
    }

    /// One more than the largest slot.
    pub(crate) fn end(&self) -> u32 {
        self.next
    }
}

/// The links of one file, and what they depend on.
///
/// What walks need comes first, so that a walk over everything need not decode the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct LinkRecord {
    pub(crate) edges: LinkEdges,
    /// The terms that the links asked, sorted, as differences.
    asked: Vec<u32>,
    /// Counts of unbound references by the term of the name that they end in, sorted.
    loose_names: Vec<u32>,
    loose_counts: Vec<LooseCounts>,
}

/// The links alone, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct LinkEdges {
    pub(crate) slots: SlotTable,
    /// Kinds that are not among [`KNOWN_KINDS`]; they are numbered after those.
    other_kinds: Vec<String>,
    source: Column,
    kind: Column,
    /// A code for each link; see `code`.
    code: Vec<u8>,
    /// For each bound link: 0 for this file, else the file plus one.
    file: Column,
    /// For each bound link: the slot.
    slot: Column,
}

fn code(target: LinkTarget) -> u8 {
    match target {
        LinkTarget::Dangling => 0,
        LinkTarget::Bound(_, _, None) => 1,
        LinkTarget::Bound(_, _, Some(resolution)) => 16 + resolution as u8,
        LinkTarget::Loose(resolution) => 32 + resolution as u8,
    }
}

fn resolution(code: u8) -> Resolution {
    match code & 15 {
        0 => Resolution::Exact,
        1 => Resolution::Import,
        2 => Resolution::UniqueName,
        3 => Resolution::Ambiguous,
        _ => Resolution::Unresolved,
    }
}

impl LinkEdges {
    /// The links of a record that is stored, without what they depend on.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        decode_beginning(RecordKind::Links, bytes)
    }

    /// How many links there are.
    pub(crate) fn len(&self) -> usize {
        self.code.len()
    }

    /// The name of the kind with this number.
    pub(crate) fn kind(&self, number: u32) -> &str {
        let number = number as usize;
        match KNOWN_KINDS.get(number) {
            Some(known) => known,
            None => self.other_kinds.get(number - KNOWN_KINDS.len()).map_or("", String::as_str),
        }
    }

    /// The numbers of the kinds of all links.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = u32> + '_ {
        self.kind.range(0..self.kind.len())
    }

    /// The kinds that have no number everywhere.
    pub(crate) fn other_kinds(&self) -> impl Iterator<Item = &str> {
        self.other_kinds.iter().map(String::as_str)
    }

    /// The links: those of the references first, then those of the stated edges, as in the segment.
    pub(crate) fn links(&self, own: FileOrd) -> impl Iterator<Item = Link> + '_ {
        let mut bound = 0..;
        (0..self.len()).map(move |position| {
            let place = if self.is_bound(position) { bound.next() } else { None };
            self.link(own, position, place)
        })
    }

    /// The links of one source, with their positions.
    ///
    /// Cost: a search of the sources, and a pass over one byte a link.
    pub(crate) fn links_from(&self, own: FileOrd, source: Slot) -> impl Iterator<Item = (u32, Link)> + '_ {
        let (mut passed, mut bound) = (0, 0);
        self.source.rows_of(source).map(move |position| {
            bound += self.bound_among(passed..position);
            passed = position;
            (count(position), self.link(own, position, self.is_bound(position).then_some(bound)))
        })
    }

    /// The links to one node, with their positions.
    ///
    /// Cost: a search of the slots, and a pass over one byte a link where there are any.
    pub(crate) fn links_to(
        &self,
        own: FileOrd,
        (file, slot): (FileOrd, Slot),
    ) -> impl Iterator<Item = (u32, Link)> + '_ {
        let wanted = if file == own { 0 } else { file + 1 };
        let (mut passed, mut position) = (0, 0);
        let places = self.slot.rows_of(slot).filter(move |place| self.file.get(*place) == wanted);
        places.filter_map(move |place| {
            // So many bound links are between the one before and this one.
            let ahead = place - passed;
            let rest = self.code.get(position..)?;
            let step = rest.iter().enumerate().filter(|(_, code)| is_bound(**code)).nth(ahead)?.0;
            position += step + 1;
            passed = place + 1;
            let position = position - 1;
            Some((count(position), self.link(own, position, Some(place))))
        })
    }

    fn is_bound(&self, position: usize) -> bool {
        self.code.get(position).is_some_and(|code| is_bound(*code))
    }

    fn bound_among(&self, positions: std::ops::Range<usize>) -> usize {
        self.code.get(positions).unwrap_or_default().iter().filter(|code| is_bound(**code)).count()
    }

    /// The link of a position, which is the one at this place among the bound ones if it is bound.
    fn link(&self, own: FileOrd, position: usize, place: Option<usize>) -> Link {
        let bound = |how| match place.filter(|place| *place < self.file.len()) {
            Some(place) => {
                let file = self.file.get(place).checked_sub(1).unwrap_or(own);
                LinkTarget::Bound(file, self.slot.get(place), how)
            }
            None => LinkTarget::Dangling,
        };
        let target = match self.code.get(position).copied().unwrap_or_default() {
            0 => LinkTarget::Dangling,
            1 => bound(None),
            code @ 16..32 => bound(Some(resolution(code))),
            code => LinkTarget::Loose(resolution(code)),
        };
        Link { source: self.source.get(position), kind: self.kind.get(position), target }
    }
}

/// Whether a link of this code leads to a node.
fn is_bound(code: u8) -> bool {
    matches!(code, 1 | 16..32)
}

/// A position; files never have more links than fit.
fn count(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// A record that is being made.
pub(crate) struct LinkBuilder {
    own: FileOrd,
    edges: LinkEdges,
    source: Vec<u32>,
    kind: Vec<u32>,
    file: Vec<u32>,
    slot: Vec<u32>,
}

impl LinkBuilder {
    /// A record of no links yet, with room for so many.
    pub(crate) fn new(own: FileOrd, slots: SlotTable, links: u32) -> Self {
        let room = || Vec::with_capacity(links as usize);
        let edges = LinkEdges { slots, code: Vec::with_capacity(links as usize), ..LinkEdges::default() };
        Self { own, edges, source: room(), kind: room(), file: room(), slot: room() }
    }

    /// Adds the link of the next reference or stated edge.
    pub(crate) fn push(&mut self, source: Slot, kind: &str, target: LinkTarget) {
        let known = KNOWN_KINDS.iter().position(|known| *known == kind);
        let others = &mut self.edges.other_kinds;
        let position = known.unwrap_or_else(|| {
            let other = others.iter().position(|other| other == kind).unwrap_or_else(|| {
                others.push(kind.to_owned());
                others.len() - 1
            });
            KNOWN_KINDS.len() + other
        });
        self.source.push(source);
        self.kind.push(u32::try_from(position).unwrap_or(u32::MAX));
        self.edges.code.push(code(target));
        if let LinkTarget::Bound(file, slot, _) = target {
            self.file.push(if file == self.own { 0 } else { file + 1 });
            self.slot.push(slot);
        }
    }

    /// The record, with what the links depend on, sorted, and what they left unbound.
    pub(crate) fn finish(self, asked: &[Term], loose: BTreeMap<Term, LooseCounts>) -> LinkRecord {
        let mut last = 0;
        let differences = asked.iter().map(|term| {
            let difference = term.wrapping_sub(last);
            last = *term;
            difference
        });
        let asked = differences.collect();
        let [source, kind, file, slot] =
            [self.source, self.kind, self.file, self.slot].map(|numbers| Column::from(numbers.as_slice()));
        let edges = LinkEdges { source, kind, file, slot, ..self.edges };
        let (loose_names, loose_counts) = loose.into_iter().unzip();
        LinkRecord { edges, asked, loose_names, loose_counts }
    }
}

impl LinkRecord {
    pub(crate) fn len(&self) -> usize {
        self.edges.code.len()
    }

    /// The number that each node of the file goes by.
    pub(crate) fn slots(&self) -> &SlotTable {
        &self.edges.slots
    }

    /// The links: those of the references first, then those of the stated edges, as in the segment.
    pub(crate) fn links(&self, own: FileOrd) -> impl Iterator<Item = Link> + '_ {
        self.edges.links(own)
    }

    /// The links of one source, with their positions.
    pub(crate) fn links_from(&self, own: FileOrd, source: Slot) -> impl Iterator<Item = (u32, Link)> + '_ {
        self.edges.links_from(own, source)
    }

    /// The links to one node, with their positions.
    pub(crate) fn links_to(
        &self,
        own: FileOrd,
        target: (FileOrd, Slot),
    ) -> impl Iterator<Item = (u32, Link)> + '_ {
        self.edges.links_to(own, target)
    }

    pub(crate) fn kind(&self, link: &Link) -> &str {
        self.edges.kind(link.kind)
    }

    /// The terms that the links asked, sorted.
    pub(crate) fn asked(&self) -> impl Iterator<Item = Term> + '_ {
        self.asked.iter().scan(0_u32, |last, difference| {
            *last = last.wrapping_add(*difference);
            Some(*last)
        })
    }

    /// How many references that end in the name with this term are unbound.
    pub(crate) fn loose(&self, name: Term) -> LooseCounts {
        self.loose_names
            .binary_search(&name)
            .ok()
            .and_then(|index| self.loose_counts.get(index))
            .copied()
            .unwrap_or_default()
    }

    /// The terms of the names whose counts of unbound references differ in another record.
    pub(crate) fn differently_loose<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Term> + 'a {
        let names = self.loose_names.iter().chain(&other.loose_names).copied();
        names.filter(move |name| self.loose(*name) != other.loose(*name))
    }

    pub(crate) fn encode(&self) -> Result<(ContentName, Vec<u8>)> {
        let bytes = encode(RecordKind::Links, self)?;
        Ok((content_name(&bytes), bytes))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        decode(RecordKind::Links, bytes)
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        let edges = &self.edges;
        let columns = [&edges.source, &edges.kind, &edges.file, &edges.slot];
        size_of::<Self>()
            + edges.code.len()
            + columns.into_iter().map(Column::weight).sum::<usize>()
            + edges.slots.weight()
            + (self.asked.len() + self.loose_names.len() * 5) * 4
            + edges.other_kinds.iter().map(|kind| kind.len() + 24).sum::<usize>()
    }
}
