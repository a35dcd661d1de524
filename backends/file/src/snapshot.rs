//! Snapshots: views that are taken away when they are too old.
//!
//! A view keeps the files that it sees, and a removed file gives its space back only when nobody has it open. So a
//! snapshot that was forgotten would hold the space of everything that was compacted away since. Each one is
//! therefore listed, and loses its view when its time is over, whether it is read or not.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use codestrata_core::{Bytes, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, async_trait};

use crate::view::View;

/// The store as it was when the snapshot was taken.
pub(crate) struct Snapshot {
    held: Arc<Held>,
    max_age: Duration,
    folder: Arc<Path>,
}

struct Held {
    // None once it is too old.
    view: Mutex<Option<Arc<View>>>,
    taken: Instant,
}

impl Held {
    /// The view, or nothing if it is too old, and then for good.
    fn view(&self, max_age: Duration) -> Option<Arc<View>> {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if self.taken.elapsed() > max_age {
            *view = None;
        }
        view.clone()
    }
}

impl Snapshot {
    fn view(&self) -> Result<Arc<View>> {
        self.held.view(self.max_age).ok_or_else(|| {
            let message =
                format!("this snapshot of {} is older than {:?}", self.folder.display(), self.max_age);
            Error::new(ErrorKind::Unavailable, message)
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
    folder: Arc<Path>,
}

impl Snapshots {
    pub(crate) fn new(max_age: Duration, folder: Arc<Path>) -> Self {
        Self { listed: Mutex::default(), max_age, folder }
    }

    /// Lists a new one, and lets go of those that are too old.
    pub(crate) fn take(&self, view: Arc<View>) -> Snapshot {
        self.release_expired();
        let held = Arc::new(Held { view: Mutex::new(Some(view)), taken: Instant::now() });
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&held));
        Snapshot { held, max_age: self.max_age, folder: Arc::clone(&self.folder) }
    }

    /// Takes the views of those that are too old.
    pub(crate) fn release_expired(&self) {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.retain(|held| held.upgrade().is_some_and(|held| held.view(self.max_age).is_some()));
    }
}
