//! Records that are being made.

use std::collections::BTreeMap;

use super::columns::{EdgeColumns, LooseColumns};
use super::{KNOWN_KINDS, LinkEdges, LinkRecord, LinkTarget, LooseCounts, code};
use crate::codec::Sheet;
use crate::keyspace::{FileOrd, Slot};
use crate::link::SlotTable;
use crate::link::term::Term;

/// A record that is being made.
pub(crate) struct LinkBuilder {
    own: FileOrd,
    slots: SlotTable,
    other_kinds: Vec<String>,
    source: Vec<u32>,
    kind: Vec<u32>,
    code: Vec<u32>,
    file: Vec<u32>,
    slot: Vec<u32>,
}

impl LinkBuilder {
    /// A record of no links yet, with room for so many.
    pub(crate) fn new(own: FileOrd, slots: SlotTable, links: u32) -> Self {
        let room = || Vec::with_capacity(links as usize);
        let (source, kind, code, file, slot) = (room(), room(), room(), room(), room());
        Self { own, slots, other_kinds: Vec::new(), source, kind, code, file, slot }
    }

    /// Adds the link of the next reference or stated edge.
    pub(crate) fn push(&mut self, source: Slot, kind: &str, target: LinkTarget) {
        let known = KNOWN_KINDS.iter().position(|known| *known == kind);
        let others = &mut self.other_kinds;
        let position = known.unwrap_or_else(|| {
            let other = others.iter().position(|other| other == kind).unwrap_or_else(|| {
                others.push(kind.to_owned());
                others.len() - 1
            });
            KNOWN_KINDS.len() + other
        });
        self.source.push(source);
        self.kind.push(u32::try_from(position).unwrap_or(u32::MAX));
        self.code.push(code(target).into());
        if let LinkTarget::Bound(file, slot, _) = target {
            self.file.push(if file == self.own { 0 } else { file + 1 });
            self.slot.push(slot);
        }
    }

    /// The record, with what the links depend on, sorted, and what they left unbound.
    pub(crate) fn finish(self, asked: &[Term], loose: &BTreeMap<Term, LooseCounts>) -> LinkRecord {
        let loose_counts = |count: fn(&LooseCounts) -> u32| loose.values().map(count).collect::<Vec<u32>>();
        let mut sheet = Sheet::default();
        // In the order in which they are stored, so that a record is the same before and after.
        let columns = EdgeColumns {
            slots: self.slots,
            other_kinds: self.other_kinds,
            source: sheet.add(&self.source),
            kind: sheet.add(&self.kind),
            code: sheet.add(&self.code),
            file: sheet.add(&self.file),
            slot: sheet.add(&self.slot),
        };
        let asked = sheet.add(asked);
        let loose = LooseColumns {
            name: sheet.add(&loose.keys().copied().collect::<Vec<Term>>()),
            ambiguous_calls: sheet.add(&loose_counts(|counts| counts.ambiguous_calls)),
            unresolved_calls: sheet.add(&loose_counts(|counts| counts.unresolved_calls)),
            ambiguous_others: sheet.add(&loose_counts(|counts| counts.ambiguous_others)),
            unresolved_others: sheet.add(&loose_counts(|counts| counts.unresolved_others)),
        };
        LinkRecord { edges: LinkEdges { columns, sheet: sheet.finish() }, asked, loose }
    }
}
