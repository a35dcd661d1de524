//! What a change may reach.

use std::collections::HashMap;

use codestrata_core::Result;

use super::answer::{Answer, ImpactHit, NodeHit};
use super::callers::unbound_calls;
use super::queries::no_node;
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::{EdgeReader, View};
use crate::keyspace::FileOrd;
use crate::limits::MAX_VISITED;
use crate::model::edge_kind;

/// A node that was reached: its depth, and from where.
#[derive(Clone, Copy)]
struct Reached {
    node: Ordinal,
    depth: u32,
    via: Ordinal,
}

pub(super) async fn impact(view: &View<'_>, id: &str, depth: u32, limit: usize) -> Result<Answer<ImpactHit>> {
    let place = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let adjacency = Adjacency::of(view).await?;
    let mut answer = Answer::of(view);
    (answer.ambiguous, answer.unresolved) = unbound_calls(view, &place).await?;
    let Some(start) = adjacency.ordinal(place.file.ordinal, place.slot()) else { return Ok(answer) };
    let (reached, was_cut) = reach(&adjacency, start, depth);
    answer.truncated = was_cut || reached.len() > limit;
    answer.results =
        describe(view, &adjacency, reached.get(..limit.min(reached.len())).unwrap_or_default()).await?;
    Ok(answer)
}

/// Everything from which edges lead to the node or to what it contains, nearest first, and whether a bound was hit.
///
/// Breadth first: each node once, by the first way that was found. The order within a depth is that of ordinals, so
/// the answer is the same every time.
fn reach(adjacency: &Adjacency, start: Ordinal, depth: u32) -> (Vec<Reached>, bool) {
    let is_contains = adjacency.kind_numbers(|kind| kind == edge_kind::CONTAINS);
    let contains = |kind: u16| is_contains.get(kind as usize).copied().unwrap_or(false);
    let mut seen = vec![false; adjacency.len()];
    let mut see =
        |node: Ordinal| seen.get_mut(node as usize).is_some_and(|seen| !std::mem::replace(seen, true));
    // A change of a class or module is a change of what is in it.
    let mut frontier = Vec::new();
    let mut inside = vec![start];
    while let Some(node) = inside.pop() {
        if see(node) {
            frontier.push(node);
            inside.extend(adjacency.outgoing(node).filter(|(_, kind)| contains(*kind)).map(|(node, _)| node));
        }
    }
    let mut reached: Vec<Reached> = Vec::new();
    for distance in 1..=depth {
        frontier.sort_unstable();
        let mut next = Vec::new();
        for node in frontier {
            for (source, kind) in adjacency.incoming(node) {
                if !contains(kind) && see(source) {
                    next.push(Reached { node: source, depth: distance, via: node });
                }
            }
        }
        if next.is_empty() {
            return (reached, false);
        }
        next.sort_unstable_by_key(|reached| reached.node);
        frontier = next.iter().map(|reached| reached.node).collect();
        reached.extend(next);
        if reached.len() > MAX_VISITED {
            reached.truncate(MAX_VISITED);
            return (reached, true);
        }
    }
    // The depth that was asked for is no cut: it is the question.
    (reached, false)
}

async fn describe(view: &View<'_>, adjacency: &Adjacency, reached: &[Reached]) -> Result<Vec<ImpactHit>> {
    let place = |node: Ordinal| adjacency.place(node);
    let files: Vec<FileOrd> = reached
        .iter()
        .flat_map(|reached| [reached.node, reached.via])
        .filter_map(|node| place(node).map(|(file, _)| file))
        .collect();
    let mut reader = EdgeReader::new(view);
    let mut known: HashMap<Ordinal, Option<NodeHit>> = HashMap::new();
    let mut hits = Vec::with_capacity(reached.len());
    for Reached { node, depth, via } in reached {
        for ordinal in [*node, *via] {
            if !known.contains_key(&ordinal) {
                let found = match place(ordinal) {
                    Some(place) => reader.place(&files, place).await?,
                    None => None,
                };
                known.insert(ordinal, found.as_ref().map(NodeHit::of));
            }
        }
        let hit = |ordinal: &Ordinal| known.get(ordinal).cloned().flatten();
        if let (Some(node), Some(via)) = (hit(node), hit(via)) {
            hits.push(ImpactHit { node, depth: *depth, via: via.id });
        }
    }
    Ok(hits)
}
