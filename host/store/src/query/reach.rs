//! What can be reached from some nodes: over the neighbour lists where they are at hand, and step by step where they are
//! not.

use std::collections::BTreeSet;
use std::sync::Arc;

use codestrata_core::Result;

use super::answer::{Answer, NodeHit};
use super::stepwise::{Bounds, Listings, Spot, walk_stepwise};
use super::traversal::{Cut, Traversal};
use super::walk::{Described, Reached, Walk, describe, walk};
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::View;
use crate::limits::{MAX_STEPWISE_FILES, MAX_STEPWISE_NODES};
use crate::model::{Resolution, SharedText};

/// A node that was reached, as it is answered.
pub(super) struct Found {
    pub(super) node: NodeHit,
    pub(super) depth: u32,
    pub(super) weakest: Option<Resolution>,
    /// The node before it; empty unless it was asked for.
    pub(super) via: SharedText,
}

/// The nodes that can be reached from some, nearest first and then by file and id, without these; no more than the
/// limit. What was cut is said in the answer.
pub(super) async fn reached_from<T>(
    view: &View<'_>,
    starts: BTreeSet<Spot>,
    how: &Traversal,
    (limit, with_via): (usize, bool),
    answer: &mut Answer<T>,
) -> Result<Vec<Found>> {
    let starts: Vec<Spot> = starts.into_iter().collect();
    let lists = match Adjacency::at_hand(view).await? {
        Some(lists) => lists,
        None => {
            // Where the lists would have no room it goes on so however far it is.
            let bounds = if Adjacency::would_fit(view) {
                Bounds { nodes: MAX_STEPWISE_NODES, files: MAX_STEPWISE_FILES }
            } else {
                Bounds { nodes: usize::MAX, files: usize::MAX }
            };
            if let Some(walk) = walk_stepwise(view, &starts, how, bounds).await? {
                let shown = shown(&walk, limit, answer);
                let named =
                    shown.iter().flat_map(|found| [Some(&found.node), with_via.then_some(&found.via)]);
                let known = Listings::of(view, named.flatten()).await?;
                let via = |spot: &Spot| if with_via { known.id(spot) } else { Some(SharedText::default()) };
                let found = |found: &Reached<Spot>| {
                    let (depth, weakest) = (found.depth, found.weakest);
                    Some(Found { node: known.hit(&found.node)?, via: via(&found.via)?, depth, weakest })
                };
                return Ok(shown.iter().filter_map(found).collect());
            }
            Adjacency::of(view).await?
        }
    };
    in_lists(view, &lists, &starts, how, (limit, with_via), answer).await
}

async fn in_lists<T>(
    view: &View<'_>,
    lists: &Arc<Adjacency>,
    starts: &[Spot],
    how: &Traversal,
    (limit, with_via): (usize, bool),
    answer: &mut Answer<T>,
) -> Result<Vec<Found>> {
    let start = |spot: &Spot| lists.numbering().ordinal_of_row(spot.file, spot.row);
    let starts: Vec<Ordinal> = starts.iter().filter_map(start).collect();
    let walk = walk(lists, &starts, how);
    let shown = shown(&walk, limit, answer);
    let named = shown.iter().flat_map(|found| [Some(found.node), with_via.then_some(found.via)]);
    let known: Described<'_> = describe(view, lists, named.flatten()).await?;
    let via = |node| if with_via { known.id(node) } else { Some(SharedText::default()) };
    let found = |found: &Reached| {
        let (depth, weakest) = (found.depth, found.weakest);
        Some(Found { node: known.hit(found.node)?, via: via(found.via)?, depth, weakest })
    };
    Ok(shown.iter().filter_map(found).collect())
}

/// What is shown of a walk; what is not is said in the answer.
fn shown<'w, N, T>(walk: &'w Walk<N>, limit: usize, answer: &mut Answer<T>) -> &'w [Reached<N>] {
    walk.cut.iter().for_each(|why| answer.cut(*why));
    if walk.reached.len() > limit {
        answer.cut(Cut::Results);
    }
    walk.reached.get(..limit.min(walk.reached.len())).unwrap_or_default()
}
