//! Records that are being made.

use std::collections::BTreeMap;

use super::arriving::Arriving;
use super::columns::{EdgeColumns, LooseColumns};
use super::{CODES, KNOWN_KINDS, LinkEdges, LinkRecord, LinkTarget, LooseCounts, as_target, code, count};
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
    sort: Vec<u32>,
    /// The targets of bound links: the file, the slot and the position of the link.
    bound: Vec<(u32, u32, u32)>,
}

impl LinkBuilder {
    /// A record of no links yet, with room for so many.
    pub(crate) fn new(own: FileOrd, slots: SlotTable, links: u32) -> Self {
        let links = links as usize;
        let (source, sort) = (Vec::with_capacity(links), Vec::with_capacity(links));
        Self { own, slots, other_kinds: Vec::new(), source, sort, bound: Vec::with_capacity(links) }
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
        let kind = u32::try_from(position).unwrap_or(u32::MAX);
        if let LinkTarget::Bound(file, slot, _) = target {
            self.bound.push((as_target(self.own, file), slot, count(self.source.len())));
        }
        self.source.push(source);
        self.sort.push(kind.saturating_mul(CODES).saturating_add(code(target)));
    }

    /// The record, with what the links depend on, sorted, and what they left unbound.
    pub(crate) fn finish(mut self, asked: &[Term], loose: &BTreeMap<Term, LooseCounts>) -> LinkRecord {
        let loose_counts = |count: fn(&LooseCounts) -> u32| loose.values().map(count).collect::<Vec<u32>>();
        let mut target = vec![0; self.source.len()];
        let (mut file, mut slot) = (Vec::new(), Vec::new());
        self.bound.sort_unstable();
        for same in self.bound.chunk_by(|(file, slot, _), (next, of, _)| (file, slot) == (next, of)) {
            file.extend(same.first().map(|(file, ..)| *file));
            slot.extend(same.first().map(|(_, slot, _)| *slot));
            for (.., position) in same {
                if let Some(target) = target.get_mut(*position as usize) {
                    *target = count(file.len());
                }
            }
        }
        let mut sheet = Sheet::default();
        // In the order in which they are stored, so that a record is the same before and after.
        let columns = EdgeColumns {
            slots: self.slots,
            other_kinds: self.other_kinds,
            source: sheet.add(&self.source),
            sort: sheet.add(&self.sort),
            target: sheet.add(&target),
            file: sheet.add(&file),
            slot: sheet.add(&slot),
        };
        let asked = sheet.add(asked);
        let loose = LooseColumns {
            name: sheet.add(&loose.keys().copied().collect::<Vec<Term>>()),
            ambiguous_calls: sheet.add(&loose_counts(|counts| counts.ambiguous_calls)),
            unresolved_calls: sheet.add(&loose_counts(|counts| counts.unresolved_calls)),
            ambiguous_others: sheet.add(&loose_counts(|counts| counts.ambiguous_others)),
            unresolved_others: sheet.add(&loose_counts(|counts| counts.unresolved_others)),
        };
        let arriving = Arriving::add(&mut sheet, &columns);
        LinkRecord { edges: LinkEdges { columns, sheet: sheet.finish() }, asked, loose, arriving }
    }
}
