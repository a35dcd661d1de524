//! A journal at the end of the file, so that a small commit is one write in one place.
//!
//! A small commit of redb writes some twenty pages all over the file, and the checksums of each. Waiting for them was
//! measured at three to five times what one write of as many bytes costs. So what a commit writes is noted, and written
//! once more, as one record, behind everything else; only the record is waited for. The pages themselves stay with the
//! system, where every process sees them, until they are synced together: when the journal is full, when a commit is
//! too large for it, when the file changes its length, and when the store is closed.
//!
//! ```text
//! | first block: magic, marks | redb's file, with checksums | record | record | ... | room |
//! ```
//!
//! Records have consecutive numbers. The **mark** says which of them the rest of the file has on the medium, and whether
//! there is a journal at all: it is there only while a process has the file open for writing and has made several small commits.
//! A store that was closed has none, and neither has the file then room for it.
//!
//! # After a crash
//!
//! Whoever opens the file for writing, and has redb's lock on it, writes what the records have to where it belongs, in their
//! order, syncs that, and gives the journal up. Done twice it does no harm. What is there then is the file exactly as the last record left
//! it: what a later commit wrote is in pages that it does not refer to, and redb's header is in the record. So a commit
//! is there wholly or not at all, which redb may believe without a look at its pages: the header in the record says that they
//! were flushed before it.
//!
//! A process that only reads never needs the journal. Beside a writer it sees what the writer wrote; after a crash it
//! has the file opened for writing once, as redb demands of a file whose header says that it was open. That header is on
//! the medium before there is a journal.
//!
//! The end of the journal may be torn. A record that cannot be read *in front* of one that can is damage: the file is
//! then refused as it is.

mod mark;
mod record;

use std::io::{Error as IoError, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use crate::checked::BLOCK_BYTES;
use crate::medium::Storage;
use mark::{FIRST_BLOCK, Mark};
use record::{Draft, Record};

pub use mark::{FORMAT, identity_of};
pub(crate) use mark::{IDENTITY_BYTES, Identity};

type Io<T> = Result<T, IoError>;

/// So many small commits in one sitting are worth a journal.
const SMALL_COMMITS: u32 = 2;

/// A journal begins with this part of the room it may have, or so many bytes if that is less, and has twice as much each time that it
/// was full.
const FIRST_PART: u64 = 4;
const FIRST_BYTES: u64 = 4 << 20;

// Room is written in pieces of so many bytes.
const PIECE_BYTES: u64 = 1 << 18;

/// A file with a journal at its end, without it.
#[derive(Clone, Debug)]
pub struct Journaled(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Box<dyn Storage>,
    writable: bool,
    /// A journal may have to be carried out before anything is read.
    unrecovered: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    mark: Mark,
    /// The room that a journal may have at most.
    most: u64,
    /// The room that it has, or had.
    room: u64,
    /// How much of its room has records that count.
    used: u64,
    /// The number of the last record.
    last: u64,
    /// What was written and is neither in a record nor synced.
    draft: Draft,
    small_commits: u32,
}

impl State {
    fn has_journal(&self) -> bool {
        self.mark.journal > 0
    }
}

impl Journaled {
    /// A file of this kind, or an empty one, with room for a journal of so many bytes at most. One that is opened for
    /// writing is brought to the state of its last record when it is first read, which must be after it was locked.
    ///
    /// # Errors
    /// What the file answers.
    pub fn new(file: Box<dyn Storage>, most: u64, writable: bool) -> Io<Self> {
        // Who only reads needs it for nothing but the length.
        let mark = if writable { Self::mark(&*file)? } else { Mark::default() };
        let state = State {
            mark,
            most: most / BLOCK_BYTES as u64 * BLOCK_BYTES as u64,
            room: 0,
            used: 0,
            last: mark.settled,
            draft: Draft::default(),
            small_commits: 0,
        };
        // What is there now may not be what is there when the file is locked.
        let unrecovered = AtomicBool::new(writable);
        Ok(Self(Arc::new(Inner { file, writable, unrecovered, state: Mutex::new(state) })))
    }

    /// Waits until everything that was written is on the medium, as the record of one commit if that is possible. The
    /// commit's last write may be another one in the record.
    ///
    /// # Errors
    /// What the file answers. It is unknown then whether the commit is there.
    pub fn sync_commit(&self, instead: Option<(u64, &[u8])>) -> Io<()> {
        let mut state = self.state();
        let Some(draft) = state.draft.room() else { return self.settle(&mut state) };
        let record = draft + instead.map_or(0, |(_, content)| (content.len() + BLOCK_BYTES) as u64);
        if !state.has_journal() || state.used + record > state.room {
            state.small_commits = state.small_commits.saturating_add(1);
            return self.settle_and_grow(&mut state, record);
        }
        if let Some((offset, content)) = instead {
            state.draft.note(FIRST_BLOCK + offset, content);
        }
        let (place, number, salt) = (state.mark.journal + state.used, state.last + 1, state.mark.salt);
        let room = state.draft.room();
        match (room, state.draft.sealed(number, salt)) {
            (Some(room), Some(record)) => {
                self.file().write_synced(place, record)?;
                (state.used, state.last) = (state.used + room, number);
                state.draft.clear();
                Ok(())
            }
            _ => self.settle(&mut state),
        }
    }

    /// Whether there is a journal.
    #[must_use]
    pub fn has_journal(&self) -> bool {
        self.state().has_journal()
    }

    /// Gives the journal up, once everything is on the medium that it has. The file ends where it began then.
    ///
    /// # Errors
    /// What the file answers. It is unknown then what the medium has.
    pub fn give_up(&self) -> Io<()> {
        let mut state = self.state();
        if !state.has_journal() {
            return Ok(());
        }
        if state.used > 0 {
            self.file().sync_data()?;
        }
        self.end(&mut state)
    }

    fn mark(file: &dyn Storage) -> Io<Mark> {
        if file.len()? < FIRST_BLOCK { Ok(Mark::default()) } else { Mark::read(file) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> &dyn Storage {
        &*self.0.file
    }

    /// Syncs the file; what the journal has does not count any more.
    fn settle(&self, state: &mut State) -> Io<()> {
        self.file().sync_data()?;
        state.draft.clear();
        if state.used > 0 {
            state.mark = state.mark.follow(state.last, state.mark.journal, self.file())?;
            state.used = 0;
        }
        Ok(())
    }

    /// The file has everything.
    fn end(&self, state: &mut State) -> Io<()> {
        let home = state.mark.journal;
        state.mark = state.mark.follow(state.last, 0, self.file())?;
        state.used = 0;
        self.file().set_len(home)
    }

    /// Syncs the file, and with it room for a journal or for a larger one, if that is worth it.
    fn settle_and_grow(&self, state: &mut State, record: u64) -> Io<()> {
        let before = if state.has_journal() { state.room } else { 0 };
        let least =
            if before > 0 { before * 2 } else { (state.most / FIRST_PART).min(FIRST_BYTES).max(state.room) };
        let room = least.max(record.next_multiple_of(BLOCK_BYTES as u64)).min(state.most);
        if state.small_commits < SMALL_COMMITS || room <= before || record > room {
            return self.settle(state);
        }
        let home = if state.has_journal() { state.mark.journal } else { self.file().len()? };
        if self.write_room(home + before, home + room).is_err() {
            // Without room it goes as well, only slower.
            state.most = before;
            self.file().set_len(home + before)?;
            return self.settle(state);
        }
        self.settle(state)?;
        if !state.has_journal() {
            state.mark = state.mark.follow(state.last, home, self.file())?;
        }
        state.room = room;
        Ok(())
    }

    /// Writes zeros: where something was written before, writing is a matter of the content alone.
    fn write_room(&self, from: u64, to: u64) -> Io<()> {
        self.file().set_len(to)?;
        let zeros = vec![0; usize::try_from(PIECE_BYTES.min(to - from)).map_err(IoError::other)?];
        let mut at = from;
        while at < to {
            let piece =
                zeros.get(..usize::try_from(to - at).map_or(zeros.len(), |left| left.min(zeros.len())));
            let piece = piece.unwrap_or_default();
            self.file().write(at, piece)?;
            at += piece.len() as u64;
        }
        Ok(())
    }

    /// Carries out what the journal has that the rest of the file may not have.
    fn recover(&self) -> Io<()> {
        let mut state = self.state();
        if !self.0.unrecovered.load(Ordering::Acquire) {
            return Ok(());
        }
        // Another process may have had the file since it was opened.
        state.mark = Self::mark(self.file())?;
        state.last = state.mark.settled;
        if state.has_journal() {
            let mark = state.mark;
            if !(FIRST_BLOCK..=self.file().len()?).contains(&mark.journal) {
                return Err(damaged(format!(
                    "a journal begins at byte {}, which is not in the file",
                    mark.journal
                )));
            }
            let end = self.records(&mark, |record| demand_within(record, &mark))?;
            self.demand_end(&mark, end)?;
            state.last = end.last;
            self.records(&mark, |record| {
                record.parts().try_for_each(|(place, content)| self.file().write(place, &content))
            })?;
            self.file().sync_data()?;
            self.end(&mut state)?;
        }
        self.0.unrecovered.store(false, Ordering::Release);
        Ok(())
    }

    /// Reads the records that count, one after the other. Where they end.
    fn records(&self, mark: &Mark, mut look: impl FnMut(&Record) -> Io<()>) -> Io<End> {
        let length = self.file().len()?;
        let mut end = End { place: mark.journal, last: mark.settled };
        while let Some(record) =
            Record::read(self.file(), end.place, length.saturating_sub(end.place), mark.salt)?
            && record.number == end.last + 1
        {
            look(&record)?;
            end = End { place: end.place + record.room(), last: record.number };
        }
        Ok(end)
    }

    /// Refuses a journal with a later record behind its end.
    fn demand_end(&self, mark: &Mark, end: End) -> Io<()> {
        let length = self.file().len()?;
        let mut place = end.place;
        while place < length {
            if let Some(later) = Record::read(self.file(), place, length - place, mark.salt)?
                && later.number > end.last
            {
                return Err(damaged(format!(
                    "the record at byte {} is damaged, of a journal that begins at byte {}",
                    end.place, mark.journal
                )));
            }
            place += BLOCK_BYTES as u64;
        }
        Ok(())
    }

    fn recovered(&self) -> Io<()> {
        if self.0.unrecovered.load(Ordering::Acquire) { self.recover() } else { Ok(()) }
    }
}

/// Refuses a record that says something was written where nothing of this file is.
fn demand_within(record: &Record, mark: &Mark) -> Io<()> {
    let is_within = |(place, content): (u64, Vec<u8>)| {
        place >= FIRST_BLOCK && place.checked_add(content.len() as u64).is_some_and(|end| end <= mark.journal)
    };
    if record.parts().all(is_within) {
        return Ok(());
    }
    Err(damaged(format!("record {} of the journal writes outside of the file", record.number)))
}

fn damaged(message: String) -> IoError {
    IoError::new(ErrorKind::InvalidData, message)
}

/// Where the records of a journal end.
#[derive(Clone, Copy)]
struct End {
    place: u64,
    /// The number of the last one.
    last: u64,
}

impl StorageBackend for Journaled {
    fn len(&self) -> Io<u64> {
        let journal =
            if self.0.writable { self.state().mark.journal } else { Self::mark(self.file())?.journal };
        let length = if journal > 0 { journal } else { self.file().len()? };
        Ok(length.saturating_sub(FIRST_BLOCK))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Io<()> {
        self.recovered()?;
        self.file().read(FIRST_BLOCK + offset, out)
    }

    fn set_len(&self, len: u64) -> Io<()> {
        self.recovered()?;
        let is_new = self.file().len()? == 0;
        if self.has_journal() {
            self.give_up()?;
            // Where the file grows it has zeros, whatever becomes of the order of the two changes.
            self.file().sync_data()?;
        }
        self.file().set_len(FIRST_BLOCK + len)?;
        if is_new { self.file().write(0, &identity_of(FORMAT)) } else { Ok(()) }
    }

    fn sync_data(&self) -> Io<()> {
        self.settle(&mut self.state())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Io<()> {
        self.recovered()?;
        let place = FIRST_BLOCK + offset;
        let mut state = self.state();
        self.file().write(place, data)?;
        state.draft.note(place, data);
        Ok(())
    }

    fn close(&self) -> Io<()> {
        self.file().close()
    }

    crate::locks::locks_of!(self => self.file());
}
