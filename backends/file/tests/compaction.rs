//! Compaction gives space back, loses nothing, and takes nothing from who still reads the old files.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod disk;

use std::time::Duration;

use codestrata_backend_file::backend::FileBackend;
use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::{everything, key, puts};
use codestrata_core::{Backend, Batch, ErrorKind, KeyRange, OpenMode, ReadView, Stats};
use disk::Disk;
use disk::life::{content, open};

fn stats(store: &FileBackend) -> (u64, u64) {
    let Stats { stored_bytes, disk_bytes, .. } = block_on(store.stats()).unwrap();
    (stored_bytes.unwrap(), disk_bytes.unwrap())
}

/// Puts the same 100 keys once more.
fn overwrite(store: &FileBackend, round: u8) {
    let entries: Vec<_> = (0..100_u8).map(|number| ([number], [round; 200])).collect();
    block_on(store.apply(puts(&entries).unwrap())).unwrap();
}

#[test]
fn on_demand_it_leaves_what_is_stored_and_little_more() {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    overwrite(&store, 1);
    overwrite(&store, 2);
    block_on(store.apply(Batch::new().delete_range(KeyRange::new(vec![50], None)))).unwrap();
    let before = content(&store);
    block_on(store.compact()).unwrap();
    let (stored, disk_bytes) = stats(&store);
    assert_eq!(stored, 50 * 201);
    assert!(disk_bytes < stored + 50 * 7 + 1_000, "{disk_bytes} bytes for {stored}");
    let total: usize = disk.files().values().map(Vec::len).sum();
    // A mark may stand behind the last frame.
    assert!((disk_bytes..=disk_bytes + 40).contains(&(total as u64)), "{disk_bytes} is what {total} is");
    assert_eq!(content(&store), before);
    block_on(store.verify()).unwrap();
    block_on(store.close()).unwrap();
    assert_eq!(content(&open(&disk, OpenMode::Existing).unwrap()), before);
}

#[test]
fn an_empty_store_and_a_compact_one_are_compacted_for_nothing() {
    let store = open(&Disk::default(), OpenMode::Create).unwrap();
    for _ in 0..3 {
        block_on(store.compact()).unwrap();
    }
    overwrite(&store, 1);
    for _ in 0..3 {
        block_on(store.compact()).unwrap();
        assert_eq!(content(&store).len(), 100);
    }
    assert!(stats(&store).1 < 24_000);
}

#[test]
fn by_itself_it_keeps_the_files_at_a_few_times_what_is_stored() {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    let mut most = 0;
    for round in 0..200_u8 {
        overwrite(&store, round);
        most = most.max(stats(&store).1);
    }
    let (stored, _) = stats(&store);
    // Live, as much again and one file of it dead, and what came in while it was copied: see `compact.rs`.
    let bound = 4 * (stored + 100 * 7) + 3 * 16 * 1024;
    assert!(most < bound, "{most} bytes at the most for {stored} stored, {bound} allowed");
    assert!(content(&store).values().all(|value| *value == [199; 200]));
    drop(store);
    assert_eq!(content(&open(&disk, OpenMode::Existing).unwrap()).len(), 100);
}

#[test]
fn it_goes_on_by_itself_when_nothing_is_asked_of_the_store() {
    let store = open(&Disk::default(), OpenMode::Create).unwrap();
    // More than a piece of it stays, so that it takes several.
    let entries: Vec<_> = (0..3_000_u32).map(|number| (number.to_be_bytes(), [7; 1_000])).collect();
    for _ in 0..3 {
        block_on(store.apply(puts(&entries).unwrap())).unwrap();
    }
    let (stored, _) = stats(&store);
    let small = || stats(&store).1 < stored + stored / 2;
    // Bounded so that a compaction that never comes fails the test instead of holding it up.
    let came = (0..3_000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        small()
    });
    assert!(came, "{:?}", stats(&store));
    assert_eq!(content(&store).len(), 3_000);
}

#[test]
fn readers_and_writers_go_on_while_it_runs() {
    let store = open(&Disk::default(), OpenMode::Create).unwrap();
    let entries: Vec<_> = (0..5_000_u32).map(|number| (number.to_be_bytes(), [7; 1_000])).collect();
    block_on(store.apply(puts(&entries).unwrap())).unwrap();
    std::thread::scope(|scope| {
        let compaction = scope.spawn(|| block_on(store.compact()));
        for round in 0..50_u32 {
            let name = key((round * 97 % 5_000).to_be_bytes()).unwrap();
            block_on(store.apply(Batch::new().put(name.clone(), round.to_be_bytes().to_vec()))).unwrap();
            assert_eq!(block_on(store.get(&name)).unwrap().unwrap().as_ref(), round.to_be_bytes());
            if round.is_multiple_of(10) {
                block_on(store.apply(Batch::new().delete(key(round.to_be_bytes()).unwrap()))).unwrap();
            }
        }
        compaction.join().unwrap().unwrap();
    });
    block_on(store.compact()).unwrap();
    block_on(store.verify()).unwrap();
    for round in 1..50_u32 {
        let value = block_on(store.get(&key((round * 97 % 5_000).to_be_bytes()).unwrap())).unwrap();
        assert_eq!(value.unwrap().as_ref(), round.to_be_bytes());
    }
}

#[test]
fn an_old_snapshot_reads_on_from_files_that_are_gone() {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    overwrite(&store, 1);
    let snapshot = block_on(store.snapshot()).unwrap();
    let before: Vec<String> = disk.files().into_keys().collect();
    overwrite(&store, 2);
    for _ in 0..3 {
        block_on(store.compact()).unwrap();
    }
    let after: Vec<String> = disk.files().into_keys().collect();
    assert!(before.iter().all(|name| name == "MANIFEST" || !after.contains(name)), "{before:?}, {after:?}");
    let seen = block_on(everything(&*snapshot)).unwrap();
    assert!(seen.len() == 100 && seen.iter().all(|(_, value)| value.as_ref() == [1; 200]));
}

#[test]
fn a_snapshot_that_is_too_old_says_so_and_holds_nothing() {
    let disk = Disk::default();
    let mut config = disk::life::config(OpenMode::Create);
    config.snapshot_max_age = Duration::ZERO;
    let store = block_on(FileBackend::open_on(std::sync::Arc::new(disk), config)).unwrap();
    overwrite(&store, 1);
    let snapshot = block_on(store.snapshot()).unwrap();
    std::thread::sleep(Duration::from_millis(1));
    let error = block_on(snapshot.get(&key([1]).unwrap())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("snapshot_max_age"), "{error}");
    assert_eq!(store.capabilities().snapshot_max_age(), Some(Duration::ZERO));
}
