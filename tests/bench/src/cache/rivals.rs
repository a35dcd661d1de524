//! The caches that are compared: ours, `quick_cache` with nothing around it, and an exact LRU.

use std::sync::Arc;

use codestrata::SharedCache;
use codestrata_measure::length;
use lru::LruCache;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use super::zipf::Zipf;
use super::{charged, key, value_bytes};
use crate::Outcome;

/// Which of them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Rival {
    /// The shared cache.
    Ours,
    /// `quick_cache`.
    Bare,
    /// The exact LRU.
    Exact,
}

/// What `quick_cache` keeps: a number or bytes, so that one cache serves all measurements.
#[derive(Clone, Debug)]
enum Value {
    Number(u64),
    Bytes(Arc<[u8]>),
}

#[derive(Clone, Debug)]
struct Weigh;

impl Weighter<String, Value> for Weigh {
    fn weight(&self, _: &String, value: &Value) -> u64 {
        charged(match value {
            Value::Number(_) => size_of::<u64>(),
            Value::Bytes(bytes) => bytes.len(),
        })
    }
}

/// `quick_cache` as somebody would use it by itself.
#[derive(Debug)]
pub(super) struct Bare(Cache<String, Value, Weigh>);

impl Bare {
    pub(super) fn new(budget: u64) -> Self {
        // What the average entry takes sizes its tables, and not its budget.
        let estimated = usize::try_from(budget / charged(1_000)).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(estimated, budget, Weigh))
    }

    pub(super) fn set_number(&self, key: String, number: u64) {
        self.0.insert(key, Value::Number(number));
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        match self.0.get(key)? {
            Value::Number(number) => Some(number),
            Value::Bytes(_) => None,
        }
    }

    pub(super) fn set(&self, key: String, value: &[u8]) {
        self.0.insert(key, Value::Bytes(value.into()));
    }

    fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some()
    }
}

/// Least recently used, exactly, with a budget of bytes. It keeps sizes instead of values.
#[derive(Debug)]
pub(super) struct Exact {
    entries: LruCache<String, u64>,
    taken: u64,
    budget: u64,
}

impl Exact {
    pub(super) fn new(budget: u64) -> Self {
        Self { entries: LruCache::unbounded(), taken: 0, budget }
    }

    pub(super) fn set(&mut self, key: String, value: usize) {
        let size = charged(value);
        self.taken += size;
        if let Some(old) = self.entries.put(key, size) {
            self.taken -= old;
        }
        while self.taken > self.budget {
            let Some((_, size)) = self.entries.pop_lru() else { return };
            self.taken -= size;
        }
    }

    fn has(&mut self, key: &str) -> bool {
        self.entries.get(key).is_some()
    }
}

/// One of each, with the same budget.
pub(super) struct Rivals {
    ours: SharedCache,
    bare: Bare,
    exact: Exact,
}

/// Requests between two scans, and how many keys a scan asks for, each of which nobody asks for again.
const BETWEEN_SCANS: usize = 10_000;
const SCAN: usize = 5_000;

impl Rivals {
    pub(super) fn new(budget: u64) -> Self {
        Self { ours: SharedCache::new(budget, None), bare: Bare::new(budget), exact: Exact::new(budget) }
    }

    /// Asks all of them for the same keys, and gives them what they lack. The first third of the requests fills them; of
    /// the others it answers which share each of them had, in the order of the fields. Scans do not count as requests.
    pub(super) fn play(&mut self, zipf: &Zipf, requests: usize, scans: bool, seed: u64) -> Outcome<[f64; 3]> {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut hits = [0_usize; 3];
        let mut scanned = zipf.len();
        let counted = requests - requests / 3;
        for request in 0..requests {
            let found = self.ask(zipf.next(&mut random))?;
            if request >= requests - counted {
                hits.iter_mut().zip(found).for_each(|(hits, found)| *hits += usize::from(found));
            }
            if scans && request % BETWEEN_SCANS == BETWEEN_SCANS - 1 {
                for _ in 0..SCAN {
                    self.ask(scanned)?;
                    scanned += 1;
                }
            }
        }
        Ok(hits.map(|hits| length(hits) / length(counted)))
    }

    fn ask(&mut self, number: usize) -> Outcome<[bool; 3]> {
        let (key, size) = (key(number), value_bytes(number));
        let found = [self.ours.get::<Vec<u8>>(&key)?.is_some(), self.bare.has(&key), self.exact.has(&key)];
        let value = if found == [true; 3] { Vec::new() } else { vec![0x5a; size] };
        if !found[0] {
            self.ours.set(&key, &value, None)?;
        }
        if !found[1] {
            self.bare.set(key.clone(), &value);
        }
        if !found[2] {
            self.exact.set(key, size);
        }
        Ok(found)
    }
}
