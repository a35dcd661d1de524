//! The checksums of blocks, as they are held in memory between redb and the file.
//!
//! A page that redb does not hold is read with one read of the file instead of two, and a commit writes the checksums
//! of a group of blocks as one piece: they are written when redb syncs, and so before anybody can be led to a block
//! that they belong to.
//!
//! What is held is what the file has, as long as nobody else writes to it. A process that only reads may hold
//! checksums of an earlier time, and reads them again before it calls a block damaged.

use std::io::{Error as IoError, ErrorKind};
use std::ops::Range;

use redb::StorageBackend;

use crate::checked::{BLOCK_BYTES, GROUP, place_of_group};

type Io<T> = Result<T, IoError>;

const SUM: usize = 8;

// Checksums of so many groups are held: 4 MiB of them, for 2 GiB of the file.
const MOST_GROUPS: u64 = 1024;

/// The checksums that are at hand. A group has one place, which it shares with others that are far from it.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    places: Vec<Option<Group>>,
    /// The places of groups that the file does not have as they are here.
    changed: Vec<usize>,
}

/// The checksums of one group of blocks.
#[derive(Debug)]
pub(crate) struct Group {
    number: u64,
    sums: Box<[u64]>,
    /// Which of them the file does not have yet; all between the first and the last.
    unwritten: Range<usize>,
}

impl Group {
    fn read(number: u64, file: &dyn StorageBackend) -> Io<Self> {
        let mut bytes = [0; BLOCK_BYTES];
        file.read(place_of_group(number), &mut bytes)?;
        let sums = bytes.chunks_exact(SUM).map(|sum| sum.try_into().map_or(0, u64::from_le_bytes)).collect();
        Ok(Self { number, sums, unwritten: 0..0 })
    }

    /// The checksums of some of its blocks.
    pub(crate) fn of(&self, blocks: Range<usize>) -> &[u64] {
        self.sums.get(blocks).unwrap_or_default()
    }

    fn write(&self, file: &dyn StorageBackend) -> Io<()> {
        let sums = self.of(self.unwritten.clone());
        let bytes: Vec<u8> = sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        let first = (self.unwritten.start * SUM) as u64;
        if bytes.is_empty() { Ok(()) } else { file.write(place_of_group(self.number) + first, &bytes) }
    }
}

fn place_of(group: u64) -> usize {
    usize::try_from(group % MOST_GROUPS).unwrap_or_default()
}

impl Sums {
    /// The group, if it is at hand.
    pub(crate) fn at_hand(&self, group: u64) -> Option<&Group> {
        self.places.get(place_of(group))?.as_ref().filter(|held| held.number == group)
    }

    /// Reads the group from the file, unless the file has it in an earlier state than it is here, and gives it to a
    /// function. It is held from then on, if its place is not taken by one that is still to be written.
    pub(crate) fn with_read<T>(
        &mut self,
        group: u64,
        file: &dyn StorageBackend,
        look: impl FnOnce(&Group) -> T,
    ) -> Io<T> {
        let place = self.place(group);
        match self.places.get_mut(place).and_then(Option::as_mut) {
            Some(held) if !held.unwritten.is_empty() && held.number == group => Ok(look(held)),
            Some(held) if !held.unwritten.is_empty() => Ok(look(&Group::read(group, file)?)),
            _ => {
                let read = Group::read(group, file)?;
                let answer = look(&read);
                self.put(place, read);
                Ok(answer)
            }
        }
    }

    /// Notes the checksums of blocks from the first on, all of one group.
    pub(crate) fn set(
        &mut self,
        group: u64,
        first: usize,
        sums: &[u64],
        file: &dyn StorageBackend,
    ) -> Io<()> {
        let place = self.place(group);
        if self.at_hand(group).is_none() {
            // Whoever has the place is written before it is given up.
            let read = Group::read(group, file)?;
            self.write_place(place, file)?;
            self.changed.retain(|other| *other != place);
            self.put(place, read);
        }
        let Some(held) = self.places.get_mut(place).and_then(Option::as_mut) else { return Err(unheld()) };
        let range = first..first + sums.len();
        held.sums.get_mut(range.clone()).ok_or_else(unheld)?.copy_from_slice(sums);
        if held.unwritten.is_empty() {
            held.unwritten = range;
            self.changed.push(place);
        } else {
            held.unwritten = held.unwritten.start.min(range.start)..held.unwritten.end.max(range.end);
        }
        Ok(())
    }

    /// Writes what the file does not have yet.
    pub(crate) fn write(&mut self, file: &dyn StorageBackend) -> Io<()> {
        while let Some(place) = self.changed.last() {
            self.write_place(*place, file)?;
            self.changed.pop();
        }
        Ok(())
    }

    /// Whether the file has everything that is here.
    pub(crate) fn are_written(&self) -> bool {
        self.changed.is_empty()
    }

    /// Gives up the groups from this one on: the file ends before them.
    pub(crate) fn cut(&mut self, groups: u64) {
        for place in &mut self.places {
            if place.as_ref().is_some_and(|held| held.number >= groups) {
                *place = None;
            }
        }
        let places = &self.places;
        self.changed.retain(|place| places.get(*place).is_some_and(Option::is_some));
    }

    /// Gives up everything that the file has as well, so that it is read again.
    pub(crate) fn forget(&mut self) {
        for place in &mut self.places {
            if place.as_ref().is_some_and(|held| held.unwritten.is_empty()) {
                *place = None;
            }
        }
    }

    fn write_place(&mut self, place: usize, file: &dyn StorageBackend) -> Io<()> {
        if let Some(held) = self.places.get_mut(place).and_then(Option::as_mut) {
            held.write(file)?;
            held.unwritten = 0..0;
        }
        Ok(())
    }

    fn put(&mut self, place: usize, group: Group) {
        if let Some(place) = self.places.get_mut(place) {
            *place = Some(group);
        }
    }

    /// The place of a group, which exists from now on.
    fn place(&mut self, group: u64) -> usize {
        let place = place_of(group);
        if self.places.len() <= place {
            self.places.resize_with(place + 1, || None);
        }
        place
    }
}

fn unheld() -> IoError {
    IoError::new(ErrorKind::InvalidInput, format!("a group has {GROUP} blocks"))
}
