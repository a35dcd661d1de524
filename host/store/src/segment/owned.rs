//! What a segment says as owned values, many rows at once: each text, and each set of attributes, is made once and shared by
//! all that have it.

use std::collections::HashMap;

use super::columns::AttributeColumns;
use super::read::Segment;
use crate::codec::Placed;
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
        let rows = (0..).zip(ids).zip(self.spans());
        let nodes = rows.map(|((row, id), span)| Node {
            id: id.clone(),
            name: Text::new(self.name(row)),
            kind: self.shared_kind(row, &mut kinds),
            file: file.clone(),
            span,
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
        self.reference_spans().map(Some).chain(self.edge_spans())
    }
}

/// The attributes of rows that are asked for in their order.
pub(crate) struct SharedAttributes<'s> {
    segment: &'s Segment,
    columns: &'s AttributeColumns<Placed>,
    /// The first attribute of the rows that are yet to come.
    next: usize,
    /// Those of nothing but a resolution, by its number.
    plain: [Attributes; Resolution::ALL.len()],
    /// Those of one attribute, by its name and its value and the resolution beside it.
    single: HashMap<(u32, u32, Option<Resolution>), Attributes>,
}

impl<'s> SharedAttributes<'s> {
    fn new(segment: &'s Segment, columns: &'s AttributeColumns<Placed>) -> Self {
        Self { segment, columns, next: 0, plain: Default::default(), single: HashMap::new() }
    }

    pub(crate) fn of_nodes(segment: &'s Segment) -> Self {
        Self::new(segment, segment.node_attribute_columns())
    }

    pub(crate) fn of_references(segment: &'s Segment) -> Self {
        Self::new(segment, segment.reference_attribute_columns())
    }

    pub(crate) fn of_edges(segment: &'s Segment) -> Self {
        Self::new(segment, segment.edge_attribute_columns())
    }

    /// Those of a row, with the resolution of its link where that is not among them.
    pub(crate) fn of(&mut self, row: u32, resolution: Option<Resolution>) -> Attributes {
        let first = self.next;
        let [owner, name, json] = [self.columns.owner, self.columns.name, self.columns.json]
            .map(|place| self.segment.column(place));
        while self.next < owner.len() && owner.get(self.next) <= row {
            self.next += 1;
        }
        match self.next - first {
            0 => self.plain(resolution),
            1 => {
                let key = (name.get(first), json.get(first), resolution);
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
        let mut attributes = self.segment.attributes(self.columns, row);
        if let Some(resolution) = resolution {
            attributes.insert(Edge::RESOLUTION, resolution.as_str().into());
        }
        attributes
    }
}
