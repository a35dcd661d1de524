//! How much of each kind a file has: of a first generation the history says no more.

use crate::limits::MAX_CHANGED_KINDS;
use crate::link::LinkRecord;
use crate::segment::Segment;

/// What a file has, in figures.
pub(in crate::graph) struct FileTally {
    pub(super) path: String,
    pub(super) nodes: u64,
    pub(super) edges: u64,
    /// By kind, in the order of their first occurrence.
    pub(super) nodes_by_kind: Vec<(String, u64)>,
    pub(super) edges_by_kind: Vec<(String, u64)>,
}

impl FileTally {
    /// Counts a file.
    ///
    /// Cost: a look at the kind of each node and edge.
    pub(in crate::graph) fn of(segment: &Segment, links: &LinkRecord) -> Self {
        let nodes = counts((0..segment.node_count()).map(|row| segment.kind(row)));
        let edges = counts(links.edges.kinds());
        let named = edges.into_iter().map(|(kind, count)| (links.edges.kind(kind).to_owned(), count));
        Self {
            path: segment.path().to_owned(),
            nodes: u64::from(segment.node_count()),
            edges: u64::try_from(links.len()).unwrap_or(u64::MAX),
            edges_by_kind: named.collect(),
            nodes_by_kind: nodes.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect(),
        }
    }
}

/// How often each kind occurs. Kinds are open, and no more are told apart than the history keeps.
fn counts<K: Copy + PartialEq>(kinds: impl Iterator<Item = K>) -> Vec<(K, u64)> {
    let mut counts: Vec<(K, u64)> = Vec::new();
    for kind in kinds {
        let is_full = counts.len() >= MAX_CHANGED_KINDS;
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None if is_full => {}
            None => counts.push((kind, 1)),
        }
    }
    counts
}
