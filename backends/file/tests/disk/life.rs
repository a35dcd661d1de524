//! The life of a small store: changes of every kind, and what a store has after each.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "it fails the test that called it, which is what is wanted"
)]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use codestrata_backend_file::backend::FileBackend;
use codestrata_backend_file::config::FileConfig;
use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::{everything, key};
use codestrata_conformance::random::Random;
use codestrata_core::{Backend, Batch, Durability, KeyRange, OpenMode, Result};

use super::Disk;

pub(crate) type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// The folder that the messages name.
pub(crate) const FOLDER: &str = "/store";

pub(crate) fn config(mode: OpenMode) -> FileConfig {
    let mut config = FileConfig::new(FOLDER);
    // The smallest, so that there are several.
    config.log_file_bytes = codestrata_backend_file::config::MIN_LOG_FILE_BYTES;
    config.mode = mode;
    config
}

pub(crate) fn open(disk: &Disk, mode: OpenMode) -> Result<FileBackend> {
    block_on(FileBackend::open_on(Arc::new(disk.clone()), config(mode)))
}

pub(crate) fn content(store: &FileBackend) -> Model {
    let found = block_on(everything(store)).unwrap();
    found.into_iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
}

/// One thing that is done to a store.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Apply(Batch),
    Flush,
    Compact,
}

impl Change {
    /// Does it. Whether it is on the medium then, as far as it was promised.
    pub(crate) fn carry_out(&self, store: &FileBackend) -> Result<bool> {
        match self {
            Self::Apply(batch) => block_on(store.apply(batch.clone()))
                .map(|()| batch.requested_durability() != Durability::Buffered),
            Self::Flush => block_on(store.flush()).map(|()| true),
            Self::Compact => block_on(store.compact()).map(|()| true),
        }
    }

    /// What it makes of a model.
    pub(crate) fn change(&self, model: &mut Model) {
        let Self::Apply(batch) = self else { return };
        for op in batch.ops() {
            match op {
                codestrata_core::Op::Put(key, value) => {
                    model.insert(key.as_slice().to_vec(), value.to_vec());
                }
                codestrata_core::Op::Delete(key) => drop(model.remove(key.as_slice())),
                codestrata_core::Op::DeleteRange(range) => model.retain(|key, _| !range.contains(key)),
            }
        }
    }
}

/// Changes chosen at random, and the model before the first and after each of them.
pub(crate) fn life(seed: u64, length: usize, most_value: usize) -> (Vec<Change>, Vec<Model>) {
    let mut random = Random::seeded(seed);
    let mut models = vec![Model::new()];
    let changes: Vec<Change> = (0..length).map(|number| change(&mut random, number, most_value)).collect();
    for change in &changes {
        let mut next = models.last().unwrap().clone();
        change.change(&mut next);
        models.push(next);
    }
    (changes, models)
}

fn change(random: &mut Random, number: usize, most_value: usize) -> Change {
    match random.below(24) {
        0 => return Change::Flush,
        1 => return Change::Compact,
        _ => {}
    }
    let mut batch = Batch::new();
    for _ in 0..=random.below(4) {
        let name = key(random.bytes(b"abcd", 1, 3)).unwrap();
        batch = match random.below(10) {
            0 => batch.delete(name),
            1 if random.below(4) == 0 => batch.delete_range(KeyRange::prefix(name.into_bytes())),
            _ => {
                let length = random.below(most_value);
                let mut value = number.to_be_bytes().to_vec();
                value.resize(value.len() + length, u8::try_from(number % 251).unwrap());
                batch.put(name, value)
            }
        };
    }
    let durability = if random.below(3) == 0 { Durability::Buffered } else { Durability::Synced };
    Change::Apply(batch.durability(durability))
}
