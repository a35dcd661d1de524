//! The journal by itself, over a file in memory: what it holds after a crash, when it is given up, and what of it is
//! damage. `crash_images` tries it beneath redb.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};

use codestrata_backend_redb::journal::Journaled;
use codestrata_backend_redb::medium::Storage;
use redb::StorageBackend;

const BLOCK: usize = 4096;
const HOME: u64 = 64 * BLOCK as u64;
const MOST: u64 = 32 * BLOCK as u64;

/// A file of which a crash leaves what was synced.
#[derive(Clone, Debug, Default)]
struct Memory(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    now: Vec<u8>,
    synced: Vec<u8>,
    syncs: usize,
    parts: usize,
}

impl Memory {
    /// What is there after a loss of power.
    fn left(&self) -> Self {
        let synced = self.0.lock().unwrap().synced.clone();
        Self(Arc::new(Mutex::new(Content { now: synced.clone(), synced, ..Content::default() })))
    }

    fn length(&self) -> u64 {
        self.0.lock().unwrap().now.len() as u64
    }

    /// How often all of it was synced, and a part.
    fn syncs(&self) -> (usize, usize) {
        let content = self.0.lock().unwrap();
        (content.syncs, content.parts)
    }

    fn open(&self) -> Journaled {
        Journaled::new(Box::new(self.clone()), MOST, true).unwrap()
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        Ok(self.length())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        let content = self.0.lock().unwrap();
        out.copy_from_slice(content.now.get(at..at + out.len()).ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().now.resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut content = self.0.lock().unwrap();
        let Content { now, synced, .. } = &mut *content;
        synced.clone_from(now);
        content.syncs += 1;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        self.0.lock().unwrap().now[at..at + data.len()].copy_from_slice(data);
        Ok(())
    }
}

impl Storage for Memory {
    fn write_synced(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write(offset, data)?;
        let at = usize::try_from(offset).unwrap();
        let mut content = self.0.lock().unwrap();
        content.parts += 1;
        content.synced[at..at + data.len()].copy_from_slice(data);
        Ok(())
    }
}

/// Writes a block and commits it.
fn commit(file: &Journaled, block: u8, content: u8) {
    file.write(u64::from(block) * BLOCK as u64, &[content; BLOCK]).unwrap();
    file.sync_commit(None).unwrap();
}

fn read(file: &Journaled, block: u8) -> io::Result<u8> {
    let mut out = [0; BLOCK];
    file.read(u64::from(block) * BLOCK as u64, &mut out)?;
    assert!(out.iter().all(|byte| *byte == out[0]), "a whole block");
    Ok(out[0])
}

/// A file whose journal has these contents of the first blocks, one a record.
fn journaled(contents: &[u8]) -> (Memory, Journaled) {
    let memory = Memory::default();
    let file = memory.open();
    file.set_len(HOME).unwrap();
    file.sync_data().unwrap();
    commit(&file, 60, 1);
    commit(&file, 60, 2);
    assert!(file.has_journal(), "it comes with the second small commit");
    for (block, content) in (0..).zip(contents) {
        commit(&file, block, *content);
    }
    (memory, file)
}

#[test]
fn a_small_commit_is_one_synced_write_once_there_is_a_journal() {
    let (memory, file) = journaled(&[]);
    let before = memory.syncs();
    commit(&file, 3, 7);
    assert_eq!(memory.syncs(), (before.0, before.1 + 1));
    assert_eq!(file.len().unwrap(), HOME, "the journal is not part of the file");
    assert!(memory.length() > HOME + BLOCK as u64);
}

#[test]
fn what_was_committed_is_there_after_a_crash_and_after_another_one_while_it_is_recovered() {
    let (memory, _file) = journaled(&[11, 12, 13]);
    for _ in 0..2 {
        let left = memory.left();
        let file = left.open();
        assert_eq!((0..3).map(|block| read(&file, block).unwrap()).collect::<Vec<_>>(), [11, 12, 13]);
        assert!(!file.has_journal());
        assert_eq!(left.length(), HOME + BLOCK as u64, "its room is given back");
        // The recovery is on the medium before the journal is given up.
        let again = left.left().open();
        assert_eq!(read(&again, 2).unwrap(), 13);
    }
}

#[test]
fn what_was_written_and_not_committed_is_gone_and_what_it_overwrote_is_back() {
    let (memory, file) = journaled(&[11]);
    file.write(0, &[99; BLOCK]).unwrap();
    assert_eq!(read(&file, 0).unwrap(), 99, "who has the file open reads what was written");
    // As if the system had written it before its time, and power failed then.
    let early = memory.left();
    early.write(BLOCK as u64, &[99; BLOCK]).unwrap();
    early.sync_data().unwrap();
    assert_eq!(read(&early.open(), 0).unwrap(), 11);
}

#[test]
fn the_last_write_of_a_commit_may_be_another_one_in_its_record() {
    let (memory, file) = journaled(&[]);
    file.write(0, &[5; BLOCK]).unwrap();
    file.sync_commit(Some((0, &[6; BLOCK]))).unwrap();
    assert_eq!(read(&file, 0).unwrap(), 5);
    assert_eq!(read(&memory.left().open(), 0).unwrap(), 6);
}

#[test]
fn zeros_at_the_end_of_a_block_take_no_room_and_are_there_again() {
    let (memory, file) = journaled(&[11, 12]);
    let blocks: Vec<Vec<u8>> = [0, 1, 7, 8, 9, 4095, 4096]
        .map(|length| {
            let mut block = vec![9; length];
            block.resize(BLOCK, 0);
            block
        })
        .into();
    for number in 0..2 {
        for (block, at) in blocks.iter().zip(0..) {
            // What was there before is no excuse.
            let content = if number == 0 { vec![3; BLOCK] } else { block.clone() };
            file.write(at * BLOCK as u64, &content).unwrap();
            file.sync_commit(None).unwrap();
        }
    }
    let left = memory.left().open();
    for (block, at) in blocks.iter().zip(0..) {
        let mut out = vec![5; BLOCK];
        left.read(at * BLOCK as u64, &mut out).unwrap();
        assert!(out == *block, "block {at}");
    }
    let (before, parts) = (memory.syncs(), 12);
    for _ in 0..parts {
        // Twelve blocks with a few bytes each take less than two whole ones.
        for at in 0..12 {
            file.write(at * BLOCK as u64, &blocks[4]).unwrap();
        }
        file.sync_commit(None).unwrap();
    }
    assert!(memory.syncs().1 - before.1 >= parts && memory.syncs().0 - before.0 <= 1);
}

#[test]
fn a_full_journal_is_begun_anew_and_grows_to_its_limit() {
    let (memory, file) = journaled(&[]);
    let mut longest = 0;
    for number in 0..200_u8 {
        commit(&file, number % 50, number);
        longest = longest.max(memory.length());
        let left = memory.left().open();
        for back in 0..number.min(20) {
            assert_eq!(read(&left, (number - back) % 50).unwrap(), number - back, "after {number} commits");
        }
    }
    assert_eq!(longest, BLOCK as u64 + HOME + MOST);
    let (whole, part) = memory.syncs();
    assert!(part > 5 * whole, "{whole} syncs of all, {part} of a part");
}

#[test]
fn a_commit_that_is_too_large_for_a_record_settles_what_the_journal_has() {
    const LARGE: u64 = 80 * BLOCK as u64;
    let memory = Memory::default();
    let file = memory.open();
    file.set_len(HOME + LARGE).unwrap();
    file.sync_data().unwrap();
    for content in [1, 2, 3] {
        commit(&file, 0, content);
    }
    // Over a quarter of a megabyte.
    for block in 0..70 {
        file.write(HOME + block * BLOCK as u64, &[8; BLOCK]).unwrap();
    }
    let before = memory.syncs().0;
    file.sync_commit(None).unwrap();
    assert_eq!(memory.syncs().0, before + 1);
    commit(&file, 1, 4);
    let left = memory.left().open();
    assert_eq!((read(&left, 0).unwrap(), read(&left, 1).unwrap()), (3, 4));
    let mut out = [0; BLOCK];
    left.read(HOME + 69 * BLOCK as u64, &mut out).unwrap();
    assert_eq!(out, [8; BLOCK]);
}

#[test]
fn a_file_that_grows_has_zeros_where_its_journal_was() {
    let (memory, file) = journaled(&[11, 12]);
    file.set_len(HOME * 2).unwrap();
    assert!(!file.has_journal());
    for at in [HOME, HOME + BLOCK as u64, HOME * 2 - BLOCK as u64] {
        let mut out = [1; BLOCK];
        file.read(at, &mut out).unwrap();
        assert_eq!(out, [0; BLOCK]);
    }
    file.sync_data().unwrap();
    assert_eq!(read(&memory.left().open(), 1).unwrap(), 12);
}

#[test]
fn a_torn_last_record_was_never_committed() {
    let (memory, _file) = journaled(&[11, 12, 13]);
    for torn in [0, 5, 17, 30, BLOCK - 1, BLOCK + 20] {
        let left = memory.left();
        let place = usize::try_from(HOME).unwrap() + BLOCK + 2 * (2 * BLOCK);
        left.0.lock().unwrap().now[place + torn] ^= 1;
        let file = left.open();
        assert_eq!(
            (0..3).map(|block| read(&file, block).unwrap()).collect::<Vec<_>>(),
            [11, 12, 0],
            "byte {torn}"
        );
    }
}

#[test]
fn a_damaged_record_in_front_of_others_is_refused_and_nothing_is_changed() {
    let (memory, _file) = journaled(&[11, 12, 13]);
    let left = memory.left();
    let place = usize::try_from(HOME).unwrap() + BLOCK + 2 * BLOCK;
    left.0.lock().unwrap().now[place + 100] ^= 1;
    let before = left.0.lock().unwrap().now.clone();
    for _ in 0..2 {
        let refused = read(&left.open(), 0).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidData);
        assert!(refused.to_string().contains(&place.to_string()), "{refused}");
        assert!(left.0.lock().unwrap().now == before);
    }
}

#[test]
fn a_torn_mark_leaves_the_one_before_it() {
    let (memory, _file) = journaled(&[11]);
    let left = memory.left();
    // The mark that says there is a journal. Without it there was none, and what it has is what nobody was told of yet.
    for at in 512..512 + 40 {
        left.0.lock().unwrap().now[at] = 0xa5;
    }
    for at in 1024..1024 + 40 {
        left.0.lock().unwrap().now[at] = 0xa5;
    }
    let file = left.open();
    assert_eq!((read(&file, 0).unwrap(), read(&file, 60).unwrap()), (0, 2));
}

#[test]
fn a_journal_that_writes_elsewhere_or_begins_outside_of_the_file_is_refused() {
    // A record of a longer file behind a shorter one: what no crash leaves, and somebody may make.
    let (memory, _file) = journaled(&[11]);
    let left = memory.left();
    {
        let mut content = left.0.lock().unwrap();
        // The record's block of 60 lies behind the new beginning of the journal.
        let record = content.now.split_off(usize::try_from(HOME).unwrap() + BLOCK);
        content.now.truncate(BLOCK);
        content.now.extend(record);
        let mark = content.now[512..1064].to_vec();
        for (at, place) in [(0, 512), (512, 1024)] {
            let mut numbers = mark[at..at + 32].to_vec();
            numbers[16..24].copy_from_slice(&(BLOCK as u64).to_le_bytes());
            let sum = xxhash_rust::xxh3::xxh3_64_with_seed(&numbers, u64::from_le_bytes(*b"CDSTRED2"));
            numbers.extend(sum.to_le_bytes());
            content.now[place..place + 40].copy_from_slice(&numbers);
        }
    }
    let before = left.0.lock().unwrap().now.clone();
    let refused = read(&left.open(), 0).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidData);
    assert!(refused.to_string().contains("outside of the file"), "{refused}");
    assert!(left.0.lock().unwrap().now == before, "nothing is changed");

    let left = memory.left();
    left.set_len(HOME / 2).unwrap();
    let refused = read(&left.open(), 0).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidData);
    assert!(refused.to_string().contains("not in the file"), "{refused}");
}

#[test]
fn who_only_reads_carries_nothing_out() {
    let (memory, _file) = journaled(&[11]);
    let left = memory.left();
    let reader = Journaled::new(Box::new(left.clone()), MOST, false).unwrap();
    assert_eq!(read(&reader, 0).unwrap(), 0);
    assert_eq!(reader.len().unwrap(), HOME);
    assert_eq!(left.syncs(), (0, 0));
}

#[test]
fn what_is_stored_cannot_pass_for_a_record() {
    // A block that is a record of one journal, stored in the file and torn off in the record of another.
    let (memory, _file) = journaled(&[11, 12, 13]);
    let place = usize::try_from(HOME).unwrap() + BLOCK;
    let record = memory.0.lock().unwrap().now[place + 4 * BLOCK..place + 5 * BLOCK].to_vec();
    let (other, file) = journaled(&[21]);
    file.write(0, &record).unwrap();
    file.sync_commit(None).unwrap();
    let left = other.left();
    {
        let mut content = left.0.lock().unwrap();
        let at = place + 2 * BLOCK;
        content.now[at] ^= 1;
        // Where a record could begin.
        content.now[at + BLOCK..at + 2 * BLOCK].copy_from_slice(&record);
    }
    assert_eq!(read(&left.open(), 0).unwrap(), 21);
}

#[test]
fn a_file_without_room_goes_without_a_journal() {
    let memory = Memory::default();
    let file = Journaled::new(Box::new(memory.clone()), 0, true).unwrap();
    file.set_len(HOME).unwrap();
    for content in 0..10 {
        commit(&file, 1, content);
    }
    assert!(!file.has_journal());
    assert_eq!(memory.syncs(), (10, 0));
    assert_eq!(read(&memory.left().open(), 1).unwrap(), 9);
}
