//! A decoded segment: columns to be asked by row, texts borrowed.

mod edges;
mod imports;
mod references;

use std::cell::RefCell;
use std::cmp::Ordering;
use std::sync::Arc;

use codestrata_core::Result;
use serde_json::Value;

pub(crate) use imports::{ImportView, ImportedView};
pub(crate) use references::TargetView;

use super::listing::{Listing, ShownTexts};
use super::rows::{AttributeRows, Rows};
use crate::codec::{Cell, ColumnView, Placed, RecordKind, Row, Sheet, Table, TableView, decode_sheet};
use crate::model::{Attributes, Node, Reach, Span, Text, node_kind};

thread_local! {
    /// Where ids are put together, so that only what is kept of them is allocated.
    static ID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What one file says, decoded.
#[derive(Debug)]
pub(crate) struct Segment {
    rows: Rows,
    sheet: Sheet,
    /// How many bytes of the stem are the family of languages.
    family: usize,
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

/// A row count; segments never have more than fit.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

impl Segment {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let (rows, sheet) = decode_sheet(RecordKind::Segment, bytes)?;
        let mut this = Self { rows, sheet, family: 0 };
        this.family = this.module().and_then(|module| module.stem.find(':')).unwrap_or(0);
        Ok(this)
    }

    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.rows.weight() + self.sheet.weight()
    }

    /// What its listing takes, in bytes, roughly.
    pub(crate) fn listing_weight(&self) -> usize {
        Listing::guess(self)
    }

    /// A text by its number.
    #[inline]
    pub(super) fn text(&self, index: u32) -> &str {
        self.rows.texts.get(index)
    }

    pub(super) fn column(&self, place: Placed) -> ColumnView<'_> {
        self.sheet.column(place)
    }

    /// The number of a row in a column of numbers.
    fn number(&self, place: Placed, row: u32) -> u32 {
        self.sheet.column(place).get(row as usize)
    }

    pub(super) fn table(&self, table: Table) -> TableView<'_> {
        self.sheet.table(table)
    }

    /// What stands of a node.
    #[inline]
    fn node_row(&self, row: u32) -> Row<'_> {
        self.sheet.table(self.rows.nodes.table).row(row)
    }

    fn node_cell(&self, row: u32, cell: Cell) -> u32 {
        self.node_row(row).get(cell)
    }

    pub(crate) fn path(&self) -> &str {
        self.text(self.rows.path)
    }

    /// As which module the file can be imported.
    pub(crate) fn module(&self) -> Option<ModuleView<'_>> {
        let module = self.rows.module.as_ref()?;
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
        self.module().and_then(|module| module.stem.get(..self.family)).unwrap_or_default()
    }

    pub(crate) fn node_count(&self) -> u32 {
        self.rows.nodes.table.len()
    }

    pub(crate) fn edge_count(&self) -> u32 {
        self.rows.edges.table.len()
    }

    pub(crate) fn reference_count(&self) -> u32 {
        self.rows.references.table.len()
    }

    /// The parts that make up the id of a row.
    pub(crate) fn id_parts(&self, row: u32) -> [&str; 3] {
        let id = self.node_cell(row, self.rows.nodes.id);
        let text = self.text(id >> 1);
        if id & 1 == 1 { [self.path(), "::", text] } else { ["", "", text] }
    }

    pub(crate) fn id(&self, row: u32) -> String {
        self.id_parts(row).concat()
    }

    /// The id of a row as a text of a graph.
    fn id_text(&self, row: u32) -> Text {
        ID.with_borrow_mut(|id| {
            id.clear();
            id.extend(self.id_parts(row));
            Text::new(id)
        })
    }

    /// The id, the name and the file of a row in one piece of memory: nearly all ids begin with the one and end in the
    /// other. The path is that of the segment, as whoever asks has it already.
    pub(crate) fn shown_texts(&self, row: u32, path: &str) -> (Arc<str>, ShownTexts) {
        let (row, nodes) = (self.node_row(row), &self.rows.nodes);
        let (id, name) = (row.get(nodes.id), row.get(nodes.name));
        let (rest, begins_with_path) = (id >> 1, id & 1 == 1);
        // Of what is not within anything else the name is all that follows the path.
        let (rest, name) = (self.text(rest), (name != rest).then(|| self.text(name)));
        ID.with_borrow_mut(|texts| {
            texts.clear();
            let places = ShownTexts::add((path, rest, name), begins_with_path, texts);
            (Arc::from(texts.as_str()), places)
        })
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
        self.text(self.node_cell(row, self.rows.nodes.name))
    }

    /// The rows with this name, in order.
    ///
    /// Cost: a search of the names, and one of the rows, many at a time.
    pub(crate) fn rows_named(&self, name: &str) -> impl Iterator<Item = u32> + '_ {
        let wanted = self.rows.texts.name(name);
        let rows = wanted.map(|wanted| self.column(self.rows.nodes.names).rows_of(wanted).map(count));
        rows.into_iter().flatten()
    }

    pub(crate) fn kind(&self, row: u32) -> &str {
        self.text(self.node_cell(row, self.rows.nodes.kind))
    }

    /// The number of a row's kind among the texts.
    pub(super) fn kind_number(&self, row: u32) -> u32 {
        self.node_cell(row, self.rows.nodes.kind)
    }

    pub(crate) fn span(&self, row: u32) -> Span {
        self.rows.nodes.spans.of_row(self.node_row(row))
    }

    /// The line on which a row begins, from 1.
    pub(crate) fn start_line(&self, row: u32) -> u32 {
        self.rows.nodes.spans.start_of_row(self.node_row(row)).0
    }

    pub(crate) fn parent(&self, row: u32) -> Option<u32> {
        self.node_cell(row, self.rows.nodes.parent).checked_sub(1)
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
        !self.attributes_of(&self.rows.nodes.attributes, row).is_empty()
    }

    fn has_attribute(&self, row: u32, wanted: &str) -> bool {
        self.attribute_json(row, wanted).is_some()
    }

    fn attribute_json(&self, row: u32, wanted: &str) -> Option<&str> {
        self.stated(&self.rows.nodes.attributes, row).find(|(name, _)| *name == wanted).map(|(_, json)| json)
    }

    /// The row of the module as a whole.
    pub(crate) fn module_row(&self) -> Option<u32> {
        (0..self.node_count()).find(|row| self.kind(*row) == node_kind::MODULE)
    }

    /// The node of a row. Its file is that of the segment, as whoever asks has it already.
    pub(crate) fn node(&self, row: u32, file: &Text) -> Node {
        Node {
            id: self.id_text(row),
            name: self.name(row).into(),
            kind: self.kind(row).into(),
            file: file.clone(),
            span: self.span(row),
            attributes: self.node_attributes(row),
        }
    }

    pub(crate) fn node_attributes(&self, row: u32) -> Attributes {
        self.attributes(&self.rows.nodes.attributes, row)
    }

    pub(super) fn node_attribute_rows(&self) -> AttributeRows {
        self.rows.nodes.attributes
    }

    /// Where the attributes of an owner stand.
    fn attributes_of(&self, all: &AttributeRows, owner: u32) -> std::ops::Range<u32> {
        let table = self.table(all.table);
        let first = table.first_not_below(all.owner, owner);
        let is_of_another = |row: &u32| table.get(*row, all.owner) != owner;
        first..(first..table.len()).find(is_of_another).unwrap_or(table.len())
    }

    /// The attributes of an owner: names, and values as JSON.
    fn stated(&self, all: &AttributeRows, owner: u32) -> impl Iterator<Item = (&str, &str)> {
        let (table, AttributeRows { name, json, .. }) = (self.table(all.table), *all);
        self.attributes_of(all, owner).map(move |row| {
            let row = table.row(row);
            (self.text(row.get(name)), self.text(row.get(json)))
        })
    }

    pub(super) fn attributes(&self, all: &AttributeRows, owner: u32) -> Attributes {
        self.stated(all, owner).filter_map(|(name, json)| Some((name, value(json)?))).collect()
    }
}

/// A value of an attribute. Most are plain words or true, for which nothing has to be parsed.
fn value(json: &str) -> Option<Value> {
    let quoted = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(word) if memchr::memchr2(b'\\', b'"', word.as_bytes()).is_none() => Some(word.into()),
        None if json == "true" => Some(true.into()),
        _ => serde_json::from_str(json).ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use crate::model::{FileFacts, Node, Span};
    use crate::segment::PreparedFile;

    #[test]
    fn attributes_are_read_as_a_parser_reads_them() {
        let values = [
            json!("plain"),
            json!(""),
            json!("true"),
            json!("a \"word\" \\ \n\u{1}\u{e4}"),
            json!("\""),
            json!(true),
            json!(false),
            json!(null),
            json!(-7),
            json!(1.5),
            json!(["a", "b"]),
            json!({"a": {"b": "c"}}),
        ];
        let mut node = Node::new("a.py::f", "f", "function", "a.py", Span::default());
        for (name, value) in values.iter().enumerate() {
            node.attributes.insert(name.to_string(), value.clone());
        }
        let facts = FileFacts { path: "a.py".into(), nodes: vec![node.clone()], ..FileFacts::default() };
        let prepared = PreparedFile::new(&facts).unwrap();
        assert_eq!(prepared.segment().node(0, &"a.py".into()), node);
    }

    #[test]
    fn rows_are_found_by_name_however_many_have_it() {
        let names = ["b", "a", "", "b", "ab", "ä", "a", "b"];
        let id = |at: usize| format!("a.py::{at}");
        let node = |(at, name): (usize, &&str)| Node::new(id(at), *name, "function", "a.py", Span::default());
        let nodes = names.iter().enumerate().map(node).collect();
        let facts = FileFacts { path: "a.py".into(), nodes, ..FileFacts::default() };
        let prepared = PreparedFile::new(&facts).unwrap();
        for name in ["a", "b", "ab", "ä", "", "c", "a.py"] {
            let rows: Vec<u32> =
                (0..).zip(names).filter(|(_, other)| *other == name).map(|(row, _)| row).collect();
            assert_eq!(prepared.segment().rows_named(name).collect::<Vec<_>>(), rows, "{name}");
        }
    }

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
