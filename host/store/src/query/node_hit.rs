//! A node as lists show it.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::graph::{NodePlace, StoredFile};
use crate::model::Text;
use crate::segment::{Listing, ShownTexts};

/// A node, as far as lists show it.
///
/// Most are a row of what is known of the nodes of their file, which all of them share: a row of an answer counts one
/// reference, however many texts it has.
///
/// As JSON it is an object with `id`, `name`, `kind`, `file` and `line`, and its order is that of these.
#[derive(Clone)]
pub struct NodeHit(Shown);

#[derive(Clone)]
enum Shown {
    /// By itself: its id, name and file are parts of one text.
    Alone { texts: Arc<str>, places: ShownTexts, kind: Text, line: u32 },
    /// A row of a listing.
    Listed { listing: Arc<Listing>, row: u32 },
}

impl NodeHit {
    pub(crate) fn of(place: &NodePlace) -> Self {
        Self::in_file(&place.file, place.row)
    }

    /// The node of a row of a file.
    fn in_file(file: &StoredFile, row: u32) -> Self {
        let (texts, places) = file.segment.shown_texts(row, &file.entry.path);
        let (kind, line) = (file.segment.kind(row).into(), file.segment.start_line(row));
        Self(Shown::Alone { texts, places, kind, line })
    }

    /// The node of a row of a listing; none if there is no such row.
    #[inline]
    pub(crate) fn listed(listing: &Arc<Listing>, row: u32) -> Option<Self> {
        let listed = || Shown::Listed { listing: Arc::clone(listing), row };
        (row < listing.len()).then(|| Self(listed()))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.0 {
            Shown::Alone { texts, places, .. } => part(texts, places.id),
            Shown::Listed { listing, row } => listing.id(*row),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Shown::Alone { texts, places, .. } => part(texts, places.name),
            Shown::Listed { listing, row } => listing.name(*row),
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        match &self.0 {
            Shown::Alone { kind, .. } => kind,
            Shown::Listed { listing, row } => listing.kind(*row),
        }
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> &str {
        match &self.0 {
            Shown::Alone { texts, places, .. } => part(texts, places.file),
            Shown::Listed { listing, .. } => listing.path(),
        }
    }

    /// The line on which it begins, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        match &self.0 {
            Shown::Alone { line, .. } => *line,
            Shown::Listed { listing, row } => listing.line(*row),
        }
    }

    /// All of it but the id, in the order in which nodes are compared.
    fn rest(&self) -> (&str, &str, &str, u32) {
        (self.name(), self.kind(), self.file(), self.line())
    }
}

fn part(texts: &str, (begin, end): (u32, u32)) -> &str {
    texts.get(begin as usize..end as usize).unwrap_or_default()
}

impl fmt::Debug for NodeHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, (name, kind, file, line)) = (self.id(), self.rest());
        let mut shown = f.debug_struct("NodeHit");
        shown.field("id", &id).field("name", &name).field("kind", &kind);
        shown.field("file", &file).field("line", &line).finish()
    }
}

impl PartialEq for NodeHit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for NodeHit {}

impl PartialOrd for NodeHit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NodeHit {
    fn cmp(&self, other: &Self) -> Ordering {
        let ids = self.id().cmp(other.id());
        ids.then_with(|| self.rest().cmp(&other.rest()))
    }
}

impl Serialize for NodeHit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, kind, file, line) = self.rest();
        let mut shown = serializer.serialize_struct("NodeHit", 5)?;
        shown.serialize_field("id", self.id())?;
        shown.serialize_field("name", name)?;
        shown.serialize_field("kind", kind)?;
        shown.serialize_field("file", file)?;
        shown.serialize_field("line", &line)?;
        shown.end()
    }
}
