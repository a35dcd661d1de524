//! Two states of a file compared, by numbers as far as numbers say it.
//!
//! Texts are made only of what differs: a node is told by its slot, and a bound target by a number that stands for the
//! node. In a commit of some files that is file and slot, which stay; between two generations, where both are given
//! anew, it is a hash of the id.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::keyspace::{FileOrd, Slot};
use crate::link::{Link, LinkRecord, LinkTarget, is_same_text, target_text};
use crate::model::Resolution;
use crate::segment::{Segment, rows_by_id};

/// One state of a file.
#[derive(Clone, Copy)]
pub(super) struct State<'a> {
    pub(super) file: FileOrd,
    pub(super) segment: &'a Segment,
    pub(super) links: &'a LinkRecord,
}

/// Which number stands for the node at a place.
pub(super) type NodeNumber<'a> = dyn Fn(FileOrd, Slot) -> u128 + Sync + 'a;

/// A state, and how its nodes are told.
pub(super) type NumberedState<'a> = (State<'a>, &'a NodeNumber<'a>);

/// File and slot as one number.
pub(super) fn place_number(file: FileOrd, slot: Slot) -> u128 {
    (u128::from(file) << 32) | u128::from(slot)
}

/// What an edge is told by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct EdgeNumber {
    source: u128,
    kind: u64,
    target: u128,
    /// How it is bound.
    how: u8,
}

/// Edges that came or went, by one of them.
#[derive(Clone, Copy)]
pub(super) struct RawEdge {
    pub(super) is_added: bool,
    pub(super) count: u64,
    /// The place among the links of its state.
    pub(super) position: u32,
    pub(super) link: Link,
}

/// What differs between two states of a file.
#[derive(Default)]
pub(super) struct RawChange {
    /// Rows of the new state.
    pub(super) nodes_added: Vec<u32>,
    /// Rows of the old state.
    pub(super) nodes_removed: Vec<u32>,
    pub(super) edges: Vec<RawEdge>,
}

/// Edges that are told by the same.
#[derive(Default)]
struct Tally {
    /// How many more there are now.
    more: i64,
    /// One of them, in the old state.
    before: Option<(u32, Link)>,
    /// One of them, in the new state.
    after: Option<(u32, Link)>,
}

/// Compares two states; none means that the file is not there. With the same facts, which is then to be said, references
/// stand at the same positions.
pub(super) fn compare(
    old: Option<NumberedState<'_>>,
    new: Option<NumberedState<'_>>,
    same_facts: bool,
) -> RawChange {
    let mut change = RawChange::default();
    if !same_facts {
        compare_nodes(old.map(|(state, _)| state.segment), new.map(|(state, _)| state.segment), &mut change);
    }
    let mut edges: HashMap<EdgeNumber, Tally, RandomState> = HashMap::default();
    if let (Some((old, old_number)), Some((new, new_number))) = (old, new)
        && same_facts
    {
        // Stated edges stand in the facts.
        let references = new.segment.reference_count();
        for ((position, before), after) in
            (0..references).zip(old.links.links(old.file)).zip(new.links.links(new.file))
        {
            let one = edge_number(&old, old_number, position, &before);
            let other = edge_number(&new, new_number, position, &after);
            if one != other {
                let went = edges.entry(one).or_default();
                (went.more, went.before) = (went.more - 1, Some((position, before)));
                let came = edges.entry(other).or_default();
                (came.more, came.after) = (came.more + 1, Some((position, after)));
            }
        }
    } else {
        let (before, after) = (links_of(old), links_of(new));
        let (mut before, mut after) = (before.as_slice(), after.as_slice());
        if let (Some(old), Some(new)) = (old, new) {
            // Most links stand in the same order as before, and cancel each other out.
            while let ([one, before_rest @ ..], [other, after_rest @ ..]) = (before, after)
                && is_same_link((old, one), (new, other))
            {
                (before, after) = (before_rest, after_rest);
            }
            while let ([before_rest @ .., one], [after_rest @ .., other]) = (before, after)
                && is_same_link((old, one), (new, other))
            {
                (before, after) = (before_rest, after_rest);
            }
        }
        if let Some((old, number)) = old {
            for (position, link) in before {
                let went = edges.entry(edge_number(&old, number, *position, link)).or_default();
                (went.more, went.before) = (went.more - 1, Some((*position, *link)));
            }
        }
        if let Some((new, number)) = new {
            for (position, link) in after {
                let came = edges.entry(edge_number(&new, number, *position, link)).or_default();
                (came.more, came.after) = (came.more + 1, Some((*position, *link)));
            }
        }
    }
    for Tally { more, before, after } in edges.into_values() {
        let is_added = more > 0;
        let Some((position, link)) = (if is_added { after } else { before }).filter(|_| more != 0) else {
            continue;
        };
        change.edges.push(RawEdge { is_added, count: more.unsigned_abs(), position, link });
    }
    // Whichever order the map has: a record cut at its limit is the same each time.
    change.edges.sort_unstable_by_key(|edge| (edge.position, edge.is_added));
    change
}

/// The links of a state with their positions.
fn links_of(state: Option<NumberedState<'_>>) -> Vec<(u32, Link)> {
    state.map(|(state, _)| (0..).zip(state.links.links(state.file)).collect()).unwrap_or_default()
}

/// Whether two links are told by the same, as far as that is seen without a text being made of them.
fn is_same_link(
    ((old, old_number), (position, before)): (NumberedState<'_>, &(u32, Link)),
    ((new, new_number), (new_position, after)): (NumberedState<'_>, &(u32, Link)),
) -> bool {
    let is_reference = |state: &State<'_>, position| position < state.segment.reference_count();
    is_reference(&old, *position)
        && is_reference(&new, *new_position)
        && old_number(old.file, before.source) == new_number(new.file, after.source)
        && old.links.kind(before) == new.links.kind(after)
        && match (before.target, after.target) {
            (LinkTarget::Bound(file, slot, how), LinkTarget::Bound(other_file, other_slot, other_how)) => {
                how == other_how && old_number(file, slot) == new_number(other_file, other_slot)
            }
            (LinkTarget::Loose(how), LinkTarget::Loose(other_how)) => {
                let target = (old.segment, old.segment.reference_target(*position));
                let other = (new.segment, new.segment.reference_target(*new_position));
                how == other_how && is_same_text(target, other)
            }
            _ => false,
        }
}

fn compare_nodes(old: Option<&Segment>, new: Option<&Segment>, change: &mut RawChange) {
    let is_same = |row: u32, other: u32| match (old, new) {
        (Some(old), Some(new)) => {
            old.name(row) == new.name(other) && old.kind(row) == new.kind(other) && old.path() == new.path()
        }
        _ => false,
    };
    for (before, after) in rows_by_id(old, new) {
        if let (Some(before), Some(after)) = (before, after)
            && is_same(before, after)
        {
            continue;
        }
        change.nodes_removed.extend(before);
        change.nodes_added.extend(after);
    }
}

fn edge_number(state: &State<'_>, number: &NodeNumber<'_>, position: u32, link: &Link) -> EdgeNumber {
    /// Of a stated edge that does not say how it was bound.
    const SAYS_NOTHING: u8 = u8::MAX;
    let stated = position.checked_sub(state.segment.reference_count());
    let (target, how) = match (stated, link.target) {
        // A stated edge is told as a reference that was bound the same way: what was exported can be imported.
        (Some(edge), LinkTarget::Bound(file, slot, _)) => {
            (number(file, slot), state.segment.edge_resolution(edge).map_or(SAYS_NOTHING, |how| how as u8))
        }
        (Some(edge), LinkTarget::Loose(_) | LinkTarget::Dangling) => (
            xxh3_128(state.segment.edge_target(edge).as_bytes()),
            state.segment.edge_resolution(edge).map_or(SAYS_NOTHING, |how| how as u8),
        ),
        (None, LinkTarget::Bound(file, slot, how)) => {
            (number(file, slot), how.unwrap_or(Resolution::Exact) as u8)
        }
        (None, LinkTarget::Loose(how)) => {
            let text = target_text(state.segment, state.segment.reference_target(position), how);
            (xxh3_128(text.as_bytes()), how as u8)
        }
        (None, LinkTarget::Dangling) => (xxh3_128(&[]), Resolution::Unresolved as u8),
    };
    let kind = xxh3_64(state.links.kind(link).as_bytes());
    EdgeNumber { source: number(state.file, link.source), kind, target, how }
}
