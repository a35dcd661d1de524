//! Snapshots that change, that show another moment, or that do not last.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use codestrata_core::{
    Backend, Batch, Bytes, Error, ErrorKind, Key, Op, Page, ReadView, Result, ScanRequest, async_trait,
};

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["isolation", "snapshots", "model"], |fault| {
        Arc::new(Snapshots { shared: Arc::new(Shared { fault, ..Shared::default() }) })
    })
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("a snapshot is the store itself"),
    one("a snapshot is taken at its first read"),
    one("a snapshot is taken anew at every read after a flush"),
    one("a snapshot is of one batch ago"),
    one("a snapshot is the first one that was taken"),
    one("a snapshot is the last one that was taken"),
    one("a snapshot shows deletes that came later"),
    one("a snapshot shows deleted ranges that came later"),
    one("a snapshot has the values of now for its keys"),
    one("a snapshot has the keys of then in scans and of now in get_many"),
    one("a snapshot has the keys of then in get_many and of now in scans"),
    one("a snapshot has the keys of now in reverse scans"),
    one("a snapshot has the keys of now in scan_many"),
    one("a snapshot has the keys of now on its second page"),
    one("a snapshot is lost after a deleted range"),
    one("a snapshot is lost after ten batches"),
    one("a snapshot is empty after ten batches"),
    one("a snapshot is lost when another one ends"),
    one("a snapshot after close panics"),
    one("a snapshot after close shows nothing"),
    one("a snapshot after close says Internal"),
    one("a second snapshot is refused"),
    one("a ninth snapshot is refused"),
    one("a snapshot stops writers").hanging(),
    one("a snapshot stops writers with a Conflict"),
    one("a snapshot of an empty store is refused"),
    one("a snapshot is the store without its last key"),
    one("a snapshot takes more keys than it may"),
];

struct Shared {
    fault: Fault,
    batches: AtomicUsize,
    ranges: AtomicUsize,
    flushes: AtomicUsize,
    ended: AtomicUsize,
    open: AtomicUsize,
    closed: AtomicBool,
    // Snapshots of other moments, shared by those who ask for one.
    kept: Mutex<Option<Arc<dyn ReadView>>>,
    before: Mutex<Option<Arc<dyn ReadView>>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            fault: Fault::named(""),
            batches: AtomicUsize::new(0),
            ranges: AtomicUsize::new(0),
            flushes: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            kept: Mutex::new(None),
            before: Mutex::new(None),
        }
    }
}

struct Snapshots {
    shared: Arc<Shared>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Twist for Snapshots {
    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        let shared = &self.shared;
        if shared.fault.is("a snapshot stops writers") {
            while shared.open.load(Ordering::Relaxed) > 0 {
                tokio::task::yield_now().await;
            }
        }
        if shared.open.load(Ordering::Relaxed) > 0
            && shared.fault.is("a snapshot stops writers with a Conflict")
        {
            return Err(Error::new(ErrorKind::Conflict, "a snapshot is open"));
        }
        if shared.fault.is("a snapshot is of one batch ago") && store.capabilities().snapshots() {
            let before = store.snapshot().await?;
            *locked(&shared.before) = Some(before.into());
        }
        shared.batches.fetch_add(1, Ordering::Relaxed);
        if batch.ops().iter().any(|op| matches!(op, Op::DeleteRange(_))) {
            shared.ranges.fetch_add(1, Ordering::Relaxed);
        }
        store.apply(batch).await
    }

    async fn flush(&self, store: &Arc<dyn Backend>) -> Result<()> {
        self.shared.flushes.fetch_add(1, Ordering::Relaxed);
        store.flush().await
    }

    async fn close(&self, store: &Arc<dyn Backend>) -> Result<()> {
        self.shared.closed.store(true, Ordering::Relaxed);
        store.close().await
    }

    async fn snapshot(&self, store: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
        let shared = Arc::clone(&self.shared);
        let fault = &shared.fault;
        let mut then: Arc<dyn ReadView> = store.snapshot().await?.into();
        let open = shared.open.load(Ordering::Relaxed);
        if (fault.is("a second snapshot is refused") && open > 0)
            || (fault.is("a ninth snapshot is refused") && open > 7)
        {
            return Err(Error::new(ErrorKind::Unavailable, "too many snapshots are open"));
        }
        let is_empty =
            then.scan(&ScanRequest::new(codestrata_core::KeyRange::all()).max_items(1)).await?.is_empty();
        if is_empty && fault.is("a snapshot of an empty store is refused") {
            return Err(Error::new(ErrorKind::NotFound, "there is nothing in the store"));
        }
        if fault.is("a snapshot is of one batch ago")
            && let Some(before) = locked(&shared.before).clone()
        {
            then = before;
        }
        {
            let mut kept = locked(&shared.kept);
            if fault.is("a snapshot is the first one that was taken") {
                then = kept.get_or_insert(then).clone();
            } else {
                *kept = Some(then.clone());
            }
        }
        shared.open.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(View {
            store: Arc::clone(store),
            then: Mutex::new(then),
            read: AtomicUsize::new(0),
            batches: shared.batches.load(Ordering::Relaxed),
            ranges: shared.ranges.load(Ordering::Relaxed),
            flushes: AtomicUsize::new(shared.flushes.load(Ordering::Relaxed)),
            ended: shared.ended.load(Ordering::Relaxed),
            shared,
        }))
    }
}

struct View {
    shared: Arc<Shared>,
    store: Arc<dyn Backend>,
    then: Mutex<Arc<dyn ReadView>>,
    read: AtomicUsize,
    // How much of each had happened when it was taken.
    batches: usize,
    ranges: usize,
    flushes: AtomicUsize,
    ended: usize,
}

impl Drop for View {
    fn drop(&mut self) {
        self.shared.open.fetch_sub(1, Ordering::Relaxed);
        self.shared.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a read is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Get,
    Scan,
    Reverse,
    NextPage,
    Many,
}

impl View {
    fn is(&self, name: &str) -> bool {
        self.shared.fault.is(name)
    }

    /// What a read looks at; none for nothing at all.
    async fn view(&self, call: Call) -> Result<Option<Arc<dyn ReadView>>> {
        let now: Arc<dyn ReadView> = Arc::new(Now(Arc::clone(&self.store)));
        let then = locked(&self.then).clone();
        let lost = || Err(Error::new(ErrorKind::Unavailable, "the snapshot is gone"));
        let later = self.shared.batches.load(Ordering::Relaxed) - self.batches;
        if self.shared.closed.load(Ordering::Relaxed) {
            assert!(!(self.is("a snapshot after close panics")), "the store was closed");
            if self.is("a snapshot after close shows nothing") {
                return Ok(None);
            }
            if self.is("a snapshot after close says Internal") {
                return Err(Error::new(ErrorKind::Internal, "the store was closed"));
            }
        }
        if self.is("a snapshot is taken at its first read") && self.read.fetch_add(1, Ordering::Relaxed) == 0
        {
            let first: Arc<dyn ReadView> = self.store.snapshot().await?.into();
            *locked(&self.then) = first.clone();
            return Ok(Some(first));
        }
        let flushes = self.shared.flushes.load(Ordering::Relaxed);
        if self.is("a snapshot is taken anew at every read after a flush")
            && self.flushes.swap(flushes, Ordering::Relaxed) != flushes
        {
            let again: Arc<dyn ReadView> = self.store.snapshot().await?.into();
            *locked(&self.then) = again.clone();
            return Ok(Some(again));
        }
        if (self.is("a snapshot is lost after a deleted range")
            && self.shared.ranges.load(Ordering::Relaxed) > self.ranges)
            || (self.is("a snapshot is lost after ten batches") && later >= 10)
            || (self.is("a snapshot is lost when another one ends")
                && self.shared.ended.load(Ordering::Relaxed) > self.ended)
        {
            return lost();
        }
        if self.is("a snapshot is empty after ten batches") && later >= 10 {
            return Ok(None);
        }
        if self.is("a snapshot is the last one that was taken") {
            return Ok(locked(&self.shared.kept).clone());
        }
        let is_now = self.is("a snapshot is the store itself")
            || match call {
                Call::Get => self.is("a snapshot has the keys of then in scans and of now in get_many"),
                Call::Scan => self.is("a snapshot has the keys of then in get_many and of now in scans"),
                Call::Reverse => {
                    self.is("a snapshot has the keys of now in reverse scans")
                        || self.is("a snapshot has the keys of then in get_many and of now in scans")
                }
                Call::NextPage => {
                    self.is("a snapshot has the keys of now on its second page")
                        || self.is("a snapshot has the keys of then in get_many and of now in scans")
                }
                Call::Many => self.is("a snapshot has the keys of now in scan_many"),
            };
        Ok(Some(if is_now { now } else { then }))
    }

    /// What a snapshot of then has, as the store of now has it.
    async fn value_now(&self, key: &[u8], then: Option<Bytes>) -> Result<Option<Bytes>> {
        let deletes = self.is("a snapshot shows deletes that came later")
            || (self.is("a snapshot shows deleted ranges that came later")
                && self.shared.ranges.load(Ordering::Relaxed) > self.ranges);
        let values = self.is("a snapshot has the values of now for its keys");
        let (Some(value), true) = (&then, deletes || values) else { return Ok(then) };
        let now = match self.store.get(&Key::new(Bytes::copy_from_slice(key))?).await {
            Ok(now) => now,
            Err(closed) if closed.kind() == ErrorKind::Closed => return Ok(then),
            Err(other) => return Err(other),
        };
        Ok(match now {
            None if deletes => None,
            Some(now) if values => Some(now),
            _ => Some(value.clone()),
        })
    }
}

#[async_trait]
impl ReadView for View {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if self.is("a snapshot takes more keys than it may") {
            let Some(view) = self.view(Call::Get).await? else { return Ok(vec![None; keys.len()]) };
            let mut values = Vec::new();
            for part in keys.chunks(1_000) {
                values.extend(view.get_many(part).await?);
            }
            return Ok(values);
        }
        let Some(view) = self.view(Call::Get).await? else { return Ok(vec![None; keys.len()]) };
        let mut values = Vec::new();
        for (key, value) in keys.iter().zip(view.get_many(keys).await?) {
            values.push(self.value_now(key.as_slice(), value).await?);
        }
        Ok(values)
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let range = request.range();
        let call = match request.direction() {
            codestrata_core::Direction::Reverse => Call::Reverse,
            codestrata_core::Direction::Forward if range.start().ends_with(&[0]) => Call::NextPage,
            codestrata_core::Direction::Forward => Call::Scan,
        };
        let Some(view) = self.view(call).await? else { return Ok(Page::default()) };
        let right = view.scan(request).await?;
        if self.is("a snapshot is the store without its last key")
            && right.next().is_none()
            && range.end().is_none()
        {
            let items: Vec<_> = right.iter_shared().collect();
            let kept = items.len().saturating_sub(1);
            return Ok(super::scans::page(request, items.get(..kept).unwrap_or_default()));
        }
        if !self.shared.fault.is_one_of(&[
            "a snapshot shows deletes that came later",
            "a snapshot shows deleted ranges that came later",
            "a snapshot has the values of now for its keys",
        ]) {
            return Ok(right);
        }
        let mut items = Vec::new();
        for (key, value) in right.iter_shared() {
            if let Some(value) = self.value_now(&key, Some(value)).await? {
                items.push((key, value));
            }
        }
        Ok(if right.next().is_some() && items.len() == right.len() {
            right
        } else {
            super::scans::page(request, &items)
        })
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        match self.view(Call::Many).await? {
            Some(view) => view.scan_many(requests).await,
            None => Ok(vec![Page::default(); requests.len()]),
        }
    }
}

/// The store of now, as a view.
struct Now(Arc<dyn Backend>);

#[async_trait]
impl ReadView for Now {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.0.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.0.scan(request).await
    }
}
