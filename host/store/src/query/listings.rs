//! What lists show of nodes: of those of some files, which are looked up once each.

use std::cell::Cell;
use std::sync::Arc;

use codestrata_core::Result;

use super::answer::NodeHit;
use crate::adjacency::{Adjacency, Ordinal, Rows};
use crate::graph::View;
use crate::keyspace::FileOrd;
use crate::model::SharedText;
use crate::segment::Listing;

/// A node: its file, and its row there.
pub(super) type FileRow = (FileOrd, u32);

/// Files, each once, sorted.
pub(super) struct Files(Vec<FileOrd>);

impl FromIterator<FileRow> for Files {
    /// The files of some nodes.
    fn from_iter<I: IntoIterator<Item = FileRow>>(nodes: I) -> Self {
        let mut files: Vec<FileOrd> = Vec::new();
        for (file, _) in nodes {
            // Nodes come file by file.
            if files.last() != Some(&file) {
                files.push(file);
            }
        }
        files.sort_unstable();
        files.dedup();
        Self(files)
    }
}

/// What lists show of the nodes of some files.
pub(super) struct Listings {
    /// By file, sorted.
    by_file: Vec<(FileOrd, Arc<Listing>)>,
    /// The place of the listing that was asked last: nodes are asked for file by file.
    last: Cell<usize>,
}

impl Listings {
    /// Reads what lists show of some files.
    ///
    /// Cost: the listings of the files, from the cache or made of their segments.
    pub(super) async fn of(view: &View<'_>, files: Files) -> Result<Self> {
        Ok(Self { by_file: view.listings(&files.0).await?, last: Cell::new(0) })
    }

    #[inline]
    fn listing(&self, file: FileOrd) -> Option<&Arc<Listing>> {
        let last = self.by_file.get(self.last.get()).filter(|(last, _)| *last == file);
        if let Some((_, listing)) = last {
            return Some(listing);
        }
        let place = self.by_file.binary_search_by_key(&file, |(file, _)| *file).ok()?;
        self.last.set(place);
        self.by_file.get(place).map(|(_, listing)| listing)
    }

    /// A node as it is answered.
    #[inline]
    pub(super) fn hit(&self, (file, row): FileRow) -> Option<NodeHit> {
        NodeHit::listed(self.listing(file)?, row)
    }

    /// The id of a node.
    pub(super) fn id(&self, (file, row): FileRow) -> Option<SharedText> {
        self.listing(file)?.shared_id(row)
    }

    /// The same, borrowed; empty if there is no such node.
    pub(super) fn id_text(&self, (file, row): FileRow) -> &str {
        self.listing(file).map(|listing| listing.id(row)).unwrap_or_default()
    }
}

/// What lists show of some nodes, by ordinal.
pub(super) struct Described<'a> {
    rows: Rows<'a>,
    known: Listings,
}

/// Reads what lists show of the nodes of some ordinals.
///
/// Cost: that of [`Listings::of`].
pub(super) async fn describe<'a>(
    view: &View<'_>,
    adjacency: &'a Adjacency,
    nodes: impl Iterator<Item = Ordinal>,
) -> Result<Described<'a>> {
    let rows = adjacency.numbering().rows();
    let files = nodes.filter_map(|node| rows.row(node)).collect();
    let known = Listings::of(view, files).await?;
    Ok(Described { rows, known })
}

impl Described<'_> {
    /// The node of an ordinal.
    pub(super) fn hit(&self, node: Ordinal) -> Option<NodeHit> {
        self.known.hit(self.rows.row(node)?)
    }

    /// The id of an ordinal.
    pub(super) fn id(&self, node: Ordinal) -> Option<SharedText> {
        self.known.id(self.rows.row(node)?)
    }
}
