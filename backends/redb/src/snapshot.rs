//! Snapshots: views that are taken away when they are too old.
//!
//! The file cannot reuse a page that some view still sees, so a forgotten snapshot would make it grow without
//! end. Each one is therefore listed, and loses its view when its time is over, whether it is read or not.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use codestrata_core::{Bytes, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, async_trait};

use crate::error;
use crate::read::View;

/// The store as it was when the snapshot was taken.
pub(crate) struct Snapshot {
    held: Arc<Held>,
    max_age: Duration,
    path: Arc<Path>,
}

struct Held {
    view: Mutex<Result<Arc<View>, Gone>>,
    taken: Instant,
}

/// Why a snapshot has lost its view.
#[derive(Clone, Copy)]
pub(crate) enum Gone {
    TooOld,
    /// The file had to be opened anew after it had filled its medium.
    Reopened,
    Closed,
}

impl Held {
    fn release(&self, why: Gone) {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if view.is_ok() {
            *view = Err(why);
        }
    }
}

impl Snapshot {
    fn view(&self) -> Result<Arc<View>> {
        if self.held.taken.elapsed() > self.max_age {
            self.held.release(Gone::TooOld);
        }
        let view = self.held.view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let path = self.path.display();
        view.map_err(|why| match why {
            Gone::TooOld => {
                let message = format!("this snapshot of {path} is older than {:?}", self.max_age);
                Error::new(ErrorKind::Unavailable, message)
                    .with_help("take a new one, or raise `snapshot_max_age`")
            }
            Gone::Reopened => {
                let message = format!("this snapshot of {path} ended when the medium was full");
                Error::new(ErrorKind::Unavailable, message).with_help("take a new one")
            }
            Gone::Closed => error::closed(&self.path),
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
        let held = Arc::new(Held { view: Mutex::new(Ok(view)), taken: Instant::now() });
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&held));
        Snapshot { held, max_age: self.max_age, path: Arc::clone(&self.path) }
    }

    /// Takes the views of those that are too old.
    pub(crate) fn release_expired(&self) {
        self.retain(Gone::TooOld, |held| held.taken.elapsed() <= self.max_age);
    }

    /// Takes the views of all of them.
    pub(crate) fn release_all(&self, why: Gone) {
        self.retain(why, |_| false);
    }

    /// Whether there is one that may still be read.
    pub(crate) fn any(&self) -> bool {
        self.release_expired();
        !self.listed.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn retain(&self, why: Gone, keep: impl Fn(&Held) -> bool) {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.retain(|held| match held.upgrade() {
            Some(held) if keep(&held) => true,
            Some(held) => {
                held.release(why);
                false
            }
            None => false,
        });
    }
}
