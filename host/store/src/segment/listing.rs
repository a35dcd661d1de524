//! What lists show of the nodes of a file, in little room: a thirtieth of the decoded segment, so that an answer of
//! thousands of nodes finds their files in the cache.

use std::sync::Arc;

use super::read::Segment;
use crate::model::{SharedText, Text};

/// Of one row: where its texts are, its kind and its line.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// Where the id begins, and how long it is.
    id: (u32, u32),
    /// The same of the name.
    name: (u32, u32),
    line: u32,
    kind: u32,
}

/// The nodes of a file as lists show them, by row. Answers share its texts.
#[derive(Debug)]
pub(crate) struct Listing {
    path: Text,
    texts: Arc<str>,
    kinds: Box<[Text]>,
    rows: Box<[Row]>,
}

impl Listing {
    pub(crate) fn of(segment: &Segment) -> Self {
        let mut texts = String::new();
        let mut kinds: Vec<Text> = Vec::new();
        let rows = (0..segment.node_count()).map(|row| {
            let begin = texts.len();
            texts.extend(segment.id_parts(row));
            let id = (small(begin), small(texts.len() - begin));
            let name = segment.name(row);
            // A name is nearly always the end of its id.
            if !texts.ends_with(name) {
                texts.push_str(name);
            }
            let kind = segment.kind(row);
            let known = kinds.iter().position(|known| known == kind).unwrap_or_else(|| {
                kinds.push(kind.into());
                kinds.len() - 1
            });
            Row {
                id,
                name: (small(texts.len() - name.len()), small(name.len())),
                line: segment.start_line(row),
                kind: small(known),
            }
        });
        let rows = rows.collect();
        Self { path: segment.path().into(), texts: texts.into(), kinds: kinds.into(), rows }
    }

    fn row(&self, row: u32) -> Option<&Row> {
        self.rows.get(row as usize)
    }

    #[inline]
    fn text(&self, (begin, length): (u32, u32)) -> SharedText {
        SharedText::part(&self.texts, begin, begin.saturating_add(length))
    }

    pub(crate) fn path(&self) -> &Text {
        &self.path
    }

    /// The id of a row; none if there is no such row.
    pub(crate) fn id(&self, row: u32) -> Option<SharedText> {
        Some(self.text(self.row(row)?.id))
    }

    /// The id, name, kind and line of a row, from 1; none if there is no such row.
    #[inline]
    pub(crate) fn shown(&self, row: u32) -> Option<(SharedText, SharedText, Text, u32)> {
        let row = self.row(row)?;
        let kind = self.kinds.get(row.kind as usize)?.clone();
        Some((self.text(row.id), self.text(row.name), kind, row.line))
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
