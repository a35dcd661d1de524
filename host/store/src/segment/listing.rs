//! What lists show of the nodes of a file, in little room: a thirtieth of the decoded segment, so that an answer of
//! thousands of nodes finds their files in the cache.

use super::read::Segment;
use crate::model::Text;

/// Of one row: where its texts are, its kind and its line.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// Where the id, or what follows `<path>::` of it, begins, and how long it is.
    id: (u32, u32),
    /// The same of the name.
    name: (u32, u32),
    line: u32,
    kind: u16,
    has_path: bool,
}

/// The nodes of a file as lists show them, by row.
#[derive(Debug)]
pub(crate) struct Listing {
    path: Text,
    texts: Box<str>,
    kinds: Box<[Text]>,
    rows: Box<[Row]>,
}

impl Listing {
    pub(crate) fn of(segment: &Segment) -> Self {
        let mut texts = String::new();
        let mut kinds: Vec<Text> = Vec::new();
        let rows = (0..segment.node_count()).map(|row| {
            let [path, _, id] = segment.id_parts(row);
            let begin = texts.len();
            texts.push_str(id);
            let name = segment.name(row);
            // A name is nearly always the end of its id.
            let name_begin = if id.ends_with(name) { texts.len() - name.len() } else { texts.len() };
            if !id.ends_with(name) {
                texts.push_str(name);
            }
            let kind = segment.kind(row);
            let known = kinds.iter().position(|known| known == kind).unwrap_or_else(|| {
                kinds.push(kind.into());
                kinds.len() - 1
            });
            Row {
                id: (small(begin), small(id.len())),
                name: (small(name_begin), small(name.len())),
                line: segment.span(row).start_line,
                kind: u16::try_from(known).unwrap_or(u16::MAX),
                has_path: !path.is_empty(),
            }
        });
        let rows = rows.collect();
        Self { path: segment.path().into(), texts: texts.into(), kinds: kinds.into(), rows }
    }

    fn row(&self, row: u32) -> Option<&Row> {
        self.rows.get(row as usize)
    }

    fn text(&self, (begin, length): (u32, u32)) -> &str {
        let begin = begin as usize;
        self.texts.get(begin..begin + length as usize).unwrap_or_default()
    }

    pub(crate) fn path(&self) -> &Text {
        &self.path
    }

    /// The id of a row; none if there is no such row.
    pub(crate) fn id(&self, row: u32) -> Option<String> {
        let row = self.row(row)?;
        let text = self.text(row.id);
        if !row.has_path {
            return Some(text.to_owned());
        }
        let mut id = String::with_capacity(self.path.len() + 2 + text.len());
        id.push_str(&self.path);
        id.push_str("::");
        id.push_str(text);
        Some(id)
    }

    pub(crate) fn name(&self, row: u32) -> &str {
        self.row(row).map_or("", |row| self.text(row.name))
    }

    pub(crate) fn kind(&self, row: u32) -> Text {
        let kind = self.row(row).and_then(|row| self.kinds.get(usize::from(row.kind)));
        kind.cloned().unwrap_or_default()
    }

    /// The line on which a row begins, from 1.
    pub(crate) fn line(&self, row: u32) -> u32 {
        self.row(row).map_or(0, |row| row.line)
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>()
            + self.path.len()
            + self.texts.len()
            + self.kinds.len() * size_of::<Text>()
            + size_of_val::<[Row]>(&self.rows)
            + 48
    }
}

/// A place in the texts of a segment, which are less than 4 GiB.
fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
