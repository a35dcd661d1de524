//! Stores that are closed too little, too early, or not twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use codestrata_core::{
    Backend, Batch, Bytes, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, Stats, async_trait,
};

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["closing"], |fault| Arc::new(Closing::new(fault)))
}

const fn lasting(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["closing", "reopening", "durability"], |fault| Arc::new(Closing::new(fault)))
        .around_journal()
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("after close every call succeeds"),
    one("after close get_many succeeds"),
    one("after close get_many of nothing succeeds"),
    one("after close get succeeds"),
    one("after close scan succeeds"),
    one("after close scan shows an empty store"),
    one("after close scan_many succeeds"),
    one("after close apply succeeds"),
    one("after close an empty batch succeeds"),
    one("after close flush succeeds"),
    one("after close a snapshot is taken"),
    one("after close stats succeed"),
    one("after close calls say Internal"),
    one("after close calls say Unavailable"),
    one("after close calls say NotFound"),
    one("after close calls panic"),
    one("closing twice fails"),
    one("closing twice panics"),
    one("closing twice never ends").hanging(),
    one("closing from several tasks fails for all but one"),
    one("closing fails while calls are under way"),
    one("closing makes calls under way fail with Internal"),
    one("closing a store without batches fails"),
    lasting("closing does not wait for the batches under way"),
    lasting("closing wipes the store"),
    lasting("closing does nothing"),
    lasting("a store must be closed before it is dropped"),
];

struct Closing {
    fault: Fault,
    closed: AtomicBool,
    under_way: Arc<AtomicUsize>,
    batches: AtomicUsize,
}

impl Closing {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            closed: AtomicBool::new(false),
            under_way: Arc::default(),
            batches: AtomicUsize::new(0),
        }
    }

    fn is(&self, name: &str) -> bool {
        self.fault.is(name)
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether close leaves the store inside open, so that some call may go on.
    fn stays_open(&self) -> bool {
        self.fault.is_one_of(&[
            "after close every call succeeds",
            "after close get_many succeeds",
            "after close get succeeds",
            "after close scan succeeds",
            "after close scan_many succeeds",
            "after close apply succeeds",
            "after close flush succeeds",
            "after close a snapshot is taken",
            "after close stats succeed",
            "after close an empty batch succeeds",
        ])
    }

    /// What a call after close answers, but for the one that goes on by mistake.
    fn check(&self, goes_on: &str) -> Result<()> {
        if !self.is_closed() || self.is("after close every call succeeds") || self.is(goes_on) {
            return Ok(());
        }
        assert!(!(self.is("after close calls panic")), "the store was closed");
        let kind = match () {
            () if self.is("after close calls say Internal") => ErrorKind::Internal,
            () if self.is("after close calls say Unavailable") => ErrorKind::Unavailable,
            () if self.is("after close calls say NotFound") => ErrorKind::NotFound,
            () => ErrorKind::Closed,
        };
        Err(Error::new(kind, "the store was closed"))
    }
}

#[async_trait]
impl Twist for Closing {
    async fn get(&self, view: &dyn ReadView, key: &Key) -> Result<Option<Bytes>> {
        self.check(if self.is("after close get_many succeeds") {
            "after close get_many succeeds"
        } else {
            "after close get succeeds"
        })?;
        view.get(key).await
    }

    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if self.is("after close get_many of too many keys is called so") {
            codestrata_core::backend::check_key_count(keys.len())?;
        }
        if keys.is_empty() && self.is("after close get_many of nothing succeeds") {
            return Ok(Vec::new());
        }
        self.check("after close get_many succeeds")?;
        view.get_many(keys).await
    }

    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        if self.is_closed() && self.is("after close scan shows an empty store") {
            return Ok(Page::default());
        }
        self.check("after close scan succeeds")?;
        if self.is("closing makes calls under way fail with Internal") {
            tokio::task::yield_now().await;
            if self.is_closed() {
                return Err(Error::new(ErrorKind::Internal, "the store went away"));
            }
        }
        view.scan(request).await
    }

    async fn scan_many(&self, view: &dyn ReadView, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        if requests.is_empty() && self.is("after close scan_many of nothing succeeds") {
            return Ok(Vec::new());
        }
        self.check("after close scan_many succeeds")?;
        // The default of the seam asks nothing of a closed store when there is no request.
        if requests.is_empty() { Ok(Vec::new()) } else { view.scan_many(requests).await }
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        if self.is("after close a batch too large is called so") {
            batch.check(store.capabilities())?;
        }
        if self.is_closed() && batch.is_empty() && self.is("after close an empty batch succeeds") {
            return Ok(());
        }
        self.check("after close apply succeeds")?;
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        if self.is("closing fails while calls are under way") {
            tokio::task::yield_now().await;
        }
        let done = if self.is("closing does not wait for the batches under way") {
            // Acknowledged, and done when there is time.
            batch.check(store.capabilities())?;
            let (late, waiting) = (Arc::clone(store), Arc::clone(&self.under_way));
            if batch.preconditions().is_empty() && waiting.load(Ordering::Relaxed) > 1 {
                tokio::spawn(async move {
                    tokio::task::yield_now().await;
                    // Nobody waits for it.
                    let _ = late.apply(batch).await;
                });
                Ok(())
            } else {
                tokio::task::yield_now().await;
                store.apply(batch).await
            }
        } else {
            store.apply(batch).await
        };
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        done
    }

    async fn snapshot(&self, store: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
        self.check("after close a snapshot is taken")?;
        store.snapshot().await
    }

    async fn flush(&self, store: &Arc<dyn Backend>) -> Result<()> {
        self.check("after close flush succeeds")?;
        store.flush().await
    }

    async fn stats(&self, store: &Arc<dyn Backend>) -> Result<Stats> {
        self.check("after close stats succeed")?;
        store.stats().await
    }

    async fn close(&self, store: &Arc<dyn Backend>) -> Result<()> {
        if self.batches.load(Ordering::Relaxed) == 0 && self.is("closing a store without batches fails") {
            return Err(Error::new(ErrorKind::Internal, "there is nothing to sync"));
        }
        if self.under_way.load(Ordering::Relaxed) > 0 && self.is("closing fails while calls are under way") {
            return Err(Error::new(ErrorKind::Unavailable, "the store is in use"));
        }
        if self.is("closing does nothing") {
            return Ok(());
        }
        if self.is("closing wipes the store") && !self.is_closed() {
            let all = Batch::new().delete_range(codestrata_core::KeyRange::all());
            // A reader cannot.
            let _ = store.apply(all).await;
        }
        let again = self.closed.swap(true, Ordering::Relaxed);
        if again {
            assert!(!(self.is("closing twice panics")), "the file was closed");
            if self.is("closing twice never ends") {
                std::future::pending::<()>().await;
            }
            if self.is("closing twice fails") {
                return Err(Error::new(ErrorKind::Closed, "the store was closed"));
            }
        }
        if self.is("closing from several tasks fails for all but one") {
            if again && self.under_way.load(Ordering::Relaxed) > 0 {
                return Err(Error::new(ErrorKind::Closed, "the store is being closed"));
            }
            self.under_way.fetch_add(1, Ordering::Relaxed);
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            self.under_way.fetch_sub(1, Ordering::Relaxed);
        }
        if self.stays_open() {
            return Ok(());
        }
        store.close().await
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if self.is("a store must be closed before it is dropped") && !self.is_closed() {
            let used = self.batches.load(Ordering::Relaxed) > 0;
            assert!(!used || std::thread::panicking(), "the store was dropped without being closed");
        }
    }
}
