//! What a change may reach.

use codestrata_core::Result;

use super::answer::Answer;
use super::callers::count_unbound_calls;
use super::queries::no_node;
use super::traversal::{Cut, ImpactHit, Traversal};
use super::walk::{Reached, describe, walk};
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::{NodePlace, View};

pub(super) async fn impact(
    view: &View<'_>,
    id: &str,
    how: &Traversal,
    limit: usize,
) -> Result<Answer<ImpactHit>> {
    let place = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let adjacency = Adjacency::of(view).await?;
    let mut answer = Answer::of(view);
    count_unbound_calls(view, &place, &mut answer).await?;
    let walk = walk(&adjacency, &starts(&adjacency, &place), how);
    walk.cut.iter().for_each(|why| answer.cut(*why));
    if walk.reached.len() > limit {
        answer.cut(Cut::Results);
    }
    let shown = walk.reached.get(..limit.min(walk.reached.len())).unwrap_or_default();
    let named = shown.iter().flat_map(|reached| [reached.node, reached.via]);
    let known = describe(view, &adjacency, named).await?;
    let hit = |Reached { node, weakest, via, depth }: &Reached| {
        let (node, via) = (known.hit(*node)?, known.id(*via)?);
        Some(ImpactHit { node, depth: *depth, via, weakest: *weakest })
    };
    answer.results = shown.iter().filter_map(hit).collect();
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
    rows.into_iter().filter_map(|row| adjacency.numbering().ordinal_of_row(file.ordinal, row)).collect()
}
