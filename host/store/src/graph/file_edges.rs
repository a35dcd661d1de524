//! The edges of files in canonical order, all at once.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::whole::{FileRows, cut};
use crate::keyspace::{FileOrd, Slot};
use crate::link::{KNOWN_KINDS, LinkEdges, LinkTarget, write_target_text};
use crate::model::{Attributes, Edge, Node, Resolution, Span, Text};
use crate::segment::{AttributeSets, AttributesOfRows, Segment};

/// What is left to be done of edges that stand one after the other.
#[derive(Default)]
pub(super) struct Waiting {
    /// How many edges there are.
    edges: u32,
    /// Which edges lead to nodes of other files.
    elsewhere: Vec<(u32, Elsewhere)>,
    /// Stretches of edges of one source and one kind, whose order depends on those nodes.
    unsorted: Vec<Range<u32>>,
}

/// A node of another file.
type Elsewhere = (FileOrd, Slot);

impl Waiting {
    /// How many edges there are.
    pub(super) fn edges(&self) -> usize {
        self.edges as usize
    }

    /// Finishes the edges; the function knows the ids of all nodes.
    pub(super) fn finish<'i>(self, edges: &mut [Edge], id: impl Fn(FileOrd, Slot) -> Option<&'i Text>) {
        for (place, (file, slot)) in self.elsewhere {
            if let Some(edge) = edges.get_mut(place as usize)
                && let Some(id) = id(file, slot)
                // One that was stated says so already, and shares the text of the node from now on.
                && (edge.target.is_empty() || edge.target == *id)
            {
                edge.target = id.clone();
            }
        }
        for stretch in self.unsorted {
            if let Some(edges) = edges.get_mut(stretch.start as usize..stretch.end as usize) {
                edges.sort_unstable_by(|edge, other| {
                    in_order(
                        (&edge.target, edge.span, &edge.attributes),
                        (&other.target, other.span, &other.attributes),
                    )
                });
            }
        }
    }
}

/// The order of edges of one source and one kind.
fn in_order(one: (&Text, Option<Span>, &Attributes), other: (&Text, Option<Span>, &Attributes)) -> Ordering {
    let json = |attributes| serde_json::to_string(attributes).ok();
    // One text is often shared: calls of one function from another.
    let is_same = std::ptr::eq(one.0.as_str(), other.0.as_str());
    let by_text = if is_same { Ordering::Equal } else { one.0.cmp(other.0) };
    by_text.then_with(|| one.1.cmp(&other.1)).then_with(|| json(one.2).cmp(&json(other.2)))
}

/// What the links of a file come to. It is used again for the next file.
#[derive(Default)]
pub(super) struct Drafts {
    by_position: Vec<Draft>,
    /// The rank of the kind and the position of each link, from the highest bits to the lowest; those of one source together.
    order: Vec<u64>,
    /// Where the links of each row end in that order.
    ends: Vec<u32>,
    texts: TargetTexts,
    /// Of all files.
    pub(super) sets: AttributeSets,
}

/// An edge by itself.
#[derive(Default)]
struct Draft {
    source: u32,
    rank: u32,
    target: Text,
    elsewhere: Option<Elsewhere>,
    attributes: Attributes,
    span: Option<Span>,
}

impl Draft {
    fn in_order(&self, other: &Self) -> Ordering {
        in_order((&self.target, self.span, &self.attributes), (&other.target, other.span, &other.attributes))
    }
}

const POSITION_BITS: u32 = 32;

impl Drafts {
    /// Writes the edges of a file, of which the nodes are there, and as many edges as it has links.
    pub(super) fn write(
        &mut self,
        (segment, links, file): (&Segment, &LinkEdges, FileOrd),
        (rows, nodes): (&FileRows, &[Node]),
        edges: &mut [Edge],
        waiting: &mut Waiting,
    ) {
        let kinds = Kinds::of(links);
        let own = |slot| nodes.get(rows.row(slot)?).map(|node| &node.id);
        self.draft(segment, links, file, own, &kinds);
        self.deal(nodes.len());
        let Self { by_position: drafts, order, ends, .. } = self;
        let (mut order, mut edges, mut dealt) = (order.as_mut_slice(), edges, 0);
        // What has a row that is none is left as it is: no segment says so.
        for (end, node) in ends.iter().zip(nodes) {
            let of_row = cut(&mut order, (*end - dealt) as usize);
            dealt = *end;
            of_row.sort_unstable();
            for stretch in of_row.chunk_by_mut(|one, other| one >> POSITION_BITS == other >> POSITION_BITS) {
                sort(stretch, drafts, waiting);
                let places = cut(&mut edges, stretch.len());
                for ((place, item), at) in places.iter_mut().zip(stretch).zip(waiting.edges..) {
                    let draft = drafts.get_mut(position_of(*item)).map(std::mem::take);
                    let Draft { rank, target, elsewhere, attributes, span, .. } = draft.unwrap_or_default();
                    waiting.elsewhere.extend(elsewhere.map(|node| (at, node)));
                    let kind = kinds.ranked.get(rank as usize).cloned().unwrap_or_default();
                    *place = Edge { source: node.id.clone(), target, kind, attributes, span };
                }
                waiting.edges += count(places.len());
            }
        }
        waiting.edges += count(edges.len());
    }

    /// Puts those of each row together.
    fn deal(&mut self, rows: usize) {
        let Self { by_position: drafts, order, ends, .. } = self;
        ends.clear();
        ends.resize(rows, 0);
        for draft in &*drafts {
            if let Some(count) = ends.get_mut(draft.source as usize) {
                *count += 1;
            }
        }
        let mut all = 0;
        for end in &mut *ends {
            all += std::mem::replace(end, all);
        }
        order.clear();
        order.resize(all as usize, 0);
        for (draft, position) in drafts.iter().zip(0_u32..) {
            if let Some(next) = ends.get_mut(draft.source as usize)
                && let Some(place) = order.get_mut(*next as usize)
            {
                *place = u64::from(draft.rank) << POSITION_BITS | u64::from(position);
                *next += 1;
            }
        }
    }

    fn draft<'i>(
        &mut self,
        segment: &Segment,
        links: &LinkEdges,
        file: FileOrd,
        own: impl Fn(Slot) -> Option<&'i Text>,
        kinds: &Kinds,
    ) {
        self.by_position.clear();
        self.texts.clear();
        let mut of_references = AttributesOfRows::of_references(segment);
        let mut of_edges = AttributesOfRows::of_edges(segment);
        let mut spans = segment.link_spans();
        for (position, link) in (0..).zip(links.links(file)) {
            let span = spans.next().flatten();
            let (bound, elsewhere) = match link.target {
                LinkTarget::Bound(other, slot, _) if other == file => (own(slot), None),
                LinkTarget::Bound(other, slot, _) => (None, Some((other, slot))),
                LinkTarget::Dangling | LinkTarget::Loose(_) => (None, None),
            };
            let (source, target, attributes) = match position_among_edges(segment, position) {
                Some(edge) => {
                    let stated = bound.filter(|id| *id == segment.edge_target(edge)).cloned();
                    let target = stated.unwrap_or_else(|| self.texts.of_edge(segment, edge));
                    (segment.edge_source(edge), target, of_edges.of(edge, None, &mut self.sets))
                }
                None => {
                    let (target, how) = match link.target {
                        LinkTarget::Bound(_, _, how) => {
                            (bound.cloned().unwrap_or_default(), how.unwrap_or(Resolution::Exact))
                        }
                        LinkTarget::Loose(how) => (self.texts.of_reference(segment, position, how), how),
                        LinkTarget::Dangling => (Text::default(), Resolution::Unresolved),
                    };
                    (
                        segment.reference_source(position),
                        target,
                        of_references.of(position, Some(how), &mut self.sets),
                    )
                }
            };
            let rank = kinds.rank(link.kind);
            self.by_position.push(Draft { source, rank, target, elsewhere, attributes, span });
        }
    }
}

/// Sorts a stretch of one source and one kind, or notes that it waits.
fn sort(stretch: &mut [u64], drafts: &[Draft], waiting: &mut Waiting) {
    if stretch.len() < 2 {
        return;
    }
    let draft = |item: &u64| drafts.get(position_of(*item));
    if stretch.iter().filter_map(draft).any(|draft| draft.elsewhere.is_some()) {
        waiting.unsorted.push(waiting.edges..waiting.edges + count(stretch.len()));
    } else {
        stretch.sort_unstable_by(|one, other| match (draft(one), draft(other)) {
            (Some(one), Some(other)) => one.in_order(other),
            _ => Ordering::Equal,
        });
    }
}

/// The position of a link in an item of the order.
fn position_of(item: u64) -> usize {
    let mask = (1 << POSITION_BITS) - 1;
    usize::try_from(item & mask).unwrap_or(usize::MAX)
}

/// A position; files never have more edges than fit.
fn count(edges: usize) -> u32 {
    u32::try_from(edges).unwrap_or(u32::MAX)
}

/// The position of a stated edge among its like; the positions of links begin with the references.
fn position_among_edges(segment: &Segment, position: u32) -> Option<u32> {
    position.checked_sub(segment.reference_count())
}

/// The texts of the targets in a file that are no nodes, each made once.
#[derive(Default)]
struct TargetTexts {
    /// Of references, by the numbers of their targets.
    loose: HashMap<((u32, u32, u32), Resolution), Text, RandomState>,
    /// Of stated edges, by the number of the text.
    stated: HashMap<u32, Text, RandomState>,
    /// Where they are put together.
    text: String,
}

impl TargetTexts {
    fn clear(&mut self) {
        self.loose.clear();
        self.stated.clear();
    }

    /// What a reference says that was left unbound.
    fn of_reference(&mut self, segment: &Segment, reference: u32, how: Resolution) -> Text {
        let known = self.loose.entry((segment.reference_target_numbers(reference), how));
        let text = &mut self.text;
        let make = || {
            text.clear();
            write_target_text(segment, segment.reference_target(reference), how, text);
            Text::new(text)
        };
        known.or_insert_with(make).clone()
    }

    /// The target of a stated edge.
    fn of_edge(&mut self, segment: &Segment, edge: u32) -> Text {
        let made = self.stated.entry(segment.edge_target_number(edge));
        made.or_insert_with(|| segment.edge_target(edge).into()).clone()
    }
}

/// The kinds of the links of a file.
struct Kinds {
    /// The rank of each number.
    ranks: Vec<u32>,
    /// By rank: sorted.
    ranked: Vec<Text>,
}

impl Kinds {
    fn of(links: &LinkEdges) -> Self {
        let known = KNOWN_KINDS.map(Text::new_static).into_iter();
        let named: Vec<Text> = known.chain(links.other_kinds().map(Text::from)).collect();
        let mut ranked = named.clone();
        ranked.sort_unstable();
        let rank = |kind| ranked.binary_search(kind).ok().and_then(|rank| u32::try_from(rank).ok());
        Self { ranks: named.iter().map(|kind| rank(kind).unwrap_or_default()).collect(), ranked }
    }

    fn rank(&self, number: u32) -> u32 {
        self.ranks.get(number as usize).copied().unwrap_or_default()
    }
}
