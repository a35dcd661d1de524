//! By which numbers lists name nodes.
//!
//! Ordinals are in order, so they move when a node comes or goes before them; lists that had them would have to be written
//! anew with every change. A handle stays as long as its node: each file has those of its slots in one run, and what it
//! gets later in further runs behind all others. Where nothing has been changed handles are ordinals.

use std::collections::BTreeMap;

use crate::keyspace::{FileOrd, Slot};

/// The number of a node that does not change.
pub(crate) type Handle = u32;

/// So many handles go by one mark: about as many as a file has.
const HANDLES_PER_MARK: usize = 16;

/// When so many handles came since the lists were made, for each that there was then, they are better made anew: those of
/// nodes that are gone are not given away again.
const MADE_PER_LATER: Handle = 4;

/// So many may come in any case.
const LATER_ANYWAY: Handle = 1_024;

/// The most handles: what is above says in a list how many references lead to no node.
pub(super) const MAX_HANDLES: Handle = 1 << 31;

/// The handles of all nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Handles {
    /// By handle.
    runs: Vec<Run>,
    /// Of each [`HANDLES_PER_MARK`]th handle where its run stands among these.
    marks: Vec<u32>,
    by_file: Vec<OfFile>,
    /// The runs after the first one of their files, by file and first slot.
    later: BTreeMap<(FileOrd, Slot), Handle>,
    end: Handle,
    /// How many there were when they were made.
    made: Handle,
}

/// Slots of a file that have handles in a row.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: Handle,
    file: FileOrd,
    slot: Slot,
}

#[derive(Clone, Copy, Debug, Default)]
struct OfFile {
    first: Handle,
    /// How many slots are in the first run.
    in_first: Slot,
    slots: Slot,
}

impl Handles {
    /// Handles for so many slots of each file; none if there are too many.
    pub(super) fn made(files: impl Iterator<Item = (FileOrd, Slot)>) -> Option<Self> {
        let mut this = Self::default();
        for (file, slots) in files {
            this.grow(file, slots)?;
        }
        this.made = this.end;
        Some(this)
    }

    /// Sees to it that so many slots of a file have handles; none if there are too many.
    pub(super) fn grow(&mut self, file: FileOrd, slots: Slot) -> Option<()> {
        let place = file as usize;
        if self.by_file.len() <= place {
            self.by_file.resize(place + 1, OfFile::default());
        }
        let of = self.by_file.get_mut(place)?;
        let Some(more) = slots.checked_sub(of.slots).filter(|more| *more > 0) else { return Some(()) };
        let (first, slot) = (self.end, of.slots);
        self.end = first.checked_add(more).filter(|end| *end <= MAX_HANDLES)?;
        if slot == 0 {
            *of = OfFile { first, in_first: slots, slots };
        } else {
            of.slots = slots;
            self.later.insert((file, slot), first);
        }
        let position = u32::try_from(self.runs.len()).ok()?;
        self.runs.push(Run { first, file, slot });
        self.marks.resize((self.end as usize).div_ceil(HANDLES_PER_MARK), position);
        Some(())
    }

    /// Takes a file out. Its handles are not given away again.
    pub(super) fn forget(&mut self, file: FileOrd) {
        if let Some(of) = self.by_file.get_mut(file as usize) {
            *of = OfFile::default();
        }
        self.later.retain(|(other, _), _| *other != file);
    }

    /// How many there are.
    pub(super) fn len(&self) -> Handle {
        self.end
    }

    /// Whether so many came since they were made that they are better made anew.
    pub(super) fn are_worn(&self) -> bool {
        self.end - self.made > (self.made / MADE_PER_LATER).saturating_add(LATER_ANYWAY)
    }

    /// The handle of a slot.
    pub(super) fn handle(&self, file: FileOrd, slot: Slot) -> Option<Handle> {
        let of = self.by_file.get(file as usize).filter(|of| slot < of.slots)?;
        if slot < of.in_first {
            return of.first.checked_add(slot);
        }
        let ((_, first_slot), first) = self.later.range((file, 0)..=(file, slot)).next_back()?;
        first.checked_add(slot - first_slot)
    }

    /// The handles of all slots of a file, where they are one run: the first of them, and how many.
    pub(super) fn run_of(&self, file: FileOrd) -> Option<(Handle, Slot)> {
        let of = self.by_file.get(file as usize)?;
        (of.slots == of.in_first).then_some((of.first, of.slots))
    }

    /// The handles of all slots of a file.
    pub(super) fn of_file(&self, file: FileOrd) -> impl Iterator<Item = Handle> + '_ {
        let slots = self.by_file.get(file as usize).map_or(0, |of| of.slots);
        (0..slots).filter_map(move |slot| self.handle(file, slot))
    }

    /// The file and slot of a handle. The file may be gone.
    pub(super) fn place(&self, handle: Handle) -> Option<(FileOrd, Slot)> {
        if handle >= self.end {
            return None;
        }
        let mark = handle as usize / HANDLES_PER_MARK;
        let begin = self.marks.get(mark).map_or(0, |run| *run as usize);
        let end = self.marks.get(mark + 1).map_or(self.runs.len(), |run| *run as usize + 1);
        let among = self.runs.get(begin..end)?;
        let run = among.get(among.partition_point(|run| run.first <= handle).checked_sub(1)?)?;
        Some((run.file, run.slot + (handle - run.first)))
    }

    /// The memory it takes beside itself, in bytes, roughly.
    pub(super) fn weight(&self) -> usize {
        self.runs.capacity() * size_of::<Run>()
            + self.marks.capacity() * size_of::<u32>()
            + self.by_file.capacity() * size_of::<OfFile>()
            + self.later.len() * 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_gets_handles_behind_all_others_and_what_was_there_keeps_its_own() {
        let mut handles = Handles::made([(3, 5), (0, 40), (9, 0)].into_iter()).unwrap();
        assert_eq!(
            (handles.handle(3, 4), handles.handle(0, 0), handles.handle(0, 39)),
            (Some(4), Some(5), Some(44))
        );
        assert_eq!((handles.handle(3, 5), handles.handle(9, 0), handles.handle(77, 0)), (None, None, None));
        assert_eq!((handles.run_of(3), handles.run_of(0)), (Some((0, 5)), Some((5, 40))));
        handles.grow(3, 7).unwrap();
        handles.grow(9, 2).unwrap();
        handles.grow(3, 8).unwrap();
        handles.grow(3, 2).unwrap();
        assert_eq!(handles.of_file(3).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 45, 46, 49]);
        assert_eq!(handles.of_file(9).collect::<Vec<_>>(), [47, 48]);
        assert_eq!((handles.run_of(3), handles.run_of(9)), (None, Some((47, 2))));
        for file in [0, 3, 9] {
            for (slot, handle) in (0..).zip(handles.of_file(file)) {
                assert_eq!(handles.place(handle), Some((file, slot)));
            }
        }
        assert_eq!((handles.len(), handles.place(50)), (50, None));
        handles.forget(3);
        assert_eq!((handles.of_file(3).count(), handles.handle(3, 0)), (0, None));
        handles.grow(3, 1).unwrap();
        assert_eq!(handles.of_file(3).collect::<Vec<_>>(), [50]);
    }

    #[test]
    fn they_are_worn_when_many_came_and_never_more_than_there_are_numbers() {
        let mut handles = Handles::made([(0, 8_000)].into_iter()).unwrap();
        handles.grow(1, 2_000 + LATER_ANYWAY).unwrap();
        assert!(!handles.are_worn());
        handles.grow(2, 1).unwrap();
        assert!(handles.are_worn());
        assert_eq!(handles.grow(3, MAX_HANDLES - handles.len() + 1), None);
        assert_eq!(handles.grow(3, MAX_HANDLES - handles.len()), Some(()));
    }
}
