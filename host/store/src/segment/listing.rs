//! What lists show of the nodes of a file, in little room: a thirtieth of the decoded segment, so that an answer of
//! thousands of nodes finds their files in the cache.

use std::sync::Arc;

use super::read::Segment;
use crate::model::{SharedText, Text};

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
        let id = if begins_with_path { add(texts, [path, "::", rest]) } else { add(texts, [rest]) };
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

/// Of one row: where its texts are, its kind and its line.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    id: (u32, u32),
    name: (u32, u32),
    line: u32,
    kind: u32,
}

/// The nodes of a file as lists show them, by row. Answers share its texts.
#[derive(Debug)]
pub(crate) struct Listing {
    texts: Arc<str>,
    /// Where the path is in the texts.
    file: (u32, u32),
    kinds: Box<[Text]>,
    rows: Box<[Row]>,
}

impl Listing {
    pub(crate) fn of(segment: &Segment) -> Self {
        let mut texts = String::new();
        let mut kinds: Vec<Text> = Vec::new();
        let file = add(&mut texts, [segment.path()]);
        let rows = (0..segment.node_count()).map(|row| {
            let id = add(&mut texts, segment.id_parts(row));
            let name = segment.name(row);
            // A name is nearly always the end of its id.
            let name = if texts.ends_with(name) {
                (id.1.saturating_sub(small(name.len())), id.1)
            } else {
                add(&mut texts, [name])
            };
            let kind = segment.kind(row);
            let known = kinds.iter().position(|known| known == kind).unwrap_or_else(|| {
                kinds.push(kind.into());
                kinds.len() - 1
            });
            Row { id, name, line: segment.start_line(row), kind: small(known) }
        });
        let rows = rows.collect();
        Self { texts: texts.into(), file, kinds: kinds.into(), rows }
    }

    fn row(&self, row: u32) -> Option<&Row> {
        self.rows.get(row as usize)
    }

    /// The texts of all rows.
    #[inline]
    pub(crate) fn texts(&self) -> &Arc<str> {
        &self.texts
    }

    /// The id of a row; none if there is no such row.
    pub(crate) fn id(&self, row: u32) -> Option<SharedText> {
        let (begin, end) = self.row(row)?.id;
        Some(SharedText::part(&self.texts, begin, end))
    }

    /// Where the texts of a row are, its kind and its line, from 1; none if there is no such row.
    #[inline]
    pub(crate) fn shown(&self, row: u32) -> Option<(ShownTexts, &Text, u32)> {
        let row = self.row(row)?;
        let places = ShownTexts { id: row.id, name: row.name, file: self.file };
        Some((places, self.kinds.get(row.kind as usize)?, row.line))
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>()
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
