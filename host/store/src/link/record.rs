//! What the links of one file are, as stored.

mod builder;
mod columns;
mod positions;

use codestrata_core::Result;

pub(crate) use builder::LinkBuilder;
use columns::{EdgeColumns, LooseColumns, RecordColumns};
use positions::{Positions, bound_among, is_bound};

use super::slots::SlotTable;
use super::term::Term;
use crate::codec::{
    ColumnView, ContentName, Placed, RecordKind, Sheet, content_name, decode_sheet, decode_sheet_beginning,
    encode,
};
use crate::keyspace::{FileOrd, Slot};
use crate::model::{Resolution, Text, edge_kind};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// The links of one file, and what they depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkRecord {
    /// Their sheet has the other columns too.
    pub(crate) edges: LinkEdges,
    asked: Placed,
    loose: LooseColumns<Placed>,
}

/// The links alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkEdges {
    columns: EdgeColumns<Placed>,
    sheet: Sheet,
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
        let (columns, sheet) = decode_sheet_beginning(RecordKind::Links, bytes)?;
        Ok(Self { columns, sheet })
    }

    /// The number that each node of the file goes by.
    pub(crate) fn slots(&self) -> &SlotTable {
        &self.columns.slots
    }

    fn column(&self, place: Placed) -> ColumnView<'_> {
        self.sheet.column(place)
    }

    /// The code of each link.
    fn codes(&self) -> &[u8] {
        self.column(self.columns.code).lowest_bytes()
    }

    /// How many links there are.
    pub(crate) fn len(&self) -> usize {
        self.columns.code.len()
    }

    /// The name of the kind with this number.
    pub(crate) fn kind(&self, number: u32) -> &str {
        let number = number as usize;
        match KNOWN_KINDS.get(number) {
            Some(known) => known,
            None => self.columns.other_kinds.get(number - KNOWN_KINDS.len()).map_or("", String::as_str),
        }
    }

    /// The same as a text of an answer.
    pub(crate) fn kind_text(&self, number: u32) -> Text {
        match KNOWN_KINDS.get(number as usize) {
            Some(known) => Text::new_static(known),
            None => self.kind(number).into(),
        }
    }

    /// The numbers of the kinds of all links.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = u32> + '_ {
        self.column(self.columns.kind).range(0..self.columns.kind.len())
    }

    /// The kinds that have no number everywhere.
    pub(crate) fn other_kinds(&self) -> impl Iterator<Item = &str> {
        self.columns.other_kinds.iter().map(String::as_str)
    }

    /// The links: those of the references first, then those of the stated edges, as in the segment.
    pub(crate) fn links(&self, own: FileOrd) -> impl Iterator<Item = Link> + '_ {
        let (views, mut bound) = (self.views(own), 0..);
        (0..self.len()).map(move |position| {
            let place = if views.is_bound(position) { bound.next() } else { None };
            views.link(position, place)
        })
    }

    /// The links of one source, with their positions.
    ///
    /// Cost: a search of the sources, and a pass over one byte a link.
    pub(crate) fn links_from(&self, own: FileOrd, source: Slot) -> impl Iterator<Item = (u32, Link)> + '_ {
        let (views, mut passed, mut bound) = (self.views(own), 0, 0);
        views.source.rows_of(source).map(move |position| {
            bound += views.bound_among(passed..position);
            passed = position;
            (count(position), views.link(position, views.is_bound(position).then_some(bound)))
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
        let views = self.views(own);
        let mut positions = Positions::of(views.codes);
        let places = views.slot.rows_of(slot).filter(move |place| views.file.get(*place) == wanted);
        places.filter_map(move |place| {
            let position = positions.position_of(place)?;
            Some((count(position), views.link(position, Some(place))))
        })
    }

    fn views(&self, own: FileOrd) -> Views<'_> {
        Views {
            own,
            source: self.column(self.columns.source),
            kind: self.column(self.columns.kind),
            codes: self.codes(),
            file: self.column(self.columns.file),
            slot: self.column(self.columns.slot),
        }
    }

    /// The memory it takes beside itself, in bytes.
    fn weight(&self) -> usize {
        let other_kinds = self.columns.other_kinds.iter().map(|kind| kind.len() + size_of::<String>());
        self.sheet.weight() + self.columns.slots.weight() + other_kinds.sum::<usize>()
    }
}

/// The columns of the links of a file, to go through them.
#[derive(Clone, Copy)]
struct Views<'a> {
    own: FileOrd,
    source: ColumnView<'a>,
    kind: ColumnView<'a>,
    codes: &'a [u8],
    file: ColumnView<'a>,
    slot: ColumnView<'a>,
}

impl Views<'_> {
    fn is_bound(&self, position: usize) -> bool {
        self.codes.get(position).is_some_and(|code| is_bound(*code))
    }

    fn bound_among(&self, positions: std::ops::Range<usize>) -> usize {
        bound_among(self.codes.get(positions).unwrap_or_default())
    }

    /// The link of a position, which is the one at this place among the bound ones if it is bound.
    fn link(&self, position: usize, place: Option<usize>) -> Link {
        let bound = |how| match place.filter(|place| *place < self.file.len()) {
            Some(place) => {
                let file = self.file.get(place).checked_sub(1).unwrap_or(self.own);
                LinkTarget::Bound(file, self.slot.get(place), how)
            }
            None => LinkTarget::Dangling,
        };
        let target = match self.codes.get(position).copied().unwrap_or_default() {
            0 => LinkTarget::Dangling,
            1 => bound(None),
            code @ 16..32 => bound(Some(resolution(code))),
            code => LinkTarget::Loose(resolution(code)),
        };
        Link { source: self.source.get(position), kind: self.kind.get(position), target }
    }
}

/// A position; files never have more links than fit.
fn count(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl LinkRecord {
    pub(crate) fn len(&self) -> usize {
        self.edges.len()
    }

    /// The number that each node of the file goes by.
    pub(crate) fn slots(&self) -> &SlotTable {
        self.edges.slots()
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

    /// The same as a text of an answer.
    pub(crate) fn kind_text(&self, link: &Link) -> Text {
        self.edges.kind_text(link.kind)
    }

    /// The terms that the links asked, sorted.
    pub(crate) fn asked(&self) -> impl Iterator<Item = Term> + '_ {
        self.edges.column(self.asked).range(0..self.asked.len())
    }

    /// How many references that end in the name with this term are unbound.
    pub(crate) fn loose(&self, name: Term) -> LooseCounts {
        let names = self.edges.column(self.loose.name);
        let place = names.first_not_below(name);
        if place == names.len() || names.get(place) != name {
            return LooseCounts::default();
        }
        let count = |column| self.edges.column(column).get(place);
        LooseCounts {
            ambiguous_calls: count(self.loose.ambiguous_calls),
            unresolved_calls: count(self.loose.unresolved_calls),
            ambiguous_others: count(self.loose.ambiguous_others),
            unresolved_others: count(self.loose.unresolved_others),
        }
    }

    /// The terms of the names that references end in which are unbound.
    fn loose_names(&self) -> impl Iterator<Item = Term> + '_ {
        self.edges.column(self.loose.name).range(0..self.loose.name.len())
    }

    /// The terms of the names whose counts of unbound references differ in another record.
    pub(crate) fn differently_loose<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Term> + 'a {
        let names = self.loose_names().chain(other.loose_names());
        names.filter(move |name| self.loose(*name) != other.loose(*name))
    }

    pub(crate) fn encode(&self) -> Result<(ContentName, Vec<u8>)> {
        let sheet = &self.edges.sheet;
        let columns = RecordColumns {
            edges: self.edges.columns.in_sheet(sheet),
            asked: sheet.column(self.asked),
            loose: self.loose.in_sheet(sheet),
        };
        let bytes = encode(RecordKind::Links, &columns)?;
        Ok((content_name(&bytes), bytes))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let (record, sheet): (RecordColumns<Placed>, _) = decode_sheet(RecordKind::Links, bytes)?;
        let RecordColumns { edges: columns, asked, loose } = record;
        Ok(Self { edges: LinkEdges { columns, sheet }, asked, loose })
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.edges.weight()
    }
}
