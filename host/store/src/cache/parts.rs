//! The map: parts with a lock each, and in each a cache of `quick_cache`'s.
//!
//! `quick_cache` has such parts itself, and gives a copy of what it finds. For an entry of a user that is a counter moved
//! twice, which costs as much as all the rest of a hit. Here the entry is looked at where it is, under the lock. The two
//! steps of that lock are half of what a hit costs.

use std::hash::BuildHasherDefault;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use quick_cache::unsync::Cache;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};

use super::entry::Entry;
use super::expiry::ExpiryQueue;
use super::key::{CacheKey, Spread};
use super::stats::{Counters, bump};
use crate::limits::CACHE_ENTRY_OVERHEAD_BYTES;

/// A part never gets smaller than this, because no entry can be larger than a part.
const MIN_PART_BYTES: u64 = 16 * 1024 * 1024;

/// The most parts.
const MAX_PARTS: u64 = 16;

/// What the average entry is guessed to take: it sizes the bookkeeping, not the budget.
const TYPICAL_ENTRY_BYTES: u64 = 1_024;

#[derive(Clone, Debug)]
pub(super) struct Weigh;

impl Weighter<CacheKey, Entry> for Weigh {
    fn weight(&self, _key: &CacheKey, entry: &Entry) -> u64 {
        u64::try_from(entry.weight()).unwrap_or(u64::MAX / 4).saturating_add(CACHE_ENTRY_OVERHEAD_BYTES)
    }
}

#[derive(Clone, Debug)]
pub(super) struct OnEvict {
    pub(super) counters: Arc<Counters>,
    pub(super) expiry: Arc<ExpiryQueue>,
}

impl Lifecycle<CacheKey, Entry> for OnEvict {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _key: CacheKey, entry: Entry) {
        bump(&self.counters.evicted);
        self.expiry.forget(&entry);
    }
}

type Map = Cache<CacheKey, Entry, Weigh, BuildHasherDefault<Spread>, OnEvict>;

/// A part. On lines of memory of its own, so that a look at one part takes no line from who looks at another.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Part(RwLock<Map>);

/// The parts, whose number is a power of two. All have the same share of the budget.
#[derive(Debug)]
pub(super) struct Parts(Box<[Part]>);

impl Parts {
    pub(super) fn new(limit_bytes: u64, on_evict: &OnEvict) -> Self {
        let count = 1_u64 << (limit_bytes / MIN_PART_BYTES).clamp(1, MAX_PARTS).ilog2();
        let share = limit_bytes / count;
        let items = usize::try_from(share / TYPICAL_ENTRY_BYTES).unwrap_or(usize::MAX).max(64);
        let part = || {
            let mut options = OptionsBuilder::new();
            // It has one part, and is not to ask the system how many processors there are, which reads four files.
            options.estimated_items_capacity(items).weight_capacity(share).shards(1);
            match options.build() {
                Ok(options) => {
                    Cache::with_options(options, Weigh, BuildHasherDefault::default(), on_evict.clone())
                }
                Err(_) => Cache::with(items, share, Weigh, BuildHasherDefault::default(), on_evict.clone()),
            }
        };
        Self((0..count).map(|_| Part(RwLock::new(part()))).collect())
    }

    /// The part that has the key, if any has; there is always one.
    #[inline]
    pub(super) fn part(&self, key: CacheKey) -> Option<&Part> {
        // Bits that the map of a part does not look at: it takes the lowest and the highest.
        let bits = usize::try_from(key.spread() >> 40 & (MAX_PARTS - 1)).unwrap_or_default();
        self.0.get(bits & self.0.len().wrapping_sub(1))
    }

    /// What a function says of the entry under a key, if there is one. It should not take long: who writes waits.
    pub(super) fn look<T>(&self, key: CacheKey, look: impl FnOnce(&Entry) -> T) -> Option<T> {
        self.part(key)?.reading().get(&key).map(look)
    }

    /// Keeps an entry, or says that it is larger than may be.
    pub(super) fn insert(&self, key: CacheKey, entry: Entry) -> Result<(), Entry> {
        let Some(part) = self.part(key) else { return Err(entry) };
        let mut part = part.writing();
        // quick_cache would report it as an eviction.
        if Weigh.weight(&key, &entry) > part.capacity() {
            return Err(entry);
        }
        part.insert(key, entry);
        Ok(())
    }

    pub(super) fn remove(&self, key: CacheKey) -> Option<Entry> {
        self.remove_if(key, |_| true)
    }

    pub(super) fn remove_if(&self, key: CacheKey, condition: impl FnOnce(&Entry) -> bool) -> Option<Entry> {
        let removed = self.part(key)?.writing().remove_if(&key, condition);
        removed.map(|(_, entry)| entry)
    }

    pub(super) fn clear(&self) {
        self.0.iter().for_each(|part| part.writing().clear());
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|part| part.reading().len()).sum()
    }

    pub(super) fn weight(&self) -> u64 {
        self.0.iter().map(|part| part.reading().weight()).sum()
    }

    /// Gives all parts together so many bytes, rounded down to what they can share.
    pub(super) fn set_capacity(&self, bytes: u64) {
        let share = bytes / u64::try_from(self.0.len()).unwrap_or(1).max(1);
        for part in &self.0 {
            if part.reading().capacity() != share {
                part.writing().set_capacity(share);
            }
        }
    }
}

// A map is whole whatever happened to who held it: a panic of quick_cache would be one of its faults.
impl Part {
    /// The part to look at. That should not take long: who writes waits.
    #[inline]
    pub(super) fn reading(&self) -> RwLockReadGuard<'_, Map> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, Map> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{CACHE_ENTRY_OVERHEAD_BYTES, CacheKey, Entry};

    #[test]
    fn the_overhead_of_an_entry_is_counted_whole() {
        // quick_cache's own figure: 21 bytes an entry, and room for half as many keys again that were evicted.
        let map = (size_of::<CacheKey>() + size_of::<Entry>() + 21) * 3 / 2;
        // A counter and a length, and what the allocator adds.
        let allocation = 16 + 16;
        assert!((map + allocation) as u64 <= CACHE_ENTRY_OVERHEAD_BYTES, "{map} and {allocation}");
    }
}
