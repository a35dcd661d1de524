//! Which entries expire when: a queue by deadline.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Deadlines and the keys that they end. Entries without a time to live are not in it.
#[derive(Debug, Default)]
pub(super) struct ExpiryQueue {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    // The number tells keys of one deadline apart.
    keys: BTreeMap<(Duration, u64), String>,
    last_number: u64,
}

impl ExpiryQueue {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the key ends at the deadline, and gives the number by which that deadline is known.
    pub(super) fn push(&self, deadline: Duration, key: &str) -> u64 {
        let mut queue = self.lock();
        queue.last_number += 1;
        let number = queue.last_number;
        queue.keys.insert((deadline, number), key.to_owned());
        number
    }

    /// Forgets a deadline that no longer holds.
    pub(super) fn remove(&self, deadline: Duration, number: u64) {
        self.lock().keys.remove(&(deadline, number));
    }

    /// Takes one key whose deadline has come.
    pub(super) fn pop_due(&self, now: Duration) -> Option<(String, u64)> {
        let mut queue = self.lock();
        let first = queue.keys.first_entry()?;
        let (deadline, number) = *first.key();
        (deadline <= now).then(|| (first.remove(), number))
    }
}
