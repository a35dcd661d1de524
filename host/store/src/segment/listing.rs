//! What lists show of the nodes of a file, in little room: a small part of the decoded segment, so that an answer of
//! thousands of nodes finds their files in the cache.

use std::sync::Arc;

use super::read::Segment;
use crate::codec::{Cell, Cells, Row, Sheet, Table};
use crate::model::{SharedText, Text, TextsOfRows, node_kind};

/// The kinds of node that have numbers of their own, because nearly every node is of one of them.
const KNOWN_KINDS: [&str; 11] = [
    node_kind::MODULE,
    node_kind::CLASS,
    node_kind::STRUCT,
    node_kind::UNION,
    node_kind::INTERFACE,
    node_kind::TRAIT,
    node_kind::ENUM,
    node_kind::TYPE,
    node_kind::FUNCTION,
    node_kind::METHOD,
    node_kind::VARIABLE,
];

/// What stands between the path of a file and the rest of an id.
const BETWEEN: &str = "::";

/// Where the id, the name and the file of a node stand in a text: where each begins and ends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShownTexts {
    pub(crate) id: (u32, u32),
    pub(crate) name: (u32, u32),
    pub(crate) file: (u32, u32),
}

impl ShownTexts {
    /// Adds the path of a file, the rest of an id and the name of its node, if it is not that rest, to a text.
    pub(super) fn add(
        (path, rest, name): (&str, &str, Option<&str>),
        begins_with_path: bool,
        texts: &mut String,
    ) -> Self {
        let id = if begins_with_path { add(texts, [path, BETWEEN, rest]) } else { add(texts, [rest]) };
        let length = small(name.map_or(rest.len(), str::len));
        let name = match name {
            // An id mostly begins with its file and ends in its name.
            Some(name) if !rest.ends_with(name) => add(texts, [name]),
            _ => (id.1.saturating_sub(length), id.1),
        };
        let file = if begins_with_path {
            (id.0, id.0.saturating_add(small(path.len())))
        } else if rest == path {
            id
        } else {
            add(texts, [path])
        };
        Self { id, name, file }
    }
}

/// Adds parts to a text, and says where they begin and end in it.
fn add<'t>(texts: &mut String, parts: impl IntoIterator<Item = &'t str>) -> (u32, u32) {
    let begin = small(texts.len());
    parts.into_iter().for_each(|part| texts.push_str(part));
    (begin, small(texts.len()))
}

/// The nodes of a file as lists show them, by row. Answers share it.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The path, and then for each row its id and what is not at the end of that of its name.
    texts: Box<str>,
    /// The length of the path.
    path: u32,
    /// Kinds that are not among [`KNOWN_KINDS`]; they are numbered after those.
    other_kinds: Box<[Text]>,
    sheet: Sheet,
    rows: Table,
    /// Where the id begins.
    begin: Cell,
    /// Its length.
    id: Cell,
    /// Twice the length of the name, and one more if it stands behind the id and not at the end of it.
    name: Cell,
    kind: Cell,
    line: Cell,
}

impl Listing {
    pub(crate) fn of(segment: &Segment) -> Self {
        let path = segment.path();
        let mut texts = String::from(path);
        let mut other_kinds: Vec<Text> = Vec::new();
        let mut columns: [Vec<u32>; 5] = Default::default();
        let mut last_kind: Option<(u32, u32)> = None;
        for row in 0..segment.node_count() {
            let parts = segment.id_parts(row);
            let [.., rest] = parts;
            let (begin, end) = add(&mut texts, parts);
            let name = segment.name(row);
            let is_apart = !rest.ends_with(name);
            if is_apart {
                texts.push_str(name);
            }
            let kind = match last_kind.filter(|(number, _)| *number == segment.kind_number(row)) {
                Some((_, kind)) => kind,
                None => kind_number(segment.kind(row), &mut other_kinds),
            };
            last_kind = Some((segment.kind_number(row), kind));
            let numbers = [
                begin,
                end.saturating_sub(begin),
                small(name.len()).saturating_mul(2).saturating_add(is_apart.into()),
                kind,
                segment.start_line(row),
            ];
            for (column, number) in columns.iter_mut().zip(numbers) {
                column.push(number);
            }
        }
        let mut sheet = Sheet::default();
        // Of columns that are too long for it there is no table, and their segment is too long to be stored.
        let (rows, cells) = sheet.add_table(&columns.map(Cells::Made)).unwrap_or_default();
        let [begin, id, name, kind, line] = cells;
        Self {
            texts: texts.into(),
            path: small(path.len()),
            other_kinds: other_kinds.into(),
            sheet: sheet.finish(),
            rows,
            begin,
            id,
            name,
            kind,
            line,
        }
    }

    /// How many rows there are.
    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.rows.len()
    }

    fn row(&self, row: u32) -> Row<'_> {
        self.sheet.table(self.rows).row(row)
    }

    fn text(&self, begin: u32, end: u32) -> &str {
        self.texts.get(begin as usize..end as usize).unwrap_or_default()
    }

    /// Where the id of a row begins and ends.
    fn place(&self, row: Row<'_>) -> (u32, u32) {
        let begin = row.get(self.begin);
        (begin, begin.saturating_add(row.get(self.id)))
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &str {
        self.text(0, self.path)
    }

    /// The id of a row; empty if there is no such row.
    #[inline]
    pub(crate) fn id(&self, row: u32) -> &str {
        let (begin, end) = self.place(self.row(row));
        self.text(begin, end)
    }

    /// The id of a row as one that shares its memory; none if there is no such row.
    pub(crate) fn shared_id(self: &Arc<Self>, row: u32) -> Option<SharedText> {
        let this: Arc<Self> = Arc::clone(self);
        (row < self.len()).then(|| SharedText::of_row(this, row))
    }

    /// The name of a row; empty if there is no such row.
    pub(crate) fn name(&self, row: u32) -> &str {
        let row = self.row(row);
        let ((_, end), name) = (self.place(row), row.get(self.name));
        let length = name >> 1;
        let begin = if name & 1 == 1 { end } else { end.saturating_sub(length) };
        self.text(begin, begin.saturating_add(length))
    }

    /// The kind of a row.
    pub(crate) fn kind(&self, row: u32) -> &str {
        let kind = self.row(row).get(self.kind) as usize;
        match KNOWN_KINDS.get(kind) {
            Some(known) => known,
            None => self.other_kinds.get(kind - KNOWN_KINDS.len()).map_or("", Text::as_str),
        }
    }

    /// The line on which a row begins, from 1.
    pub(crate) fn line(&self, row: u32) -> u32 {
        self.row(row).get(self.line)
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>()
            + self.texts.len()
            + self.sheet.weight()
            + self.other_kinds.len() * size_of::<Text>()
            + 48
    }

    /// What the listing of a segment takes, in bytes, roughly, without making it: a little too much rather than too little.
    pub(super) fn guess(segment: &Segment) -> usize {
        // Nearly always seven; in a file of more than 64 KiB of such texts, or of lines, it is nine.
        const ROW: usize = 9;
        // Beside what is said of the weight: some kinds that have no number, and what is read beyond the last row.
        const BESIDE: usize = 48 + 4 * size_of::<Text>();
        let rows = (0..segment.node_count()).map(|row| segment.id_parts(row).map(str::len));
        let rows = rows.map(|parts| parts.into_iter().sum::<usize>() + ROW);
        size_of::<Self>() + segment.path().len() + rows.sum::<usize>() + BESIDE
    }
}

impl TextsOfRows for Listing {
    fn text(&self, row: u32) -> &str {
        self.id(row)
    }
}

/// The number of a kind.
fn kind_number(kind: &str, others: &mut Vec<Text>) -> u32 {
    let known = KNOWN_KINDS.iter().position(|known| *known == kind);
    small(known.unwrap_or_else(|| {
        let other = others.iter().position(|other| other == kind).unwrap_or_else(|| {
            others.push(kind.into());
            others.len() - 1
        });
        KNOWN_KINDS.len() + other
    }))
}

/// A place in the texts of a segment, which are less than 2 GiB.
fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::model::{FileFacts, Node, Span};
    use crate::segment::{Listing, PreparedFile};

    #[test]
    fn a_listing_says_what_its_segment_does() {
        let nodes = [
            ("a.py", "a", "module"),
            ("a.py::A", "A", "class"),
            ("a.py::A.f", "f", "method"),
            ("a.py::A.f#2", "f", "method"),
            ("a.py::", "", "odd"),
            ("elsewhere", "else", "odd"),
            ("b.py::A.ä", "ä", "a kind"),
        ];
        let node = |(line, (id, name, kind)): (u32, &(&str, &str, &str))| {
            Node::new(*id, *name, *kind, "a.py", Span { start_line: line * 40_000, ..Span::default() })
        };
        let nodes = (1..).zip(&nodes).map(node).collect();
        let facts = FileFacts { path: "a.py".into(), nodes, ..FileFacts::default() };
        let prepared = PreparedFile::new(&facts).unwrap();
        let segment = prepared.segment();
        let listing = Arc::new(Listing::of(segment));
        assert_eq!((listing.len(), listing.path()), (segment.node_count(), "a.py"));
        for row in 0..listing.len() {
            assert_eq!(listing.id(row), segment.id(row));
            assert_eq!(listing.shared_id(row).unwrap(), segment.id(row));
            assert_eq!((listing.name(row), listing.kind(row)), (segment.name(row), segment.kind(row)));
            assert_eq!(listing.line(row), segment.start_line(row));
        }
        assert_eq!((listing.id(listing.len()), listing.id(u32::MAX)), ("", ""));
        assert_eq!(listing.shared_id(listing.len()), None);
        let (weight, guess) = (listing.weight(), segment.listing_weight());
        assert!((weight..weight + 100).contains(&guess), "{weight} and {guess} bytes");
    }
}
