//! Writes that are seen late, by some, or by those who should not; stores that share something.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use codestrata_core::{
    Backend, Batch, Bytes, Key, KeyRange, Op, Page, ReadView, Result, ScanRequest, async_trait,
};

use super::scans::page;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["isolation", "visibility", "preconditions", "model", "batch"], |fault| {
        Arc::new(Isolation { fault, cache: Mutex::default(), late: Mutex::default() })
    })
}

const fn racy(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["visibility", "batch", "concurrency", "isolation"], |fault| {
        Arc::new(Isolation { fault, cache: Mutex::default(), late: Mutex::default() })
    })
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("each thread has a cache of values"),
    one("a cache keeps values that were overwritten"),
    one("a cache keeps values that were overwritten in a batch of several"),
    one("a cache keeps values that were deleted"),
    one("a cache keeps values that were deleted with a range"),
    one("a cache keeps that a key is missing"),
    one("a cache keeps the page of a scan"),
    one("a cache keeps what a refused batch would have written"),
    one("a cache is shared by all stores"),
    one("a batch is seen some time after it was acknowledged"),
    one("a batch is seen by scans after the next batch"),
    one("a batch is seen after a flush"),
    one("two stores share their keys"),
    one("closing a store closes all"),
    racy("get_many reads one key at a time"),
    racy("a page is read in parts"),
    racy("a scan gives way to writers between two items"),
    racy("scan_many mixes the pages of its requests"),
];

type Cache = BTreeMap<Bytes, Option<Bytes>>;

struct Isolation {
    fault: Fault,
    cache: Mutex<Cache>,
    // What was acknowledged and is not seen yet.
    late: Mutex<Vec<Batch>>,
}

static OF_ALL: OnceLock<Mutex<Cache>> = OnceLock::new();
static FIRST: OnceLock<Arc<dyn Backend>> = OnceLock::new();
static CLOSED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

thread_local! {
    static OF_THREAD: RefCell<Cache> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether the operation changes this key.
fn touches(op: &Op, key: &[u8]) -> bool {
    match op {
        Op::Put(written, _) | Op::Delete(written) => written.as_slice() == key,
        Op::DeleteRange(range) => range.contains(key),
    }
}

impl Isolation {
    fn is(&self, name: &str) -> bool {
        self.fault.is(name)
    }

    fn caches(&self) -> bool {
        self.fault.is_one_of(&[
            "each thread has a cache of values",
            "a cache keeps values that were overwritten",
            "a cache keeps values that were overwritten in a batch of several",
            "a cache keeps values that were deleted",
            "a cache keeps values that were deleted with a range",
            "a cache keeps that a key is missing",
            "a cache keeps what a refused batch would have written",
            "a cache is shared by all stores",
        ])
    }

    fn with_cache<T>(&self, work: impl FnOnce(&mut Cache) -> T) -> T {
        if self.is("each thread has a cache of values") {
            return OF_THREAD.with_borrow_mut(work);
        }
        let cache = if self.is("a cache is shared by all stores") {
            OF_ALL.get_or_init(Mutex::default)
        } else {
            &self.cache
        };
        work(&mut cache.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets what a batch has changed, but for what this mutant does not think of.
    fn invalidate(&self, batch: &Batch, refused: bool) {
        let several = batch.ops().len() > 1;
        self.with_cache(|cache| {
            for op in batch.ops() {
                let kept = match op {
                    Op::Put(..) => {
                        self.is("a cache keeps values that were overwritten")
                            || (self.is("a cache keeps values that were overwritten in a batch of several")
                                && several)
                    }
                    Op::Delete(_) => self.is("a cache keeps values that were deleted"),
                    Op::DeleteRange(_) => self.is("a cache keeps values that were deleted with a range"),
                };
                cache.retain(|key, value| {
                    !touches(op, key)
                        || kept
                        || (value.is_none() && self.is("a cache keeps that a key is missing"))
                });
                if let Op::Put(key, value) = op
                    && refused
                {
                    cache.insert(key.clone().into_bytes(), Some(value.clone()));
                }
            }
        });
    }

    async fn cached(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        codestrata_core::backend::check_key_count(keys.len())?;
        // Asked first, so that a closed store says so.
        let fresh = view.get_many(keys).await?;
        let keeps_missing = self.is("a cache keeps that a key is missing");
        Ok(self.with_cache(|cache| {
            keys.iter()
                .zip(fresh)
                .map(|(key, fresh)| {
                    let name = key.clone().into_bytes();
                    if fresh.is_none() && !keeps_missing {
                        return cache.get(&name).cloned().unwrap_or_default();
                    }
                    cache.entry(name).or_insert(fresh).clone()
                })
                .collect()
        }))
    }

    /// Applies what was held back.
    async fn catch_up(&self, store: &Arc<dyn Backend>) -> Result<()> {
        let late = std::mem::take(&mut *self.late.lock().unwrap_or_else(PoisonError::into_inner));
        for batch in late {
            store.apply(batch).await?;
        }
        Ok(())
    }

    async fn hold_back(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        batch.check(store.capabilities())?;
        // With preconditions a batch has to be applied at once.
        if !batch.preconditions().is_empty() {
            self.catch_up(store).await?;
            return store.apply(batch).await;
        }
        store.flush().await?;
        if self.is("a batch is seen by scans after the next batch") {
            self.catch_up(store).await?;
        }
        self.late.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
        Ok(())
    }

    fn store<'a>(&self, store: &'a Arc<dyn Backend>) -> &'a Arc<dyn Backend> {
        if self.is("two stores share their keys") { FIRST.get_or_init(|| Arc::clone(store)) } else { store }
    }
}

#[async_trait]
impl Twist for Isolation {
    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if self.is("closing a store closes all") && CLOSED.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(codestrata_core::Error::new(codestrata_core::ErrorKind::Closed, "closed"));
        }
        if self.is("two stores share their keys")
            && let Some(first) = FIRST.get()
        {
            return first.get_many(keys).await;
        }
        if self.caches() {
            return self.cached(view, keys).await;
        }
        if !self.is("get_many reads one key at a time") {
            return view.get_many(keys).await;
        }
        codestrata_core::backend::check_key_count(keys.len())?;
        let mut values = Vec::with_capacity(keys.len());
        for (at, key) in keys.iter().enumerate() {
            values.push(view.get(key).await?);
            if at % 16 == 7 {
                tokio::task::yield_now().await;
            }
        }
        Ok(values)
    }

    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        if self.is("closing a store closes all") && CLOSED.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(codestrata_core::Error::new(codestrata_core::ErrorKind::Closed, "closed"));
        }
        if self.is("two stores share their keys")
            && let Some(first) = FIRST.get()
        {
            return first.scan(request).await;
        }
        if self.is("a cache keeps the page of a scan") {
            return self.cached_page(view, request).await;
        }
        let part = match () {
            () if self.is("a page is read in parts") => 5,
            () if self.is("a scan gives way to writers between two items") => 1,
            () => return view.scan(request).await,
        };
        let mut items = Vec::new();
        let mut rest = request.clone().max_items(request.item_limit().min(part));
        loop {
            let some = view.scan(&rest).await?;
            items.extend(some.iter_shared());
            let Some(next) = some.next() else { return Ok(page(request, &items)) };
            if items.len() >= request.item_limit() || items.len() > 100 {
                return view.scan(request).await;
            }
            rest = rest.over(next.clone());
            tokio::task::yield_now().await;
        }
    }

    async fn scan_many(&self, view: &dyn ReadView, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        codestrata_core::backend::check_scan_count(requests.len())?;
        let mut pages = Vec::new();
        for request in requests {
            pages.push(self.scan(view, request).await?);
        }
        if self.is("scan_many mixes the pages of its requests") && pages.len() > 2 {
            pages.rotate_left(1);
        }
        Ok(pages)
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        let store = self.store(store);
        if self
            .fault
            .is_one_of(&["a batch is seen after a flush", "a batch is seen by scans after the next batch"])
        {
            return self.hold_back(store, batch).await;
        }
        if self.is("a batch is seen some time after it was acknowledged") && batch.preconditions().is_empty()
        {
            batch.check(store.capabilities())?;
            store.flush().await?;
            let store = Arc::clone(store);
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(5));
                // Nobody waits for it.
                let _ = codestrata_conformance::bare::block_on(store.apply(batch));
            });
            return Ok(());
        }
        if !self.caches() {
            return store.apply(batch).await;
        }
        let answer = store.apply(batch.clone()).await;
        if answer.is_ok() {
            self.invalidate(&batch, false);
        } else if self.is("a cache keeps what a refused batch would have written") {
            self.invalidate(&batch, true);
        }
        answer
    }

    async fn flush(&self, store: &Arc<dyn Backend>) -> Result<()> {
        self.catch_up(store).await?;
        store.flush().await
    }

    async fn close(&self, store: &Arc<dyn Backend>) -> Result<()> {
        if self.is("closing a store closes all") {
            CLOSED.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        store.close().await
    }
}

impl Isolation {
    /// The page of an earlier scan of the same range, as long as nothing that it shows was overwritten.
    async fn cached_page(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        let fresh = view.scan(request).await?;
        let name = Bytes::from(format!("{request:?}"));
        let is_all = *request.range() == KeyRange::all() && !request.is_keys_only() && fresh.next().is_none();
        if !is_all || fresh.is_empty() {
            return Ok(fresh);
        }
        let items: Vec<(Bytes, Bytes)> = fresh.iter_shared().collect();
        let count = self.with_cache(|cache| {
            let count = Bytes::from(items.len().to_string());
            cache.entry(name).or_insert(Some(count)).clone()
        });
        let count = count.and_then(|text| String::from_utf8_lossy(&text).parse().ok()).unwrap_or(items.len());
        Ok(page(request, items.get(..count.min(items.len())).unwrap_or_default()))
    }
}
