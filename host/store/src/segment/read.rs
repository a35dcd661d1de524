//! A decoded segment: columns to be asked by row, texts borrowed.

mod edges;
mod imports;
mod references;

use std::cell::RefCell;
use std::cmp::Ordering;
use std::sync::Arc;

use codestrata_core::Result;

pub(crate) use imports::{ImportView, ImportedView};
pub(crate) use references::TargetView;

use super::columns::{AttributeColumns, Columns};
use super::spans::SpanList;
use crate::codec::{ColumnView, Placed, RecordKind, Sheet, decode_sheet};
use crate::model::{Attributes, Node, Reach, SharedText, Span, node_kind};

thread_local! {
    /// Where ids are put together, so that only what is kept of them is allocated.
    static ID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What one file says, decoded.
#[derive(Debug)]
pub(crate) struct Segment {
    columns: Columns<Placed>,
    sheet: Sheet,
    node_spans: SpanList,
    edge_spans: SpanList,
    reference_spans: SpanList,
}

/// As which module a file can be imported, borrowed. The stem begins with the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModuleView<'a> {
    pub(crate) stem: &'a str,
    pub(crate) rank: u8,
    pub(crate) is_package: bool,
    pub(crate) is_shared: bool,
}

/// The members of a path: a joined text, taken apart.
pub(crate) fn members(joined: &str) -> impl Iterator<Item = &str> {
    joined.split('\0').filter(|member| !member.is_empty())
}

fn at<T: Copy + Default>(column: &[T], row: u32) -> T {
    column.get(row as usize).copied().unwrap_or_default()
}

/// A row count; segments never have more than fit.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

impl Segment {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let (columns, sheet): (Columns<Placed>, _) = decode_sheet(RecordKind::Segment, bytes)?;
        Ok(Self {
            node_spans: SpanList::new(columns.nodes.spans, &sheet),
            edge_spans: SpanList::new(columns.edges.spans, &sheet),
            reference_spans: SpanList::new(columns.references.spans, &sheet),
            columns,
            sheet,
        })
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        let spans = [&self.node_spans, &self.edge_spans, &self.reference_spans];
        let beside = self.sheet.weight() + spans.into_iter().map(SpanList::weight).sum::<usize>();
        size_of::<Self>() + self.columns.weight() + beside
    }

    /// A text by its number.
    pub(super) fn text(&self, index: u32) -> &str {
        self.columns.strings.get(&self.sheet, index)
    }

    pub(super) fn column(&self, place: Placed) -> ColumnView<'_> {
        self.sheet.column(place)
    }

    /// The number of a row in a column of numbers.
    fn cell(&self, place: Placed, row: u32) -> u32 {
        self.sheet.column(place).get(row as usize)
    }

    pub(crate) fn path(&self) -> &str {
        self.text(self.columns.path)
    }

    /// As which module the file can be imported.
    pub(crate) fn module(&self) -> Option<ModuleView<'_>> {
        let module = self.columns.module.as_ref()?;
        Some(ModuleView {
            stem: self.text(module.stem),
            rank: module.rank,
            is_package: module.is_package,
            is_shared: module.is_shared,
        })
    }

    /// The namespace that the file shares with others, if it does.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.module().filter(|module| module.is_shared).map(|module| module.stem)
    }

    /// The family of languages; empty for a file that is no module.
    pub(crate) fn family(&self) -> &str {
        self.module().and_then(|module| module.stem.split_once(':')).map_or("", |(family, _)| family)
    }

    pub(crate) fn node_count(&self) -> u32 {
        count(self.columns.nodes.id.len())
    }

    pub(crate) fn edge_count(&self) -> u32 {
        count(self.columns.edges.kind.len())
    }

    pub(crate) fn reference_count(&self) -> u32 {
        count(self.columns.references.kind.len())
    }

    /// The parts that make up the id of a row.
    pub(crate) fn id_parts(&self, row: u32) -> [&str; 3] {
        let id = self.cell(self.columns.nodes.id, row);
        let text = self.text(id >> 1);
        if id & 1 == 1 { [self.path(), "::", text] } else { ["", "", text] }
    }

    pub(crate) fn id(&self, row: u32) -> String {
        self.id_parts(row).concat()
    }

    /// The id and the name of a row, which share one piece of memory where the id ends in the name, as nearly all do.
    pub(crate) fn shared_texts(&self, row: u32) -> (SharedText, SharedText) {
        let id = ID.with_borrow_mut(|id| {
            id.clear();
            id.extend(self.id_parts(row));
            Arc::<str>::from(id.as_str())
        });
        let name = self.name(row);
        let shared = if id.ends_with(name) { SharedText::end_of(&id, name.len()) } else { name.into() };
        (id.into(), shared)
    }

    /// The row with this id, which may be this one.
    ///
    /// Cost: a comparison if it is.
    pub(crate) fn row_of_near(&self, id: &str, guess: u32) -> Option<u32> {
        let is_there = guess < self.node_count()
            && self.id_parts(guess).iter().try_fold(id, |rest, part| rest.strip_prefix(part)) == Some("");
        if is_there { Some(guess) } else { self.row_of(id) }
    }

    /// The row with this id.
    pub(crate) fn row_of(&self, id: &str) -> Option<u32> {
        // Most ids of a file begin with its path, and are compared by what follows it.
        let beginning = [self.path(), "::"];
        let rest = beginning.iter().try_fold(id, |rest, part| rest.strip_prefix(part));
        let beside = || beginning.iter().flat_map(|part| part.bytes()).cmp(id.bytes());
        let (mut low, mut high) = (0, self.node_count());
        while low < high {
            let middle = low + (high - low) / 2;
            let [path, _, text] = self.id_parts(middle);
            let order = match rest {
                _ if path.is_empty() => text.cmp(id),
                Some(rest) => text.cmp(rest),
                // An id that does not begin so is before all that do, or after them.
                None => beside().then(Ordering::Greater),
            };
            match order {
                Ordering::Equal => return Some(middle),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub(crate) fn name(&self, row: u32) -> &str {
        self.text(self.cell(self.columns.nodes.name, row))
    }

    /// The rows with this name, in order.
    pub(crate) fn rows_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = u32> + 'a {
        let names = self.column(self.columns.nodes.name);
        let is_named = move |row: &u32| self.columns.strings.is(&self.sheet, names.get(*row as usize), name);
        (0..self.node_count()).filter(is_named)
    }

    pub(crate) fn kind(&self, row: u32) -> &str {
        self.text(self.cell(self.columns.nodes.kind, row))
    }

    /// The number of a row's kind among the texts.
    pub(super) fn kind_number(&self, row: u32) -> u32 {
        self.cell(self.columns.nodes.kind, row)
    }

    pub(crate) fn span(&self, row: u32) -> Span {
        self.node_spans.get(&self.sheet, row)
    }

    /// The spans of all rows: cheaper than one by one.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> + '_ {
        self.node_spans.iter(&self.sheet)
    }

    pub(crate) fn parent(&self, row: u32) -> Option<u32> {
        self.cell(self.columns.nodes.parent, row).checked_sub(1)
    }

    /// Whether the row is a member of a class or the like; a method may stand away from its type.
    pub(crate) fn is_member(&self, row: u32) -> bool {
        let holds = |kind: &str| node_kind::has_members(kind) || kind == node_kind::TYPE;
        let is_member = self.parent(row).is_some_and(|parent| holds(self.kind(parent)))
            || (self.namespace().is_some() && self.kind(row) == node_kind::METHOD);
        // A method that is declared in a header and defined in a source is one method.
        is_member && !self.is_declaration(row)
    }

    /// Whether a node only declares what is defined in another place.
    pub(crate) fn is_declaration(&self, row: u32) -> bool {
        self.namespace().is_some() && self.has_attribute(row, Node::DECLARATION)
    }

    /// Whether it depends on branches of the code if the name of a node stands for it.
    pub(crate) fn is_alternative(&self, row: u32) -> bool {
        self.has_attribute(row, Node::ALTERNATIVE)
    }

    /// From where the bare name of a member may mean it.
    pub(crate) fn reach(&self, row: u32) -> Reach<'_> {
        let stated = self.attribute_json(row, Reach::ATTRIBUTE);
        stated.map_or(Reach::Everywhere, |json| Reach::parse(json.trim_matches('"')))
    }

    /// Whether it is a member of the class itself and not of its objects, where the two are told apart.
    pub(crate) fn is_static(&self, row: u32) -> bool {
        self.namespace().is_none() && self.has_attribute(row, Node::STATIC)
    }

    /// Whether it is a member of a value, where the type of the variable says which members are meant.
    pub(crate) fn is_given(&self, row: u32) -> bool {
        let holder = self.parent(row).map(|parent| self.kind(parent));
        holder == Some(node_kind::VARIABLE) && self.has_attribute(row, Node::GIVEN)
    }

    /// Whether anything is stated of a row beside its columns.
    pub(crate) fn has_attributes(&self, row: u32) -> bool {
        let owners = self.column(self.columns.nodes.attributes.owner);
        let first = owners.first_not_below(row);
        first < owners.len() && owners.get(first) == row
    }

    fn has_attribute(&self, row: u32, wanted: &str) -> bool {
        self.attribute_json(row, wanted).is_some()
    }

    fn attribute_json(&self, row: u32, wanted: &str) -> Option<&str> {
        let columns = &self.columns.nodes.attributes;
        let start = self.column(columns.owner).first_not_below(row);
        let end = self.column(columns.owner).first_not_below(row.saturating_add(1));
        let mut stated =
            self.column(columns.name).range(start..end).zip(self.column(columns.json).range(start..end));
        let (_, json) = stated.find(|(name, _)| self.text(*name) == wanted)?;
        Some(self.text(json))
    }

    /// The row of the module as a whole.
    pub(crate) fn module_row(&self) -> Option<u32> {
        (0..self.node_count()).find(|row| self.kind(*row) == node_kind::MODULE)
    }

    pub(crate) fn node(&self, row: u32) -> Node {
        Node {
            id: self.id(row).into(),
            name: self.name(row).into(),
            kind: self.kind(row).into(),
            file: self.path().into(),
            span: self.span(row),
            attributes: self.node_attributes(row),
        }
    }

    pub(crate) fn node_attributes(&self, row: u32) -> Attributes {
        self.attributes(&self.columns.nodes.attributes, row)
    }

    pub(super) fn node_attribute_columns(&self) -> &AttributeColumns<Placed> {
        &self.columns.nodes.attributes
    }

    pub(super) fn attributes(&self, columns: &AttributeColumns<Placed>, owner: u32) -> Attributes {
        let start = self.column(columns.owner).first_not_below(owner);
        let end = self.column(columns.owner).first_not_below(owner.saturating_add(1));
        let names = self.column(columns.name).range(start..end);
        names
            .zip(self.column(columns.json).range(start..end))
            .filter_map(|(name, json)| {
                let value = serde_json::from_str(self.text(json)).ok()?;
                Some((self.text(name), value))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::model::{FileFacts, Node, Span};
    use crate::segment::PreparedFile;

    #[test]
    fn a_node_is_found_whatever_row_is_guessed() {
        let ids = ["a.py::x", "a.py::xy", "a.py::", "other", "a.py"];
        let node = |id: &&str| Node::new(*id, "n", "function", "a.py", Span::default());
        let nodes = ids.iter().map(node).collect();
        let facts = FileFacts { path: "a.py".into(), nodes, ..FileFacts::default() };
        let prepared = PreparedFile::new(&facts).unwrap();
        let segment = Arc::clone(prepared.segment());
        for guess in [0, 1, 2, 3, 4, 5, u32::MAX] {
            for id in ids {
                let row = segment.row_of_near(id, guess).unwrap();
                assert_eq!(segment.id(row), id);
            }
            assert_eq!(segment.row_of_near("a.py::z", guess), None);
        }
    }
}
