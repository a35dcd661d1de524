//! What a change may reach.

use std::collections::HashMap;

use codestrata_core::Result;

use super::answer::{Answer, ImpactHit, NodeHit};
use super::callers::count_unbound_calls;
use super::queries::no_node;
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::{EdgeReader, NodePlace, View};
use crate::keyspace::FileOrd;
use crate::limits::MAX_VISITED;

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
    count_unbound_calls(view, &place, &mut answer).await?;
    let (reached, was_cut) = reach(&adjacency, starts(&adjacency, &place), depth);
    answer.truncated |= was_cut || reached.len() > limit;
    answer.results =
        describe(view, &adjacency, reached.get(..limit.min(reached.len())).unwrap_or_default()).await?;
    Ok(answer)
}

/// The node and what is in it: a change of a class or module is a change of its members.
fn starts(adjacency: &Adjacency, place: &NodePlace) -> Vec<Ordinal> {
    let (file, segment) = (&place.file, &place.file.segment);
    let mut is_inside: Vec<Option<bool>> = vec![None; segment.node_count() as usize];
    let mut rows = Vec::new();
    for row in 0..segment.node_count() {
        // Up to the node or to a row that has been decided; the way is decided with it.
        let mut way = Vec::new();
        let mut at = Some(row);
        let answer = loop {
            let Some(here) = at else { break false };
            if here == place.row {
                break true;
            }
            match is_inside.get(here as usize).copied().flatten() {
                Some(known) => break known,
                // A row that stands on the way already would be its own container.
                None if way.contains(&here) => break false,
                None => way.push(here),
            }
            at = segment.parent(here);
        };
        for passed in way {
            if let Some(known) = is_inside.get_mut(passed as usize) {
                *known = Some(answer);
            }
        }
        if answer {
            rows.push(row);
        }
    }
    rows.into_iter().filter_map(|row| adjacency.ordinal(file.ordinal, file.links.slots().slot(row))).collect()
}

/// Everything from which edges lead to the nodes, nearest first, and whether a bound was hit.
///
/// Breadth first: each node once, by the first way that was found. The order within a depth is that of ordinals, so
/// the answer is the same every time.
fn reach(adjacency: &Adjacency, mut frontier: Vec<Ordinal>, depth: u32) -> (Vec<Reached>, bool) {
    let mut seen = vec![false; adjacency.len()];
    let mut see =
        |node: Ordinal| seen.get_mut(node as usize).is_some_and(|seen| !std::mem::replace(seen, true));
    for node in &frontier {
        see(*node);
    }
    let mut reached: Vec<Reached> = Vec::new();
    for distance in 1..=depth {
        frontier.sort_unstable();
        let mut next = Vec::new();
        for node in frontier {
            for source in adjacency.incoming(node) {
                if see(source) {
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
    let mut ordinals: Vec<Ordinal> = reached.iter().flat_map(|reached| [reached.node, reached.via]).collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    let places: Vec<_> = ordinals.iter().map(|node| (*node, adjacency.place(*node))).collect();
    let files: Vec<FileOrd> = places.iter().filter_map(|(_, place)| place.map(|(file, _)| file)).collect();
    let mut reader = EdgeReader::new(view);
    let mut known: HashMap<Ordinal, NodeHit> = HashMap::with_capacity(places.len());
    for (ordinal, place) in places {
        let Some(place) = place else { continue };
        if let Some(place) = reader.place(&files, place).await? {
            known.insert(ordinal, NodeHit::of(&place));
        }
    }
    let hit = |Reached { node, depth, via }: &Reached| {
        let (node, via) = (known.get(node)?.clone(), known.get(via)?.id.clone());
        Some(ImpactHit { node, depth: *depth, via })
    };
    Ok(reached.iter().filter_map(hit).collect())
}
