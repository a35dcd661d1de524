//! A block as it was at an earlier time, with the checksum of that time, which a medium that loses a write leaves: no
//! read can tell it, and `verify` does. It repairs nothing.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails fails its test")]

mod disk;

use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::puts;
use codestrata_core::{Backend, ErrorKind, OpenMode};
use disk::Disk;
use disk::life::{Model, open, try_content};

const BLOCK: usize = 4096;

/// A store that was closed after each of its commits.
fn states() -> Vec<(Vec<u8>, Model)> {
    let disk = Disk::default();
    let state = |number: u8| {
        let store = open(&disk, OpenMode::Create).unwrap();
        let entries: Vec<_> = (0..200_u8).map(|at| ([at, 1], [number; 100])).collect();
        block_on(store.apply(puts(&entries).unwrap())).unwrap();
        let model = try_content(&store).unwrap();
        block_on(store.close()).unwrap();
        (disk.content().unwrap(), model)
    };
    (0..6).map(state).collect()
}

/// What became of a store with an old block in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Refused,
    FoundByVerify,
    Unused,
}

fn outcome(file: Vec<u8>, model: &Model) -> Outcome {
    let disk = Disk::with(Some(file));
    let Ok(store) = open(&disk, OpenMode::Existing) else { return Outcome::Refused };
    let read = try_content(&store);
    let verified = block_on(store.verify());
    block_on(store.close()).unwrap();
    drop(store);
    match verified {
        Ok(()) => {
            assert_eq!(read.unwrap(), *model, "what verify calls right is right");
            Outcome::Unused
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
            let again = open(&disk, OpenMode::Existing).unwrap();
            assert_eq!(
                block_on(again.verify()).unwrap_err().kind(),
                ErrorKind::Corruption,
                "nothing is repaired"
            );
            Outcome::FoundByVerify
        }
    }
}

#[test]
fn verify_finds_blocks_of_an_earlier_time_and_repairs_nothing() {
    let states = states();
    let (file, model) = states.last().unwrap();
    let mut outcomes = Vec::new();
    for (old, _) in &states[..states.len() - 1] {
        // Behind the first block, the checksums and the header.
        for block in 3..old.len().min(file.len()) / BLOCK {
            let place = block * BLOCK..(block + 1) * BLOCK;
            if old[place.clone()] == file[place.clone()] {
                continue;
            }
            let mut damaged = file.clone();
            damaged[place.clone()].copy_from_slice(&old[place]);
            let sum = BLOCK + (block - 2) * 8..BLOCK + (block - 1) * 8;
            damaged[sum.clone()].copy_from_slice(&old[sum]);
            outcomes.push(outcome(damaged, model));
        }
    }
    let count = |one: Outcome| outcomes.iter().filter(|other| **other == one).count();
    println!("{} refused, {} found", count(Outcome::Refused), count(Outcome::FoundByVerify));
    assert!(count(Outcome::FoundByVerify) > 10, "{outcomes:?}");
}
