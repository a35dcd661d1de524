//! The part of the graph around some nodes.

use std::collections::{BTreeMap, BTreeSet};

use codestrata_core::Result;

use super::answer::Answer;
use super::callers::count_unbound_calls;
use super::listings::{Described, describe};
use super::queries::no_node;
use super::reach::reached_from;
use super::stepwise::Spot;
use super::traversal::{Cut, Direction, SubgraphEdge, SubgraphNode, Traversal};
use super::walk::walk;
use crate::adjacency::{Adjacency, Neighbour, Ordinal};
use crate::graph::{NodePlace, View};
use crate::limits::MAX_RESULTS;
use crate::model::Resolution;

pub(super) async fn subgraph(
    view: &View<'_>,
    ids: &[String],
    how: &Traversal,
) -> Result<(Answer<SubgraphNode>, Vec<SubgraphEdge>)> {
    let places = places_of(view, ids).await?;
    let adjacency = Adjacency::of(view).await?;
    let mut answer = Answer::of(view);
    let starts = starts_at(&adjacency, &places);
    // The starts are among the nodes.
    let beyond = Traversal { visited: how.visited.saturating_sub(starts.len()), ..how.clone() };
    let walk = walk(&adjacency, &starts, &beyond);
    walk.cut.iter().for_each(|why| answer.cut(*why));
    let mut depths: BTreeMap<Ordinal, u32> = starts.iter().map(|start| (*start, 0)).collect();
    depths.extend(walk.reached.iter().map(|reached| (reached.node, reached.depth)));
    if how.direction != Direction::Outgoing {
        for place in &places {
            count_unbound_calls(view, place, &mut answer).await?;
        }
    }
    if how.direction != Direction::Incoming {
        count_loose(&adjacency, &depths, how, &mut answer);
    }
    let edges = edges_between(&adjacency, &depths, how, &mut answer);
    let known = describe(view, &adjacency, depths.keys().copied()).await?;
    let node = |(node, depth): (Ordinal, u32)| Some(SubgraphNode { node: known.hit(node)?, depth });
    let nodes = walk.reached.iter().map(|reached| (reached.node, reached.depth));
    answer.results = starts.iter().map(|start| (*start, 0)).chain(nodes).filter_map(node).collect();
    Ok((answer, named(edges, &known, &adjacency)))
}

pub(super) async fn reachable(
    view: &View<'_>,
    ids: &[String],
    how: &Traversal,
    limit: usize,
) -> Result<Answer<SubgraphNode>> {
    let starts = places_of(view, ids).await?.iter().map(Spot::of).collect();
    let mut answer = Answer::of(view);
    reached_from(view, starts, how, limit, &mut answer).await?;
    Ok(answer)
}

async fn places_of(view: &View<'_>, ids: &[String]) -> Result<Vec<NodePlace>> {
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        places.push(view.node(id).await?.ok_or_else(|| no_node(view, id))?);
    }
    Ok(places)
}

/// The nodes to begin at, each once, in order.
fn starts_at(adjacency: &Adjacency, places: &[NodePlace]) -> Vec<Ordinal> {
    let starts: BTreeSet<Ordinal> =
        places.iter().filter_map(|place| adjacency.ordinal(place.file.ordinal, place.slot())).collect();
    starts.into_iter().collect()
}

/// The edges as they are answered.
pub(super) fn named(
    edges: BTreeMap<Key, u64>,
    known: &Described<'_>,
    adjacency: &Adjacency,
) -> Vec<SubgraphEdge> {
    let edge = |((source, target, kind, resolution), count): (Key, u64)| {
        Some(SubgraphEdge {
            source: known.id(source)?,
            target: known.id(target)?,
            kind: adjacency.numbering().kind(kind).to_owned(),
            resolution,
            count,
        })
    };
    edges.into_iter().filter_map(edge).collect()
}

/// Source, target, kind and resolution: what parallel edges share.
pub(super) type Key = (Ordinal, Ordinal, u32, Option<Resolution>);

/// Every edge of the wanted kinds between two of the nodes, whichever way these were reached.
pub(super) fn edges_between<T>(
    adjacency: &Adjacency,
    nodes: &BTreeMap<Ordinal, u32>,
    how: &Traversal,
    answer: &mut Answer<T>,
) -> BTreeMap<Key, u64> {
    let wanted = adjacency.numbering().kinds_wanted(|kind| how.kinds.contains(kind));
    let mut edges: BTreeMap<Key, u64> = BTreeMap::new();
    for source in nodes.keys() {
        for Neighbour { node, kind, resolution } in adjacency.outgoing(*source) {
            if wanted.get(kind as usize) != Some(&true) || !nodes.contains_key(&node) {
                continue;
            }
            if edges.len() >= MAX_RESULTS && !edges.contains_key(&(*source, node, kind, resolution)) {
                answer.cut(Cut::Results);
                return edges;
            }
            *edges.entry((*source, node, kind, resolution)).or_default() += 1;
        }
    }
    edges
}

/// Counts the references of the nodes that were followed and lead nowhere: those at the full depth were not.
pub(super) fn count_loose<T>(
    adjacency: &Adjacency,
    nodes: &BTreeMap<Ordinal, u32>,
    how: &Traversal,
    answer: &mut Answer<T>,
) {
    let wanted = adjacency.numbering().kinds_wanted(|kind| how.kinds.contains(kind));
    for (node, _) in nodes.iter().filter(|(_, depth)| **depth < how.depth) {
        for (_, how) in adjacency.loose(*node).filter(|(kind, _)| wanted.get(*kind as usize) == Some(&true)) {
            match how {
                Some(Resolution::Ambiguous) => answer.ambiguous += 1,
                _ => answer.unresolved += 1,
            }
        }
    }
}
