//! The columns of a segment, as they are encoded. docs/format.md describes them.

use bincode::{Decode, Encode};

use super::strings::Strings;
use crate::model::Span;

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
}

#[derive(Debug, Encode, Decode)]
pub(super) struct ModuleColumns {
    pub(super) stem: u32,
    pub(super) rank: u8,
    pub(super) is_package: bool,
}

/// Nodes, sorted by id.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct NodeColumns {
    /// The id, or what follows `<path>::` of it, in the upper 31 bits; the lowest bit says which.
    pub(super) id: Vec<u32>,
    pub(super) name: Vec<u32>,
    pub(super) kind: Vec<u32>,
    /// The row that contains the node, plus one; 0 for none.
    pub(super) parent: Vec<u32>,
    pub(super) spans: Spans,
    pub(super) attributes: AttributeColumns,
}

/// Edges whose targets are stated as ids, sorted.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct EdgeColumns {
    pub(super) source: Vec<u32>,
    pub(super) kind: Vec<u32>,
    pub(super) target: Vec<u32>,
    /// Whether the edge has a span; the spans of those that have none are zero.
    pub(super) has_span: Vec<bool>,
    pub(super) spans: Spans,
    pub(super) attributes: AttributeColumns,
}

/// References by name, sorted by where they stand.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct ReferenceColumns {
    pub(super) source: Vec<u32>,
    pub(super) kind: Vec<u32>,
    pub(super) shape: Vec<u8>,
    /// What the shape begins with: a row, an import or a text.
    pub(super) root: Vec<u32>,
    /// The members to walk, joined by zero bytes, as a text plus one; 0 for none.
    pub(super) members: Vec<u32>,
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
}

#[derive(Debug, Default, Encode, Decode)]
pub(super) struct ImportColumns {
    /// The candidates of all imports, end to end, and where each import's end.
    pub(super) candidates: Vec<u32>,
    pub(super) candidate_ends: Vec<u32>,
    pub(super) module: Vec<u32>,
    /// 0 for the module itself, 1 for all of it, else the text of the name plus two.
    pub(super) name: Vec<u32>,
}

/// Exports, sorted by name; alternatives of one name keep their order.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct ExportColumns {
    pub(super) name: Vec<u32>,
    /// A row or import in the upper 31 bits; the lowest bit is 1 for an import.
    pub(super) target: Vec<u32>,
}

/// Attributes: owner, name and JSON text, sorted by owner and name.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct AttributeColumns {
    pub(super) owner: Vec<u32>,
    pub(super) name: Vec<u32>,
    pub(super) json: Vec<u32>,
}

/// Spans as differences, which are small: starts against the last start, ends against their start.
#[derive(Debug, Default, Encode, Decode)]
pub(super) struct Spans {
    start_byte: Vec<i64>,
    length: Vec<i64>,
    start_line: Vec<i64>,
    lines: Vec<i64>,
    start_column: Vec<u32>,
    end_column: Vec<u32>,
}

impl Spans {
    pub(super) fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut columns = Self::default();
        let mut last = Span::default();
        for span in spans {
            columns.start_byte.push(i64::from(span.start_byte) - i64::from(last.start_byte));
            columns.length.push(i64::from(span.end_byte) - i64::from(span.start_byte));
            columns.start_line.push(i64::from(span.start_line) - i64::from(last.start_line));
            columns.lines.push(i64::from(span.end_line) - i64::from(span.start_line));
            columns.start_column.push(span.start_column);
            columns.end_column.push(span.end_column);
            last = span;
        }
        columns
    }

    /// The spans again, in one pass.
    pub(super) fn decode(&self) -> Vec<Span> {
        let mut spans = Vec::with_capacity(self.start_byte.len());
        let (mut byte, mut line) = (0_i64, 0_i64);
        for row in 0..self.start_byte.len() {
            let at = |column: &[i64]| column.get(row).copied().unwrap_or_default();
            byte = byte.wrapping_add(at(&self.start_byte));
            line = line.wrapping_add(at(&self.start_line));
            spans.push(Span {
                start_byte: narrow(byte),
                end_byte: narrow(byte.wrapping_add(at(&self.length))),
                start_line: narrow(line),
                end_line: narrow(line.wrapping_add(at(&self.lines))),
                start_column: self.start_column.get(row).copied().unwrap_or_default(),
                end_column: self.end_column.get(row).copied().unwrap_or_default(),
            });
        }
        spans
    }
}

/// Differences of 32-bit figures add up to 32-bit figures again; others were never written.
fn narrow(figure: i64) -> u32 {
    u32::try_from(figure).unwrap_or_default()
}
