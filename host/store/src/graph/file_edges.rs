//! The edges of one file in canonical order, all at once.

use std::collections::HashMap;

use super::whole::{FileIds, ReadFile};
use crate::keyspace::FileOrd;
use crate::link::{KNOWN_KINDS, LinkEdges, LinkTarget, target_text};
use crate::model::{Attributes, Edge, Resolution, Span, Text};
use crate::segment::{Segment, SharedAttributes};

/// What the links of a file come to, column by column, so that only numbers are moved while they are sorted. It is used
/// again for the next file.
#[derive(Default)]
pub(super) struct Drafts {
    /// The row of the source, the rank of the kind, and the position of the link.
    order: Vec<(u32, u32, u32)>,
    targets: Vec<Text>,
    attributes: Vec<Attributes>,
    spans: Vec<Option<Span>>,
    texts: TargetTexts,
}

impl Drafts {
    /// Writes the edges of a file, as many as it has links; `others` knows the ids of files.
    pub(super) fn write<'i>(
        &mut self,
        file: &ReadFile,
        own: &'i FileIds,
        others: impl Fn(FileOrd) -> Option<&'i FileIds>,
        edges: &mut [Edge],
    ) {
        let kinds = Kinds::of(&file.links);
        self.draft(file, own, others, &kinds);
        self.sort();
        for (place, (source, kind, position)) in edges.iter_mut().zip(&self.order) {
            let position = *position as usize;
            *place = Edge {
                source: own.of_row(*source).cloned().unwrap_or_default(),
                target: self.targets.get_mut(position).map(std::mem::take).unwrap_or_default(),
                kind: kinds.ranked.get(*kind as usize).cloned().unwrap_or_default(),
                attributes: self.attributes.get_mut(position).map(std::mem::take).unwrap_or_default(),
                span: self.spans.get(position).copied().flatten(),
            };
        }
    }

    fn sort(&mut self) {
        let Self { order, targets, attributes, spans, .. } = self;
        let json = |place: usize| attributes.get(place).and_then(|it| serde_json::to_string(it).ok());
        order.sort_unstable_by(|(row, kind, place), (other_row, other_kind, other)| {
            let (place, other) = (*place as usize, *other as usize);
            (row, kind)
                .cmp(&(other_row, other_kind))
                .then_with(|| targets.get(place).cmp(&targets.get(other)))
                .then_with(|| spans.get(place).cmp(&spans.get(other)))
                .then_with(|| json(place).cmp(&json(other)))
        });
    }

    fn draft<'i>(
        &mut self,
        file: &ReadFile,
        own: &'i FileIds,
        others: impl Fn(FileOrd) -> Option<&'i FileIds>,
        kinds: &Kinds,
    ) {
        let ReadFile { ordinal, segment, links } = file;
        self.order.clear();
        self.targets.clear();
        self.attributes.clear();
        self.spans.clear();
        self.spans.extend(segment.link_spans());
        self.texts.clear();
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
                    let target = stated.unwrap_or_else(|| self.texts.of_edge(segment, edge));
                    (segment.edge_source(edge), target, of_edges.of(edge, None))
                }
                None => {
                    let (target, how) = match link.target {
                        LinkTarget::Bound(_, _, how) => {
                            (bound.cloned().unwrap_or_default(), how.unwrap_or(Resolution::Exact))
                        }
                        LinkTarget::Loose(how) => (self.texts.of_reference(segment, position, how), how),
                        LinkTarget::Dangling => (Text::default(), Resolution::Unresolved),
                    };
                    (segment.reference_source(position), target, of_references.of(position, Some(how)))
                }
            };
            self.order.push((source, kinds.rank(link.kind), position));
            self.targets.push(target);
            self.attributes.push(attributes);
        }
    }
}

/// The stated edge at a position of the links, which begin with the references.
fn position_among_edges(segment: &Segment, position: u32) -> Option<u32> {
    position.checked_sub(segment.reference_count())
}

/// The texts of the targets in a file that are no nodes, each made once.
#[derive(Default)]
struct TargetTexts {
    /// Of references, by the numbers of their targets.
    loose: HashMap<((u32, u32, u32), Resolution), Text>,
    /// Of stated edges, by the number of the text.
    stated: HashMap<u32, Text>,
}

impl TargetTexts {
    fn clear(&mut self) {
        self.loose.clear();
        self.stated.clear();
    }

    /// What a reference says that was left unbound.
    fn of_reference(&mut self, segment: &Segment, reference: u32, how: Resolution) -> Text {
        let made = self.loose.entry((segment.reference_target_numbers(reference), how));
        made.or_insert_with(|| target_text(segment, segment.reference_target(reference), how).into()).clone()
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
