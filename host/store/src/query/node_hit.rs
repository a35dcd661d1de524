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
/// Its id, name and file are parts of one text, which the nodes of a walk share with all others of their file: so a row of
/// an answer counts one reference, however many texts it has.
///
/// As JSON it is an object with `id`, `name`, `kind`, `file` and `line`, and its order is that of these.
#[derive(Clone)]
pub struct NodeHit {
    texts: Arc<str>,
    places: ShownTexts,
    kind: Text,
    line: u32,
}

impl NodeHit {
    pub(crate) fn of(place: &NodePlace) -> Self {
        Self::in_file(&place.file, place.row)
    }

    /// The node of a row of a file.
    pub(crate) fn in_file(file: &StoredFile, row: u32) -> Self {
        let (texts, places) = file.segment.shown_texts(row, &file.entry.path);
        Self { texts, places, kind: file.segment.kind(row).into(), line: file.segment.start_line(row) }
    }

    /// The node of a row of a listing; none if there is no such row. Its texts are those of the listing.
    #[inline]
    pub(crate) fn listed(listing: &Listing, row: u32) -> Option<Self> {
        let (places, kind, line) = listing.shown(row)?;
        Some(Self { texts: Arc::clone(listing.texts()), places, kind: kind.clone(), line })
    }

    fn text(&self, (begin, end): (u32, u32)) -> &str {
        self.texts.get(begin as usize..end as usize).unwrap_or_default()
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text(self.places.id)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(self.places.name)
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> &str {
        self.text(self.places.file)
    }

    /// The line on which it begins, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// All of it, in the order in which nodes are compared.
    fn shown(&self) -> (&str, &str, &str, &str, u32) {
        (self.id(), self.name(), &self.kind, self.file(), self.line)
    }
}

impl fmt::Debug for NodeHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, name, kind, file, line) = self.shown();
        let mut shown = f.debug_struct("NodeHit");
        shown.field("id", &id).field("name", &name).field("kind", &kind);
        shown.field("file", &file).field("line", &line).finish()
    }
}

impl PartialEq for NodeHit {
    fn eq(&self, other: &Self) -> bool {
        self.shown() == other.shown()
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
        self.shown().cmp(&other.shown())
    }
}

impl Serialize for NodeHit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (id, name, kind, file, line) = self.shown();
        let mut shown = serializer.serialize_struct("NodeHit", 5)?;
        shown.serialize_field("id", id)?;
        shown.serialize_field("name", name)?;
        shown.serialize_field("kind", kind)?;
        shown.serialize_field("file", file)?;
        shown.serialize_field("line", &line)?;
        shown.end()
    }
}
