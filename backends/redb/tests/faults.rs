//! Whatever step fails, the store either goes on as it was, or says `Poisoned` until it is opened anew; and nothing
//! that was acknowledged is lost either way.
//!
//! `CODESTRATA_FAULTS` says at how many steps a fault is tried, spread over the life of a store (96 unless it is
//! set; a large number tries every step).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod disk;

use codestrata_backend_redb::backend::RedbBackend;
use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::{key, puts};
use codestrata_core::{Backend, Batch, ErrorKind, KeyRange, OpenMode, ReadView, ScanRequest};
use disk::life::{Change, Model, content, life, open, open_without_journal};
use disk::{Disk, Fault, Step};

const ALL: [Fault; 6] =
    [Fault::Full, Fault::HalfFull, Fault::Broken, Fault::HalfBroken, Fault::DoneBroken, Fault::OutOfMemory];

fn steps_tried() -> usize {
    std::env::var("CODESTRATA_FAULTS").ok().and_then(|text| text.parse().ok()).unwrap_or(96)
}

/// What a fault did to a store.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The life was over before.
    NotReached,
    WentOn,
    GivenUp,
}

/// Runs a life in which something fails, and demands what must hold then.
fn run(seed: u64, what: &str, break_it: impl Fn(&Disk), has_happened: impl Fn(&Disk) -> bool) -> Outcome {
    let (changes, _) = life(seed, 40);
    let disk = Disk::default();
    break_it(&disk);
    let store = match open(&disk, OpenMode::Create) {
        Ok(store) => store,
        Err(error) => {
            assert_ne!(error.kind(), ErrorKind::Corruption, "{what}: {error}");
            assert!(!disk.is_locked(), "{what}: a lock is left");
            disk.heal();
            assert!(content(&open(&disk, OpenMode::Create).unwrap()).is_empty(), "{what}");
            return Outcome::GivenUp;
        }
    };
    let mut expected = Model::new();
    for change in &changes {
        let mut after = expected.clone();
        change.change(&mut after);
        let error = match change.carry_out(&store) {
            Ok(()) => {
                expected = after;
                continue;
            }
            Err(error) => error,
        };
        assert!(has_happened(&disk), "{what}: {error}");
        if error.kind() == ErrorKind::Poisoned {
            demand_poisoned(&store, what);
            drop(store);
            demand_reopened(&disk, &[&expected, &after], what);
            return Outcome::GivenUp;
        }
        let kinds = [ErrorKind::Full, ErrorKind::Unavailable];
        assert!(kinds.contains(&error.kind()), "{what}: {}: {error}", error.kind());
        assert!(content(&store) == expected, "{what}: nothing was applied, and reads go on");
        // The fault has passed: the same works now.
        change.carry_out(&store).unwrap_or_else(|error| panic!("{what}, again: {error}"));
        expected = after;
    }
    let closed = block_on(store.close());
    assert!(has_happened(&disk) || closed.is_ok(), "{what}: closing failed for no reason: {closed:?}");
    demand_reopened(&disk, &[&expected], what);
    if has_happened(&disk) { Outcome::WentOn } else { Outcome::NotReached }
}

/// Demands that the store has one of these contents when it is opened anew, and is whole.
fn demand_reopened(disk: &Disk, any_of: &[&Model], what: &str) {
    assert!(!disk.is_locked(), "{what}: a lock is left");
    disk.heal();
    let again = open(disk, OpenMode::Existing).unwrap_or_else(|error| panic!("{what}, reopened: {error}"));
    let found = content(&again);
    assert!(any_of.contains(&&found), "{what}, reopened: the change is there or not");
    block_on(again.verify()).unwrap_or_else(|error| panic!("{what}, reopened: {error}"));
}

fn demand_poisoned(store: &RedbBackend, what: &str) {
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

/// How many steps and reads a life makes in which nothing fails.
fn length_of_life(seed: u64) -> (usize, usize) {
    let (changes, _) = life(seed, 40);
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    for change in changes {
        change.carry_out(&store).unwrap();
    }
    block_on(store.close()).unwrap();
    (disk.done(), disk.reads())
}

#[test]
fn a_fault_at_any_step_loses_nothing() {
    let mut outcomes = [0, 0];
    let steps = length_of_life(31).0;
    let every = (steps * ALL.len() / steps_tried().max(1)).max(1);
    for (number, fault) in ALL.into_iter().enumerate() {
        // Each fault at other steps, and all of them while the store is made.
        for at in (0..steps).filter(|at| *at < 12 || at % every == number * every / ALL.len()) {
            let what = format!("step {at} of {steps}, {fault:?}");
            match run(31, &what, |disk| disk.fail(at, fault, false), |disk| disk.done() > at) {
                Outcome::WentOn => outcomes[0] += 1,
                Outcome::GivenUp => outcomes[1] += 1,
                Outcome::NotReached => panic!("{what}: it is not reached"),
            }
        }
    }
    let [gone_on, given_up] = outcomes;
    assert!(gone_on > 20 && given_up > 20, "both happen: {gone_on} went on, {given_up} were given up");
}

#[test]
fn a_medium_that_stays_broken_loses_nothing() {
    let steps = length_of_life(33).0;
    let every = (steps * 4 / steps_tried().max(1)).max(1);
    for at in (0..steps).step_by(every) {
        let what = format!("from step {at} of {steps} on");
        let outcome = run(33, &what, |disk| disk.fail(at, Fault::Broken, true), |disk| disk.done() > at);
        assert_ne!(outcome, Outcome::NotReached, "{what}");
    }
}

#[test]
fn a_read_that_fails_loses_nothing() {
    let reads = length_of_life(34).1;
    let every = (reads * 2 / steps_tried().max(1)).max(1);
    let mut given_up = 0;
    for fault in [Fault::Broken, Fault::OutOfMemory] {
        for at in (0..reads).step_by(every) {
            let what = format!("read {at} of {reads}, {fault:?}");
            let outcome = run(34, &what, |disk| disk.fail_read(at, fault), |disk| disk.reads() > at);
            given_up += usize::from(outcome == Outcome::GivenUp);
        }
    }
    assert!(given_up > 10, "{given_up} stores were given up");
}

/// Whether a small commit goes into a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commits {
    InPlace,
    InJournal,
}

const COMMITS: [Commits; 2] = [Commits::InPlace, Commits::InJournal];

impl Commits {
    /// A store with one entry, and a disk on which the next steps are to fail.
    fn store(self) -> (Disk, RedbBackend) {
        let disk = Disk::default();
        let (open, changes) = match self {
            Self::InPlace => (open_without_journal(&disk, OpenMode::Create), 1),
            Self::InJournal => (open(&disk, OpenMode::Create), 3),
        };
        let store = open.unwrap();
        for _ in 0..changes {
            block_on(store.apply(puts(&[("first", "1")]).unwrap())).unwrap();
        }
        (disk, store)
    }

    /// The numbers of the steps of a small batch, and of those that put it on the medium: it is one sync, because a
    /// commit is flushed once, or one write that is synced.
    fn steps_of_a_batch(self) -> (std::ops::Range<usize>, Vec<usize>) {
        let (disk, store) = self.store();
        let (before, first) = (disk.steps().len(), disk.done());
        block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap();
        let steps = disk.steps().split_off(before);
        let of = |wanted: fn(&Step) -> bool| -> Vec<usize> {
            (first..).zip(&steps).filter(|(_, step)| wanted(step)).map(|(number, _)| number).collect()
        };
        let (whole, part) =
            (of(|step| matches!(step, Step::Sync(_))), of(|step| matches!(step, Step::SyncPart(..))));
        assert!(matches!(steps.last(), Some(Step::Write(..))), "{steps:?}");
        let syncs = match (self, whole.as_slice(), part.as_slice()) {
            (Self::InPlace, [_], []) => whole,
            (Self::InJournal, [], [part]) => vec![part - 1, *part],
            _ => panic!("{self:?}: {steps:?}"),
        };
        (first..first + steps.len(), syncs)
    }
}

#[test]
fn a_medium_that_is_full_before_the_sync_is_full_and_the_store_goes_on() {
    for (commits, fault) in COMMITS.into_iter().flat_map(|one| [(one, Fault::Full), (one, Fault::HalfFull)]) {
        let (steps, syncs) = commits.steps_of_a_batch();
        for at in steps.start..syncs[0] {
            let what = format!("{commits:?}, step {at}");
            let (disk, store) = commits.store();
            disk.fail(at, fault, false);
            let error = block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Full, "{what}: {error}");
            assert!(std::error::Error::source(&error).is_some(), "the source is kept");
            assert_eq!(content(&store).len(), 1, "{what}");
            block_on(store.apply(puts(&[("third", "3")]).unwrap())).unwrap();
            block_on(store.close()).unwrap();
            let names: Vec<_> = content(&open(&disk, OpenMode::Existing).unwrap()).into_keys().collect();
            assert_eq!(names, [b"first".as_slice(), b"third"], "{what}");
        }
    }
}

#[test]
fn a_batch_that_was_refused_for_lack_of_room_does_not_come_back_after_a_crash() {
    for commits in COMMITS {
        let (steps, syncs) = commits.steps_of_a_batch();
        for at in steps.start..syncs[0] {
            let (disk, store) = commits.store();
            disk.fail(at, Fault::Full, false);
            block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap_err();
            // As `kill -9` leaves it.
            let left = Disk::with(disk.content());
            assert_eq!(content(&open(&left, OpenMode::Existing).unwrap()).len(), 1, "{commits:?}, step {at}");
        }
    }
}

#[test]
fn after_a_sync_that_failed_the_store_is_given_up_whatever_it_failed_with() {
    for (commits, at) in
        COMMITS.into_iter().flat_map(|one| one.steps_of_a_batch().1.into_iter().map(move |at| (one, at)))
    {
        for fault in [Fault::Broken, Fault::Full, Fault::OutOfMemory] {
            let (disk, store) = commits.store();
            disk.fail(at, fault, false);
            let error = block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Poisoned, "{fault:?}: {error}");
            assert!(error.message().contains(disk::PATH), "{error}");
            demand_poisoned(&store, "a failed sync");
            assert!(block_on(store.close()).is_ok(), "closing it is possible");
            assert_eq!(block_on(store.get(&key("first").unwrap())).unwrap_err().kind(), ErrorKind::Closed);
            let found = content(&open(&disk, OpenMode::Existing).unwrap());
            assert_eq!(found[b"first".as_slice()], b"1", "what was acknowledged is there");
        }
    }
}

#[test]
fn a_batch_whose_last_write_fails_after_its_sync_may_have_been_applied() {
    for (commits, fault) in COMMITS.into_iter().flat_map(|one| [(one, Fault::Full), (one, Fault::Broken)]) {
        let last = commits.steps_of_a_batch().0.end - 1;
        let (disk, store) = commits.store();
        // redb says in the header, after the sync, that it was synced.
        disk.fail(last, fault, false);
        let error = block_on(store.apply(puts(&[("second", "2")]).unwrap())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Poisoned, "{fault:?}: {error}");
        drop(store);
        disk.heal();
        let found = content(&open(&disk, OpenMode::Existing).unwrap());
        assert_eq!(found.len(), 2, "it was on the medium");
    }
}

#[test]
fn a_full_medium_is_full_until_there_is_room() {
    let (disk, store) = Commits::InJournal.store();
    let mut expected = content(&store);
    let snapshot = block_on(store.snapshot()).unwrap();
    disk.limit_room(30);
    // The file has room of its own; what it has not yet is a place on the medium.
    let full = (0..100_u8)
        .find_map(|number| match block_on(store.apply(puts(&[([number], [number; 5000])]).unwrap())) {
            Ok(()) => {
                expected.insert(vec![number], vec![number; 5000]);
                None
            }
            Err(error) => Some(error),
        })
        .unwrap();
    assert_eq!(full.kind(), ErrorKind::Full, "{full}");
    assert!(expected.len() > 2, "some fit");
    assert!(content(&store) == expected, "reads go on");
    assert_eq!(block_on(snapshot.get(&key("first").unwrap())).unwrap_err().kind(), ErrorKind::Unavailable);
    for _ in 0..3 {
        let again = block_on(store.apply(puts(&[("large", vec![7; 300_000])]).unwrap())).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Full, "{again}");
    }
    assert!(content(&store) == expected);
    disk.heal();
    block_on(store.apply(puts(&[("large", vec![7; 300_000])]).unwrap())).unwrap();
    expected.insert(b"large".to_vec(), vec![7; 300_000]);
    block_on(store.verify()).unwrap();
    block_on(store.close()).unwrap();
    assert!(content(&open(&disk, OpenMode::Existing).unwrap()) == expected);
}

#[test]
fn a_full_medium_does_not_keep_a_store_from_being_closed_or_read() {
    let (disk, store) = Commits::InJournal.store();
    for number in 0..40_u8 {
        block_on(store.apply(puts(&[([number % 20], [number; 3000])]).unwrap())).unwrap();
    }
    let expected = content(&store);
    disk.limit_room(0);
    block_on(store.close()).unwrap();
    let reader = open(&disk, OpenMode::ReadOnly).unwrap();
    assert!(content(&reader) == expected);
    block_on(reader.close()).unwrap();
    let writer = open(&disk, OpenMode::Existing).unwrap();
    assert!(content(&writer) == expected);
}

#[test]
fn a_failed_compaction_or_verification_leaves_the_store_as_it_was_or_gives_it_up() {
    let prepared = || {
        let (disk, store) = Commits::InJournal.store();
        for number in 0..60_u8 {
            let length = if number % 7 == 0 { 60_000 } else { 500 };
            block_on(store.apply(puts(&[([number % 13], vec![number; length])]).unwrap())).unwrap();
        }
        block_on(store.apply(Batch::new().delete_range(KeyRange::prefix(vec![2])))).unwrap();
        (disk, store)
    };
    for change in [Change::Compact, Change::Verify] {
        let steps = {
            let (disk, store) = prepared();
            let before = disk.done();
            change.carry_out(&store).unwrap();
            disk.done() - before
        };
        let every = (steps * 20 / steps_tried().max(1)).max(1);
        for fault in [Fault::Full, Fault::OutOfMemory, Fault::Broken] {
            let mut outcomes = [0, 0];
            for at in (0..steps).step_by(every) {
                let what = format!("{change:?}, step {at} of {steps}, {fault:?}");
                let (disk, store) = prepared();
                let expected = content(&store);
                disk.fail(disk.done() + at, fault, false);
                if let Err(error) = change.carry_out(&store) {
                    if error.kind() == ErrorKind::Poisoned {
                        outcomes[1] += 1;
                        demand_poisoned(&store, &what);
                        drop(store);
                        demand_reopened(&disk, &[&expected], &what);
                        continue;
                    }
                    outcomes[0] += 1;
                    let kinds = [ErrorKind::Full, ErrorKind::Unavailable];
                    assert!(kinds.contains(&error.kind()), "{what}: {error}");
                    change.carry_out(&store).unwrap_or_else(|error| panic!("{what}, again: {error}"));
                }
                assert!(content(&store) == expected, "{what}");
                drop(store);
                demand_reopened(&disk, &[&expected], &what);
            }
            if fault == Fault::Broken {
                assert!(outcomes[1] > 0, "{change:?}: a broken medium is given up");
            }
        }
    }
}
