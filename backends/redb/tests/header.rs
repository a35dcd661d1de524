//! The one block without a checksum, redb's header: a flipped bit of it is found or harmless. Of a store that was not
//! closed, one bit takes it back by one commit.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod disk;

use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::puts;
use codestrata_core::{Backend, ErrorKind, OpenMode};
use disk::Disk;
use disk::life::{Model, open, try_content};

// Behind the first block and that of checksums.
const HEADER: std::ops::Range<usize> = 8192..8192 + 320;

/// A store as it is left, and what it had after each of its commits.
fn left(closed: bool) -> (Vec<u8>, Vec<Model>) {
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    let mut models = vec![Model::new()];
    for number in 0..6_u8 {
        let entries: Vec<_> = (0..50_u8).map(|at| ([number, at], [number; 100])).collect();
        block_on(store.apply(puts(&entries).unwrap())).unwrap();
        models.push(try_content(&store).unwrap());
    }
    if closed {
        block_on(store.close()).unwrap();
    }
    (disk.content().unwrap(), models)
}

/// Flips a bit of each byte, every time another one, and all bits of the byte that says which commit is the last.
fn flips() -> impl Iterator<Item = (usize, u32)> {
    let said = HEADER.start + 9;
    HEADER.map(|at| (at, u32::try_from(at % 8).unwrap())).chain((0..8).map(move |bit| (said, bit)))
}

/// The number of commits that a store has, or none if it was refused.
fn commits(file: &[u8], (at, bit): (usize, u32), models: &[Model]) -> Option<usize> {
    let mut damaged = file.to_vec();
    damaged[at] ^= 1 << bit;
    let store = open(&Disk::with(Some(damaged)), OpenMode::Existing);
    match store.and_then(|store| try_content(&store)) {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Corruption, "byte {at}, bit {bit}: {error}");
            None
        }
        Ok(found) => {
            let number = models.iter().position(|model| *model == found);
            Some(number.unwrap_or_else(|| panic!("byte {at}, bit {bit}: no state that it ever had")))
        }
    }
}

#[test]
fn a_bit_of_the_header_of_a_closed_store_is_found_or_harmless() {
    let (file, models) = left(true);
    let found: Vec<_> = flips().map(|flip| commits(&file, flip, &models)).collect();
    assert!(found.iter().flatten().all(|number| number + 1 == models.len()), "{found:?}");
    assert!(found.iter().filter(|number| number.is_none()).count() > 100, "some are found");
}

#[test]
fn a_bit_of_the_header_of_a_killed_store_loses_one_commit_at_most() {
    let (file, models) = left(false);
    let found: Vec<_> = flips().map(|flip| commits(&file, flip, &models)).collect();
    assert!(found.iter().flatten().all(|number| number + 2 >= models.len()), "{found:?}");
    let lost = found.iter().flatten().filter(|number| **number + 1 < models.len()).count();
    assert!(lost <= 1, "{lost} bits take a commit away");
}
