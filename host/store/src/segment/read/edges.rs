//! The stated edges of a segment.

use super::Segment;
use crate::codec::Row;
use crate::model::{Attributes, Edge, Resolution, Span};
use crate::segment::rows::AttributeRows;

impl Segment {
    /// What stands of an edge.
    #[inline]
    fn edge_row(&self, edge: u32) -> Row<'_> {
        self.table(self.rows.edges.table).row(edge)
    }

    pub(crate) fn edge_source(&self, edge: u32) -> u32 {
        self.edge_row(edge).get(self.rows.edges.source)
    }

    pub(crate) fn edge_kind(&self, edge: u32) -> &str {
        self.text(self.edge_row(edge).get(self.rows.edges.kind))
    }

    pub(crate) fn edge_target(&self, edge: u32) -> &str {
        self.text(self.edge_target_number(edge))
    }

    /// The number of an edge's target among the texts.
    pub(crate) fn edge_target_number(&self, edge: u32) -> u32 {
        self.edge_row(edge).get(self.rows.edges.target)
    }

    pub(crate) fn edge_span(&self, edge: u32) -> Option<Span> {
        let has_span = self.rows.edges.has_span.get(edge as usize) == Some(&true);
        has_span.then(|| self.rows.edges.spans.of_row(self.edge_row(edge)))
    }

    /// How sure a stated edge says that it is, if it does.
    pub(crate) fn edge_resolution(&self, edge: u32) -> Option<Resolution> {
        let mut stated = self.stated(&self.rows.edges.attributes, edge);
        let (_, json) = stated.find(|(name, _)| *name == Edge::RESOLUTION)?;
        // Its labels are plain: as JSON they are themselves in quotation marks.
        Resolution::parse(json.trim_matches('"'))
    }

    pub(in crate::segment) fn edge_attribute_rows(&self) -> AttributeRows {
        self.rows.edges.attributes
    }

    pub(crate) fn edge_attributes(&self, edge: u32) -> Attributes {
        self.attributes(&self.rows.edges.attributes, edge)
    }

    pub(crate) fn edge(&self, edge: u32) -> Edge {
        Edge {
            source: self.id(self.edge_source(edge)).into(),
            target: self.edge_target(edge).into(),
            kind: self.edge_kind(edge).into(),
            attributes: self.edge_attributes(edge),
            span: self.edge_span(edge),
        }
    }
}
