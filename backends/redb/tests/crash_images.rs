//! Whatever moment a store stops at, and whatever of its unsynced writes the medium keeps, it opens with a whole
//! number of its changes, and with all that were acknowledged.
//!
//! The store works on a disk in memory that remembers every step that redb and the backend make: writes, lengths,
//! syncs, names. After each of these steps images are made of what could be there then: all of it (a process that was
//! killed), only what was synced, and any part of the rest, in sectors of 512 bytes, some of them torn.
//! `CODESTRATA_CRASH_IMAGES` says how many in all (600 unless it is set; a thousand take a few seconds). Seeds are
//! fixed, and a failure names its step and image.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod disk;

use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::puts;
use codestrata_conformance::random::Random;
use codestrata_core::{Backend, OpenMode};
use disk::crash::Crash;
use disk::life::{Model, content, life, open};
use disk::{Disk, Step};

fn images() -> usize {
    std::env::var("CODESTRATA_CRASH_IMAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(600)
}

/// Which changes may and must be there at a step.
#[derive(Clone, Copy, Default)]
struct Bounds {
    begun: usize,
    acknowledged: usize,
    /// The making of the store was acknowledged.
    made: bool,
}

impl Bounds {
    fn follow(&mut self, step: &Step) {
        match step {
            Step::Begun(number) => self.begun = *number,
            Step::Acknowledged(number) => (self.acknowledged, self.made) = (*number, true),
            _ => {}
        }
    }
}

/// Opens an image and demands that it has some number of changes between the bounds. Which number that is.
fn demand(image: &Disk, models: &[Model], bounds: Bounds, what: &str) -> usize {
    let mode = if bounds.made { OpenMode::Existing } else { OpenMode::Create };
    let store = open(image, mode).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = content(&store);
    let (least, most) = (bounds.acknowledged, bounds.begun);
    // The last that fits: neighbours are the same where a change changes nothing.
    let Some(number) = (least..=most).rev().find(|number| models[*number] == found) else {
        let any = models.iter().position(|model| *model == found);
        panic!("{what}: {least} to {most} changes may be there, and it is {any:?}: {}", found.len());
    };
    block_on(store.verify()).unwrap_or_else(|error| panic!("{what}: {error}"));
    drop(store);
    assert!(!image.is_locked(), "{what}: a lock is left");
    number
}

/// Demands the same of an image that only readers open, who repair it if they must.
fn demand_readable(image: &Disk, models: &[Model], bounds: Bounds, what: &str) {
    let reader = open(image, OpenMode::ReadOnly).unwrap_or_else(|error| panic!("{what}, read: {error}"));
    let found = content(&reader);
    let fits = models[bounds.acknowledged..=bounds.begun].contains(&found);
    assert!(fits, "{what}, read: {} entries", found.len());
    block_on(reader.close()).unwrap();
}

/// A store's steps, from its making to its end.
fn recorded(seed: u64, length: usize) -> (Vec<Step>, Vec<Model>) {
    let (changes, models) = life(seed, length);
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    disk.note(Step::Acknowledged(0));
    for (number, change) in (1..).zip(&changes) {
        disk.note(Step::Begun(number));
        change.carry_out(&store).unwrap();
        disk.note(Step::Acknowledged(number));
    }
    block_on(store.close()).unwrap();
    (disk.steps(), models)
}

#[test]
fn every_image_opens_with_a_whole_number_of_changes() {
    let (steps, models) = recorded(1, 120);
    let lengths = steps.iter().filter(|step| matches!(step, Step::SetLength(..))).count();
    assert!(lengths > 5, "growing and shrinking take part: the length changes {lengths} times");
    let mut random = Random::seeded(2);
    let (mut crash, mut bounds) = (Crash::default(), Bounds::default());
    let (images, mut made) = (images(), 0);
    for (at, step) in steps.iter().enumerate() {
        crash.follow(step);
        bounds.follow(step);
        while made * steps.len() < (at + 1) * images {
            let (kind, content) = match made % 4 {
                0 => ("killed", crash.killed()),
                1 => ("unsynced lost", crash.unsynced_lost()),
                _ => ("power lost", crash.power_lost(&mut random)),
            };
            let what = format!("image {made} of {images}, after step {at} of {}, {kind}", steps.len());
            made += 1;
            let image = Disk::with(content);
            if bounds.made && made % 5 == 0 {
                demand_readable(&image, &models, bounds, &what);
            }
            let number = demand(&image, &models, bounds, &what);
            if made % 3 == 0 {
                let again = demand(&image, &models, bounds, &format!("{what}, opened again"));
                assert_eq!(again, number, "{what}: opening it again changes nothing");
            }
        }
    }
    assert!(made >= images, "{made} images of {} steps", steps.len());
}

#[test]
fn a_recovery_that_is_stopped_anywhere_is_simply_begun_again() {
    let (steps, models) = recorded(3, 60);
    let mut random = Random::seeded(4);
    let (mut crash, mut bounds) = (Crash::default(), Bounds::default());
    // Some thirty images come of each.
    let every = (steps.len() * 60 / images().max(1)).max(1);
    for (at, step) in steps.iter().enumerate() {
        crash.follow(step);
        bounds.follow(step);
        if !at.is_multiple_of(every) {
            continue;
        }
        let left = crash.power_lost(&mut random);
        let recovered = Disk::with(left.clone());
        let number = demand(&recovered, &models, bounds, &format!("after step {at}"));
        // The recovery is followed like any other life. It adds nothing and takes nothing away.
        let mut again = Crash::from(left.as_deref());
        for (further, step) in recovered.steps().iter().enumerate() {
            again.follow(step);
            let what = format!("after step {at}, in its recovery after step {further}");
            for image in [again.killed(), again.unsynced_lost(), again.power_lost(&mut random)] {
                demand(&Disk::with(image), &models, bounds, &what);
            }
        }
        let what = format!("after step {at}, opened again");
        assert_eq!(demand(&recovered, &models, bounds, &what), number, "{what}");
    }
}

#[test]
fn a_recovered_store_goes_on_and_keeps_what_it_is_given() {
    let (steps, models) = recorded(5, 40);
    let mut random = Random::seeded(6);
    let (mut crash, mut bounds) = (Crash::default(), Bounds::default());
    let every = (steps.len() * 5 / images().max(1)).max(1);
    for (at, step) in steps.iter().enumerate() {
        crash.follow(step);
        bounds.follow(step);
        if !at.is_multiple_of(every) {
            continue;
        }
        let left = crash.power_lost(&mut random);
        let disk = Disk::with(left.clone());
        let store = open(&disk, OpenMode::Create).unwrap_or_else(|error| panic!("after step {at}: {error}"));
        let mut expected = content(&store);
        assert!(models[bounds.acknowledged..=bounds.begun].contains(&expected), "after step {at}");
        block_on(store.apply(puts(&[("after", "the crash")]).unwrap())).unwrap();
        expected.insert(b"after".to_vec(), b"the crash".to_vec());
        let mut further = Crash::from(left.as_deref());
        for step in disk.steps() {
            further.follow(&step);
        }
        // Power fails once more, right after the acknowledgement.
        for image in [further.unsynced_lost(), further.power_lost(&mut random)] {
            let again = open(&Disk::with(image), OpenMode::Existing)
                .unwrap_or_else(|error| panic!("after step {at}, and after another crash: {error}"));
            assert_eq!(content(&again), expected, "after step {at}, and after another crash");
        }
    }
}

#[test]
fn a_closed_store_is_read_without_a_write() {
    let (steps, models) = recorded(7, 40);
    let mut crash = Crash::default();
    for step in &steps {
        crash.follow(step);
    }
    assert!(crash.killed() == crash.unsynced_lost(), "closing syncs everything");
    let disk = Disk::with(crash.killed());
    let reader = open(&disk, OpenMode::ReadOnly).unwrap();
    assert_eq!(&content(&reader), models.last().unwrap());
    block_on(reader.close()).unwrap();
    assert!(disk.steps().is_empty(), "{} steps", disk.steps().len());
    assert!(!disk.is_locked());
}
