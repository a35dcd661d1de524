//! The stated edges of a segment.

use super::{Segment, at};
use crate::codec::Placed;
use crate::model::{Attributes, Edge, Resolution, Span};
use crate::segment::columns::AttributeColumns;

impl Segment {
    pub(crate) fn edge_source(&self, edge: u32) -> u32 {
        self.cell(self.columns.edges.source, edge)
    }

    pub(crate) fn edge_kind(&self, edge: u32) -> &str {
        self.text(self.cell(self.columns.edges.kind, edge))
    }

    pub(crate) fn edge_target(&self, edge: u32) -> &str {
        self.text(self.cell(self.columns.edges.target, edge))
    }

    /// The number of an edge's target among the texts.
    pub(crate) fn edge_target_number(&self, edge: u32) -> u32 {
        self.cell(self.columns.edges.target, edge)
    }

    /// The spans of all stated edges: cheaper than one by one.
    pub(in crate::segment) fn edge_spans(&self) -> impl Iterator<Item = Option<Span>> + '_ {
        let has_span = self.columns.edges.has_span.iter();
        has_span.zip(self.edge_spans.iter(&self.sheet)).map(|(has_span, span)| has_span.then_some(span))
    }

    pub(crate) fn edge_span(&self, edge: u32) -> Option<Span> {
        at(&self.columns.edges.has_span, edge).then(|| self.edge_spans.get(&self.sheet, edge))
    }

    /// How sure a stated edge says that it is, if it does.
    pub(crate) fn edge_resolution(&self, edge: u32) -> Option<Resolution> {
        let columns = &self.columns.edges.attributes;
        let (start, end) = (
            self.column(columns.owner).first_not_below(edge),
            self.column(columns.owner).first_not_below(edge.saturating_add(1)),
        );
        let mut values =
            self.column(columns.name).range(start..end).zip(self.column(columns.json).range(start..end));
        let (_, json) = values.find(|(name, _)| self.text(*name) == Edge::RESOLUTION)?;
        // Its labels are plain: as JSON they are themselves in quotation marks.
        Resolution::parse(self.text(json).trim_matches('"'))
    }

    pub(in crate::segment) fn edge_attribute_columns(&self) -> &AttributeColumns<Placed> {
        &self.columns.edges.attributes
    }

    pub(crate) fn edge_attributes(&self, edge: u32) -> Attributes {
        self.attributes(&self.columns.edges.attributes, edge)
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
