//! The whole graph as compact lists of who points to whom, for traversals that touch much of it.
//!
//! Nodes are dense 32-bit ordinals, in the order of their files' paths and in a file in that of their ids. So who takes
//! the lowest ordinal takes the first node by file and id, and takes the same one whatever history the graph has. Lists
//! are made in one pass over the link records, without looking at a single segment, and kept in the shared cache with
//! the commit that they are of. What a commit changes is put aside for them, and brought in when they are next asked for.
//!
//! Ordinals move with every node that comes or goes before them. So the lists name nodes by handles, which stay, and who
//! walks far has them until a step is put in order.
//!
//! `numbering` says which node an ordinal is, `handles` which one a handle is, `lists` has the lists of one direction;
//! `build` makes them and `patch` changes them. `resident` keeps them within the budget of the cache.

mod build;
mod handles;
mod lists;
mod numbering;
mod patch;
mod resident;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use codestrata_core::{Page, Result, ScanRequest};

use self::build::{Builder, Built};
pub(crate) use self::handles::Handle;
use self::lists::Lists;
pub(crate) use self::lists::{Label, labels_of, resolution};
pub(crate) use self::numbering::{Numbering, Rows};
pub(crate) use self::patch::LinkChange;
use self::resident::Known;
pub(crate) use self::resident::{GraphKey, Resident};
use crate::blocking::{begin_blocking, blocking};
use crate::graph::{View, decode_ordinal};
use crate::keyspace::{self, FileOrd, Slot, Table};
use crate::model::Resolution;

/// Link records are read in pages of this size.
const PAGE_BYTES: usize = 512 * 1024;

/// So many pages are held at once, so that what making the lists takes beside them does not grow with the repository.
const PAGES_AT_ONCE: usize = 2;

/// A change of more links than this is brought in on a thread of its own, so that the executor does not wait for it.
const LINKS_AT_ONCE: usize = 4_096;

/// What an edge takes in both lists, nearly always.
const BYTES_PER_EDGE: u64 = 8;

/// What a node takes beside its edges.
const BYTES_PER_NODE: u64 = 9;

/// What a file takes beside its nodes.
const BYTES_PER_FILE: u64 = 56;

/// A dense node ordinal.
pub(crate) type Ordinal = u32;

/// One end of an edge, seen from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Neighbour {
    /// The node there.
    pub(crate) node: Ordinal,
    /// The number of the edge's kind; the numbering has its name.
    pub(crate) kind: u32,
    /// How sure the edge is; none for one whose target was stated.
    pub(crate) resolution: Option<Resolution>,
}

/// Neighbours of every node of a repository at one commit, in both directions.
#[derive(Debug)]
pub(crate) struct Adjacency {
    numbering: Numbering,
    outgoing: Lists,
    incoming: Lists,
}

impl Adjacency {
    /// The lists of a view, from the cache or the store.
    ///
    /// Cost: when they are not cached one scan of the link records and one of the paths. When they are of an earlier commit
    /// of this process, what it changed since.
    pub(crate) async fn of(view: &View<'_>) -> Result<Arc<Self>> {
        if let Some(lists) = Self::at_hand(view).await? {
            return Ok(lists);
        }
        let lists = Arc::new(Self::built(view).await?);
        view.engine.cache.keep_graph(GraphKey::of(view), view.head.commit, &lists);
        Ok(lists)
    }

    /// The lists of a view, if they or those of an earlier commit of this process are in the cache.
    ///
    /// Cost: what was changed since.
    pub(crate) async fn at_hand(view: &View<'_>) -> Result<Option<Arc<Self>>> {
        let resident = view.engine.cache.resident();
        let key = GraphKey::of(view);
        let patched = match resident.known(key, view.head.commit) {
            Known::Current(lists) => return Ok(Some(lists)),
            Known::Behind(lists, change) => Self::after(view, lists, change).await?,
            Known::Nothing => None,
        };
        if let Some(lists) = &patched {
            view.engine.cache.keep_graph(key, view.head.commit, lists);
        }
        Ok(patched)
    }

    /// Whether the lists of a view have room in the cache, as far as can be said before they are made.
    pub(crate) fn would_fit(view: &View<'_>) -> bool {
        let totals = &view.head.totals;
        let takes = |count: u64, bytes: u64| count.saturating_mul(bytes);
        let taken = takes(totals.edges, BYTES_PER_EDGE)
            .saturating_add(takes(totals.nodes, BYTES_PER_NODE))
            .saturating_add(takes(totals.files, BYTES_PER_FILE));
        taken <= view.engine.cache.room_for_graphs()
    }

    async fn built(view: &View<'_>) -> Result<Self> {
        let files: Arc<[FileOrd]> = files_by_path(view).await?.into();
        let mut kinds = BTreeSet::new();
        loop {
            let mut builder = Builder::new(kinds);
            let links = keyspace::table(view.head.space, Table::Links);
            let mut read = some_pages(view, Some(ScanRequest::new(links).max_bytes(PAGE_BYTES))).await?;
            while !read.0.is_empty() {
                let (pages, rest) = read;
                // While they are decoded the next ones are read.
                let added = begin_blocking(move || builder.add(&pages).map(|()| builder));
                read = some_pages(view, rest).await?;
                builder = added.await??;
            }
            let files = Arc::clone(&files);
            match blocking(move || builder.finish(&files)).await?? {
                Built::Lists(lists) => return Ok(lists),
                Built::Lacks(all) => kinds = all,
            }
        }
    }

    async fn after(view: &View<'_>, before: Arc<Self>, change: LinkChange) -> Result<Option<Arc<Self>>> {
        let order = if change.moves_files { Some(files_by_path(view).await?) } else { None };
        let is_small = change.len() <= LINKS_AT_ONCE;
        let patch = move || {
            let patched = match order {
                Some(order) => patch::patched(&before, &change, order.into_iter()),
                None => patch::patched(&before, &change, before.numbering.files()),
            };
            patched.map(Arc::new)
        };
        if is_small { Ok(patch()) } else { blocking(patch).await }
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

    /// The edges that lead to this node, each with the node that it starts at.
    pub(crate) fn incoming(&self, node: Ordinal) -> impl Iterator<Item = Neighbour> + '_ {
        self.numbering
            .handle(node)
            .into_iter()
            .flat_map(|handle| self.arriving(handle))
            .filter_map(self.neighbour())
    }

    /// The bound edges that start at this node, each with the node that it leads to.
    pub(crate) fn outgoing(&self, node: Ordinal) -> impl Iterator<Item = Neighbour> + '_ {
        self.numbering
            .handle(node)
            .into_iter()
            .flat_map(|handle| self.leaving(handle))
            .filter_map(self.neighbour())
    }

    /// The same by handles, with the labels of the edges. What is at the other end may be gone.
    #[inline]
    pub(crate) fn arriving(&self, node: Handle) -> impl Iterator<Item = (Handle, Label)> + '_ {
        self.incoming.row(node).bound()
    }

    /// The bound edges that start at a node, by handles.
    #[inline]
    pub(crate) fn leaving(&self, node: Handle) -> impl Iterator<Item = (Handle, Label)> + '_ {
        self.outgoing.row(node).bound()
    }

    /// The kinds and resolutions of the references of this node that lead to no node.
    pub(crate) fn loose(&self, node: Ordinal) -> impl Iterator<Item = (u32, Option<Resolution>)> + '_ {
        let row = self.numbering.handle(node).map(|handle| self.outgoing.row(handle).loose());
        row.into_iter().flatten().map(|label| (lists::kind(label), resolution(label)))
    }

    fn neighbour(&self) -> impl Fn((Handle, Label)) -> Option<Neighbour> + '_ {
        |(handle, label)| {
            let node = self.numbering.node(handle)?;
            Some(Neighbour { node, kind: lists::kind(label), resolution: resolution(label) })
        }
    }

    /// How many ordinals there are.
    pub(crate) fn len(&self) -> usize {
        self.numbering.len() as usize
    }

    /// How many edges and references there are.
    fn edge_count(&self) -> usize {
        self.outgoing.len()
    }

    /// The memory it takes, in bytes, roughly.
    fn weight(&self) -> usize {
        size_of::<Self>() + self.numbering.weight() + self.outgoing.weight() + self.incoming.weight()
    }
}

/// The files in the order of their paths.
async fn files_by_path(view: &View<'_>) -> Result<Vec<FileOrd>> {
    let mut files = Vec::new();
    let request = ScanRequest::new(keyspace::table(view.head.space, Table::Path));
    view.engine
        .for_each(view.reader().await?, request, |_, value| {
            files.push(decode_ordinal(value)?);
            Ok(())
        })
        .await?;
    Ok(files)
}

/// A few pages, and where it goes on; no pages where there is nothing to begin with.
async fn some_pages(
    view: &View<'_>,
    mut request: Option<ScanRequest>,
) -> Result<(Vec<Page>, Option<ScanRequest>)> {
    let mut pages = Vec::with_capacity(PAGES_AT_ONCE);
    while pages.len() < PAGES_AT_ONCE
        && let Some(next) = request.take()
    {
        let page = view.reader().await?.scan(&next).await?;
        request = page.next().map(|range| next.over(range.clone()));
        pages.push(page);
    }
    Ok((pages, request))
}
