//! Slots: the numbers that the nodes of a file go by.

use bincode::{BorrowDecode, Encode};

use crate::keyspace::Slot;
use crate::segment::{Segment, rows_by_id};

/// Which number each node of a file goes by. Numbers stay while ids stay, so that links from other files hold
/// when this one changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, BorrowDecode)]
pub(crate) struct SlotTable {
    /// The slot of each row; empty when every slot is its row.
    slots: Vec<u32>,
    next: u32,
}

impl SlotTable {
    /// The slots of a file that is stored anew.
    pub(crate) fn fresh(rows: u32) -> Self {
        Self { slots: Vec::new(), next: rows }
    }

    /// The slots of a file that replaces another state of it.
    pub(crate) fn carried_over(old: &Segment, table: &Self, new: &Segment) -> Self {
        let mut next = table.next;
        let mut slots = Vec::with_capacity(new.node_count() as usize);
        for (before, after) in rows_by_id(Some(old), Some(new)) {
            if after.is_some() {
                slots.push(before.map_or(next, |row| table.slot(row)));
                next += u32::from(before.is_none());
            }
        }
        let identity = slots.iter().zip(0..).all(|(slot, row)| *slot == row);
        Self { slots: if identity { Vec::new() } else { slots }, next }
    }

    pub(crate) fn slot(&self, row: u32) -> Slot {
        if self.slots.is_empty() { row } else { self.slots.get(row as usize).copied().unwrap_or(row) }
    }

    /// The row of a slot, if a node goes by it now.
    pub(crate) fn row(&self, slot: Slot, rows: u32) -> Option<u32> {
        if self.slots.is_empty() {
            return (slot < rows).then_some(slot);
        }
        self.slots.iter().position(|other| *other == slot).and_then(|row| u32::try_from(row).ok())
    }

    /// The memory it takes, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.slots.len() * 4
    }

    /// The slots of the rows, where they are not the rows.
    pub(crate) fn moved(&self) -> Option<&[Slot]> {
        (!self.slots.is_empty()).then_some(self.slots.as_slice())
    }

    /// One more than the largest slot.
    pub(crate) fn end(&self) -> u32 {
        self.next
    }
}
