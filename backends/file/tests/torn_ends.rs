//! A log that is cut short has the changes up to the cut, wherever it is cut; only in the last file may it be.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod disk;

use codestrata_conformance::bare::block_on;
use codestrata_core::{Backend, Durability, ErrorKind, OpenMode};
use disk::Disk;
use disk::life::{Change, Model, content, life, open};

const LOG: &str = "0000000001.log";

/// A store of some 40 batches in one log file, and where the file ended after each.
fn store(seed: u64, close: bool) -> (Disk, Vec<(usize, Model)>) {
    let (mut changes, _) = life(seed, 60, 20);
    // A new file would begin with them.
    changes.retain(|change| matches!(change, Change::Apply(_)));
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    let end = |store: &codestrata_backend_file::backend::FileBackend| {
        // The manifest is a head of 64 bytes.
        usize::try_from(block_on(store.stats()).unwrap().disk_bytes.unwrap() - 64).unwrap()
    };
    let mut ends = vec![(end(&store), Model::new())];
    for change in changes.iter().take(40) {
        let Change::Apply(batch) = change else { unreachable!() };
        Change::Apply(batch.clone().durability(Durability::Synced)).carry_out(&store).unwrap();
        ends.push((end(&store), content(&store)));
    }
    let files = disk.files();
    if close {
        block_on(store.close()).unwrap();
        return (disk, ends);
    }
    // As `kill -9` leaves it.
    (Disk::with(&files), ends)
}

#[test]
fn a_log_cut_at_any_byte_has_the_batches_before_the_cut() {
    let (disk, ends) = store(11, true);
    let files = disk.files();
    assert!(ends.last().unwrap().0 > 2_000 && ends.len() > 35);
    for length in 64..=files[LOG].len() {
        let cut = Disk::with(&files);
        cut.change(LOG, |file| file.truncate(length));
        let expected = &ends.iter().rev().find(|(end, _)| *end <= length).unwrap().1;
        let reader = open(&cut, OpenMode::ReadOnly).unwrap();
        assert_eq!(&content(&reader), expected, "cut at byte {length}, read only");
        assert_eq!(cut.files()[LOG].len(), length, "a reader changes nothing");
        drop(reader);
        for time in ["opened", "opened again"] {
            let store = open(&cut, OpenMode::Existing).unwrap();
            assert_eq!(&content(&store), expected, "cut at byte {length}, {time}");
            block_on(store.close()).unwrap();
        }
    }
}

#[test]
fn a_log_cut_inside_its_head_is_damaged() {
    let (disk, _) = store(12, true);
    let files = disk.files();
    for name in [LOG, "MANIFEST"] {
        for length in 0..64 {
            let cut = Disk::with(&files);
            cut.change(name, |file| file.truncate(length));
            for mode in [OpenMode::ReadOnly, OpenMode::Create] {
                let error = open(&cut, mode).err().unwrap();
                assert_eq!(error.kind(), ErrorKind::Corruption, "{name} cut at byte {length}: {error}");
                assert!(error.message().contains(name), "{error}");
            }
            assert_eq!(cut.files()[name].len(), length, "it is left as it was");
        }
    }
}

#[test]
fn bytes_of_any_kind_after_the_end_are_cut_off() {
    let (disk, ends) = store(13, false);
    let files = disk.files();
    let whole = &files[LOG];
    let tails = [vec![0; 4096], vec![0xFF; 3], whole.clone(), whole[64..300].to_vec(), vec![0xC5; 100_000]];
    for tail in tails {
        let longer = Disk::with(&files);
        longer.change(LOG, |file| file.extend_from_slice(&tail));
        let store = open(&longer, OpenMode::Existing).unwrap();
        assert_eq!(content(&store), ends.last().unwrap().1);
        block_on(store.verify()).unwrap();
        drop(store);
        assert!(longer.files()[LOG].len() <= whole.len() + 40, "what is there now is the log and a mark");
    }
}

#[test]
fn a_log_inside_of_a_value_is_not_taken_for_the_log() {
    let (disk, _) = store(14, false);
    let log = disk.files()[LOG].clone();
    let store = open(&disk, OpenMode::Existing).unwrap();
    let before = content(&store);
    let batch = codestrata_conformance::lab::puts(&[("log", log)]).unwrap();
    block_on(store.apply(batch)).unwrap();
    let files = disk.files();
    drop(store);
    // Torn near its beginning, so that whole frames of the older log lie behind the tear.
    let at = before_last(&files[LOG]);
    for byte in [0, 5, 30, 45, 60] {
        let torn = Disk::with(&files);
        torn.change(LOG, |file| file[at + byte] ^= 1);
        assert_eq!(content(&open(&torn, OpenMode::Existing).unwrap()), before);
    }
}

/// Where the last frame begins: after the length that the store had before.
fn before_last(log: &[u8]) -> usize {
    let magic = [0xC5, b'f', b'r', 0xF1];
    let frames: Vec<usize> =
        log.windows(4).enumerate().filter(|(_, four)| *four == magic).map(|(at, _)| at).collect();
    // It has a copy of all before it, which begins behind its head.
    frames[frames.len() / 2]
}
