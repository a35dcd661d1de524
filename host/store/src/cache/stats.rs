//! What the cache counts.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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
#[derive(Debug, Default)]
pub(super) struct Counters {
    lookups: [Lookups; STRIPES],
    pub(super) evicted: AtomicU64,
    pub(super) expired: AtomicU64,
    pub(super) refused: AtomicU64,
}

/// How many threads count look-ups without getting in each other's way.
const STRIPES: usize = 16;

/// The look-ups of some threads. On a line of memory of their own, which a processor need not take from another.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Lookups {
    hits: AtomicU64,
    misses: AtomicU64,
}

thread_local! {
    static STRIPE: usize = NEXT_STRIPE.fetch_add(1, Ordering::Relaxed) % STRIPES;
}

static NEXT_STRIPE: AtomicUsize = AtomicUsize::new(0);

impl Counters {
    fn of_this_thread(&self) -> Option<&Lookups> {
        // A thread that is about to end has no number any more.
        self.lookups.get(STRIPE.try_with(|stripe| *stripe).unwrap_or_default())
    }

    pub(super) fn hit(&self) {
        self.of_this_thread().iter().for_each(|lookups| bump(&lookups.hits));
    }

    pub(super) fn miss(&self) {
        self.of_this_thread().iter().for_each(|lookups| bump(&lookups.misses));
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
