//! The references of a segment, and the values that nodes hold: what both say of a target is alike.

use super::{Segment, count};
use crate::codec::Row;
use crate::model::{Attributes, Span};
use crate::segment::columns::shape;
use crate::segment::rows::AttributeRows;

/// What a reference says about its target, borrowed. Positions are rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetView<'a> {
    Node(u32),
    Import(u32, &'a str),
    NodePath(u32, &'a str),
    Super(u32, &'a str),
    Within(u32, &'a str),
    Receiver(u32, &'a str),
    Free(&'a str, &'a str),
    Member(&'a str),
    Local(&'a str),
}

impl Segment {
    pub(crate) fn reference_source(&self, reference: u32) -> u32 {
        self.number(self.rows.references.source, reference)
    }

    /// The references that stand in a row, in their order.
    ///
    /// Cost: a search of the sources, many at a time.
    pub(crate) fn references_in(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        self.column(self.rows.references.source).rows_of(row).map(count)
    }

    pub(crate) fn reference_kind(&self, reference: u32) -> &str {
        self.text(self.reference_kind_number(reference))
    }

    /// The number of a reference's kind among the texts.
    pub(crate) fn reference_kind_number(&self, reference: u32) -> u32 {
        self.reference_row(reference).get(self.rows.references.kind)
    }

    /// What stands of a reference.
    #[inline]
    fn reference_row(&self, reference: u32) -> Row<'_> {
        self.table(self.rows.references.table).row(reference)
    }

    pub(crate) fn reference_span(&self, reference: u32) -> Span {
        self.rows.references.spans.of_row(self.reference_row(reference))
    }

    /// The line, from 1, and the column, from 0, at which a reference begins.
    pub(crate) fn reference_start(&self, reference: u32) -> (u32, u32) {
        self.rows.references.spans.start_of_row(self.reference_row(reference))
    }

    pub(in crate::segment) fn reference_attribute_rows(&self) -> AttributeRows {
        self.rows.references.attributes
    }

    pub(crate) fn reference_attributes(&self, reference: u32) -> Attributes {
        self.attributes(&self.rows.references.attributes, reference)
    }

    /// What a reference says about its target, as numbers: equal for equal targets.
    pub(crate) fn reference_target_numbers(&self, reference: u32) -> (u32, u32, u32) {
        let (columns, row) = (&self.rows.references, self.reference_row(reference));
        (row.get(columns.shape), row.get(columns.root), row.get(columns.members))
    }

    pub(crate) fn reference_target(&self, reference: u32) -> TargetView<'_> {
        let (shape, root, members) = self.reference_target_numbers(reference);
        self.target(shape, root, members)
    }

    fn target(&self, shape: u32, root: u32, members: u32) -> TargetView<'_> {
        let members = self.joined(members);
        match shape {
            shape::NODE => TargetView::Node(root),
            shape::IMPORT => TargetView::Import(root, members),
            shape::NODE_PATH => TargetView::NodePath(root, members),
            shape::SUPER => TargetView::Super(root, members),
            shape::WITHIN => TargetView::Within(root, members),
            shape::RECEIVER => TargetView::Receiver(root, members),
            shape::FREE => TargetView::Free(self.text(root), members),
            shape::MEMBER => TargetView::Member(self.text(root)),
            _ => TargetView::Local(self.text(root)),
        }
    }

    /// Joined members, from their text plus one.
    fn joined(&self, text: u32) -> &str {
        text.checked_sub(1).map_or("", |text| self.text(text))
    }

    /// What is known of the values of a node: for each path from the node, joined, what its end is.
    pub(crate) fn values_of(&self, row: u32) -> impl Iterator<Item = (&str, TargetView<'_>)> {
        let rows = self.column(self.rows.values.row);
        (rows.first_not_below(row)..rows.first_not_below(row.saturating_add(1)))
            .map(|value| self.value(value))
    }

    /// How many paths say what their nodes hold or return.
    pub(in crate::segment) fn value_count(&self) -> usize {
        self.rows.values.row.len()
    }

    /// The node of which one says it.
    pub(in crate::segment) fn row_of_value(&self, value: usize) -> u32 {
        self.column(self.rows.values.row).get(value)
    }

    pub(in crate::segment) fn value(&self, value: usize) -> (&str, TargetView<'_>) {
        let columns = &self.rows.values;
        let [shape, root, members] =
            [columns.shape, columns.root, columns.members].map(|column| self.column(column).get(value));
        let target = self.target(shape, root, members);
        (self.joined(self.column(columns.path).get(value)), target)
    }
}
