//! The columns of a segment, as they are encoded. docs/format.md describes them.

use bincode::{Decode, Encode};

use super::spans::Spans;
use super::strings::Strings;
use crate::codec::Column;

/// One file's facts, column by column. Texts are numbers in `strings`.
#[derive(Debug, Default, Encode, Decode)]
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

impl Columns {
    /// The memory that they take without the spans, in bytes.
    pub(super) fn weight(&self) -> usize {
        let Self { nodes, edges, references, imports, exports, values, .. } = self;
        let attributes = [&nodes.attributes, &edges.attributes, &references.attributes];
        let columns = [
            &nodes.id,
            &nodes.name,
            &nodes.kind,
            &nodes.parent,
            &edges.source,
            &edges.kind,
            &edges.target,
            &references.source,
            &references.kind,
            &references.root,
            &references.members,
            &imports.candidates,
            &imports.candidate_ends,
            &imports.module,
            &imports.name,
            &exports.name,
            &exports.target,
            &values.row,
            &values.path,
            &values.root,
            &values.members,
        ];
        self.strings.weight()
            + columns.into_iter().map(Column::weight).sum::<usize>()
            + attributes.iter().map(|a| a.owner.weight() + a.name.weight() + a.json.weight()).sum::<usize>()
            + edges.has_span.len()
            + references.shape.len()
            + values.shape.len()
    }
}

#[derive(Debug, Encode, Decode)]
pub(super) struct ModuleColumns {
    pub(super) stem: u32,
    pub(super) rank: u8,
    pub(super) is_package: bool,
    pub(super) is_shared: bool,
}

/// Nodes, sorted by id.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct NodeColumns {
    /// The id, or what follows `<path>::` of it, in the upper 31 bits; the lowest bit says which.
    pub(super) id: Column,
    pub(super) name: Column,
    pub(super) kind: Column,
    /// The row that contains the node, plus one; 0 for none.
    pub(super) parent: Column,
    pub(super) spans: Spans,
    pub(super) attributes: AttributeColumns,
}

/// Edges whose targets are stated as ids, sorted.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct EdgeColumns {
    pub(super) source: Column,
    pub(super) kind: Column,
    pub(super) target: Column,
    /// Whether the edge has a span; the spans of those that have none are zero.
    pub(super) has_span: Vec<bool>,
    pub(super) spans: Spans,
    pub(super) attributes: AttributeColumns,
}

/// References by name, sorted by where they stand.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct ReferenceColumns {
    pub(super) source: Column,
    pub(super) kind: Column,
    pub(super) shape: Vec<u8>,
    /// What the shape begins with: a row, an import or a text.
    pub(super) root: Column,
    /// The members to walk, joined by zero bytes, as a text plus one; 0 for none.
    pub(super) members: Column,
    pub(super) spans: Spans,
    pub(super) attributes: AttributeColumns,
}

/// The shapes of a reference's target.
pub(super) mod shape {
    pub(in crate::segment) const NODE: u8 = 0;
    pub(in crate::segment) const IMPORT: u8 = 1;
    pub(in crate::segment) const NODE_PATH: u8 = 2;
    pub(in crate::segment) const SUPER: u8 = 3;
    pub(in crate::segment) const FREE: u8 = 4;
    pub(in crate::segment) const MEMBER: u8 = 5;
    pub(in crate::segment) const LOCAL: u8 = 6;
    pub(in crate::segment) const WITHIN: u8 = 7;
    pub(in crate::segment) const RECEIVER: u8 = 8;
}

#[derive(Debug, Default, Encode, Decode)]
pub(super) struct ImportColumns {
    /// The candidates of all imports, end to end, and where each import's end.
    pub(super) candidates: Column,
    pub(super) candidate_ends: Column,
    pub(super) module: Column,
    /// 0 for the module itself, 1 for all of it, else the text of the name plus two.
    pub(super) name: Column,
}

/// Exports, sorted by name; alternatives of one name keep their order.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct ExportColumns {
    pub(super) name: Column,
    /// A row or import in the upper 31 bits; the lowest bit is 1 for an import.
    pub(super) target: Column,
}

/// What nodes hold or return, sorted by row and path. A target is kept as that of a reference is.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct ValueColumns {
    pub(super) row: Column,
    /// The members from the node to the value, joined by zero bytes, as a text plus one; 0 for none.
    pub(super) path: Column,
    pub(super) shape: Vec<u8>,
    pub(super) root: Column,
    pub(super) members: Column,
}

/// Attributes: owner, name and JSON text, sorted by owner and name.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct AttributeColumns {
    pub(super) owner: Column,
    pub(super) name: Column,
    pub(super) json: Column,
}
