//! What a segment says as owned values, many rows at once: each text, and each set of attributes, is made once and shared by
//! all that have it.

use std::collections::HashMap;

use super::read::Segment;
use super::rows::AttributeRows;
use crate::model::{Attributes, Edge, Node, Resolution, Span, Text};

/// What follows the path in the ids of a file.
const BETWEEN: &str = "::";

impl Segment {
    /// The id of each row.
    pub(crate) fn ids(&self) -> Vec<Text> {
        let mut id = String::from(self.path());
        id.push_str(BETWEEN);
        let shared = id.len();
        let ids = (0..self.node_count()).map(|row| {
            let [path, _, rest] = self.id_parts(row);
            if path.is_empty() {
                return Text::new(rest);
            }
            id.truncate(shared);
            id.push_str(rest);
            Text::new(&id)
        });
        ids.collect()
    }

    /// The nodes, by row, of which the ids are at hand.
    pub(crate) fn nodes(&self, ids: &[Text]) -> Vec<Node> {
        let file = Text::new(self.path());
        let mut kinds: Vec<(u32, Text)> = Vec::new();
        let mut attributes = SharedAttributes::of_nodes(self);
        let nodes = (0..self.node_count()).zip(ids).map(|(row, id)| Node {
            id: id.clone(),
            name: Text::new(self.name(row)),
            kind: self.shared_kind(row, &mut kinds),
            file: file.clone(),
            span: self.span(row),
            attributes: attributes.of(row, None),
        });
        nodes.collect()
    }

    /// The kind of a row, of which there are few.
    fn shared_kind(&self, row: u32, kinds: &mut Vec<(u32, Text)>) -> Text {
        let number = self.kind_number(row);
        match kinds.iter().find(|(known, _)| *known == number) {
            Some((_, kind)) => kind.clone(),
            None => {
                let kind = Text::new(self.kind(row));
                kinds.push((number, kind.clone()));
                kind
            }
        }
    }

    /// The spans of the references, and after them those of the stated edges.
    pub(crate) fn link_spans(&self) -> impl Iterator<Item = Option<Span>> + '_ {
        let of_references = (0..self.reference_count()).map(|reference| Some(self.reference_span(reference)));
        of_references.chain((0..self.edge_count()).map(|edge| self.edge_span(edge)))
    }
}

/// The attributes of rows that are asked for in their order.
pub(crate) struct SharedAttributes<'s> {
    segment: &'s Segment,
    all: AttributeRows,
    /// The first attribute of the rows that are yet to come.
    next: u32,
    /// Those of nothing but a resolution, by its number.
    plain: [Attributes; Resolution::ALL.len()],
    /// Those of one attribute, by its name and its value and the resolution beside it.
    single: HashMap<(u32, u32, Option<Resolution>), Attributes>,
}

impl<'s> SharedAttributes<'s> {
    fn new(segment: &'s Segment, all: AttributeRows) -> Self {
        Self { segment, all, next: 0, plain: Default::default(), single: HashMap::new() }
    }

    pub(crate) fn of_nodes(segment: &'s Segment) -> Self {
        Self::new(segment, segment.node_attribute_rows())
    }

    pub(crate) fn of_references(segment: &'s Segment) -> Self {
        Self::new(segment, segment.reference_attribute_rows())
    }

    pub(crate) fn of_edges(segment: &'s Segment) -> Self {
        Self::new(segment, segment.edge_attribute_rows())
    }

    /// Those of a row, with the resolution of its link where that is not among them.
    pub(crate) fn of(&mut self, row: u32, resolution: Option<Resolution>) -> Attributes {
        let first = self.next;
        let table = self.segment.table(self.all.table);
        while self.next < table.len() && table.get(self.next, self.all.owner) <= row {
            self.next += 1;
        }
        match self.next - first {
            0 => self.plain(resolution),
            1 => {
                let stated = table.row(first);
                let key = (stated.get(self.all.name), stated.get(self.all.json), resolution);
                if let Some(known) = self.single.get(&key) {
                    return known.clone();
                }
                let made = self.make(row, resolution);
                self.single.insert(key, made.clone());
                made
            }
            _ => self.make(row, resolution),
        }
    }

    fn plain(&mut self, resolution: Option<Resolution>) -> Attributes {
        let Some(resolution) = resolution else { return Attributes::new() };
        let Some(known) = self.plain.get_mut(resolution as usize) else { return Attributes::new() };
        if known.is_empty() {
            known.insert(Edge::RESOLUTION, resolution.as_str().into());
        }
        known.clone()
    }

    fn make(&self, row: u32, resolution: Option<Resolution>) -> Attributes {
        let mut attributes = self.segment.attributes(&self.all, row);
        if let Some(resolution) = resolution {
            attributes.insert(Edge::RESOLUTION, resolution.as_str().into());
        }
        attributes
    }
}
