//! What a segment says, as it is read: what the columns of [`columns`](super::columns) become when they are decoded.
//!
//! Columns that a question reads together stand row by row in a table; those that are searched, and those that are read
//! one after the other, stand by themselves.

use bincode::BorrowDecode;
use bincode::de::BorrowDecoder;
use bincode::error::DecodeError;

use super::columns::{
    AttributeColumns, EdgeColumns, ExportColumns, ImportColumns, ModuleColumns, NodeColumns,
    ReferenceColumns, ValueColumns,
};
use super::spans::Spans;
use super::strings::Texts;
use crate::codec::{Cell, Cells, Placed, Planes, Sheet, Table};

/// One file's facts. Texts are numbers in `texts`.
#[derive(Debug, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct Rows {
    pub(super) texts: Texts,
    pub(super) path: u32,
    pub(super) module: Option<ModuleColumns>,
    pub(super) nodes: NodeRows,
    pub(super) edges: EdgeRows,
    pub(super) references: ReferenceRows,
    pub(super) imports: ImportColumns<Placed>,
    pub(super) exports: ExportColumns<Placed>,
    pub(super) values: ValueColumns<Placed>,
}

impl Rows {
    /// The memory that they take beside themselves and the sheet, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.texts.weight() + self.edges.has_span.len()
    }
}

#[derive(Debug)]
pub(super) struct NodeRows {
    /// The names once more by themselves, because they are searched.
    pub(super) names: Placed,
    pub(super) table: Table,
    pub(super) id: Cell,
    pub(super) name: Cell,
    pub(super) kind: Cell,
    pub(super) parent: Cell,
    pub(super) spans: Spans<Cell>,
    pub(super) attributes: AttributeRows,
}

#[derive(Debug)]
pub(super) struct EdgeRows {
    pub(super) table: Table,
    pub(super) source: Cell,
    pub(super) kind: Cell,
    pub(super) target: Cell,
    pub(super) spans: Spans<Cell>,
    pub(super) has_span: Box<[bool]>,
    pub(super) attributes: AttributeRows,
}

#[derive(Debug)]
pub(super) struct ReferenceRows {
    /// By itself, because it is searched.
    pub(super) source: Placed,
    pub(super) table: Table,
    pub(super) kind: Cell,
    pub(super) shape: Cell,
    pub(super) root: Cell,
    pub(super) members: Cell,
    pub(super) spans: Spans<Cell>,
    pub(super) attributes: AttributeRows,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct AttributeRows {
    pub(super) table: Table,
    pub(super) owner: Cell,
    pub(super) name: Cell,
    pub(super) json: Cell,
}

impl<'de> BorrowDecode<'de, Sheet> for NodeRows {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Sheet>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let columns: NodeColumns<Planes<'de>> = BorrowDecode::borrow_decode(decoder)?;
        let sheet = decoder.context();
        let names = sheet.add_planes(columns.name)?;
        let [id, name, kind, parent] =
            [columns.id, columns.name, columns.kind, columns.parent].map(Cells::Stored);
        let [start_byte, length, start_line, lines, start_column, end_column] = columns.spans.cells();
        let (table, [id, name, kind, parent, spans @ ..]) = sheet.add_table(&[
            id,
            name,
            kind,
            parent,
            start_byte,
            length,
            start_line,
            lines,
            start_column,
            end_column,
        ])?;
        let attributes = AttributeRows::of(&columns.attributes, sheet)?;
        Ok(Self { names, table, id, name, kind, parent, spans: Spans::at(spans), attributes })
    }
}

impl<'de> BorrowDecode<'de, Sheet> for EdgeRows {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Sheet>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let columns: EdgeColumns<Planes<'de>> = BorrowDecode::borrow_decode(decoder)?;
        let sheet = decoder.context();
        let [source, kind, target] = [columns.source, columns.kind, columns.target].map(Cells::Stored);
        let [start_byte, length, start_line, lines, start_column, end_column] = columns.spans.cells();
        let (table, [source, kind, target, spans @ ..]) = sheet.add_table(&[
            source,
            kind,
            target,
            start_byte,
            length,
            start_line,
            lines,
            start_column,
            end_column,
        ])?;
        let attributes = AttributeRows::of(&columns.attributes, sheet)?;
        let has_span = columns.has_span.into();
        Ok(Self { table, source, kind, target, spans: Spans::at(spans), has_span, attributes })
    }
}

impl<'de> BorrowDecode<'de, Sheet> for ReferenceRows {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Sheet>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let columns: ReferenceColumns<Planes<'de>> = BorrowDecode::borrow_decode(decoder)?;
        let sheet = decoder.context();
        let source = sheet.add_planes(columns.source)?;
        let [kind, shape, root, members] =
            [columns.kind, columns.shape, columns.root, columns.members].map(Cells::Stored);
        let [start_byte, length, start_line, lines, start_column, end_column] = columns.spans.cells();
        let (table, [kind, shape, root, members, spans @ ..]) = sheet.add_table(&[
            kind,
            shape,
            root,
            members,
            start_byte,
            length,
            start_line,
            lines,
            start_column,
            end_column,
        ])?;
        let attributes = AttributeRows::of(&columns.attributes, sheet)?;
        Ok(Self { source, table, kind, shape, root, members, spans: Spans::at(spans), attributes })
    }
}

impl AttributeRows {
    fn of(columns: &AttributeColumns<Planes<'_>>, sheet: &mut Sheet) -> Result<Self, DecodeError> {
        let columns = [columns.owner, columns.name, columns.json].map(Cells::Stored);
        let (table, [owner, name, json]) = sheet.add_table(&columns)?;
        Ok(Self { table, owner, name, json })
    }
}
