//! What is around some nodes, as much of it as somebody can look at: the nearest, and of those the most connected.
//!
//! [`subgraph`](super::subgraph) answers everything within some edges. A picture has room for a hundred nodes, and what is
//! around a node of a large program is thousands: one step further is everything, because some node that all others use is
//! among the neighbours. So such a node is shown and not followed, and of one distance the nodes come first that have
//! most to do with those that are shown already.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use codestrata_core::Result;
use serde::Serialize;

use super::answer::{Answer, NodeHit};
use super::callers::count_unbound_calls;
use super::listings::describe;
use super::queries::no_node;
use super::subgraph::{count_loose, edges_between, named};
use super::traversal::{Cut, Direction, SubgraphEdge, Traversal};
use super::walk::next_to;
use crate::adjacency::{Adjacency, Neighbour, Ordinal};
use crate::graph::View;
use crate::model::Resolution;

/// A node that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeighbourhoodNode {
    /// The node.
    #[serde(flatten)]
    pub node: NodeHit,
    /// The fewest edges from the start.
    pub depth: u32,
    /// How many nodes next to it, in the direction that was asked for, were not chosen.
    pub hidden: u64,
    /// Whether it has too many neighbours to be followed.
    pub is_hub: bool,
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbourhood {
    /// The nodes, nearest first and then by file and id.
    pub nodes: Answer<NeighbourhoodNode>,
    /// Every edge of the wanted kinds between two of them.
    pub edges: Vec<SubgraphEdge>,
    /// How many of the starts were left out.
    pub starts_left_out: u64,
    /// How many nodes were left out at the first distance at which not all had room. What is beyond was not looked at.
    pub left_out: u64,
    /// Which distance that is.
    pub left_out_depth: u32,
}

/// The walk: what was chosen so far.
struct Choice<'a> {
    adjacency: &'a Adjacency,
    wanted: Vec<bool>,
    direction: Direction,
    is_chosen: Vec<bool>,
    depths: BTreeMap<Ordinal, u32>,
    hubs: BTreeSet<Ordinal>,
}

pub(super) async fn neighbourhood(
    view: &View<'_>,
    ids: &[String],
    how: &Traversal,
    hub: usize,
) -> Result<Neighbourhood> {
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        places.push(view.node(id).await?.ok_or_else(|| no_node(view, id))?);
    }
    let adjacency = Adjacency::of(view).await?;
    let mut answer = Answer::of(view);
    let starts: BTreeMap<Ordinal, Option<Resolution>> = places
        .iter()
        .filter_map(|place| Some((adjacency.ordinal(place.file.ordinal, place.slot())?, None)))
        .collect();
    let mut choice = Choice {
        wanted: adjacency.numbering().kinds_wanted(|kind| how.kinds.contains(kind)),
        direction: how.direction,
        is_chosen: vec![false; adjacency.len()],
        depths: BTreeMap::new(),
        hubs: BTreeSet::new(),
        adjacency: &adjacency,
    };
    let (starts_left_out, (left_out, left_out_depth)) = choice.choose(starts, how, hub);
    if starts_left_out + left_out > 0 {
        answer.cut(Cut::Nodes);
    }
    if how.direction != Direction::Outgoing {
        for place in &places {
            count_unbound_calls(view, place, &mut answer).await?;
        }
    }
    if how.direction != Direction::Incoming {
        count_loose(&adjacency, &choice.depths, how, &mut answer);
    }
    let edges = edges_between(&adjacency, &choice.depths, how, &mut answer);
    let known = describe(view, &adjacency, choice.depths.keys().copied()).await?;
    let mut nodes: Vec<(u32, Ordinal)> = choice.depths.iter().map(|(node, depth)| (*depth, *node)).collect();
    nodes.sort_unstable();
    let described = |(depth, node): (u32, Ordinal)| {
        let (hidden, is_hub) = (choice.hidden(node), choice.hubs.contains(&node));
        Some(NeighbourhoodNode { node: known.hit(node)?, depth, hidden, is_hub })
    };
    answer.results = nodes.into_iter().filter_map(described).collect();
    let edges = named(edges, &known, &adjacency);
    Ok(Neighbourhood { nodes: answer, edges, starts_left_out, left_out, left_out_depth })
}

impl Choice<'_> {
    /// Goes from distance to distance as long as there is room. Answers how many starts had none, and how many others at
    /// which distance.
    fn choose(
        &mut self,
        starts: BTreeMap<Ordinal, Option<Resolution>>,
        how: &Traversal,
        hub: usize,
    ) -> (u64, (u64, u32)) {
        // What starts have to do with each other says which of them to show, where they are too many.
        for start in starts.keys() {
            self.mark(*start, true);
        }
        let all = starts.len();
        let mut frontier = self.best(starts, how.visited);
        self.is_chosen.fill(false);
        self.take(&frontier, 0);
        let starts_left_out = (all - frontier.len()) as u64;
        for depth in 1..=how.depth {
            let mut next: BTreeMap<Ordinal, Option<Resolution>> = BTreeMap::new();
            for from in std::mem::take(&mut frontier) {
                // The starts are what was asked for: they are always followed.
                if depth > 1 && self.hidden(from) > hub as u64 {
                    self.hubs.insert(from);
                    continue;
                }
                for edge in self.beside(from) {
                    let surest = next.entry(edge.node).or_insert(edge.resolution);
                    *surest = (*surest).min(edge.resolution);
                }
            }
            let (all, room) = (next.len(), how.visited.saturating_sub(self.depths.len()));
            frontier = self.best(next, room);
            self.take(&frontier, depth);
            if frontier.len() < all {
                return (starts_left_out, ((all - frontier.len()) as u64, depth));
            }
            if frontier.is_empty() {
                break;
            }
        }
        (starts_left_out, (0, 0))
    }

    fn is_wanted(&self, edge: &Neighbour) -> bool {
        self.wanted.get(edge.kind as usize) == Some(&true)
    }

    fn is_chosen(&self, node: Ordinal) -> bool {
        self.is_chosen.get(node as usize) == Some(&true)
    }

    fn mark(&mut self, node: Ordinal, is_chosen: bool) {
        if let Some(mark) = self.is_chosen.get_mut(node as usize) {
            *mark = is_chosen;
        }
    }

    fn take(&mut self, nodes: &[Ordinal], depth: u32) {
        for node in nodes {
            self.mark(*node, true);
            self.depths.insert(*node, depth);
        }
    }

    /// The wanted edges to what is not chosen yet.
    fn beside(&self, node: Ordinal) -> Vec<Neighbour> {
        next_to(self.adjacency, node, self.direction)
            .filter(|edge| self.is_wanted(edge) && !self.is_chosen(edge.node))
            .collect()
    }

    fn hidden(&self, node: Ordinal) -> u64 {
        self.beside(node).iter().map(|edge| edge.node).collect::<BTreeSet<_>>().len() as u64
    }

    /// As many of some nodes as there is room for: those with edges to most chosen ones, then those that are surest, then
    /// those with most edges at all, then in the order of files.
    fn best(&self, candidates: BTreeMap<Ordinal, Option<Resolution>>, room: usize) -> Vec<Ordinal> {
        if candidates.len() <= room {
            return candidates.into_keys().collect();
        }
        let mut ranked: Vec<_> = candidates
            .into_iter()
            .map(|(node, surest)| {
                let edges: Vec<Neighbour> = next_to(self.adjacency, node, Direction::Both)
                    .filter(|edge| self.is_wanted(edge) && edge.node != node)
                    .collect();
                let chosen: BTreeSet<Ordinal> =
                    edges.iter().map(|edge| edge.node).filter(|other| self.is_chosen(*other)).collect();
                (Reverse(chosen.len()), surest, Reverse(edges.len()), node)
            })
            .collect();
        ranked.sort_unstable();
        let mut best: Vec<Ordinal> = ranked.into_iter().take(room).map(|(.., node)| node).collect();
        best.sort_unstable();
        best
    }
}
