//! What the cache counts.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// The state of the cache and what it has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// Entries, the store's own and the users'.
    pub keys: u64,
    /// What they take, their overhead included, in bytes. Never more than the limit.
    pub bytes: u64,
    /// The budget, in bytes.
    pub limit_bytes: u64,
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Look-ups that found none, or one past its time.
    pub misses: u64,
    /// Entries that had to make room.
    pub evicted_for_room: u64,
    /// Entries whose time to live was over.
    pub expired: u64,
    /// Entries that were larger than the cache can hold, and were not kept.
    pub refused: u64,
}

impl CacheStats {
    /// Hits among all look-ups, from 0 to 1; 0 before the first.
    #[must_use]
    pub fn hit_ratio(&self) -> f64 {
        let total = self.hits + self.misses;
        if total == 0 {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a ratio for people, after 2^52 look-ups still close")]
        let ratio = self.hits as f64 / total as f64;
        ratio
    }
}

/// Counters that only go up.
#[derive(Debug)]
pub(super) struct Counters {
    lookups: Box<[Lookups]>,
    pub(super) evicted: AtomicU64,
    pub(super) expired: AtomicU64,
    pub(super) refused: AtomicU64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            lookups: (0..=SHARED).map(|_| Lookups::default()).collect(),
            evicted: AtomicU64::default(),
            expired: AtomicU64::default(),
            refused: AtomicU64::default(),
        }
    }
}

/// The look-ups of one thread. On lines of memory of their own, which a processor need not take from another.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Lookups {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// The place that threads share for which there is none of their own.
const SHARED: usize = u64::BITS as usize - 1;

/// Which places are taken: a bit each.
static TAKEN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static PLACE: Place = Place::take();
}

/// The place of a thread in all counters. A counter that one thread alone moves needs no atomic addition, which would
/// cost a tenth of a hit.
#[derive(Debug)]
struct Place(usize);

impl Place {
    fn take() -> Self {
        // Whoever had the place before has counted in it, which is seen from here on.
        let taken = TAKEN.fetch_update(Ordering::Acquire, Ordering::Relaxed, |taken| {
            let free = taken.trailing_ones() as usize;
            (free < SHARED).then(|| taken | 1 << free)
        });
        Self(taken.map_or(SHARED, |before| before.trailing_ones() as usize))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0 < SHARED {
            TAKEN.fetch_and(!(1 << self.0), Ordering::Release);
        }
    }
}

impl Counters {
    #[inline]
    fn count(&self, one: fn(&Lookups) -> &AtomicU64) {
        // A thread that is about to end has no place any more.
        let place = PLACE.try_with(|place| place.0).unwrap_or(SHARED);
        let Some(counter) = self.lookups.get(place).map(one) else { return };
        if place < SHARED {
            counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        } else {
            bump(counter);
        }
    }

    #[inline]
    pub(super) fn hit(&self) {
        self.count(|lookups| &lookups.hits);
    }

    pub(super) fn miss(&self) {
        self.count(|lookups| &lookups.misses);
    }

    /// Look-ups that found something, and that did not.
    pub(super) fn hits_and_misses(&self) -> (u64, u64) {
        let sum = |one: fn(&Lookups) -> &AtomicU64| self.lookups.iter().map(|all| read(one(all))).sum();
        (sum(|lookups| &lookups.hits), sum(|lookups| &lookups.misses))
    }
}

/// Counts one.
pub(super) fn bump(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// What was counted.
pub(super) fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::Counters;

    #[test]
    fn every_look_up_is_counted_however_many_threads_there_are() {
        const THREADS: u64 = 100;
        let counters = Counters::default();
        let all_are_there = Barrier::new(usize::try_from(THREADS).unwrap());
        // Twice, because places are given back and taken again.
        for _ in 0..2 {
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        counters.miss();
                        all_are_there.wait();
                        (0..1_000).for_each(|_| counters.hit());
                    });
                }
            });
        }
        assert_eq!(counters.hits_and_misses(), (2 * THREADS * 1_000, 2 * THREADS));
    }
}
