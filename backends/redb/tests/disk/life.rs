//! The life of a small store: changes of every kind, and what a store has after each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use codestrata_backend_redb::backend::RedbBackend;
use codestrata_backend_redb::config::RedbConfig;
use codestrata_conformance::bare::block_on;
use codestrata_conformance::lab::key;
use codestrata_conformance::random::Random;
use codestrata_core::{Backend, Batch, Durability, KeyRange, Op, OpenMode, ReadView, Result, ScanRequest};

use super::Disk;

pub(crate) type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// Little, so that it is full now and then.
const JOURNAL_BYTES: u64 = 512 * 1024;

pub(crate) fn config(mode: OpenMode) -> RedbConfig {
    RedbConfig {
        path: super::path().to_owned(),
        // Little, so that pages are written before their transaction is committed.
        cache_bytes: 128 * 1024,
        journal_bytes: JOURNAL_BYTES,
        snapshot_max_age: Duration::from_secs(60),
        mode,
    }
}

pub(crate) fn open(disk: &Disk, mode: OpenMode) -> Result<RedbBackend> {
    block_on(RedbBackend::open_on(Arc::new(disk.clone()), config(mode)))
}

/// The same, without a journal.
pub(crate) fn open_without_journal(disk: &Disk, mode: OpenMode) -> Result<RedbBackend> {
    let config = RedbConfig { journal_bytes: 0, ..config(mode) };
    block_on(RedbBackend::open_on(Arc::new(disk.clone()), config))
}

pub(crate) fn try_content(store: &RedbBackend) -> Result<Model> {
    let mut found = Model::new();
    let mut request = ScanRequest::new(KeyRange::all());
    loop {
        let page = block_on(store.scan(&request))?;
        found.extend(page.iter().map(|(name, value)| (name.to_vec(), value.to_vec())));
        let Some(next) = page.next() else { return Ok(found) };
        request = request.over(next.clone());
    }
}

pub(crate) fn content(store: &RedbBackend) -> Model {
    try_content(store).unwrap()
}

/// One thing that is done to a store.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Apply(Batch),
    Compact,
    Verify,
}

impl Change {
    pub(crate) fn carry_out(&self, store: &RedbBackend) -> Result<()> {
        match self {
            Self::Apply(batch) => block_on(store.apply(batch.clone())),
            Self::Compact => block_on(store.compact()),
            Self::Verify => block_on(store.verify()),
        }
    }

    /// What it makes of a model.
    pub(crate) fn change(&self, model: &mut Model) {
        let Self::Apply(batch) = self else { return };
        for op in batch.ops() {
            match op {
                Op::Put(key, value) => drop(model.insert(key.as_slice().to_vec(), value.to_vec())),
                Op::Delete(key) => drop(model.remove(key.as_slice())),
                Op::DeleteRange(range) => model.retain(|key, _| !range.contains(key)),
            }
        }
    }
}

/// Changes chosen at random, and the model before the first and after each of them.
pub(crate) fn life(seed: u64, length: usize) -> (Vec<Change>, Vec<Model>) {
    let mut random = Random::seeded(seed);
    let mut models = vec![Model::new()];
    let changes: Vec<Change> = (0..length).map(|number| change(&mut random, number)).collect();
    for change in &changes {
        let mut next = models.last().unwrap().clone();
        change.change(&mut next);
        models.push(next);
    }
    (changes, models)
}

fn change(random: &mut Random, number: usize) -> Change {
    match random.below(24) {
        0 => return Change::Compact,
        1 => return Change::Verify,
        _ => {}
    }
    let mut batch = Batch::new();
    for _ in 0..=random.below(4) {
        let name = key(random.bytes(b"abcd", 1, 3)).unwrap();
        batch = match random.below(10) {
            0 => batch.delete(name),
            1 if random.below(3) == 0 => batch.delete_range(KeyRange::prefix(name.into_bytes())),
            _ => {
                // Now and then one that the file must grow for.
                let most = if random.below(20) == 0 { 500_000 } else { 900 };
                let mut value = number.to_be_bytes().to_vec();
                value.resize(value.len() + random.below(most), u8::try_from(number % 251).unwrap());
                batch.put(name, value)
            }
        };
    }
    let durability = if random.below(3) == 0 { Durability::Buffered } else { Durability::Synced };
    Change::Apply(batch.durability(durability))
}
