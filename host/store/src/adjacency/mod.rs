//! The whole graph as compact lists of who points to whom, for traversals that touch much of it.
//!
//! Nodes are dense 32-bit ordinals, in the order of their files' paths and in a file in that of their ids. So who takes
//! the lowest ordinal takes the first node by file and id, and takes the same one whatever history the graph has. They are
//! read in one pass over the link records, without looking at a single segment, and kept in the shared cache under the
//! commit that they are of.
//!
//! `numbering` says which node an ordinal is, `rows` has the lists of one direction in chunks: entries of the cache that
//! are small beside it, so that a graph of any size fits if the budget is large enough.

mod build;
mod numbering;
mod rows;

use std::sync::Arc;

use codestrata_core::{Page, Result, ScanRequest};

pub(crate) use self::numbering::Numbering;
pub(crate) use self::rows::{Neighbour, Rows};
use crate::blocking::blocking;
use crate::cache::CachedRecord;
use crate::codec::{ContentName, content_name};
use crate::graph::{View, decode_ordinal};
use crate::keyspace::{self, FileOrd, Slot, Table};

/// Link records are read in pages of this size, each of which is decoded by one thread.
const PAGE_BYTES: usize = 1024 * 1024;

/// A dense node ordinal.
pub(crate) type Ordinal = u32;

/// One direction of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// What a node points to, and its references that lead nowhere.
    Outgoing,
    /// What points to a node.
    Incoming,
}

/// Both directions.
pub(crate) const BOTH: &[Side] = &[Side::Outgoing, Side::Incoming];

/// Neighbours of every node of a repository at one commit, in the directions that were asked for.
#[derive(Debug)]
pub(crate) struct Adjacency {
    numbering: Arc<Numbering>,
    outgoing: Vec<Arc<Rows>>,
    incoming: Vec<Arc<Rows>>,
}

impl Adjacency {
    /// The lists of a view, from the cache or the store.
    ///
    /// Cost: when they are not cached one scan of the link records and one of the paths; a few bytes an edge.
    pub(crate) async fn of(view: &View<'_>, sides: &'static [Side]) -> Result<Self> {
        if let Some(known) = Self::cached(view, sides) {
            return Ok(known);
        }
        let files = files_by_path(view).await?;
        let pages = link_pages(view).await?;
        let this = blocking(move || build::build(&files, &pages, sides)).await??;
        this.keep(view, sides);
        Ok(this)
    }

    fn cached(view: &View<'_>, sides: &[Side]) -> Option<Self> {
        let cache = &view.engine.cache;
        let Some(CachedRecord::Numbering(numbering)) = cache.record(name(view, b'n', 0)) else { return None };
        let mut this = Self { numbering, outgoing: Vec::new(), incoming: Vec::new() };
        for side in sides {
            let chunks: Option<Vec<Arc<Rows>>> = (0..rows::chunks(this.numbering.len()))
                .map(|chunk| match cache.record(name(view, side.letter(), chunk)) {
                    Some(CachedRecord::Neighbours(rows)) => Some(rows),
                    _ => None,
                })
                .collect();
            *this.side_mut(*side) = chunks?;
        }
        Some(this)
    }

    fn keep(&self, view: &View<'_>, sides: &[Side]) {
        let cache = &view.engine.cache;
        cache.keep(name(view, b'n', 0), CachedRecord::Numbering(Arc::clone(&self.numbering)));
        for side in sides {
            for (chunk, rows) in (0..).zip(self.side(*side)) {
                cache.keep(name(view, side.letter(), chunk), CachedRecord::Neighbours(Arc::clone(rows)));
            }
        }
    }

    fn side(&self, side: Side) -> &Vec<Arc<Rows>> {
        match side {
            Side::Outgoing => &self.outgoing,
            Side::Incoming => &self.incoming,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut Vec<Arc<Rows>> {
        match side {
            Side::Outgoing => &mut self.outgoing,
            Side::Incoming => &mut self.incoming,
        }
    }

    /// Which node an ordinal is.
    pub(crate) fn numbering(&self) -> &Numbering {
        &self.numbering
    }

    /// The ordinal of a node.
    pub(crate) fn ordinal(&self, file: FileOrd, slot: Slot) -> Option<Ordinal> {
        self.numbering.ordinal(file, slot)
    }

    /// The file and slot of an ordinal.
    pub(crate) fn place(&self, node: Ordinal) -> Option<(FileOrd, Slot)> {
        self.numbering.place(node)
    }

    fn row(&self, side: Side, node: Ordinal) -> impl Iterator<Item = Neighbour> + '_ {
        rows::row(self.side(side), node)
    }

    /// The edges that lead to this node, each with the node that it starts at.
    pub(crate) fn incoming(&self, node: Ordinal) -> impl Iterator<Item = Neighbour> + '_ {
        self.row(Side::Incoming, node)
    }

    /// The bound edges that start at this node, each with the node that it leads to.
    pub(crate) fn outgoing(&self, node: Ordinal) -> impl Iterator<Item = Neighbour> + '_ {
        let nowhere = self.nowhere();
        self.row(Side::Outgoing, node).filter(move |to| to.node != nowhere)
    }

    /// The references of this node that lead to no node.
    pub(crate) fn loose(&self, node: Ordinal) -> impl Iterator<Item = Neighbour> + '_ {
        let nowhere = self.nowhere();
        self.row(Side::Outgoing, node).filter(move |to| to.node == nowhere)
    }

    /// Stands for no node: one past the last.
    fn nowhere(&self) -> Ordinal {
        self.numbering.len()
    }

    /// How many ordinals there are.
    pub(crate) fn len(&self) -> usize {
        self.numbering.len() as usize
    }
}

impl Side {
    fn letter(self) -> u8 {
        match self {
            Self::Outgoing => b'o',
            Self::Incoming => b'i',
        }
    }
}

/// The files in the order of their paths.
async fn files_by_path(view: &View<'_>) -> Result<Vec<FileOrd>> {
    let mut files = Vec::new();
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Path));
    view.engine
        .for_each(view.reader(), request, |_, value| {
            files.push(decode_ordinal(value)?);
            Ok(())
        })
        .await?;
    Ok(files)
}

async fn link_pages(view: &View<'_>) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    let mut request = ScanRequest::new(keyspace::table(view.head.space, Table::Links)).max_bytes(PAGE_BYTES);
    loop {
        let page = view.reader().scan(&request).await?;
        let next = page.next().cloned();
        pages.push(page);
        match next {
            Some(range) => request = request.over(range),
            None => return Ok(pages),
        }
    }
}

/// Under which name a part is cached: those of different commits differ, so that none is ever wrong.
fn name(view: &View<'_>, part: u8, chunk: u32) -> ContentName {
    let commit = view.head.commit.to_le_bytes();
    content_name(&[b"adjacency".as_slice(), &commit, &[part], &chunk.to_le_bytes()].concat())
}
