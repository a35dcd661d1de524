//! The files of a disk in memory, with their locks, as redb sees them.

use std::collections::BTreeSet;
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};

use codestrata_backend_redb::medium::Storage;
use redb::{BackendError, StorageBackend};

use super::{Disk, Fault, State, Step};

const BLOCK: usize = 4096;

/// What is in a file.
#[derive(Default)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// The blocks that have a place on the medium; the others are holes.
    placed: BTreeSet<usize>,
}

impl Content {
    pub(super) fn written(bytes: Vec<u8>) -> Self {
        Self { placed: (0..bytes.len().div_ceil(BLOCK)).collect(), bytes }
    }

    fn put(&mut self, offset: usize, bytes: &[u8]) {
        super::crash::put(&mut self.bytes, offset, bytes);
        self.placed.extend(blocks(offset, bytes.len()));
    }
}

fn blocks(offset: usize, length: usize) -> std::ops::Range<usize> {
    offset / BLOCK..(offset + length).div_ceil(BLOCK)
}

/// Who holds which bytes of which file: handle, file, first and last byte, shared or not.
#[derive(Default)]
pub(super) struct Locks(Vec<Lock>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Lock {
    handle: usize,
    file: usize,
    first: u64,
    last: u64,
    shared: bool,
}

impl Locks {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn conflict(&self, wanted: Lock) -> bool {
        self.0.iter().any(|held| {
            held.handle != wanted.handle
                && held.file == wanted.file
                && held.first <= wanted.last
                && wanted.first <= held.last
                && !(held.shared && wanted.shared)
        })
    }
}

/// One handle on a file.
pub(super) struct DiskFile {
    disk: Disk,
    number: usize,
    handle: usize,
}

impl std::fmt::Debug for DiskFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "file {} by handle {}", self.number, self.handle)
    }
}

impl DiskFile {
    pub(super) fn new(disk: Disk, number: usize) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Self { disk, number, handle: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    fn write_now(&self, state: &mut State, bytes: &[u8], offset: u64) {
        state.files[self.number].put(usize::try_from(offset).unwrap(), bytes);
        state.steps.push(Step::Write(self.number, offset, bytes.to_vec()));
    }

    /// Takes the blocks that a write needs and that have no place yet, if there is room for them.
    fn take_room(&self, state: &mut State, offset: u64, length: usize) -> io::Result<()> {
        let Some(room) = state.room else { return Ok(()) };
        let placed = &state.files[self.number].placed;
        let new = blocks(usize::try_from(offset).unwrap(), length).filter(|at| !placed.contains(at)).count();
        state.room = Some(room.checked_sub(new).ok_or_else(|| Fault::Full.error())?);
        Ok(())
    }

    fn lock(&self, start: Bound<u64>, end: Bound<u64>, shared: bool) -> Lock {
        let first = match start {
            Bound::Unbounded => 0,
            Bound::Included(first) => first,
            Bound::Excluded(before) => before + 1,
        };
        let last = match end {
            Bound::Unbounded => u64::MAX,
            Bound::Included(last) => last,
            Bound::Excluded(after) => after - 1,
        };
        Lock { handle: self.handle, file: self.number, first, last, shared }
    }

    fn try_lock(&self, lock: Lock) -> bool {
        let mut state = self.disk.state();
        if state.locks.conflict(lock) {
            return false;
        }
        state.locks.0.push(lock);
        true
    }

    fn wait_for(&self, lock: Lock) {
        while !self.try_lock(lock) {
            std::thread::yield_now();
        }
    }
}

impl Storage for DiskFile {
    fn write_synced(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write(offset, data)?;
        let mut state = self.disk.state();
        if let Some(fault) = state.fault() {
            return Err(fault.error());
        }
        state.steps.push(Step::SyncPart(self.number, offset, data.len()));
        Ok(())
    }
}

impl StorageBackend for DiskFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.number].bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        if let Some(fault) = state.read_fault() {
            return Err(fault.error());
        }
        let bytes = &state.files[self.number].bytes;
        let end = offset.checked_add(out.len() as u64).ok_or(io::ErrorKind::UnexpectedEof)?;
        if end > bytes.len() as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        out.copy_from_slice(&bytes[usize::try_from(offset).unwrap()..usize::try_from(end).unwrap()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        let (done, answer) = state.answer();
        if done {
            let short = usize::try_from(length).unwrap();
            let content = &mut state.files[self.number];
            content.bytes.resize(short, 0);
            content.placed.retain(|block| *block < short.div_ceil(BLOCK));
            state.steps.push(Step::SetLength(self.number, length));
        }
        answer
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        if let Some(fault) = state.fault() {
            return Err(fault.error());
        }
        state.steps.push(Step::Sync(self.number));
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        let fault = state.fault();
        let written = match fault {
            None => {
                self.take_room(&mut state, offset, data.len())?;
                data.len()
            }
            Some(Fault::HalfFull | Fault::HalfBroken) => data.len() / 2,
            Some(Fault::DoneBroken) => data.len(),
            Some(Fault::Full | Fault::Broken | Fault::OutOfMemory) => 0,
        };
        if written > 0 {
            self.write_now(&mut state, &data[..written], offset);
        }
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn close(&self) -> io::Result<()> {
        self.disk.state().locks.0.retain(|held| held.handle != self.handle);
        Ok(())
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self.try_lock(self.lock(start, end, false)))
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self.try_lock(self.lock(start, end, true)))
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.wait_for(self.lock(start, end, false));
        Ok(())
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.wait_for(self.lock(start, end, true));
        Ok(())
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        let held = self.lock(start, end, false);
        self.disk.state().locks.0.retain(|lock| Lock { shared: false, ..*lock } != held);
        Ok(())
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(self.disk.state().locks.conflict(self.lock(start, end, false)))
    }
}
