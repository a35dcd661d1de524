//! A store survives `kill -9`: whatever was flushed and acknowledged is there, whole, and the store always opens.
//!
//! `CODESTRATA_KILL_ROUNDS` says how often each is tried (15 times, unless it is set).

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::path::Path;
use std::time::Duration;

use child::{lines, open, rounds, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, key, puts};
use codestrata_conformance::random::Random;
use codestrata_core::{Batch, Bytes, Durability, OpenMode};

const WIDTH: u32 = 20;

fn name(number: u32, at: u32) -> Vec<u8> {
    [number.to_be_bytes(), at.to_be_bytes()].concat()
}

/// Some values are large enough for sled to give them files of their own.
fn value(number: u32, at: u32) -> Bytes {
    let length = if number % 7 == 3 && at == 0 { 300_000 } else { 40 };
    let bytes = (number * WIDTH + at).to_be_bytes();
    bytes.iter().copied().cycle().take(length).collect()
}

fn batch(number: u32) -> Batch {
    puts(&(0..WIDTH).map(|at| (name(number, at), value(number, at))).collect::<Vec<_>>()).unwrap()
}

/// The child: batch after batch, a line for each that is acknowledged.
#[test]
fn child_writes_until_killed() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        say("opening");
        let store = open(&path, OpenMode::Create).await.unwrap();
        let there = u32::try_from(everything(&*store).await.unwrap().len()).unwrap() / WIDTH;
        for number in there.. {
            store.apply(batch(number)).await.unwrap();
            say(number);
        }
    });
}

/// The child: buffered batches, and a line after every tenth of them has been flushed.
#[test]
fn child_buffers_until_killed() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        say("opening");
        let store = open(&path, OpenMode::Create).await.unwrap();
        let there = u32::try_from(everything(&*store).await.unwrap().len()).unwrap() / WIDTH;
        for number in there.. {
            store.apply(batch(number).durability(Durability::Buffered)).await.unwrap();
            if number % 10 == 9 {
                store.flush().await.unwrap();
                say(number);
            }
        }
    });
}

/// The child: replaces the same entries and deletes a range, again and again, so that sled moves pages about.
#[test]
fn child_rewrites_until_killed() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        say("opening");
        let store = open(&path, OpenMode::Create).await.unwrap();
        let counter = key("count").unwrap();
        let mut number = store
            .get(&counter)
            .await
            .unwrap()
            .map_or(0, |count| u32::from_be_bytes(count[..].try_into().unwrap()) + 1);
        loop {
            store.apply(rewrite(number).put(counter.clone(), number.to_be_bytes().to_vec())).await.unwrap();
            say(number);
            number += 1;
        }
    });
}

/// All entries of one number, and none of another.
fn rewrite(number: u32) -> Batch {
    (0..200_u32).fold(Batch::new().delete_range(codestrata_core::KeyRange::prefix("entry/")), |batch, at| {
        batch.put(key(format!("entry/{:03}", (at * 7 + number) % 300)).unwrap(), value(number, 1))
    })
}

/// How many whole batches the store has, after checking every byte of them.
async fn whole_batches(path: &Path, mode: OpenMode) -> u32 {
    let store = open(path, mode).await.unwrap();
    let found = everything(&*store).await.unwrap();
    store.close().await.unwrap();
    let batches = u32::try_from(found.len()).unwrap() / WIDTH;
    let mut expected = found.iter();
    for number in 0..batches {
        for at in 0..WIDTH {
            let (found_name, found_value) = expected.next().unwrap();
            assert_eq!(found_name.as_ref(), name(number, at), "a key of batch {number}");
            assert!(*found_value == value(number, at), "a value of batch {number}");
        }
    }
    assert!(expected.next().is_none(), "a batch is there in part");
    batches
}

/// Starts the child, kills it after a while, and answers with the last number that it said.
fn run_and_kill(test: &str, path: &Path, time: Duration) -> Option<u32> {
    let mut child = child::command(test, path).spawn().unwrap();
    let mut said = lines(&mut child);
    assert_eq!(said.next().as_deref(), Some("opening"));
    std::thread::sleep(time);
    child.kill().unwrap();
    child.wait().unwrap();
    said.last().map(|line| line.parse().unwrap())
}

#[test]
fn acknowledged_batches_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    let mut random = Random::seeded(1);
    let runtime = runtime();
    let mut before = 0;
    for round in 0..rounds() {
        let time = Duration::from_millis(5 + random.number() % 150);
        let acknowledged =
            run_and_kill("child_writes_until_killed", &path, time).map_or(before, |last| last + 1);
        let first = if round % 2 == 0 { OpenMode::ReadOnly } else { OpenMode::Create };
        if path.exists() || first == OpenMode::Create {
            before = runtime.block_on(whole_batches(&path, first));
        }
        assert!(
            (acknowledged..=acknowledged + 1).contains(&before),
            "round {round}: {acknowledged} batches were acknowledged, {before} are there"
        );
        let again = runtime.block_on(whole_batches(&path, OpenMode::Create));
        assert_eq!(again, before, "round {round}: opened again");
    }
    assert!(before > 0, "no child lived long enough to write");
}

#[test]
fn buffered_batches_are_lost_from_the_end_only_and_never_after_a_flush() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    let mut random = Random::seeded(4);
    let runtime = runtime();
    let mut before = 0;
    for round in 0..rounds() {
        let time = Duration::from_millis(5 + random.number() % 150);
        let flushed = run_and_kill("child_buffers_until_killed", &path, time).map_or(before, |last| last + 1);
        before = runtime.block_on(whole_batches(&path, OpenMode::Create));
        assert!(before >= flushed, "round {round}: {flushed} batches were flushed, {before} are there");
    }
    assert!(before > 0, "no child lived long enough to write");
}

#[test]
fn batches_that_replace_and_delete_are_whole_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    let mut random = Random::seeded(5);
    let runtime = runtime();
    let mut before = None;
    for round in 0..rounds() {
        let time = Duration::from_millis(20 + random.number() % 400);
        let acknowledged = run_and_kill("child_rewrites_until_killed", &path, time).or(before);
        let found = runtime.block_on(async {
            let store = open(&path, OpenMode::Create).await.unwrap();
            let found = everything(&*store).await.unwrap();
            store.close().await.unwrap();
            found
        });
        let Some((_, count)) = found.first() else { continue };
        let number = u32::from_be_bytes(count[..].try_into().unwrap());
        assert!(
            acknowledged.is_none_or(|last| (last..=last + 1).contains(&number)),
            "round {round}: {acknowledged:?} was acknowledged, {number} is there"
        );
        let mut expected: Vec<_> =
            (0..200_u32).map(|at| format!("entry/{:03}", (at * 7 + number) % 300)).collect();
        expected.sort();
        let entries = &found[1..];
        assert!(entries.iter().map(|(name, _)| name.as_ref()).eq(expected.iter().map(String::as_bytes)));
        assert!(entries.iter().all(|(_, found)| *found == value(number, 1)), "round {round}");
        before = Some(number);
    }
    assert!(before.is_some(), "no child lived long enough to write");
}

#[test]
fn a_store_killed_while_it_is_made_opens() {
    let mut random = Random::seeded(2);
    let runtime = runtime();
    for round in 0..rounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/store.sled");
        let time = Duration::from_micros(random.number() % 40_000);
        let acknowledged = run_and_kill("child_writes_until_killed", &path, time).map_or(0, |last| last + 1);
        let there = runtime.block_on(whole_batches(&path, OpenMode::Create));
        assert!(there >= acknowledged, "round {round}: {acknowledged} acknowledged, {there} there");
        let left: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, ["store.sled"], "round {round}: nothing is left beside the store");
    }
}

#[test]
fn a_recovery_that_is_killed_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sled");
    let mut random = Random::seeded(3);
    let mut acknowledged = 0;
    for _ in 0..rounds() {
        // Each opening recovers what the last kill left, and is itself soon killed.
        let time = Duration::from_micros(random.number() % 60_000);
        acknowledged =
            run_and_kill("child_writes_until_killed", &path, time).map_or(acknowledged, |last| last + 1);
    }
    assert!(runtime().block_on(whole_batches(&path, OpenMode::Create)) >= acknowledged);
}
