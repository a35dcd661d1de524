//! The whole graph as compact lists of who points to whom, for traversals that touch much of it.
//!
//! Nodes are dense 32-bit ordinals: the nodes of a file follow each other by slot. It is read in one pass over the
//! link records, without looking at a single segment, and kept in the shared cache under the commit that it is of.

use std::collections::HashMap;
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Result, ScanRequest};

use crate::cache::CachedRecord;
use crate::codec::{ContentName, content_name};
use crate::graph::View;
use crate::keyspace::{self, FileOrd, Slot, Table};
use crate::link::{LinkEdges, LinkTarget};

/// A dense node ordinal.
pub(crate) type Ordinal = u32;

/// Neighbours of every node: compressed sparse rows.
#[derive(Debug, Default)]
struct Rows {
    ends: Vec<u32>,
    neighbours: Vec<Ordinal>,
    kinds: Vec<u16>,
}

impl Rows {
    /// Sorts edges, given as (from, to, kind), into rows by counting.
    fn new(nodes: usize, edges: &[(Ordinal, Ordinal, u16)]) -> Self {
        let mut ends = vec![0_u32; nodes];
        for (from, ..) in edges {
            if let Some(count) = ends.get_mut(*from as usize) {
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
        let mut neighbours = vec![0; edges.len()];
        let mut kinds = vec![0; edges.len()];
        for (from, to, kind) in edges {
            let Some(end) = ends.get_mut(*from as usize) else { continue };
            if let (Some(neighbour), Some(place)) =
                (neighbours.get_mut(*end as usize), kinds.get_mut(*end as usize))
            {
                (*neighbour, *place) = (*to, *kind);
                *end += 1;
            }
        }
        Self { ends, neighbours, kinds }
    }

    fn of(&self, node: Ordinal) -> impl Iterator<Item = (Ordinal, u16)> + '_ {
        let end = self.ends.get(node as usize).copied().unwrap_or(0) as usize;
        let start = (node as usize).checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        let start = start as usize;
        let neighbours = self.neighbours.get(start..end).unwrap_or_default();
        neighbours.iter().copied().zip(self.kinds.get(start..end).unwrap_or_default().iter().copied())
    }

    fn weight(&self) -> usize {
        self.ends.len() * 4 + self.neighbours.len() * 6
    }
}

/// Who points to each node, in a repository at one commit.
#[derive(Debug, Default)]
pub(crate) struct Adjacency {
    /// The files and the ordinal of their first node, sorted.
    bases: Vec<(FileOrd, Ordinal)>,
    /// The same by file: the ordinal plus one, 0 where there is no such file.
    base_of: Vec<u32>,
    kinds: Vec<String>,
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
        let mut records: Vec<(FileOrd, LinkEdges)> = Vec::new();
        let request = ScanRequest::new(keyspace::table(view.head.space, Table::Links));
        view.engine
            .for_each(view.reader(), request, |key, value| {
                let file = keyspace::last_ordinal(key)
                    .ok_or_else(|| Error::new(ErrorKind::Corruption, "a link record has no ordinal"))?;
                records.push((file, LinkEdges::decode(value)?));
                Ok(())
            })
            .await?;
        let adjacency = Arc::new(Self::build(&records));
        view.engine.cache.keep(name, CachedRecord::Adjacency(Arc::clone(&adjacency)));
        Ok(adjacency)
    }

    /// Scans go in the order of keys, so the files come in the order of their ordinals.
    fn build(records: &[(FileOrd, LinkEdges)]) -> Self {
        let mut this = Self::default();
        let mut nodes: Ordinal = 0;
        for (file, record) in records {
            this.bases.push((*file, nodes));
            this.base_of.resize(*file as usize, 0);
            this.base_of.push(nodes + 1);
            nodes = nodes.saturating_add(record.slots.end());
        }
        let mut numbers: HashMap<String, u16> = HashMap::new();
        let mut edges = Vec::new();
        for (file, record) in records {
            let kinds: Vec<u16> =
                record.kinds.iter().map(|kind| this.kind_number(kind, &mut numbers)).collect();
            let Some(base) = this.ordinal(*file, 0) else { continue };
            for link in record.links(*file) {
                if let LinkTarget::Bound(other, slot, _) = link.target
                    && let Some(to) = this.ordinal(other, slot)
                {
                    let kind = kinds.get(link.kind as usize).copied().unwrap_or(u16::MAX);
                    edges.push((to, base + link.source, kind));
                }
            }
        }
        this.incoming = Rows::new(nodes as usize, &edges);
        this
    }

    fn kind_number(&mut self, kind: &str, numbers: &mut HashMap<String, u16>) -> u16 {
        if let Some(number) = numbers.get(kind) {
            return *number;
        }
        // Kinds beyond 65,535 share the last number, which no query by kind finds.
        let number = u16::try_from(self.kinds.len()).unwrap_or(u16::MAX);
        self.kinds.push(kind.to_owned());
        numbers.insert(kind.to_owned(), number);
        number
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

    /// The numbers of the kinds that are wanted.
    pub(crate) fn kind_numbers(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<bool> {
        self.kinds.iter().map(|kind| is_wanted(kind)).collect()
    }

    /// The nodes from which edges lead to this one, with the kinds' numbers.
    pub(crate) fn incoming(&self, node: Ordinal) -> impl Iterator<Item = (Ordinal, u16)> + '_ {
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

fn cache_name(view: &View<'_>) -> ContentName {
    content_name(&[b"adjacency".as_slice(), &view.head.commit.to_le_bytes()].concat())
}
