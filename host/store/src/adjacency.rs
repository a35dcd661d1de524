//! The whole graph as compact neighbour lists, for traversals that touch much of it.
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
use crate::link::{LinkRecord, LinkTarget};

/// A dense node ordinal.
pub(crate) type Ordinal = u32;

/// Neighbours of every node in one direction: compressed sparse rows.
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

/// The neighbour lists of a repository at one commit, in both directions.
#[derive(Debug, Default)]
pub(crate) struct Adjacency {
    /// The files and the ordinal of their first node, sorted.
    bases: Vec<(FileOrd, Ordinal)>,
    kinds: Vec<String>,
    incoming: Rows,
    outgoing: Rows,
}

impl Adjacency {
    /// The neighbour lists of a view, from the cache or the store.
    ///
    /// Cost: when they are not cached one scan of the link records, a few bytes an edge.
    pub(crate) async fn of(view: &View<'_>) -> Result<Arc<Self>> {
        let name = cache_name(view);
        if let Some(CachedRecord::Adjacency(adjacency)) = view.engine.cache.record(name) {
            return Ok(adjacency);
        }
        let mut records: Vec<(FileOrd, LinkRecord)> = Vec::new();
        let request = ScanRequest::new(keyspace::table(view.head.space, Table::Links));
        view.engine
            .for_each(view.reader(), request, |key, value| {
                let file = keyspace::last_ordinal(key)
                    .ok_or_else(|| Error::new(ErrorKind::Corruption, "a link record has no ordinal"))?;
                records.push((file, LinkRecord::decode(value)?));
                Ok(())
            })
            .await?;
        let adjacency = Arc::new(Self::build(&records));
        view.engine.cache.keep(name, CachedRecord::Adjacency(Arc::clone(&adjacency)));
        Ok(adjacency)
    }

    fn build(records: &[(FileOrd, LinkRecord)]) -> Self {
        let mut bases = Vec::with_capacity(records.len());
        let mut nodes: Ordinal = 0;
        for (file, record) in records {
            bases.push((*file, nodes));
            nodes = nodes.saturating_add(record.slots.end());
        }
        let mut this = Self { bases, ..Self::default() };
        let mut numbers: HashMap<String, u16> = HashMap::new();
        let mut edges = Vec::new();
        for (file, record) in records {
            let kinds: Vec<u16> =
                record.kinds.iter().map(|kind| this.kind_number(kind, &mut numbers)).collect();
            for link in record.links(*file) {
                if let LinkTarget::Bound(other, slot, _) = link.target
                    && let (Some(from), Some(to)) =
                        (this.ordinal(*file, link.source), this.ordinal(other, slot))
                {
                    edges.push((from, to, kinds.get(link.kind as usize).copied().unwrap_or(u16::MAX)));
                }
            }
        }
        this.outgoing = Rows::new(nodes as usize, &edges);
        for (from, to, _) in &mut edges {
            std::mem::swap(from, to);
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
        let index = self.bases.binary_search_by_key(&file, |(file, _)| *file).ok()?;
        self.bases.get(index)?.1.checked_add(slot)
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

    /// The nodes to which edges lead from this one, with the kinds' numbers.
    pub(crate) fn outgoing(&self, node: Ordinal) -> impl Iterator<Item = (Ordinal, u16)> + '_ {
        self.outgoing.of(node)
    }

    /// How many ordinals there are.
    pub(crate) fn len(&self) -> usize {
        self.incoming.ends.len()
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.bases.len() * 8 + self.incoming.weight() + self.outgoing.weight()
    }
}

fn cache_name(view: &View<'_>) -> ContentName {
    content_name(&[b"adjacency".as_slice(), &view.head.commit.to_le_bytes()].concat())
}
