//! The way from the calls of codestrata, which are async, to the engine, which is not.
//!
//! Calls come from any executor, and many at once. Short work is done where the call is made, long
//! work on a thread that may block. A batch that has begun goes on without its caller: a future may
//! be dropped at any `await`, and the batch must be applied wholly or not at all.

use std::sync::{Arc, PoisonError, RwLock};

use codestrata_core::backend::check_key_count;
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Error, ErrorKind, Key, Page, ReadView, Result,
    ScanRequest, Stats, async_trait,
};
use tokio::sync::Mutex;

use crate::CAPABILITIES;
use crate::config::Config;
use crate::engine::View;

/// Up to so many keys are read, copied or written where the call is made: some tens of
/// microseconds.
const SHORT: usize = 256;

/// An open store.
///
/// A store with files holds a lock for as long as it is open, which no second process gets
/// (`Locked`). It has to go with the process, however that ends: `std::fs::File::try_lock` does, a
/// file that merely exists does not.
pub struct Store {
    current: Arc<Current>,
    // Held by the one batch that is being applied.
    writer: Arc<Mutex<()>>,
}

impl Store {
    /// Opens a store. To open files is long work: do it in `run`.
    pub fn open(_config: &Config) -> Result<Self> {
        Ok(Self {
            current: Arc::new(Current(RwLock::new(Some(View::default())))),
            writer: Arc::default(),
        })
    }
}

#[async_trait]
impl ReadView for Store {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.current.view()?.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.current.view()?.scan(request).await
    }
}

#[async_trait]
impl Backend for Store {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        // That the store is closed is said before what is wrong with the batch.
        self.current.view()?;
        // The answer says whether the batch must be synced before it is acknowledged. Here it never
        // must.
        batch.check(&CAPABILITIES)?;
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let current = Arc::clone(&self.current);
        let steps = batch.len().saturating_add(current.view()?.len());
        run(steps, move || {
            let (preconditions, operations) = batch.into_parts();
            let next = current.view()?.after(&preconditions, operations)?;
            current.replace(Some(next));
            // Given back by the work itself, and not by a caller that may be gone.
            drop(writer);
            Ok(())
        })
        .await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        Ok(Box::new(self.current.view()?))
    }

    /// Nothing here outlives the process. With files: syncs all that was acknowledged.
    async fn flush(&self) -> Result<()> {
        self.current.view().map(drop)
    }

    /// Waits for the batch under way. With files: syncs, and gives back the lock.
    async fn close(&self) -> Result<()> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let current = Arc::clone(&self.current);
        // To free a large map is long work.
        run(usize::MAX, move || {
            current.replace(None);
            drop(writer);
            Ok(())
        })
        .await
    }

    async fn stats(&self) -> Result<Stats> {
        let mut stats = Stats::default();
        stats.keys = u64::try_from(self.current.view()?.len()).ok();
        Ok(stats)
    }
}

#[async_trait]
impl ReadView for View {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        check_key_count(keys.len())?;
        let (view, keys) = (self.clone(), keys.to_vec());
        run(keys.len(), move || view.look_up(&keys)).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let (view, request) = (self.clone(), request.clone());
        let steps = request.item_limit().min(view.len());
        run(steps, move || Ok(view.page(&request))).await
    }
}

/// What is stored now; nothing once the store is closed.
///
/// The lock is held for no longer than it takes to copy or to replace a pointer, so no executor
/// waits for it.
struct Current(RwLock<Option<View>>);

impl Current {
    fn view(&self) -> Result<View> {
        let view = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let closed = || Error::new(ErrorKind::Closed, "this store was closed");
        view.clone().ok_or_else(closed)
    }

    fn replace(&self, next: Option<View>) {
        let mut view = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *view, next);
        drop(view);
        // The old view may be the last of a large map, so it goes after the lock.
        drop(old);
    }
}

/// Does short work here, and long work on a thread that may block, where a runtime has one to give.
async fn run<T: Send + 'static>(
    steps: usize,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return work();
    };
    if steps <= SHORT {
        return work();
    }
    runtime.spawn_blocking(work).await.unwrap_or_else(|error| {
        // Work that panicked is a fault; work that never began, because the runtime ends, may be
        // tried again.
        let kind = if error.is_panic() {
            ErrorKind::Internal
        } else {
            ErrorKind::Unavailable
        };
        Err(Error::new(kind, "the work was not finished").with_source(error))
    })
}
