//! Compaction: what is still needed is copied to the end of the log, then the files before it are given up.
//!
//! A new log file is begun first. Then the index is walked from its first key to its last, and values that lie in
//! the older files are put again, a piece at a time, with commits in between. When the walk is done nothing refers
//! to the older files, the copies are synced, and a new manifest leaves the older files out. A crash at any step
//! leaves a log that says the same: a copy puts the value that its key has.
//!
//! It begins by itself when more bytes are dead than live, by [`SPARED`] at least. So what is copied was paid for by
//! what was written: each byte that is stored is copied once on average, and the files take no more than about four
//! times what is stored, at the end of a compaction under load.

use std::ops::Bound;
use std::sync::Arc;

use codestrata_core::{Error, Result};

use crate::commit::{Committer, Reply, answer, answer_all};
use crate::index::Place;
use crate::view::read_values;

/// So many dead bytes are not worth the trouble, or one log file of them where that is less.
const SPARED: u64 = 4 * 1024 * 1024;

// A piece has so many bytes at least, unless it has so many keys: some milliseconds.
const PIECE_BYTES: u64 = 1024 * 1024;
const PIECE_KEYS: usize = 4096;

/// Where the compaction is, if there is one.
pub(crate) struct Compaction {
    running: Option<Run>,
    // Those who asked while one was running: it may have passed by what they want gone.
    waiting: Vec<Reply>,
    spared: u64,
    // After one that failed: how many bytes must be dead before it is tried again.
    retry_at: u64,
}

struct Run {
    /// Files before this one are given up in the end.
    before: u32,
    /// The last key that was looked at.
    at: Option<Arc<[u8]>>,
    asked: Vec<Reply>,
}

/// Entries to be copied together.
#[derive(Default)]
struct Piece {
    keys: Vec<Arc<[u8]>>,
    places: Vec<Place>,
    /// The last key that was looked at; none if there are no more.
    at: Option<Arc<[u8]>>,
}

impl Compaction {
    pub(crate) fn new(log_file_bytes: u64) -> Self {
        Self { running: None, waiting: Vec::new(), spared: SPARED.min(log_file_bytes), retry_at: 0 }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn ask(&mut self, reply: Reply) {
        self.waiting.push(reply);
    }
}

impl Committer {
    /// Goes on with the compaction by one piece, or begins one if there is reason to.
    pub(crate) fn compact_some(&mut self, written: u64) {
        if self.compaction.running.is_none() {
            if self.compaction.waiting.is_empty() && !self.is_worth_compacting() {
                return;
            }
            let asked = std::mem::take(&mut self.compaction.waiting);
            match self.shared.view().and_then(|_| self.log.seal().map_err(|failed| self.give_up(failed))) {
                Ok(before) => self.compaction.running = Some(Run { before, at: None, asked }),
                Err(failed) => return self.put_off(asked, failed),
            }
        }
        if let Some(mut run) = self.compaction.running.take() {
            match self.shared.view().and_then(|_| self.compact_piece(&mut run, written.max(PIECE_BYTES))) {
                Ok(false) => self.compaction.running = Some(run),
                Ok(true) => {
                    self.compaction.retry_at = 0;
                    for reply in run.asked {
                        answer(reply, Ok(()));
                    }
                }
                Err(failed) => self.put_off(run.asked, failed),
            }
        }
    }

    /// What was asked for is done before the store is closed; what began by itself is left, and what nobody waits for.
    pub(crate) fn finish_compaction(&mut self) {
        let asked = |run: &Run| run.asked.iter().any(|reply| !reply.is_closed());
        self.compaction.waiting.retain(|reply| !reply.is_closed());
        while self.compaction.running.as_ref().is_some_and(asked) || !self.compaction.waiting.is_empty() {
            self.compact_some(0);
        }
        self.compaction.running = None;
    }

    fn is_worth_compacting(&self) -> bool {
        let (live, all) = (self.index.live_bytes(), self.log.bytes());
        let dead = all.saturating_sub(live);
        dead > live.saturating_add(self.compaction.spared) && dead >= self.compaction.retry_at
    }

    /// A compaction failed, and the store may well go on without it: it is tried again when there is twice as much
    /// to gain.
    fn put_off(&mut self, asked: Vec<Reply>, failed: Error) {
        let dead = self.log.bytes().saturating_sub(self.index.live_bytes());
        self.compaction.retry_at = dead.saturating_mul(2);
        answer_all(asked, failed);
    }

    /// Copies the next values; whether that was all, and the old files are gone.
    fn compact_piece(&mut self, run: &mut Run, most_bytes: u64) -> Result<bool> {
        self.log.reserve().map_err(|failed| self.give_up(failed))?;
        let piece = self.next_piece(run, most_bytes);
        if !piece.keys.is_empty() {
            let values = read_values(self.log.logs(), &self.shared.folder, &piece.places)?;
            let mut index = self.index.clone();
            self.draft.clear();
            for (key, value) in piece.keys.iter().zip(&values) {
                self.put(&mut index, key, value);
            }
            self.log.append(&mut self.draft).map_err(|failed| self.give_up(failed))?;
            self.index = index;
        }
        let done = piece.at.is_none();
        if done {
            self.log.give_up_before(run.before).map_err(|failed| self.give_up(failed))?;
        }
        run.at = piece.at;
        self.publish();
        Ok(done)
    }

    /// The next entries whose values lie in the old files.
    fn next_piece(&self, run: &Run, most_bytes: u64) -> Piece {
        let start = run.at.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut piece = Piece::default();
        let mut bytes = 0;
        for (looked, (key, place)) in self.index.range((start, Bound::Unbounded)).enumerate() {
            if place.log < run.before {
                bytes += u64::from(place.length) + key.len() as u64;
                piece.keys.push(Arc::clone(key));
                piece.places.push(*place);
            }
            // Entries that are passed over cost little, but not nothing.
            if bytes >= most_bytes || piece.keys.len() >= PIECE_KEYS || looked >= 16 * PIECE_KEYS {
                piece.at = Some(Arc::clone(key));
                break;
            }
        }
        piece
    }
}
