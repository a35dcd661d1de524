//! What a file imports and exports.

use super::{Segment, count};
use crate::model::ExportTarget;

/// One import, borrowed.
#[derive(Clone, Debug)]
pub(crate) struct ImportView<'a> {
    pub(crate) candidates: Vec<&'a str>,
    pub(crate) module: &'a str,
    pub(crate) name: ImportedView<'a>,
}

/// What of a module an import binds, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImportedView<'a> {
    Module,
    Name(&'a str),
    Star,
}

impl Segment {
    pub(crate) fn import_count(&self) -> u32 {
        count(self.rows.imports.module.len())
    }

    pub(crate) fn import(&self, import: u32) -> ImportView<'_> {
        let (module, name) = self.imported(import);
        ImportView { candidates: self.candidates_of(import).collect(), module, name }
    }

    /// The stems that an import may mean, the likeliest first.
    pub(crate) fn candidates_of(&self, import: u32) -> impl Iterator<Item = &str> {
        let columns = &self.rows.imports;
        let start = import.checked_sub(1).map_or(0, |last| self.number(columns.candidate_ends, last));
        let end = self.number(columns.candidate_ends, import);
        self.column(columns.candidates).range(start as usize..end as usize).map(|text| self.text(text))
    }

    /// What an import names: the module as it is written, and what of it.
    pub(crate) fn imported(&self, import: u32) -> (&str, ImportedView<'_>) {
        let columns = &self.rows.imports;
        let name = match self.number(columns.name, import) {
            0 => ImportedView::Module,
            1 => ImportedView::Star,
            text => ImportedView::Name(self.text(text - 2)),
        };
        (self.text(self.number(columns.module, import)), name)
    }

    /// The exports with their names, sorted by name.
    pub(crate) fn exports(&self) -> impl Iterator<Item = (&str, ExportTarget)> {
        (0..self.rows.exports.name.len()).map(|export| self.export(export))
    }

    fn export(&self, export: usize) -> (&str, ExportTarget) {
        let columns = &self.rows.exports;
        let target = self.column(columns.target).get(export);
        let place = target >> 1;
        let target = if target & 1 == 1 { ExportTarget::Import(place) } else { ExportTarget::Node(place) };
        (self.text(self.column(columns.name).get(export)), target)
    }

    /// What a name of the module stands for: the alternatives, in their order.
    pub(crate) fn exports_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = ExportTarget> + 'a {
        let (mut low, mut high) = (0, self.rows.exports.name.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.export(middle).0 < name {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..self.rows.exports.name.len())
            .map(|export| self.export(export))
            .take_while(move |(other, _)| *other == name)
            .map(|(_, target)| target)
    }
}
