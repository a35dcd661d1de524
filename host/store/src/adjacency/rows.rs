//! Neighbour lists of one direction: compressed sparse rows, in chunks of so many nodes.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Ordinal, Side};
use crate::codec::Column;
use crate::model::Resolution;

/// The nodes of one chunk. With six edges a node, each four or five bytes, it takes about 250 KB.
const NODES_PER_CHUNK: u32 = 8_192;

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

/// An edge, while lists are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Ordinal,
    /// One past the last node for a reference that leads nowhere.
    pub(super) to: Ordinal,
    pub(super) label: u32,
}

/// The lists of the nodes of one chunk.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    ends: Column,
    neighbours: Column,
    labels: Column,
}

/// Kind and resolution as one number, small where the kind's is.
pub(super) fn label(kind: u32, resolution: Option<Resolution>) -> u32 {
    kind.saturating_mul(6).saturating_add(resolution.map_or(0, |how| how as u32 + 1))
}

fn resolution(label: u32) -> Option<Resolution> {
    match label % 6 {
        0 => None,
        1 => Some(Resolution::Exact),
        2 => Some(Resolution::Import),
        3 => Some(Resolution::UniqueName),
        4 => Some(Resolution::Ambiguous),
        _ => Some(Resolution::Unresolved),
    }
}

/// How many chunks so many nodes take.
pub(super) fn chunks(nodes: Ordinal) -> u32 {
    nodes.div_ceil(NODES_PER_CHUNK)
}

/// The list of a node.
pub(super) fn row(chunks: &[Arc<Rows>], node: Ordinal) -> impl Iterator<Item = Neighbour> + '_ {
    let rows = chunks.get((node / NODES_PER_CHUNK) as usize);
    let place = (node % NODES_PER_CHUNK) as usize;
    rows.into_iter().flat_map(move |rows| rows.of(place))
}

impl Rows {
    fn of(&self, place: usize) -> impl Iterator<Item = Neighbour> + '_ {
        let start = place.checked_sub(1).map_or(0, |last| self.ends.get(last));
        (start..self.ends.get(place)).map(|at| {
            let label = self.labels.get(at as usize);
            Neighbour {
                node: self.neighbours.get(at as usize),
                kind: label / 6,
                resolution: resolution(label),
            }
        })
    }

    /// The memory it takes, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.ends.weight() + self.neighbours.weight() + self.labels.weight()
    }
}

/// Sorts edges into the lists of one direction, by counting.
pub(super) fn lists(nodes: Ordinal, edges: &[Vec<Edge>], side: Side) -> Vec<Arc<Rows>> {
    let ends_of = |edge: &Edge| match side {
        Side::Outgoing => (edge.from, edge.to),
        Side::Incoming => (edge.to, edge.from),
    };
    // First how many there are, then where each row begins; filling moves that to where it ends.
    let mut ends = vec![0_usize; nodes as usize];
    for edge in edges.iter().flatten() {
        if let Some(count) = ends.get_mut(ends_of(edge).0 as usize) {
            *count += 1;
        }
    }
    let mut total = 0;
    for end in &mut ends {
        let count = *end;
        *end = total;
        total += count;
    }
    let mut sorted = vec![(0, 0); total];
    for edge in edges.iter().flatten() {
        let (row, neighbour) = ends_of(edge);
        // References that lead nowhere are in no list of what comes in.
        let Some(end) = ends.get_mut(row as usize) else { continue };
        if let Some(place) = sorted.get_mut(*end) {
            *place = (neighbour, edge.label);
            *end += 1;
        }
    }
    let per_chunk = NODES_PER_CHUNK as usize;
    let chunk = |(number, chunk): (usize, &[usize])| {
        let begin = (number * per_chunk).checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
        let end = chunk.last().copied().unwrap_or(begin);
        let edges = sorted.get(begin..end).unwrap_or_default();
        Arc::new(Rows {
            ends: chunk.iter().map(|end| u32::try_from(end - begin).unwrap_or(u32::MAX)).collect(),
            neighbours: edges.iter().map(|(neighbour, _)| *neighbour).collect(),
            labels: edges.iter().map(|(_, label)| *label).collect(),
        })
    };
    ends.par_chunks(per_chunk).enumerate().map(chunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_come_back_on_both_sides_across_chunks() {
        let nodes = NODES_PER_CHUNK * 2 + 5;
        let ends =
            [(0, nodes - 1), (nodes - 1, 0), (NODES_PER_CHUNK, NODES_PER_CHUNK - 1), (0, nodes), (0, 7)];
        let edges = ends.map(|(from, to)| Edge { from, to, label: label(9, Some(Resolution::Ambiguous)) });
        let edges = [edges[..2].to_vec(), edges[2..].to_vec()];
        let targets = |side, node| -> Vec<Ordinal> {
            row(&lists(nodes, &edges, side), node).map(|neighbour| neighbour.node).collect()
        };
        assert_eq!(chunks(nodes), 3);
        assert_eq!(targets(Side::Outgoing, 0), [nodes - 1, nodes, 7]);
        assert_eq!(targets(Side::Outgoing, nodes - 1), [0]);
        assert_eq!(targets(Side::Incoming, NODES_PER_CHUNK - 1), [NODES_PER_CHUNK]);
        assert_eq!(targets(Side::Incoming, 0), [nodes - 1]);
        assert!(targets(Side::Incoming, nodes).is_empty(), "nowhere has no list");
        let one = row(&lists(nodes, &edges, Side::Outgoing), 0).next();
        assert_eq!(one.map(|one| (one.kind, one.resolution)), Some((9, Some(Resolution::Ambiguous))));
    }

    #[test]
    fn an_edge_of_a_usual_kind_takes_a_few_bytes() {
        let edges =
            vec![(0..100_000).map(|n| Edge { from: n, to: 99_999 - n, label: label(6, None) }).collect()];
        let lists = lists(100_000, &edges, Side::Incoming);
        let bytes: usize = lists.iter().map(|rows| rows.weight()).sum();
        assert!(bytes < 100_000 * 7, "{bytes} bytes for 100,000 nodes and as many edges");
    }
}
