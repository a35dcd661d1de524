//! A store survives `kill -9`: whatever was acknowledged is there, whole, and the store always opens.
//!
//! The child writes batch after batch to small log files, overwriting what it wrote, so that it is killed while it
//! begins files and while it compacts as well. `CODESTRATA_KILL_ROUNDS` says how often each is tried (15 times,
//! unless it is set).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod child;

use std::path::Path;
use std::time::Duration;

use child::{lines, open, rounds, runtime, say, store_of_child};
use codestrata_conformance::lab::{everything, puts};
use codestrata_conformance::random::Random;
use codestrata_core::{Batch, Durability, OpenMode};

/// Batch `number` puts the number under as many keys, which are all that there are.
const WIDTH: u32 = 20;

fn batch(number: u32) -> Batch {
    let entries: Vec<_> =
        (0..WIDTH).map(|at| (at.to_be_bytes(), [number.to_be_bytes(); 10].concat())).collect();
    // What is buffered is in the hands of the system, which goes on.
    let durability = if number.is_multiple_of(2) { Durability::Synced } else { Durability::Buffered };
    puts(&entries).unwrap().durability(durability)
}

/// The number of the last batch, after checking every byte; 0 if there is none.
async fn last_batch(path: &Path, mode: OpenMode) -> u32 {
    let store = open(path, mode).await.unwrap();
    let found = everything(&*store).await.unwrap();
    store.verify().await.unwrap();
    store.close().await.unwrap();
    let Some((_, first)) = found.first() else { return 0 };
    let number = u32::from_be_bytes(first[..4].try_into().unwrap());
    assert_eq!(found.len(), WIDTH as usize, "batch {number} is there in part");
    for (at, (name, value)) in (0..WIDTH).zip(&found) {
        assert_eq!(name.as_ref(), at.to_be_bytes(), "a key of batch {number}");
        assert_eq!(value.as_ref(), [number.to_be_bytes(); 10].concat(), "a value of batch {number}");
    }
    number
}

#[test]
fn child_writes_until_killed() {
    let Some(path) = store_of_child() else { return };
    runtime().block_on(async {
        say("opening");
        let store = open(&path, OpenMode::Create).await.unwrap();
        let there = everything(&*store).await.unwrap();
        let first = there.first().map_or(0, |(_, value)| u32::from_be_bytes(value[..4].try_into().unwrap()));
        for number in first + 1.. {
            store.apply(batch(number)).await.unwrap();
            say(number);
            if number.is_multiple_of(16) {
                store.compact().await.unwrap();
            }
        }
    });
}

/// Lets the child write for so long, and kills it. The last batch that it acknowledged.
fn killed_after(path: &Path, time: Duration) -> u32 {
    let mut child = child::command("child_writes_until_killed", path).spawn().unwrap();
    let mut said = lines(&mut child);
    assert_eq!(said.next().as_deref(), Some("opening"));
    std::thread::sleep(time);
    child.kill().unwrap();
    child.wait().unwrap();
    said.last().map_or(0, |line| line.parse::<u32>().unwrap())
}

#[test]
fn acknowledged_batches_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut random = Random::seeded(1);
    let runtime = runtime();
    let mut before = 0;
    for round in 0..rounds() {
        let time = Duration::from_millis(5 + random.number() % 56);
        let acknowledged = killed_after(&path, time).max(before);
        if !path.join("MANIFEST").exists() {
            assert_eq!(acknowledged, 0);
            continue;
        }
        let seen = runtime.block_on(last_batch(&path, OpenMode::ReadOnly));
        assert!(
            (acknowledged..=acknowledged + 1).contains(&seen),
            "round {round}: {acknowledged} was acknowledged, {seen} is there"
        );
        for mode in [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly] {
            assert_eq!(runtime.block_on(last_batch(&path, mode)), seen, "round {round}: opened again");
        }
        before = seen;
    }
    assert!(before > 0);
}

#[test]
fn a_store_killed_while_it_is_made_opens() {
    let mut random = Random::seeded(2);
    let runtime = runtime();
    for round in 0..rounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/store");
        let acknowledged = killed_after(&path, Duration::from_micros(random.number() % 6_000));
        let there = runtime.block_on(last_batch(&path, OpenMode::Create));
        assert!((acknowledged..=acknowledged + 1).contains(&there), "round {round}: {acknowledged}, {there}");
        let left: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, ["store"], "round {round}: nothing is left beside the store");
        for entry in std::fs::read_dir(&path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(name == "MANIFEST" || name.contains(".log"), "round {round}: {name} is left");
        }
    }
}

#[test]
fn a_recovery_that_is_killed_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut random = Random::seeded(3);
    let mut acknowledged = 0;
    for _ in 0..rounds() {
        // Each opening recovers what the last kill left, and is itself soon killed.
        acknowledged = killed_after(&path, Duration::from_micros(random.number() % 8_000)).max(acknowledged);
    }
    assert!(runtime().block_on(last_batch(&path, OpenMode::Create)) >= acknowledged);
}
