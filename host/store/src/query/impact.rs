//! What a change may reach.

use std::collections::BTreeSet;

use codestrata_core::Result;

use super::answer::Answer;
use super::callers::count_unbound_calls;
use super::queries::no_node;
use super::reach::reached_from;
use super::stepwise::Spot;
use super::traversal::{ImpactHit, Traversal};
use crate::graph::{NodePlace, View};

pub(super) async fn impact(
    view: &View<'_>,
    id: &str,
    how: &Traversal,
    limit: usize,
) -> Result<Answer<ImpactHit>> {
    let place = view.node(id).await?.ok_or_else(|| no_node(view, id))?;
    let mut answer = Answer::of(view);
    count_unbound_calls(view, &place, &mut answer).await?;
    reached_from(view, starts(&place), how, limit, &mut answer).await?;
    Ok(answer)
}

/// The node and what is in it: a change of a class or module is a change of its members.
fn starts(place: &NodePlace) -> BTreeSet<Spot> {
    let segment = &place.file.segment;
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
    rows.into_iter().map(|row| Spot::in_row(place, row)).collect()
}
