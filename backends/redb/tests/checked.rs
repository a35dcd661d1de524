//! The checksums beneath redb: what is written is read, across the ends of groups too, and what was changed is not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};

use codestrata_backend_redb::checked::{Checked, MAGIC};
use codestrata_conformance::random::Random;
use redb::StorageBackend;

const BLOCK: usize = 4096;
const GROUP: usize = 512;

/// A file in memory that the test can look into.
#[derive(Clone, Debug, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        let file = self.0.lock().unwrap();
        out.copy_from_slice(file.get(at..at + out.len()).ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        self.0.lock().unwrap()[at..at + data.len()].copy_from_slice(data);
        Ok(())
    }
}

/// A large file of which little is written: its blocks by their offsets.
#[derive(Debug, Default)]
struct Sparse(Mutex<(u64, BTreeMap<u64, Vec<u8>>)>);

impl StorageBackend for Sparse {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().0)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let file = self.0.lock().unwrap();
        let (block, at) = (offset / BLOCK as u64, usize::try_from(offset).unwrap() % BLOCK);
        let zero = vec![0; BLOCK];
        out.copy_from_slice(&file.1.get(&block).unwrap_or(&zero)[at..at + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().unwrap().0 = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (block, at) = (offset / BLOCK as u64, usize::try_from(offset).unwrap() % BLOCK);
        let mut file = self.0.lock().unwrap();
        file.1.entry(block).or_insert_with(|| vec![0; BLOCK])[at..at + data.len()].copy_from_slice(data);
        Ok(())
    }
}

/// The same file, opened anew: nothing of it is at hand.
fn again(memory: &Memory) -> Checked {
    Checked::new(Box::new(memory.clone()))
}

fn read(file: &Checked, block: usize, blocks: usize) -> io::Result<Vec<u8>> {
    let mut out = vec![0; blocks * BLOCK];
    file.read((block * BLOCK) as u64, &mut out)?;
    Ok(out)
}

#[test]
fn a_file_is_as_long_as_it_was_made() {
    let memory = Memory::default();
    let file = Checked::new(Box::new(memory.clone()));
    assert_eq!(file.len().unwrap(), 0);
    for blocks in [1, 2, GROUP - 1, GROUP, GROUP + 1, 2 * GROUP, 2 * GROUP + 1, 5 * GROUP, GROUP, 1, 0] {
        file.set_len((blocks * BLOCK) as u64).unwrap();
        assert_eq!(file.len().unwrap(), (blocks * BLOCK) as u64);
        let groups = blocks.div_ceil(GROUP);
        assert_eq!(memory.len().unwrap(), ((blocks + groups) * BLOCK) as u64);
    }
}

#[test]
fn what_is_written_is_read() {
    const BLOCKS: usize = 3 * GROUP;
    let memory = Memory::default();
    let file = Checked::new(Box::new(memory.clone()));
    file.set_len((BLOCKS * BLOCK) as u64).unwrap();
    let mut model = vec![0; BLOCKS * BLOCK];
    let mut random = Random::seeded(1);
    for round in 0..60_u8 {
        // Pages of redb are 1, 2, 4, ... blocks, and lie anywhere.
        let blocks = 1 << random.below(11);
        let block = 1 + random.below(BLOCKS - blocks - 1);
        let page: Vec<u8> = (0..blocks * BLOCK).map(|at| at.to_le_bytes()[at % 3] ^ round).collect();
        file.write((block * BLOCK) as u64, &page).unwrap();
        model[block * BLOCK..(block + blocks) * BLOCK].copy_from_slice(&page);
        let (from, length) = (1 + random.below(GROUP), 1 + random.below(2 * GROUP - 2));
        let expected = &model[from * BLOCK..(from + length) * BLOCK];
        assert!(read(&file, from, length).unwrap() == expected, "round {round}");
        file.sync_data().unwrap();
        assert!(read(&again(&memory), from, length).unwrap() == expected, "round {round}, opened anew");
    }
    assert!(memory.0.lock().unwrap().starts_with(&MAGIC));
}

#[test]
fn the_first_block_is_redbs_own() {
    let file = Checked::new(Box::new(Memory::default()));
    file.set_len(BLOCK as u64).unwrap();
    file.write(100, b"in place").unwrap();
    let mut out = [0; 8];
    file.read(100, &mut out).unwrap();
    assert_eq!(&out, b"in place");
}

#[test]
fn a_changed_block_or_checksum_is_damage_wherever_it_is() {
    for block in [1, 2, GROUP - 1, GROUP, GROUP + 1, 2 * GROUP - 1] {
        let memory = Memory::default();
        let file = Checked::new(Box::new(memory.clone()));
        file.set_len((2 * GROUP * BLOCK) as u64).unwrap();
        file.write((block * BLOCK) as u64, &[7; BLOCK]).unwrap();
        file.sync_data().unwrap();
        let group = block / GROUP;
        let content = (block + group + 1) * BLOCK;
        let sum = group * (GROUP + 1) * BLOCK + block % GROUP * 8;
        for at in (content..content + BLOCK).step_by(1000).chain(sum..sum + 8) {
            memory.0.lock().unwrap()[at] ^= 0x10;
            let error = read(&again(&memory), block, 1).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "block {block}, byte {at}");
            assert!(error.to_string().contains(&content.to_string()), "it says where: {error}");
            memory.0.lock().unwrap()[at] ^= 0x10;
            read(&again(&memory), block, 1).unwrap();
        }
    }
}

#[test]
fn a_block_in_the_place_of_another_is_damage() {
    let memory = Memory::default();
    let file = Checked::new(Box::new(memory.clone()));
    file.set_len(10 * BLOCK as u64).unwrap();
    file.write(BLOCK as u64, &[7; 2 * BLOCK]).unwrap();
    file.sync_data().unwrap();
    // The same content has another checksum in another place.
    memory.0.lock().unwrap().copy_within(8..16, 16);
    let file = again(&memory);
    read(&file, 1, 1).unwrap();
    assert_eq!(read(&file, 2, 1).unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn a_block_that_was_never_written_is_zero_or_damaged() {
    let memory = Memory::default();
    let file = Checked::new(Box::new(memory.clone()));
    file.set_len(10 * BLOCK as u64).unwrap();
    assert!(read(&file, 3, 2).unwrap().iter().all(|byte| *byte == 0));
    memory.0.lock().unwrap()[4 * BLOCK + 9] = 1;
    assert_eq!(read(&file, 3, 1).unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn a_file_that_was_cut_ends_early() {
    let memory = Memory::default();
    let file = Checked::new(Box::new(memory.clone()));
    file.set_len((GROUP + 10) as u64 * BLOCK as u64).unwrap();
    for length in [0, 1, BLOCK, 5 * BLOCK, 5 * BLOCK + 1, (GROUP + 1) * BLOCK, (GROUP + 2) * BLOCK] {
        memory.set_len(length as u64).unwrap();
        assert!(file.len().unwrap() <= length as u64);
        assert_eq!(read(&file, GROUP + 5, 1).unwrap_err().kind(), ErrorKind::UnexpectedEof, "{length}");
    }
}

#[test]
fn checksums_are_written_with_the_next_sync_and_not_before() {
    let memory = Memory::default();
    let file = Checked::new(Box::new(memory.clone()));
    file.set_len(10 * BLOCK as u64).unwrap();
    file.write(3 * BLOCK as u64, &[7; BLOCK]).unwrap();
    assert_eq!(read(&again(&memory), 3, 1).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(read(&file, 3, 1).unwrap(), [7; BLOCK], "who wrote it knows better");
    file.sync_data().unwrap();
    assert_eq!(read(&again(&memory), 3, 1).unwrap(), [7; BLOCK]);
}

#[test]
fn a_reader_sees_what_another_writes_later() {
    let memory = Memory::default();
    let writer = Checked::new(Box::new(memory.clone()));
    writer.set_len(10 * BLOCK as u64).unwrap();
    let reader = again(&memory);
    for round in 1..4 {
        writer.write(3 * BLOCK as u64, &[round; BLOCK]).unwrap();
        writer.sync_data().unwrap();
        assert_eq!(read(&reader, 3, 1).unwrap(), [round; BLOCK]);
    }
}

#[test]
fn more_groups_than_are_held_are_read_and_written() {
    const GROUPS: usize = 1025;
    let file = Checked::new(Box::new(Sparse::default()));
    file.set_len((GROUPS * GROUP * BLOCK) as u64).unwrap();
    // The first and the last group share a place.
    for round in 1..4 {
        for group in [0, GROUPS - 1, 1] {
            file.write(((group * GROUP + 5) * BLOCK) as u64, &[round; BLOCK]).unwrap();
        }
        for group in [0, GROUPS - 1, 1] {
            assert_eq!(read(&file, group * GROUP + 5, 1).unwrap(), [round; BLOCK], "group {group}");
        }
    }
}

#[test]
fn while_redb_recovers_a_block_gets_the_checksum_of_what_is_there() {
    let memory = Memory::default();
    let file = Checked::new(Box::new(memory.clone()));
    file.set_len(10 * BLOCK as u64).unwrap();
    file.write(3 * BLOCK as u64, &[7; 2 * BLOCK]).unwrap();
    file.sync_data().unwrap();
    memory.0.lock().unwrap()[4 * BLOCK + 9] = 1;
    let file = again(&memory);
    file.mend(true);
    assert_eq!(read(&file, 3, 1).unwrap()[9], 1);
    file.mend(false);
    assert_eq!(read(&again(&memory), 3, 1).unwrap_err().kind(), ErrorKind::InvalidData, "nothing is synced");
    file.sync_data().unwrap();
    assert_eq!(read(&again(&memory), 3, 1).unwrap()[9], 1);
    memory.0.lock().unwrap()[5 * BLOCK + 9] = 1;
    assert_eq!(read(&again(&memory), 4, 1).unwrap_err().kind(), ErrorKind::InvalidData, "it is judged again");
}
