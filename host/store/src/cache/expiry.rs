//! Which entries expire when: a queue by deadline.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::entry::Entry;
use super::key::CacheKey;

/// Deadlines and the keys that they end. Entries without a time to live are not in it.
#[derive(Debug, Default)]
pub(super) struct ExpiryQueue {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    // The number tells keys of one deadline apart.
    keys: BTreeMap<(Duration, u64), CacheKey>,
    last_number: u64,
}

impl ExpiryQueue {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the key ends at the deadline, and gives the number by which that deadline is known.
    pub(super) fn push(&self, deadline: Duration, key: CacheKey) -> u64 {
        let mut queue = self.lock();
        queue.last_number += 1;
        let number = queue.last_number;
        queue.keys.insert((deadline, number), key);
        number
    }

    /// Forgets the deadline of an entry that is gone, if it has one.
    pub(super) fn forget(&self, entry: &Entry) {
        if let Entry::User(user) = entry
            && let Some(deadline) = user.deadline()
        {
            self.lock().keys.remove(&deadline);
        }
    }

    /// Takes one key whose deadline has come.
    pub(super) fn pop_due(&self, now: Duration) -> Option<(CacheKey, u64)> {
        let mut queue = self.lock();
        let first = queue.keys.first_entry()?;
        let (deadline, number) = *first.key();
        (deadline <= now).then(|| (first.remove(), number))
    }
}
