//! Snapshots: views that are taken away when they are too old.
//!
//! The file cannot reuse a page that some view still sees, so a forgotten snapshot would make it grow without
//! end. Each one is therefore listed, and loses its view when its time is over, whether it is read or not.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use codestrata_core::{Bytes, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, async_trait};

use crate::read::View;

/// The store as it was when the snapshot was taken.
pub(crate) struct Snapshot {
    held: Arc<Held>,
    max_age: Duration,
    path: Arc<Path>,
}

struct Held {
    // None once it is too old, or the store was closed.
    view: Mutex<Option<Arc<View>>>,
    taken: Instant,
}

impl Held {
    fn release(&self) {
        drop(self.view.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Snapshot {
    fn view(&self) -> Result<Arc<View>> {
        if self.held.taken.elapsed() > self.max_age {
            self.held.release();
        }
        let view = self.held.view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        view.ok_or_else(|| {
            Error::new(
                ErrorKind::Unavailable,
                format!(
                    "this snapshot of {} is older than {:?}, or its store was closed",
                    self.path.display(),
                    self.max_age
                ),
            )
            .with_help("take a new one, or raise `snapshot_max_age`")
        })
    }
}

#[async_trait]
impl ReadView for Snapshot {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        codestrata_core::backend::check_key_count(keys.len())?;
        self.view()?.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.view()?.scan(request).await
    }
}

/// The snapshots of one store.
pub(crate) struct Snapshots {
    listed: Mutex<Vec<Weak<Held>>>,
    max_age: Duration,
    path: Arc<Path>,
}

impl Snapshots {
    pub(crate) fn new(max_age: Duration, path: Arc<Path>) -> Self {
        Self { listed: Mutex::default(), max_age, path }
    }

    /// Lists a new one, and lets go of those that are too old.
    pub(crate) fn take(&self, view: Arc<View>) -> Snapshot {
        self.release_expired();
        let held = Arc::new(Held { view: Mutex::new(Some(view)), taken: Instant::now() });
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&held));
        Snapshot { held, max_age: self.max_age, path: Arc::clone(&self.path) }
    }

    /// Takes the views of those that are too old.
    pub(crate) fn release_expired(&self) {
        self.retain(|held| held.taken.elapsed() <= self.max_age);
    }

    /// Takes the views of all of them.
    pub(crate) fn release_all(&self) {
        self.retain(|_| false);
    }

    /// Whether there is one that may still be read.
    pub(crate) fn any(&self) -> bool {
        self.release_expired();
        !self.listed.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn retain(&self, keep: impl Fn(&Held) -> bool) {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.retain(|held| match held.upgrade() {
            Some(held) if keep(&held) => true,
            Some(held) => {
                held.release();
                false
            }
            None => false,
        });
    }
}
