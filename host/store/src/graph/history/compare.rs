//! Two states of a file compared, by numbers as far as numbers say it.
//!
//! Texts are made only of what differs: a node is told by its slot, and a bound target by a number that stands for the
//! node. In a commit of some files that is file and slot, which stay; between two generations, where both are given
//! anew, it is a hash of the id.

use std::collections::HashMap;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::keyspace::{FileOrd, Slot};
use crate::link::{Link, LinkRecord, LinkTarget, target_text};
use crate::model::Resolution;
use crate::segment::Segment;

/// One state of a file.
#[derive(Clone, Copy)]
pub(super) struct State<'a> {
    pub(super) file: FileOrd,
    pub(super) segment: &'a Segment,
    pub(super) links: &'a LinkRecord,
}

/// Which number stands for the node at a place.
pub(super) type NodeNumber<'a> = dyn Fn(FileOrd, Slot) -> u128 + Sync + 'a;

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
    old: Option<(State<'_>, &NodeNumber<'_>)>,
    new: Option<(State<'_>, &NodeNumber<'_>)>,
    same_facts: bool,
) -> RawChange {
    let mut change = RawChange::default();
    if !same_facts {
        compare_nodes(old.map(|(state, _)| state.segment), new.map(|(state, _)| state.segment), &mut change);
    }
    let mut edges: HashMap<EdgeNumber, Tally> = HashMap::new();
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
        if let Some((old, number)) = old {
            for (position, link) in (0..).zip(old.links.links(old.file)) {
                let went = edges.entry(edge_number(&old, number, position, &link)).or_default();
                (went.more, went.before) = (went.more - 1, Some((position, link)));
            }
        }
        if let Some((new, number)) = new {
            for (position, link) in (0..).zip(new.links.links(new.file)) {
                let came = edges.entry(edge_number(&new, number, position, &link)).or_default();
                (came.more, came.after) = (came.more + 1, Some((position, link)));
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

/// Rows are sorted by id: one pass over both.
fn compare_nodes(old: Option<&Segment>, new: Option<&Segment>, change: &mut RawChange) {
    if let (Some(old), Some(new)) = (old, new) {
        let is_same = |row: u32, other: u32| {
            old.name(row) == new.name(other) && old.kind(row) == new.kind(other) && old.path() == new.path()
        };
        for row in 0..new.node_count() {
            if !old.row_of(&new.id(row)).is_some_and(|other| is_same(other, row)) {
                change.nodes_added.push(row);
            }
        }
        for row in 0..old.node_count() {
            if !new.row_of(&old.id(row)).is_some_and(|other| is_same(row, other)) {
                change.nodes_removed.push(row);
            }
        }
        return;
    }
    change.nodes_removed.extend(0..old.map_or(0, Segment::node_count));
    change.nodes_added.extend(0..new.map_or(0, Segment::node_count));
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
