//! A store survives `kill -9`: whatever was acknowledged is there, whole, and the file always opens.
//!
//! `CODESTRATA_KILL_ROUNDS` says how often each is tried (15 times, unless it is set).

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod child;

use std::time::Duration;

use child::{lines, open, rounds, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, puts};
use codestrata_conformance::random::Random;
use codestrata_core::{Batch, OpenMode};

const WIDTH: u32 = 20;

fn batch(number: u32) -> Batch {
    puts(
        &(0..WIDTH)
            .map(|at| ([number.to_be_bytes(), at.to_be_bytes()].concat(), number.to_be_bytes()))
            .collect::<Vec<_>>(),
    )
    .unwrap()
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

/// How many whole batches the store has, after checking every byte of them.
async fn whole_batches(path: &std::path::Path, mode: OpenMode) -> u32 {
    let store = open(path, mode).await.unwrap();
    let found = everything(&*store).await.unwrap();
    store.close().await.unwrap();
    let batches = u32::try_from(found.len()).unwrap() / WIDTH;
    let mut expected = found.iter();
    for number in 0..batches {
        for at in 0..WIDTH {
            let (name, value) = expected.next().unwrap();
            assert_eq!(
                name.as_ref(),
                [number.to_be_bytes(), at.to_be_bytes()].concat(),
                "a key of batch {number}"
            );
            assert_eq!(value.as_ref(), number.to_be_bytes(), "a value of batch {number}");
        }
    }
    assert!(expected.next().is_none(), "a batch is there in part");
    batches
}

#[test]
fn acknowledged_batches_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let mut random = Random::seeded(1);
    let runtime = runtime();
    let mut before = 0;
    for round in 0..rounds() {
        let mut child = child::command("child_writes_until_killed", &path).spawn().unwrap();
        let mut said = lines(&mut child);
        assert_eq!(said.next().as_deref(), Some("opening"));
        std::thread::sleep(Duration::from_millis(5 + random.number() % 56));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = said.last().map_or(before, |line| line.parse::<u32>().unwrap() + 1);
        // A reader repairs the file if it must, and so does a writer; and again changes nothing.
        let first = if round % 2 == 0 { OpenMode::ReadOnly } else { OpenMode::Create };
        if path.exists() || first == OpenMode::Create {
            before = runtime.block_on(whole_batches(&path, first));
        }
        assert!(
            (acknowledged..=acknowledged + 1).contains(&before),
            "round {round}: {acknowledged} batches were acknowledged, {before} are there"
        );
        assert_eq!(
            runtime.block_on(whole_batches(&path, OpenMode::Create)),
            before,
            "round {round}: opened again"
        );
    }
}

#[test]
fn a_store_killed_while_it_is_made_opens() {
    let mut random = Random::seeded(2);
    let runtime = runtime();
    for round in 0..rounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/store.redb");
        let mut child = child::command("child_writes_until_killed", &path).spawn().unwrap();
        let mut said = lines(&mut child);
        assert_eq!(said.next().as_deref(), Some("opening"));
        std::thread::sleep(Duration::from_micros(1_000 + random.number() % 11_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = said.last().map_or(0, |line| line.parse::<u32>().unwrap() + 1);
        let there = runtime.block_on(whole_batches(&path, OpenMode::Create));
        assert!(there >= acknowledged, "round {round}: {acknowledged} acknowledged, {there} there");
        let left: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, ["store.redb"], "round {round}: nothing is left beside the store");
    }
}

#[test]
fn a_recovery_that_is_killed_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let mut random = Random::seeded(3);
    let runtime = runtime();
    let mut acknowledged = 0;
    for _ in 0..rounds() {
        // Each opening recovers what the last kill left, and is itself soon killed.
        let mut child = child::command("child_writes_until_killed", &path).spawn().unwrap();
        let mut said = lines(&mut child);
        assert_eq!(said.next().as_deref(), Some("opening"));
        std::thread::sleep(Duration::from_micros(random.number() % 8_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = said.last().map_or(acknowledged, |line| line.parse::<u32>().unwrap() + 1);
    }
    assert!(runtime.block_on(whole_batches(&path, OpenMode::Create)) >= acknowledged);
}
