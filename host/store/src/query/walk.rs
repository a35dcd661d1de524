//! Walking neighbour lists from some nodes, level by level.

use super::answer::Answer;
use super::traversal::{Cut, Direction, Traversal};
use crate::adjacency::{Adjacency, Handle, Label, Neighbour, Ordinal, labels_of, resolution};
use crate::model::Resolution;

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

impl<N> Walk<N> {
    /// Takes in what is so many edges away, in order, and says whether the walk goes on from there. Of what is beyond the
    /// depth that was asked for it is enough to know that there is something.
    pub(super) fn step(
        &mut self,
        depth: u32,
        next: impl ExactSizeIterator<Item = Reached<N>>,
        how: &Traversal,
    ) -> bool {
        let (count, room) = (next.len(), how.visited.saturating_sub(self.reached.len()));
        if count == 0 {
            return false;
        }
        if depth > how.depth {
            self.cut.push(Cut::Depth);
            return false;
        }
        self.reached.extend(next.take(room));
        if count > room {
            self.cut.push(Cut::Nodes);
        }
        count <= room
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

/// Everything that can be reached from some nodes, which are in order. Each node once, by one of the surest of its shortest
/// ways; the answer is the same whatever the graph's history.
///
/// Cost: the edges of the nodes that are reached, and a byte of memory for each node of the graph.
pub(super) fn walk(adjacency: &Adjacency, starts: &[Ordinal], how: &Traversal) -> Walk {
    let numbering = adjacency.numbering();
    let mut walk = Walk::default();
    let start = |node: &Ordinal| Reached { node: *node, weakest: None, via: *node, depth: 0 };
    let mut frontier: Vec<(Reached, Handle)> =
        starts.iter().filter_map(|node| Some((start(node), numbering.handle(*node)?))).collect();
    let mut steps = Steps::new(adjacency, how);
    for depth in 1..=how.depth.saturating_add(1) {
        frontier.iter().for_each(|(_, handle)| steps.see(*handle));
        let next = steps.next(&frontier, depth);
        if !walk.step(depth, next.iter().map(|(reached, _)| *reached), how) {
            break;
        }
        frontier = next;
    }
    walk
}

/// What is known on the way.
struct Steps<'a> {
    adjacency: &'a Adjacency,
    how: &'a Traversal,
    /// For each label whether it is wanted.
    wanted: Vec<bool>,
    /// For each node by handle 0 while it is unknown; if it is of the level that is being made one more than the rank of
    /// the surest way; and at last [`SEEN`].
    marks: Vec<u8>,
}

/// How sure a way is, as a number from 1: the surest has the least.
#[inline]
fn rank(weakest: Option<Resolution>) -> u8 {
    weakest.map_or(1, |how| how as u8 + 2)
}

/// Says that a node was reached on an earlier level.
const SEEN: u8 = u8::MAX;

impl<'a> Steps<'a> {
    fn new(adjacency: &'a Adjacency, how: &'a Traversal) -> Self {
        let kinds = adjacency.numbering().kinds_wanted(|kind| how.kinds.contains(kind));
        let marks = vec![0; adjacency.numbering().handle_count() as usize];
        Self { adjacency, how, wanted: labels_of(&kinds), marks }
    }

    fn see(&mut self, handle: Handle) {
        if let Some(mark) = self.marks.get_mut(handle as usize) {
            *mark = SEEN;
        }
    }

    /// What is one edge away from a level and was not reached before, in order; of what is beyond the depth that was
    /// asked for the first that is found.
    fn next(&mut self, frontier: &[(Reached, Handle)], depth: u32) -> Vec<(Reached, Handle)> {
        let adjacency = self.adjacency;
        let mut next = Vec::new();
        for (from, handle) in frontier {
            if self.how.direction != Direction::Incoming {
                self.follow(from, adjacency.leaving(*handle), &mut next);
            }
            if self.how.direction != Direction::Outgoing {
                self.follow(from, adjacency.arriving(*handle), &mut next);
            }
            if depth > self.how.depth && !next.is_empty() {
                break;
            }
        }
        // A node stands there again for each surer way that was found; of ways as sure the one over the first node is the
        // first that was found, because levels are in order.
        next.sort_unstable_by_key(|(reached, _)| {
            u64::from(reached.node) << 8 | u64::from(rank(reached.weakest))
        });
        next.dedup_by_key(|(reached, _)| reached.node);
        next
    }

    fn follow(
        &mut self,
        from: &Reached,
        edges: impl Iterator<Item = (Handle, Label)>,
        next: &mut Vec<(Reached, Handle)>,
    ) {
        for (handle, label) in edges {
            if self.wanted.get(label as usize) != Some(&true) {
                continue;
            }
            let Some(mark) = self.marks.get_mut(handle as usize).filter(|mark| **mark != SEEN) else {
                continue;
            };
            let weakest = from.weakest.max(resolution(label));
            let rank = rank(weakest);
            if *mark == 0 || rank < *mark {
                *mark = rank;
                if let Some(node) = self.adjacency.numbering().node(handle) {
                    next.push((Reached { node, weakest, via: from.node, depth: from.depth + 1 }, handle));
                }
            }
        }
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
