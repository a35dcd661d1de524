//! What can be reached from some nodes: over the neighbour lists where they are at hand, and step by step where they are
//! not.

use std::collections::BTreeSet;

use codestrata_core::Result;

use super::answer::{Answer, NodeHit};
use super::listings::{FileRow, Listings};
use super::stepwise::{Bounds, Spot, walk_stepwise};
use super::traversal::{Cut, ImpactHit, SubgraphNode, Traversal};
use super::walk::{Reached, Walk, walk};
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::View;
use crate::limits::{MAX_STEPWISE_FILES, MAX_STEPWISE_NODES};
use crate::model::{Resolution, SharedText};

/// How a node was reached.
pub(super) struct Way {
    depth: u32,
    weakest: Option<Resolution>,
}

/// A row of an answer: a node that was reached.
pub(super) trait Row: Sized {
    /// Whether the node before it is named.
    const NAMES_VIA: bool;

    /// The row of a node; the name of the one before it is there for who asks for it.
    fn of(node: NodeHit, way: Way, via: impl FnOnce() -> Option<SharedText>) -> Option<Self>;
}

impl Row for SubgraphNode {
    const NAMES_VIA: bool = false;

    #[inline]
    fn of(node: NodeHit, way: Way, _: impl FnOnce() -> Option<SharedText>) -> Option<Self> {
        Some(Self { node, depth: way.depth })
    }
}

impl Row for ImpactHit {
    const NAMES_VIA: bool = true;

    fn of(node: NodeHit, way: Way, via: impl FnOnce() -> Option<SharedText>) -> Option<Self> {
        Some(Self { node, depth: way.depth, via: via()?, weakest: way.weakest })
    }
}

/// Answers the nodes that can be reached from some, nearest first and then by file and id, without these; no more than
/// the limit.
pub(super) async fn reached_from<R: Row>(
    view: &View<'_>,
    starts: BTreeSet<Spot>,
    how: &Traversal,
    limit: usize,
    answer: &mut Answer<R>,
) -> Result<()> {
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
                return show(view, &walk, limit, answer, |spot| Some((spot.file, spot.row))).await;
            }
            Adjacency::of(view).await?
        }
    };
    let numbering = lists.numbering();
    let starts: Vec<Ordinal> =
        starts.iter().filter_map(|spot| numbering.ordinal_of_row(spot.file, spot.row)).collect();
    let rows = numbering.rows();
    show(view, &walk(&lists, &starts, how), limit, answer, move |node| rows.row(*node)).await
}

/// Answers what is shown of a walk, and says what is not.
async fn show<N, R: Row>(
    view: &View<'_>,
    walk: &Walk<N>,
    limit: usize,
    answer: &mut Answer<R>,
    row: impl Fn(&N) -> Option<FileRow>,
) -> Result<()> {
    walk.cut.iter().for_each(|why| answer.cut(*why));
    if walk.reached.len() > limit {
        answer.cut(Cut::Results);
    }
    let shown = walk.reached.get(..limit.min(walk.reached.len())).unwrap_or_default();
    let vias = shown.iter().take(if R::NAMES_VIA { shown.len() } else { 0 });
    let nodes = shown.iter().map(|found| &found.node).chain(vias.map(|found| &found.via));
    let known = Listings::of(view, nodes.filter_map(&row).collect()).await?;
    let found = |found: &Reached<N>| {
        let way = Way { depth: found.depth, weakest: found.weakest };
        R::of(known.hit(row(&found.node)?)?, way, || known.id(row(&found.via)?))
    };
    answer.results = Vec::with_capacity(shown.len());
    answer.results.extend(shown.iter().filter_map(found));
    Ok(())
}
