//! The edges of one file in canonical order, all at once.

use std::collections::HashMap;

use super::whole::{FileIds, ReadFile};
use crate::keyspace::FileOrd;
use crate::link::{KNOWN_KINDS, LinkEdges, LinkTarget, target_text};
use crate::model::{Attributes, Edge, Resolution, Span, Text};
use crate::segment::{Segment, SharedAttributes};

/// What the links of a file come to, column by column: only numbers are moved while they are sorted.
struct Drafts {
    /// The row of the source, and the rank of the kind.
    order: Vec<((u32, u32), usize)>,
    targets: Vec<Text>,
    attributes: Vec<Attributes>,
    spans: Vec<Option<Span>>,
}

/// The edges of a file; `others` knows the ids of files.
pub(super) fn file_edges<'i>(
    file: &ReadFile,
    own: &'i FileIds,
    others: impl Fn(FileOrd) -> Option<&'i FileIds>,
) -> Vec<Edge> {
    let kinds = Kinds::of(&file.links);
    let mut drafts = Drafts::of(file, own, others, &kinds);
    let Drafts { order, targets, attributes, spans } = &mut drafts;
    {
        let json = |place: usize| attributes.get(place).and_then(|it| serde_json::to_string(it).ok());
        order.sort_unstable_by(|(key, place), (other_key, other)| {
            key.cmp(other_key)
                .then_with(|| targets.get(*place).cmp(&targets.get(*other)))
                .then_with(|| spans.get(*place).cmp(&spans.get(*other)))
                .then_with(|| json(*place).cmp(&json(*other)))
        });
    }
    let edges = order.iter().map(|((source, kind), place)| Edge {
        source: own.of_row(*source).cloned().unwrap_or_default(),
        target: targets.get_mut(*place).map(std::mem::take).unwrap_or_default(),
        kind: kinds.ranked.get(*kind as usize).cloned().unwrap_or_default(),
        attributes: attributes.get_mut(*place).map(std::mem::take).unwrap_or_default(),
        span: spans.get(*place).copied().flatten(),
    });
    edges.collect()
}

impl Drafts {
    fn of<'i>(
        file: &ReadFile,
        own: &'i FileIds,
        others: impl Fn(FileOrd) -> Option<&'i FileIds>,
        kinds: &Kinds,
    ) -> Self {
        let ReadFile { ordinal, segment, links } = file;
        let mut drafts = Self {
            order: Vec::with_capacity(links.len()),
            targets: Vec::with_capacity(links.len()),
            attributes: Vec::with_capacity(links.len()),
            spans: segment.link_spans().collect(),
        };
        let mut texts = TargetTexts::new(segment);
        let mut of_references = SharedAttributes::of_references(segment);
        let mut of_edges = SharedAttributes::of_edges(segment);
        for (position, link) in (0..).zip(links.links(*ordinal)) {
            let bound = match link.target {
                LinkTarget::Bound(other, slot, _) if other == *ordinal => own.of_slot(slot),
                LinkTarget::Bound(other, slot, _) => others(other).and_then(|other| other.of_slot(slot)),
                LinkTarget::Dangling | LinkTarget::Loose(_) => None,
            };
            let (source, target, attributes) = match position_among_edges(segment, position) {
                Some(edge) => {
                    let stated = bound.filter(|id| *id == segment.edge_target(edge)).cloned();
                    let target = stated.unwrap_or_else(|| texts.of_edge(edge));
                    (segment.edge_source(edge), target, of_edges.of(edge, None))
                }
                None => {
                    let (target, how) = match link.target {
                        LinkTarget::Bound(_, _, how) => {
                            (bound.cloned().unwrap_or_default(), how.unwrap_or(Resolution::Exact))
                        }
                        LinkTarget::Loose(how) => (texts.of_reference(position, how), how),
                        LinkTarget::Dangling => (Text::default(), Resolution::Unresolved),
                    };
                    (segment.reference_source(position), target, of_references.of(position, Some(how)))
                }
            };
            drafts.order.push(((source, kinds.rank(link.kind)), drafts.targets.len()));
            drafts.targets.push(target);
            drafts.attributes.push(attributes);
        }
        drafts
    }
}

/// The stated edge at a position of the links, which begin with the references.
fn position_among_edges(segment: &Segment, position: u32) -> Option<u32> {
    position.checked_sub(segment.reference_count())
}

/// The texts of targets that are no nodes, each made once.
struct TargetTexts<'s> {
    segment: &'s Segment,
    /// Of references, by the numbers of their targets.
    loose: HashMap<((u8, u32, u32), Resolution), Text>,
    /// Of stated edges, by the number of the text.
    stated: HashMap<u32, Text>,
}

impl<'s> TargetTexts<'s> {
    fn new(segment: &'s Segment) -> Self {
        Self { segment, loose: HashMap::new(), stated: HashMap::new() }
    }

    /// What a reference says that was left unbound.
    fn of_reference(&mut self, reference: u32, how: Resolution) -> Text {
        let segment = self.segment;
        let made = self.loose.entry((segment.reference_target_numbers(reference), how));
        made.or_insert_with(|| target_text(segment, segment.reference_target(reference), how).into()).clone()
    }

    /// The target of a stated edge.
    fn of_edge(&mut self, edge: u32) -> Text {
        let segment = self.segment;
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
