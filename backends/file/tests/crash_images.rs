//! Whatever moment a store stops at, and whatever of its unsynced writes the medium keeps, it opens with a whole
//! number of its changes, and with those that were promised.
//!
//! The store works in a folder in memory that remembers every step: writes, syncs, names. After each of these steps
//! images are made of what could be there then: all of it (a process that was killed), only what was synced, and
//! any part of the rest, in sectors of 512 bytes. `CODESTRATA_CRASH_IMAGES` says how many in all (600 unless it is
//! set; a few thousand take a minute). Seeds are fixed, and a failure names its step and image.

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
    synced: usize,
}

impl Bounds {
    fn follow(&mut self, step: &Step) {
        match step {
            Step::Begun(number) => self.begun = *number,
            Step::Acknowledged(number, synced) => {
                self.acknowledged = *number;
                if *synced {
                    self.synced = *number;
                }
            }
            _ => {}
        }
    }
}

/// Opens an image and demands that it has some number of changes between the two. The disk after that.
fn demand(image: &Disk, models: &[Model], least: usize, most: usize, what: &str) -> usize {
    let store = match open(image, OpenMode::Create) {
        Ok(store) => store,
        Err(error) => panic!("{what}: {error}"),
    };
    let found = content(&store);
    // The last that fits: neighbours are the same where a change changes nothing.
    let Some(number) = (least..=most).rev().find(|number| models[*number] == found) else {
        let any = models.iter().position(|model| *model == found);
        panic!("{what}: {least} to {most} changes may be there, and it is {any:?}: {:?}", found.len());
    };
    block_on(store.verify()).unwrap_or_else(|error| panic!("{what}: {error}"));
    drop(store);
    demand_no_leftovers(image, what);
    number
}

/// Demands that there are the files that the manifest names, and no others.
fn demand_no_leftovers(image: &Disk, what: &str) {
    let files = image.files();
    let number = |at: usize| u64::from_le_bytes(files["MANIFEST"][at..at + 8].try_into().unwrap());
    let mut named: Vec<String> = (number(40)..=number(48)).map(|log| format!("{log:010}.log")).collect();
    named.push("MANIFEST".to_owned());
    assert!(files.keys().eq(&named), "{what}: there are {:?}", files.keys());
}

/// A store's steps, from its making to its end.
fn recorded(seed: u64, length: usize) -> (Vec<Step>, Vec<Model>) {
    let (changes, models) = life(seed, length, 700);
    let disk = Disk::default();
    let store = open(&disk, OpenMode::Create).unwrap();
    for (number, change) in (1..).zip(&changes) {
        disk.note(Step::Begun(number));
        let synced = change.carry_out(&store).unwrap();
        disk.note(Step::Acknowledged(number, synced));
    }
    block_on(store.close()).unwrap();
    (disk.steps(), models)
}

#[test]
fn every_image_opens_with_a_whole_number_of_changes() {
    let (steps, models) = recorded(1, 150);
    let removed = steps.iter().filter(|step| matches!(step, Step::Remove(_))).count();
    assert!(removed > 5, "compactions take part: {removed} files were removed");
    let mut random = Random::seeded(2);
    let (mut crash, mut bounds) = (Crash::default(), Bounds::default());
    let each = (images() / steps.len()).saturating_sub(2);
    for (at, step) in steps.iter().enumerate() {
        crash.follow(step);
        bounds.follow(step);
        let Bounds { begun, acknowledged, synced } = bounds;
        let what = |image: &str| format!("after step {at} of {}, {image}", steps.len());
        demand(&Disk::with(&crash.killed()), &models, acknowledged, begun, &what("killed"));
        demand(&Disk::with(&crash.unsynced_lost()), &models, synced, begun, &what("unsynced lost"));
        for image in crash.one_name_lost() {
            demand(&Disk::with(&image), &models, synced, begun, &what("one name lost"));
        }
        for number in 0..=each {
            // One at the least at every third step, however few images are asked for.
            if each > 0 || at.is_multiple_of(3) {
                let image = Disk::with(&crash.power_lost(&mut random));
                demand(&image, &models, synced, begun, &what(&format!("power lost {number}")));
            }
        }
    }
}

#[test]
fn a_recovery_that_is_stopped_anywhere_is_simply_begun_again() {
    let (steps, models) = recorded(3, 60);
    let mut random = Random::seeded(4);
    let (mut crash, mut bounds) = (Crash::default(), Bounds::default());
    let every = (steps.len() * 8 / images().max(1)).max(1);
    for (at, step) in steps.iter().enumerate() {
        crash.follow(step);
        bounds.follow(step);
        if !at.is_multiple_of(every) {
            continue;
        }
        let files = crash.power_lost(&mut random);
        let recovered = Disk::with(&files);
        let (least, most) = (bounds.synced, bounds.begun);
        let number = demand(&recovered, &models, least, most, &format!("after step {at}"));
        // The recovery is followed like any other life. It adds nothing and takes nothing away.
        let mut again = Crash::from(&files);
        for (further, step) in recovered.steps().iter().enumerate() {
            again.follow(step);
            let what = format!("after step {at}, in its recovery after step {further}");
            for image in [again.killed(), again.unsynced_lost(), again.power_lost(&mut random)] {
                demand(&Disk::with(&image), &models, least, most, &what);
            }
        }
        let what = format!("after step {at}, opened again");
        assert_eq!(demand(&recovered, &models, least, most, &what), number, "{what}");
    }
}

#[test]
fn a_recovered_store_goes_on_and_keeps_what_it_is_given() {
    let (steps, models) = recorded(5, 60);
    let mut random = Random::seeded(6);
    let (mut crash, mut bounds) = (Crash::default(), Bounds::default());
    for (at, step) in steps.iter().enumerate() {
        crash.follow(step);
        bounds.follow(step);
        if !at.is_multiple_of(4) {
            continue;
        }
        let files = crash.power_lost(&mut random);
        let disk = Disk::with(&files);
        let store = open(&disk, OpenMode::Create).unwrap_or_else(|error| panic!("after step {at}: {error}"));
        let mut expected = content(&store);
        let mut further = Crash::from(&files);
        block_on(store.apply(puts(&[("after", "the crash")]).unwrap())).unwrap();
        expected.insert(b"after".to_vec(), b"the crash".to_vec());
        for step in disk.steps() {
            further.follow(&step);
        }
        // Power fails once more, right after the acknowledgement.
        for image in [further.unsynced_lost(), further.power_lost(&mut random)] {
            let again = open(&Disk::with(&image), OpenMode::Existing)
                .unwrap_or_else(|error| panic!("after step {at}, and after another crash: {error}"));
            assert_eq!(content(&again), expected, "after step {at}, and after another crash");
        }
        assert!(models.len() > bounds.begun);
    }
}

#[test]
fn opening_a_closed_store_changes_nothing() {
    let (steps, models) = recorded(7, 40);
    let mut crash = Crash::default();
    for step in &steps {
        crash.follow(step);
    }
    assert_eq!(crash.killed(), crash.unsynced_lost(), "closing syncs everything");
    let disk = Disk::with(&crash.killed());
    for mode in [OpenMode::ReadOnly, OpenMode::Existing, OpenMode::Create] {
        let store = open(&disk, mode).unwrap();
        assert_eq!(&content(&store), models.last().unwrap());
        block_on(store.close()).unwrap();
        assert_eq!(disk.files(), crash.killed(), "{mode:?}");
    }
}
