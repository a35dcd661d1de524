//! The columns of a segment, as they are encoded. docs/format.md describes them.
//!
//! They are generic over what a column is: a [`Column`] while a segment is built, and a place in a sheet or some borrowed
//! planes while it is decoded. What comes of them is in [`rows`](super::rows).

use bincode::{BorrowDecode, Encode};

use super::spans::Spans;
use super::strings::Strings;
use crate::codec::{Column, Sheet};

/// One file's facts, column by column. Texts are numbers in `strings`.
#[derive(Debug, Default, Encode)]
pub(super) struct Columns {
    pub(super) strings: Strings,
    pub(super) path: u32,
    pub(super) module: Option<ModuleColumns>,
    pub(super) nodes: NodeColumns,
    pub(super) edges: EdgeColumns,
    pub(super) references: ReferenceColumns,
    pub(super) imports: ImportColumns,
    pub(super) exports: ExportColumns,
    pub(super) values: ValueColumns,
}

#[derive(Debug, Encode, BorrowDecode)]
pub(super) struct ModuleColumns {
    pub(super) stem: u32,
    pub(super) rank: u8,
    pub(super) is_package: bool,
    pub(super) is_shared: bool,
}

/// Nodes, sorted by id.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct NodeColumns<C = Column> {
    /// The id, or what follows `<path>::` of it, in the upper 31 bits; the lowest bit says which.
    pub(super) id: C,
    pub(super) name: C,
    pub(super) kind: C,
    /// The row that contains the node, plus one; 0 for none.
    pub(super) parent: C,
    pub(super) spans: Spans<C>,
    pub(super) attributes: AttributeColumns<C>,
}

/// Edges whose targets are stated as ids, sorted.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct EdgeColumns<C = Column> {
    pub(super) source: C,
    pub(super) kind: C,
    pub(super) target: C,
    /// Whether the edge has a span; the spans of those that have none are zero.
    pub(super) has_span: Vec<bool>,
    pub(super) spans: Spans<C>,
    pub(super) attributes: AttributeColumns<C>,
}

/// References by name, sorted by where they stand.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct ReferenceColumns<C = Column> {
    pub(super) source: C,
    pub(super) kind: C,
    pub(super) shape: C,
    /// What the shape begins with: a row, an import or a text.
    pub(super) root: C,
    /// The members to walk, joined by zero bytes, as a text plus one; 0 for none.
    pub(super) members: C,
    pub(super) spans: Spans<C>,
    pub(super) attributes: AttributeColumns<C>,
}

/// The shapes of a reference's target.
pub(super) mod shape {
    pub(in crate::segment) const NODE: u32 = 0;
    pub(in crate::segment) const IMPORT: u32 = 1;
    pub(in crate::segment) const NODE_PATH: u32 = 2;
    pub(in crate::segment) const SUPER: u32 = 3;
    pub(in crate::segment) const FREE: u32 = 4;
    pub(in crate::segment) const MEMBER: u32 = 5;
    pub(in crate::segment) const LOCAL: u32 = 6;
    pub(in crate::segment) const WITHIN: u32 = 7;
    pub(in crate::segment) const RECEIVER: u32 = 8;
}

#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct ImportColumns<C = Column> {
    /// The candidates of all imports, end to end, and where each import's end.
    pub(super) candidates: C,
    pub(super) candidate_ends: C,
    pub(super) module: C,
    /// 0 for the module itself, 1 for all of it, else the text of the name plus two.
    pub(super) name: C,
}

/// Exports, sorted by name; alternatives of one name keep their order.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct ExportColumns<C = Column> {
    pub(super) name: C,
    /// A row or import in the upper 31 bits; the lowest bit is 1 for an import.
    pub(super) target: C,
}

/// What nodes hold or return, sorted by row and path. A target is kept as that of a reference is.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct ValueColumns<C = Column> {
    pub(super) row: C,
    /// The members from the node to the value, joined by zero bytes, as a text plus one; 0 for none.
    pub(super) path: C,
    pub(super) shape: C,
    pub(super) root: C,
    pub(super) members: C,
}

/// Attributes: owner, name and JSON text, sorted by owner and name.
#[derive(Debug, Default, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct AttributeColumns<C = Column> {
    pub(super) owner: C,
    pub(super) name: C,
    pub(super) json: C,
}
