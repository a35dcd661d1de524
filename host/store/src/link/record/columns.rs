//! A record as it is stored, generic over what a column is: a place in a sheet once it is decoded, and what stands there
//! while it is encoded. docs/format.md describes it.

use bincode::de::BorrowDecoder;
use bincode::error::DecodeError;
use bincode::{BorrowDecode, Encode};

use super::arriving::Arriving;
use crate::codec::{ColumnView, Placed, Sheet};
use crate::link::SlotTable;

/// A record as it is stored. What walks need comes first, so that a walk over everything need not decode the rest.
#[derive(Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct RecordColumns<C> {
    pub(super) edges: EdgeColumns<C>,
    /// The terms that the links asked, sorted.
    pub(super) asked: C,
    pub(super) loose: LooseColumns<C>,
}

/// The links, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct EdgeColumns<C> {
    pub(super) slots: SlotTable,
    /// Kinds that are not among [`KNOWN_KINDS`](super::KNOWN_KINDS); they are numbered after those.
    pub(super) other_kinds: Vec<String>,
    pub(super) source: C,
    /// The kind and the code of each link as one number; see `code`.
    pub(super) sort: C,
    /// For each link the number of its target among those below, plus one; 0 for one that leads to no node.
    pub(super) target: C,
    /// The targets, each once and sorted: 0 for this file, else the file plus one.
    pub(super) file: C,
    /// The slot of each target.
    pub(super) slot: C,
}

/// Counts of unbound references by the term of the name that they end in, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, BorrowDecode)]
#[bincode(decode_context = "Sheet")]
pub(super) struct LooseColumns<C> {
    pub(super) name: C,
    pub(super) ambiguous_calls: C,
    pub(super) unresolved_calls: C,
    pub(super) ambiguous_others: C,
    pub(super) unresolved_others: C,
}

/// The same as it is read, with the order of arriving links.
pub(super) struct RecordRows {
    pub(super) edges: EdgeColumns<Placed>,
    pub(super) asked: Placed,
    pub(super) loose: LooseColumns<Placed>,
    pub(super) arriving: Arriving,
}

impl<'de> BorrowDecode<'de, Sheet> for RecordRows {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Sheet>>(decoder: &mut D) -> Result<Self, DecodeError> {
        let RecordColumns { edges, asked, loose } = BorrowDecode::borrow_decode(decoder)?;
        let arriving = Arriving::add(decoder.context(), &edges);
        Ok(Self { edges, asked, loose, arriving })
    }
}

impl EdgeColumns<Placed> {
    pub(super) fn in_sheet<'a>(&self, sheet: &'a Sheet) -> EdgeColumns<ColumnView<'a>> {
        EdgeColumns {
            slots: self.slots.clone(),
            other_kinds: self.other_kinds.clone(),
            source: sheet.column(self.source),
            sort: sheet.column(self.sort),
            target: sheet.column(self.target),
            file: sheet.column(self.file),
            slot: sheet.column(self.slot),
        }
    }
}

impl LooseColumns<Placed> {
    pub(super) fn in_sheet<'a>(&self, sheet: &'a Sheet) -> LooseColumns<ColumnView<'a>> {
        LooseColumns {
            name: sheet.column(self.name),
            ambiguous_calls: sheet.column(self.ambiguous_calls),
            unresolved_calls: sheet.column(self.unresolved_calls),
            ambiguous_others: sheet.column(self.ambiguous_others),
            unresolved_others: sheet.column(self.unresolved_others),
        }
    }
}
