//! Walking neighbour lists from some nodes, level by level.

use std::cell::Cell;
use std::sync::Arc;

use codestrata_core::Result;

use super::answer::{Answer, NodeHit};
use super::traversal::{Cut, Direction, Traversal};
use crate::adjacency::{Adjacency, Neighbour, Numbering, Ordinal};
use crate::graph::View;
use crate::keyspace::FileOrd;
use crate::model::{Resolution, SharedText};
use crate::segment::Listing;

/// A node that was reached: how far away it is, and by which way.
///
/// The order of the fields is that of preference: of the ways of one length the surest counts, and of those the one over
/// the first node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reached<N = Ordinal> {
    pub(super) node: N,
    /// The resolution of the least sure edge of the way.
    pub(super) weakest: Option<Resolution>,
    pub(super) via: N,
    pub(super) depth: u32,
}

/// What a walk came to.
#[derive(Debug)]
pub(super) struct Walk<N = Ordinal> {
    /// Nearest first, then in the order of ordinals; without the nodes that it began at.
    pub(super) reached: Vec<Reached<N>>,
    pub(super) cut: Vec<Cut>,
}

impl<N> Default for Walk<N> {
    fn default() -> Self {
        Self { reached: Vec::new(), cut: Vec::new() }
    }
}

/// The nodes next to one in a direction.
pub(super) fn next_to(
    adjacency: &Adjacency,
    node: Ordinal,
    direction: Direction,
) -> impl Iterator<Item = Neighbour> + '_ {
    let out = (direction != Direction::Incoming).then(|| adjacency.outgoing(node));
    let into = (direction != Direction::Outgoing).then(|| adjacency.incoming(node));
    out.into_iter().flatten().chain(into.into_iter().flatten())
}

/// Everything that can be reached from some nodes. Each node once, by one of the surest of its shortest ways; the answer
/// is the same whatever the graph's history.
///
/// Cost: the edges of the nodes that are reached.
pub(super) fn walk(adjacency: &Adjacency, starts: &[Ordinal], how: &Traversal) -> Walk {
    let wanted = adjacency.numbering().kinds_wanted(|kind| how.kinds.contains(kind));
    let is_wanted = |edge: &Neighbour| wanted.get(edge.kind as usize) == Some(&true);
    // For each node 0 while it is unknown, then its place in the level plus one, and at last `SEEN`.
    let mut places = vec![0_u32; adjacency.len()];
    for start in starts {
        see(&mut places, *start);
    }
    let mut walk = Walk::default();
    let mut frontier: Vec<Reached> =
        starts.iter().map(|node| Reached { node: *node, weakest: None, via: *node, depth: 0 }).collect();
    for depth in 1..=how.depth.saturating_add(1) {
        let mut next: Vec<Reached> = Vec::new();
        for from in &frontier {
            for edge in next_to(adjacency, from.node, how.direction).filter(&is_wanted) {
                let Some(place) = places.get_mut(edge.node as usize).filter(|place| **place != SEEN) else {
                    continue;
                };
                let weakest = from.weakest.max(edge.resolution);
                let reached = Reached { node: edge.node, weakest, via: from.node, depth };
                match place.checked_sub(1).and_then(|place| next.get_mut(place as usize)) {
                    Some(known) => *known = reached.min(*known),
                    None => {
                        next.push(reached);
                        *place = u32::try_from(next.len()).unwrap_or(SEEN);
                    }
                }
            }
        }
        next.sort_unstable_by_key(|reached| reached.node);
        if next.is_empty() {
            break;
        }
        if depth > how.depth {
            walk.cut.push(Cut::Depth);
            break;
        }
        let room = how.visited.saturating_sub(walk.reached.len());
        if next.len() > room {
            walk.reached.extend(next.iter().take(room));
            walk.cut.push(Cut::Nodes);
            break;
        }
        for reached in &next {
            see(&mut places, reached.node);
        }
        walk.reached.extend(&next);
        frontier = next;
    }
    walk
}

/// Says that a node was reached on an earlier level.
const SEEN: u32 = u32::MAX;

fn see(places: &mut [u32], node: Ordinal) {
    if let Some(place) = places.get_mut(node as usize) {
        *place = SEEN;
    }
}

/// What lists show of some nodes.
pub(super) struct Described<'a> {
    numbering: &'a Numbering,
    /// By file, sorted.
    listings: Vec<(FileOrd, Arc<Listing>)>,
    /// The place of the listing that was asked last: nodes are asked for file by file.
    last: Cell<usize>,
}

/// Reads what lists show of the nodes of some ordinals.
///
/// Cost: the listings of their files, from the cache or made of their segments.
pub(super) async fn describe<'a>(
    view: &View<'_>,
    adjacency: &'a Adjacency,
    nodes: impl Iterator<Item = Ordinal>,
) -> Result<Described<'a>> {
    let numbering = adjacency.numbering();
    let mut files: Vec<FileOrd> = nodes.filter_map(|node| Some(numbering.row(node)?.0)).collect();
    files.dedup();
    files.sort_unstable();
    files.dedup();
    Ok(Described { numbering, listings: view.listings(&files).await?, last: Cell::new(0) })
}

impl Described<'_> {
    fn place(&self, node: Ordinal) -> Option<(&Listing, u32)> {
        let (file, row) = self.numbering.row(node)?;
        let is_last = self.listings.get(self.last.get()).is_some_and(|(last, _)| *last == file);
        if !is_last {
            self.last.set(self.listings.binary_search_by_key(&file, |(file, _)| *file).ok()?);
        }
        Some((self.listings.get(self.last.get())?.1.as_ref(), row))
    }

    /// The node of an ordinal.
    pub(super) fn hit(&self, node: Ordinal) -> Option<NodeHit> {
        let (listing, row) = self.place(node)?;
        NodeHit::listed(listing, row)
    }

    /// The id of an ordinal.
    pub(super) fn id(&self, node: Ordinal) -> Option<SharedText> {
        let (listing, row) = self.place(node)?;
        listing.id(row)
    }
}

impl<T> Answer<T> {
    /// Says that something was cut: of the answer, or of what is beyond the depth that was asked for, which is no part of it.
    pub(super) fn cut(&mut self, why: Cut) {
        self.truncated |= why != Cut::Depth;
        if !self.cut.contains(&why) {
            self.cut.push(why);
            self.cut.sort_unstable();
        }
    }
}
