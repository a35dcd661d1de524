//! Reading a journal: all of it when it is opened, and what others have added later.

use std::io;
use std::path::Path;

use codestrata_core::{Bytes, Error, ErrorKind, KeyRange, Op, Result};
use imbl::OrdMap;

use super::failure::{damaged, of_io};
use super::frame::{self, FRAME_HEAD_BYTES, FrameHead, HEAD_BYTES, HEAD_LENGTH, MAGIC, MARKS, VERSION};
use super::medium::Medium;
use crate::fault::Fault;

pub(super) type Map = OrdMap<Bytes, Bytes>;

/// How far a journal has been read, and what it says up to there.
#[derive(Clone)]
pub(super) struct Replay {
    pub(super) map: Map,
    /// Where the next frame begins.
    pub(super) end: u64,
    /// The number of the next frame.
    pub(super) sequence: u64,
    /// Up to where the journal says that it has been synced.
    pub(super) synced: u64,
    // How many frames are read at the most: all of them, but for a mutant.
    most: u64,
    fault: Fault,
}

impl Replay {
    pub(super) fn new(fault: &Fault) -> Self {
        Self {
            map: Map::new(),
            end: HEAD_BYTES,
            sequence: 0,
            synced: HEAD_BYTES,
            most: u64::MAX,
            fault: fault.clone(),
        }
    }

    /// One that leaves the last frame of this one out, for a mutant.
    pub(super) fn without_the_last(&self) -> Self {
        Self { most: self.sequence.saturating_sub(1), ..Self::new(&self.fault) }
    }

    /// Reads on, up to the first place without a whole frame.
    ///
    /// # Errors
    /// `Corruption` if that place was synced: then it is no batch that was being written when the process ended.
    pub(super) fn read_on(&mut self, file: &Medium, path: &Path) -> Result<()> {
        // Before the length: a writer beside this reader may move both.
        self.synced = read_head(file, path, &self.fault)?;
        let length = file.length().map_err(|error| of_io(path, "reading", error))?;
        while self.sequence < self.most {
            let Some(payload) = self.frame(file, path, length)? else { break };
            self.end += (FRAME_HEAD_BYTES + payload.len()) as u64;
            self.sequence += 1;
            let (ops, whole) = frame::decode(&payload);
            if !whole && !self.is_lenient() {
                return Err(damaged(path, self.end, "a batch with its checksum cannot be read"));
            }
            self.replay(ops);
        }
        if self.end < self.synced && self.most == u64::MAX {
            return self.meet_damage(path);
        }
        Ok(())
    }

    /// The payload of the next frame, if there is a whole one.
    fn frame(&self, file: &Medium, path: &Path, length: u64) -> Result<Option<Vec<u8>>> {
        let mut head = [0; FRAME_HEAD_BYTES];
        if self.end + FRAME_HEAD_BYTES as u64 > length {
            return Ok(None);
        }
        file.read(&mut head, self.end).map_err(|error| of_io(path, "reading", error))?;
        let Some(head) = FrameHead::decode(&head) else { return Ok(None) };
        let start = self.end + FRAME_HEAD_BYTES as u64;
        let rest = usize::try_from(length - start).unwrap_or(usize::MAX);
        if head.length > rest && !self.fault.is("a torn batch is applied as far as it goes") {
            return Ok(None);
        }
        let mut payload = vec![0; head.length.min(rest)];
        file.read(&mut payload, start).map_err(|error| of_io(path, "reading", error))?;
        let whole = head.sequence == self.sequence && head.fits(&payload);
        Ok((whole || self.is_lenient()).then_some(payload))
    }

    fn is_lenient(&self) -> bool {
        self.fault.is_one_of(&[
            "checksums are not checked",
            "a torn batch is applied as far as it goes",
            "buffered batches are written after later synced ones",
        ])
    }

    fn meet_damage(&mut self, path: &Path) -> Result<()> {
        let error = damaged(path, self.end, "what was synced there is not whole");
        if self.fault.is("damage is met without a place") {
            return Err(Error::new(ErrorKind::Corruption, "the store is damaged"));
        }
        if self.fault.is("what follows damage is dropped in silence") {
            return Ok(());
        }
        if self.fault.is("a damaged store is opened empty") {
            self.map = Map::new();
            return Ok(());
        }
        if self.fault.is("damage is called NotFound") {
            return Err(Error::new(ErrorKind::NotFound, error.message()));
        }
        if self.fault.is("damage is called Internal") {
            return Err(Error::new(ErrorKind::Internal, error.message()));
        }
        assert!(!(self.fault.is("damage makes it panic")), "{error}");
        if self.fault.is("damage makes it abort") {
            std::process::abort();
        }
        while self.fault.is("damage makes it hang") {
            std::thread::park();
        }
        Err(error)
    }

    fn replay(&mut self, mut ops: Vec<Op>) {
        let fault = &self.fault;
        if fault.is("a batch is replayed from its last operation to its first") {
            ops.reverse();
        }
        if fault.is("recovery leaves out the last operation of each batch") && ops.len() > 1 {
            ops.pop();
        }
        for op in ops {
            let lost = match &op {
                Op::Put(key, value) => {
                    (value.is_empty() && fault.is("empty values are lost by a reopen"))
                        || (value.len() > 65_535 && fault.is("values over 64 KiB are lost by a reopen"))
                        || (key.as_slice().contains(&0)
                            && fault.is("keys with a zero byte are lost by a reopen"))
                        || (self.map.len() >= 10_000 && fault.is("a reopen keeps 10,000 keys"))
                        || (self.map.contains_key(key.as_slice())
                            && fault.is("overwritten values come back after a reopen"))
                }
                Op::Delete(_) => fault.is("deletes are lost by a reopen"),
                Op::DeleteRange(range) => {
                    fault.is("deleted ranges are lost by a reopen")
                        || (range.end().is_none() && fault.is("ranges without end are lost by a reopen"))
                }
            };
            if !lost {
                change(&mut self.map, op);
            }
        }
    }
}

/// Checks the head, and says up to where the journal has been synced.
fn read_head(file: &Medium, path: &Path, fault: &Fault) -> Result<u64> {
    let mut head = [0; HEAD_LENGTH];
    match file.read(&mut head, 0) {
        Ok(()) => {}
        Err(short) if short.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(damaged(path, 0, "it is too short for a journal"));
        }
        Err(other) => return Err(of_io(path, "reading", other)),
    }
    let (magic, rest) = head.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    if *magic != MAGIC {
        return Err(damaged(path, 0, "it is not a journal"));
    }
    let (version, rest) = rest.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let checksum = rest.first_chunk::<4>().copied().unwrap_or_default();
    if checksum != frame::version_checksum(*version) {
        return Err(damaged(path, 8, "its version does not have its checksum"));
    }
    if u32::from_le_bytes(*version) != VERSION && !fault.is("a newer format is read as this one") {
        let found = u32::from_le_bytes(*version);
        let message = format!("{} has format {found}, and format {VERSION} is known", path.display());
        return Err(Error::new(ErrorKind::InvalidConfig, message)
            .with_option("path")
            .with_help("use the version that made it"));
    }
    let marks = MARKS.iter().filter_map(|&at| {
        let at = usize::try_from(at).ok()?;
        frame::read_mark(*head.get(at..)?.first_chunk()?)
    });
    marks.max().ok_or_else(|| damaged(path, MARKS[0], "neither mark is whole"))
}

/// Applies an operation to the map.
pub(super) fn change(map: &mut Map, op: Op) {
    match op {
        // Copied: a slice of something larger would keep all of it in memory for as long as the key lives.
        Op::Put(key, value) => {
            map.insert(Bytes::copy_from_slice(key.as_slice()), Bytes::copy_from_slice(&value));
        }
        Op::Delete(key) => drop(map.remove(key.as_slice())),
        Op::DeleteRange(range) => delete_range(map, &range),
    }
}

fn delete_range(map: &mut Map, range: &KeyRange) {
    if range.is_empty() {
        return;
    }
    let gone: Vec<Bytes> = map.range::<_, [u8]>(range.bounds()).map(|(key, _)| key.clone()).collect();
    for key in gone {
        map.remove(&key);
    }
}
