//! Which entries expire when: a queue by deadline.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Deadlines and the keys that they end. Entries without a time to live are not in it.
#[derive(Debug, Default)]
pub(super) struct ExpiryQueue {
    // The number tells keys of one deadline apart.
    queue: Mutex<(BTreeMap<(Duration, u64), String>, u64)>,
}

impl ExpiryQueue {
    /// Notes that the key ends at the deadline, and gives the number by which that deadline is known.
    pub(super) fn push(&self, deadline: Duration, key: &str) -> u64 {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.1 += 1;
        let number = queue.1;
        queue.0.insert((deadline, number), key.to_owned());
        number
    }

    /// Forgets a deadline that no longer holds.
    pub(super) fn remove(&self, deadline: Duration, number: u64) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).0.remove(&(deadline, number));
    }

    /// Takes one key whose deadline has come.
    pub(super) fn pop_due(&self, now: Duration) -> Option<(String, u64)> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let first = queue.0.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let number = first.key().1;
        Some((first.remove(), number))
    }
}
