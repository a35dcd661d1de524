//! The whole graph as compact lists of who points to whom, for traversals that touch much of it.
//!
//! Nodes are dense 32-bit ordinals: the nodes of a file follow each other by slot. It is read in one pass over the
//! link records, without looking at a single segment, and kept in the shared cache under the commit that it is of.

use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Page, Result, ScanRequest};
use rayon::prelude::*;

use crate::blocking::blocking;
use crate::cache::CachedRecord;
use crate::codec::{ContentName, content_name};
use crate::graph::View;
use crate::keyspace::{self, FileOrd, Slot, Table};
use crate::link::{CONTAINS, LinkEdges, LinkTarget};

/// Link records are read in pages of this size, each of which is decoded by one thread.
const PAGE_BYTES: usize = 1024 * 1024;

/// A dense node ordinal.
pub(crate) type Ordinal = u32;

/// Neighbours of every node: compressed sparse rows.
#[derive(Debug, Default)]
struct Rows {
    ends: Vec<u32>,
    neighbours: Vec<Ordinal>,
}

impl Rows {
    /// Sorts edges, given as (row, neighbour), into rows by counting.
    fn new(nodes: usize, edges: &[Vec<(Ordinal, Ordinal)>]) -> Self {
        let mut ends = vec![0_u32; nodes];
        for (row, _) in edges.iter().flatten() {
            if let Some(count) = ends.get_mut(*row as usize) {
                *count += 1;
            }
        }
        // First where each row begins; filling it moves that to where it ends.
        let mut total = 0;
        for end in &mut ends {
            let count = *end;
            *end = total;
            total += count;
        }
        let mut neighbours = vec![0; total as usize];
        for (row, neighbour) in edges.iter().flatten() {
            let Some(end) = ends.get_mut(*row as usize) else { continue };
            if let Some(place) = neighbours.get_mut(*end as usize) {
                *place = *neighbour;
                *end += 1;
            }
        }
        Self { ends, neighbours }
    }

    fn of(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        let end = self.ends.get(node as usize).copied().unwrap_or(0) as usize;
        let start = (node as usize).checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        let start = start as usize;
        self.neighbours.get(start..end).unwrap_or_default().iter().copied()
    }

    fn weight(&self) -> usize {
        (self.ends.len() + self.neighbours.len()) * 4
    }
}

/// Who depends on each node, in a repository at one commit: every bound edge but `contains`, by its target.
#[derive(Debug, Default)]
pub(crate) struct Adjacency {
    /// The files and the ordinal of their first node, sorted.
    bases: Vec<(FileOrd, Ordinal)>,
    /// The same by file: the ordinal plus one, 0 where there is no such file.
    base_of: Vec<u32>,
    incoming: Rows,
}

impl Adjacency {
    /// The lists of a view, from the cache or the store.
    ///
    /// Cost: when they are not cached one scan of the link records, a few bytes an edge.
    pub(crate) async fn of(view: &View<'_>) -> Result<Arc<Self>> {
        let name = cache_name(view);
        if let Some(CachedRecord::Adjacency(adjacency)) = view.engine.cache.record(name) {
            return Ok(adjacency);
        }
        let mut pages = Vec::new();
        let mut request =
            ScanRequest::new(keyspace::table(view.head.space, Table::Links)).max_bytes(PAGE_BYTES);
        loop {
            let page = view.reader().scan(&request).await?;
            let next = page.next().cloned();
            pages.push(page);
            match next {
                Some(range) => request = request.over(range),
                None => break,
            }
        }
        let adjacency = Arc::new(blocking(move || Self::build(&pages)).await??);
        view.engine.cache.keep(name, CachedRecord::Adjacency(Arc::clone(&adjacency)));
        Ok(adjacency)
    }

    /// Scans go in the order of keys, so the files come in the order of their ordinals.
    fn build(pages: &[Page]) -> Result<Self> {
        let decoded: Result<Vec<Vec<(FileOrd, LinkEdges)>>> = pages.par_iter().map(decode_page).collect();
        let decoded = decoded?;
        let mut this = Self::default();
        let mut nodes: Ordinal = 0;
        for (file, record) in decoded.iter().flatten() {
            this.bases.push((*file, nodes));
            this.base_of.resize(*file as usize, 0);
            this.base_of.push(nodes + 1);
            nodes = nodes.saturating_add(record.slots.end());
        }
        let edges: Vec<_> = decoded.par_iter().map(|records| this.edges(records)).collect();
        this.incoming = Rows::new(nodes as usize, &edges);
        Ok(this)
    }

    /// The edges of some files, as (to, from).
    fn edges(&self, records: &[(FileOrd, LinkEdges)]) -> Vec<(Ordinal, Ordinal)> {
        let mut edges = Vec::new();
        for (file, record) in records {
            let Some(base) = self.ordinal(*file, 0) else { continue };
            for link in record.links(*file) {
                // What contains a node does not depend on it.
                if let LinkTarget::Bound(other, slot, _) = link.target
                    && link.kind != CONTAINS
                    && let Some(to) = self.ordinal(other, slot)
                {
                    edges.push((to, base + link.source));
                }
            }
        }
        edges
    }

    /// The ordinal of a node.
    pub(crate) fn ordinal(&self, file: FileOrd, slot: Slot) -> Option<Ordinal> {
        self.base_of.get(file as usize)?.checked_sub(1)?.checked_add(slot)
    }

    /// The file and slot of an ordinal.
    pub(crate) fn place(&self, node: Ordinal) -> Option<(FileOrd, Slot)> {
        let after = self.bases.partition_point(|(_, base)| *base <= node);
        let (file, base) = self.bases.get(after.checked_sub(1)?)?;
        Some((*file, node - base))
    }

    /// The nodes from which edges lead to this one.
    pub(crate) fn incoming(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        self.incoming.of(node)
    }

    /// How many ordinals there are.
    pub(crate) fn len(&self) -> usize {
        self.incoming.ends.len()
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.bases.len() * 12 + self.incoming.weight()
    }
}

fn decode_page(page: &Page) -> Result<Vec<(FileOrd, LinkEdges)>> {
    page.iter()
        .map(|(key, value)| {
            let file = keyspace::last_ordinal(key)
                .ok_or_else(|| Error::new(ErrorKind::Corruption, "a link record has no ordinal"))?;
            Ok((file, LinkEdges::decode(value)?))
        })
        .collect()
}

fn cache_name(view: &View<'_>) -> ContentName {
    content_name(&[b"adjacency".as_slice(), &view.head.commit.to_le_bytes()].concat())
}
