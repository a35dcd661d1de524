//! Whatever step fails, the store either goes on as it was, or says `Poisoned` until it is opened anew; and nothing
//! that was acknowledged is lost either way.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod disk;

use codestrata_conformance::bare::{block_on, poll_times};
use codestrata_conformance::lab::{key, puts};
use codestrata_core::{Backend, Batch, Durability, ErrorKind, KeyRange, OpenMode, ReadView, ScanRequest};
use disk::life::{Change, content, life, open};
use disk::{Disk, Fault, Step};

const ALL: [Fault; 6] =
    [Fault::Full, Fault::HalfFull, Fault::Broken, Fault::HalfBroken, Fault::DoneBroken, Fault::OutOfFiles];

/// Runs a life in which one step fails, and demands what must hold then. Whether the store was given up.
fn run(seed: u64, at: usize, fault: Fault) -> Option<bool> {
    let (changes, _) = life(seed, 40, 900);
    let disk = Disk::default();
    disk.fail(at, fault, false);
    let what = format!("step {at}, {fault:?}");
    let store = match open(&disk, OpenMode::Create) {
        Ok(store) => store,
        Err(error) => {
            assert_ne!(error.kind(), ErrorKind::Corruption, "{what}: {error}");
            disk.heal();
            assert!(content(&open(&disk, OpenMode::Create).unwrap()).is_empty(), "{what}");
            return Some(true);
        }
    };
    let mut expected = disk::life::Model::new();
    let mut failed = None;
    for change in &changes {
        let mut after = expected.clone();
        change.change(&mut after);
        match change.carry_out(&store) {
            Ok(_) => expected = after,
            Err(error) if error.kind() == ErrorKind::Poisoned => {
                failed = Some(after);
                break;
            }
            Err(error) => {
                let kinds = [ErrorKind::Full, ErrorKind::Unavailable];
                assert!(kinds.contains(&error.kind()), "{what}: {}: {error}", error.kind());
                assert_eq!(content(&store), expected, "{what}: nothing was applied, and reads go on");
                // The fault has passed: the same works now.
                change.carry_out(&store).unwrap_or_else(|error| panic!("{what}, again: {error}"));
                expected = after;
            }
        }
    }
    if let Some(after) = failed {
        demand_poisoned(&store, &what);
        drop(store);
        disk.heal();
        let again = open(&disk, OpenMode::Existing).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = content(&again);
        assert!(found == expected || found == after, "{what}: the change is there or not");
        block_on(again.verify()).unwrap();
        return Some(true);
    }
    let closed = block_on(store.close());
    let reached = disk.done() > at;
    assert!(reached || closed.is_ok(), "{what}: closing failed for no reason: {closed:?}");
    disk.heal();
    assert_eq!(content(&open(&disk, OpenMode::Existing).unwrap()), expected, "{what}");
    reached.then_some(false)
}

fn demand_poisoned(store: &codestrata_backend_file::backend::FileBackend, what: &str) {
    let k = key("k").unwrap();
    let all = ScanRequest::new(KeyRange::all());
    let calls = [
        ("get", block_on(store.get(&k)).map(drop)),
        ("scan", block_on(store.scan(&all)).map(drop)),
        ("apply", block_on(store.apply(puts(&[("k", "v")]).unwrap()))),
        ("apply of a question", block_on(store.apply(Batch::new().require_absent(k)))),
        ("snapshot", block_on(store.snapshot()).map(drop)),
        ("flush", block_on(store.flush())),
        ("compact", block_on(store.compact())),
        ("verify", block_on(store.verify())),
        ("stats", block_on(store.stats()).map(drop)),
    ];
    for (name, result) in calls {
        let kind = result.err().map(|error| error.kind());
        assert_eq!(kind, Some(ErrorKind::Poisoned), "{what}: {name} after it");
    }
}

#[test]
fn a_fault_at_any_step_loses_nothing() {
    let mut outcomes = [0, 0];
    for fault in ALL {
        for at in 0.. {
            match run(31, at, fault) {
                Some(given_up) => outcomes[usize::from(given_up)] += 1,
                None => break,
            }
        }
    }
    let [gone_on, given_up] = outcomes;
    assert!(gone_on > 50 && given_up > 50, "both happen: {gone_on} went on, {given_up} were given up");
}

/// A store with one entry, and a disk on which the next steps are to fail.
fn store() -> (Disk, codestrata_backend_file::backend::FileBackend) {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    block_on(store.apply(puts(&[("first", "1")]).unwrap())).unwrap();
    (disk, store)
}

#[test]
fn a_full_medium_is_full_until_there_is_room() {
    for fault in [Fault::Full, Fault::HalfFull] {
        let (disk, store) = store();
        let before = disk.files();
        // It stays full for writes; what is cut and synced meanwhile is not written.
        disk.fail(disk.done(), fault, false);
        let error = block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Full, "{error}");
        assert!(std::error::Error::source(&error).is_some(), "the source is kept");
        assert_eq!(disk.files(), before, "what was written in part is cut off again");
        assert_eq!(content(&store).len(), 1);
        disk.heal();
        block_on(store.apply(puts(&[("third", "3")]).unwrap())).unwrap();
        block_on(store.close()).unwrap();
        assert_eq!(content(&open(&disk, OpenMode::Existing).unwrap()).len(), 2);
    }
}

#[test]
fn a_batch_whose_sync_failed_is_not_seen_and_poisons_the_store() {
    let (disk, store) = store();
    // The write is the next step, the sync the one after it.
    disk.fail(disk.done() + 1, Fault::Broken, false);
    let error = block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Poisoned, "{error}");
    assert!(error.message().contains("0000000001.log"), "{error}");
    demand_poisoned(&store, "a failed sync");
    assert!(block_on(store.close()).is_ok(), "closing it is possible");
    assert_eq!(block_on(store.get(&key("first").unwrap())).unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn a_synced_batch_is_not_seen_before_it_is_synced() {
    let (disk, store) = store();
    let second = key("second").unwrap();
    let (reached, go_on) = disk.hold_next_sync();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| block_on(store.apply(puts(&[("second", "2")]).unwrap())));
        reached.recv().unwrap();
        let seen = block_on(store.get(&second)).unwrap();
        go_on.send(()).unwrap();
        writer.join().unwrap().unwrap();
        assert_eq!(seen, None, "a crash may still take it away");
    });
    assert_eq!(block_on(store.get(&second)).unwrap().as_deref(), Some(b"2".as_slice()));
}

#[test]
fn batches_that_wait_for_a_sync_share_the_next_one() {
    let (disk, store) = store();
    let (reached, go_on) = disk.hold_next_sync();
    let before = disk.steps().len();
    std::thread::scope(|scope| {
        scope.spawn(|| block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap());
        reached.recv().unwrap();
        let mut waiting: Vec<_> =
            (0..10_u8).map(|number| Box::pin(store.apply(puts(&[([number], "v")]).unwrap()))).collect();
        // Polled once, each is in the queue.
        let answered = waiting.iter_mut().filter_map(|batch| poll_times(batch.as_mut(), 1)).count();
        go_on.send(()).unwrap();
        assert_eq!(answered, 0, "none is answered before it is synced");
        for batch in waiting {
            block_on(batch).unwrap();
        }
    });
    let syncs = disk.steps().split_off(before).iter().filter(|step| matches!(step, Step::Sync(_))).count();
    assert_eq!(syncs, 2, "one for the first batch, one for the ten");
    assert_eq!(content(&store).len(), 12);
}

#[test]
fn what_a_failed_sync_has_left_is_written_again_by_the_next_opening() {
    let (disk, store) = store();
    disk.fail(disk.done() + 1, Fault::Broken, false);
    block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap_err();
    drop(store);
    disk.heal();
    let before = disk.steps().len();
    // The frame can be read, so it is there; and so it must be made to stay.
    let again = open(&disk, OpenMode::Existing).unwrap();
    assert_eq!(content(&again).len(), 2);
    let steps: Vec<Step> = disk.steps().split_off(before);
    assert!(matches!(steps.as_slice(), [Step::Write(..), Step::Sync(_)]), "{steps:?}");
}

#[test]
fn a_synced_batch_costs_one_write_and_one_sync() {
    let (disk, store) = store();
    for number in 0..20_u8 {
        let before = disk.steps().len();
        block_on(store.apply(puts(&[([number], "value")]).unwrap())).unwrap();
        let steps = disk.steps().split_off(before);
        assert!(matches!(steps.as_slice(), [Step::Write(..), Step::Sync(_)]), "{steps:?}");
    }
}

#[test]
fn a_buffered_batch_is_written_and_not_synced_before_the_next_synced_one() {
    let (disk, store) = store();
    let before = disk.steps().len();
    for number in 0..3_u8 {
        let batch = puts(&[([number], "value")]).unwrap().durability(Durability::Buffered);
        block_on(store.apply(batch)).unwrap();
    }
    let steps = disk.steps().split_off(before);
    assert!(matches!(steps.as_slice(), [Step::Write(..), Step::Write(..), Step::Write(..)]), "{steps:?}");
    // Even a synced batch that changes nothing says that what was before it stays.
    block_on(store.apply(Batch::new().delete(key("missing").unwrap()))).unwrap();
    assert!(disk.steps()[before..].iter().any(|step| matches!(step, Step::Sync(_))));
}

#[test]
fn a_failed_compaction_leaves_the_store_as_it_was_and_can_be_repeated() {
    for fault in [Fault::Full, Fault::OutOfFiles] {
        let (disk, store) = store();
        for number in 0..60_u8 {
            block_on(store.apply(puts(&[([number % 7], [number; 500])]).unwrap())).unwrap();
        }
        let expected = content(&store);
        disk.fail(disk.done(), fault, true);
        let error = Change::Compact.carry_out(&store).unwrap_err();
        assert!([ErrorKind::Full, ErrorKind::Unavailable].contains(&error.kind()), "{error}");
        assert_eq!(content(&store), expected);
        disk.heal();
        Change::Compact.carry_out(&store).unwrap();
        assert_eq!(content(&store), expected);
        block_on(store.close()).unwrap();
        assert_eq!(content(&open(&disk, OpenMode::Existing).unwrap()), expected);
    }
}
