//! What the links of one file are, as stored.

mod arriving;
mod builder;
mod columns;

use codestrata_core::Result;

use arriving::Arriving;
pub(crate) use builder::LinkBuilder;
use columns::{EdgeColumns, LooseColumns, RecordColumns, RecordRows};

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
    arriving: Arriving,
}

/// The links alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkEdges {
    columns: EdgeColumns<Placed>,
    sheet: Sheet,
}

/// So many resolutions there are.
const RESOLUTIONS: u32 = 5;
/// The code of a target that was stated. After it come those that were found, by resolution, and then the loose ones.
const STATED: u32 = 1;
const FOUND: u32 = STATED + 1;
const LOOSE: u32 = FOUND + RESOLUTIONS;
/// So many codes there are. A link's kind and the code of its target are one number, its *sort*: a byte for nearly every link.
const CODES: u32 = LOOSE + RESOLUTIONS;

fn code(target: LinkTarget) -> u32 {
    match target {
        LinkTarget::Dangling => 0,
        LinkTarget::Bound(_, _, None) => STATED,
        LinkTarget::Bound(_, _, Some(resolution)) => FOUND + resolution as u32,
        LinkTarget::Loose(resolution) => LOOSE + resolution as u32,
    }
}

fn resolution(number: u32) -> Resolution {
    match number {
        0 => Resolution::Exact,
        1 => Resolution::Import,
        2 => Resolution::UniqueName,
        3 => Resolution::Ambiguous,
        _ => Resolution::Unresolved,
    }
}

/// The link of a source, from its sort and the node that it leads to.
fn link(source: Slot, sort: u32, node: Option<(FileOrd, Slot)>) -> Link {
    let bound = |how| node.map_or(LinkTarget::Dangling, |(file, slot)| LinkTarget::Bound(file, slot, how));
    let target = match sort % CODES {
        0 => LinkTarget::Dangling,
        STATED => bound(None),
        code @ FOUND..LOOSE => bound(Some(resolution(code - FOUND))),
        code => LinkTarget::Loose(resolution(code - LOOSE)),
    };
    Link { source, kind: sort / CODES, target }
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

    /// How many links there are.
    pub(crate) fn len(&self) -> usize {
        self.columns.sort.len()
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
        self.column(self.columns.sort).range(0..self.len()).map(|sort| sort / CODES)
    }

    /// The kinds that have no number everywhere.
    pub(crate) fn other_kinds(&self) -> impl Iterator<Item = &str> {
        self.columns.other_kinds.iter().map(String::as_str)
    }

    /// The links: those of the references first, then those of the stated edges, as in the segment.
    pub(crate) fn links(&self, own: FileOrd) -> impl Iterator<Item = Link> + '_ {
        let views = self.views(own);
        (0..self.len()).map(move |position| views.link(position))
    }

    /// The links of one source, with their positions.
    ///
    /// Cost: a search of the sources.
    pub(crate) fn links_from(&self, own: FileOrd, source: Slot) -> impl Iterator<Item = (u32, Link)> + '_ {
        let views = self.views(own);
        views.source.rows_of(source).map(move |position| (count(position), views.link(position)))
    }

    fn views(&self, own: FileOrd) -> Views<'_> {
        Views {
            own,
            source: self.column(self.columns.source),
            sort: self.column(self.columns.sort),
            target: self.column(self.columns.target),
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
    sort: ColumnView<'a>,
    target: ColumnView<'a>,
    file: ColumnView<'a>,
    slot: ColumnView<'a>,
}

impl Views<'_> {
    fn link(&self, position: usize) -> Link {
        let number = self.target.get(position).checked_sub(1).map(|number| number as usize);
        let node = number
            .filter(|number| *number < self.file.len())
            .map(|number| (self.file.get(number).checked_sub(1).unwrap_or(self.own), self.slot.get(number)));
        link(self.source.get(position), self.sort.get(position), node)
    }
}

/// A file as targets are sorted by it: 0 for the file that has the links.
fn as_target(own: FileOrd, file: FileOrd) -> u32 {
    if file == own { 0 } else { file + 1 }
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
    ///
    /// Cost: a search of the targets, which are sorted.
    pub(crate) fn links_to(
        &self,
        own: FileOrd,
        target: (FileOrd, Slot),
    ) -> impl Iterator<Item = (u32, Link)> + '_ {
        let links = self.arriving.links(&self.edges.sheet, (as_target(own, target.0), target.1));
        links.map(move |(position, source, sort)| (position, link(source, sort, Some(target))))
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
        let (rows, sheet): (RecordRows, _) = decode_sheet(RecordKind::Links, bytes)?;
        let RecordRows { edges: columns, asked, loose, arriving } = rows;
        Ok(Self { edges: LinkEdges { columns, sheet }, asked, loose, arriving })
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.edges.weight()
    }
}
