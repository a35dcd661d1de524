//! Which entries expire when: a queue by deadline.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::entry::Entry;
use super::key::CacheKey;

/// When an entry ends. Two of one moment are told apart by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline {
    /// As the cache's clock counts, for 584 years.
    pub(super) nanoseconds: u64,
    pub(super) number: u64,
}

impl Deadline {
    /// Whether its time has come.
    #[inline]
    pub(super) fn is_over(&self, now: Duration) -> bool {
        u128::from(self.nanoseconds) <= now.as_nanos()
    }
}

/// Deadlines and the keys that they end. Entries without a time to live are not in it.
#[derive(Debug, Default)]
pub(super) struct ExpiryQueue {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    keys: BTreeMap<Deadline, CacheKey>,
    last_number: u64,
}

impl ExpiryQueue {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the key ends at this time, and gives the deadline by which that is known.
    pub(super) fn push(&self, end: Duration, key: CacheKey) -> Deadline {
        let nanoseconds = u64::try_from(end.as_nanos()).unwrap_or(u64::MAX);
        let mut queue = self.lock();
        queue.last_number += 1;
        let deadline = Deadline { nanoseconds, number: queue.last_number };
        queue.keys.insert(deadline, key);
        deadline
    }

    /// Forgets the deadline of an entry that is gone, if it has one.
    pub(super) fn forget(&self, entry: &Entry) {
        if let Some(deadline) = entry.deadline() {
            self.lock().keys.remove(&deadline);
        }
    }

    /// Takes one key whose deadline has come.
    pub(super) fn pop_due(&self, now: Duration) -> Option<(CacheKey, Deadline)> {
        let mut queue = self.lock();
        let first = queue.keys.first_entry()?;
        let deadline = *first.key();
        deadline.is_over(now).then(|| (first.remove(), deadline))
    }

    /// Forgets all of them.
    pub(super) fn clear(&self) {
        self.lock().keys.clear();
    }
}
