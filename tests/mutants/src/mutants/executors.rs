//! Stores that need a certain executor, stop it, or rely on every future being polled to its end.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use codestrata_core::{
    Backend, Batch, Bytes, Error, ErrorKind, Key, Page, ReadView, Result, ScanRequest, async_trait,
};
use tokio::sync::Semaphore;

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["concurrency", "cancellation"], |fault| Arc::new(Executors::new(fault)))
}

// The case that measures it comes first: all others take long with such a mutant.
const fn blocks(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["the_executor_is_not_blocked_by_long_work", "concurrency"], |fault| {
        Arc::new(Executors::new(fault))
    })
}

const fn cancelled(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["cancellation", "concurrency"], |fault| Arc::new(Executors::new(fault)))
}

pub(super) const MUTANTS: &[Mutant] = &[
    blocks("apply blocks the executor"),
    blocks("a large apply blocks the executor"),
    blocks("a scan blocks the executor"),
    blocks("get_many blocks the executor"),
    blocks("close blocks the executor"),
    blocks("flush blocks the executor"),
    blocks("a snapshot blocks the executor"),
    blocks("apply spins until it is done"),
    one("apply needs a runtime of tokio"),
    one("a scan needs a runtime of tokio"),
    one("close needs a runtime of tokio"),
    one("apply needs the timers of tokio"),
    one("flush needs the timers of tokio"),
    one("apply needs several threads"),
    one("get_many needs several threads"),
    one("apply waits on its thread for a task").hanging(),
    one("apply enters a runtime of its own"),
    one("only the first thread may call"),
    one("apply relies on being polled again").hanging(),
    one("get_many relies on being polled again").hanging(),
    one("close relies on being polled again").hanging(),
    one("one reader at a time is let in"),
    one("two batches at once never end").hanging(),
    one("readers and writers wait for each other").hanging(),
    cancelled("a dropped batch leaves the lock").hanging(),
    cancelled("a dropped read leaves the lock").hanging(),
    cancelled("a dropped batch is the end of the store"),
    cancelled("a dropped batch is applied without its last operation"),
    cancelled("a dropped batch is acknowledged to the next"),
    cancelled("a dropped close leaves the store half closed").hanging(),
];

struct Executors {
    fault: Fault,
    turn: Arc<Semaphore>,
    broken: AtomicBool,
    first: std::thread::ThreadId,
}

const LONG: Duration = Duration::from_millis(400);

impl Executors {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            turn: Arc::new(Semaphore::new(1)),
            broken: AtomicBool::new(false),
            first: std::thread::current().id(),
        }
    }

    fn is(&self, name: &str) -> bool {
        self.fault.is(name)
    }

    /// What may be wrong with a call of any kind.
    async fn before(&self, call: &str) -> Result<()> {
        let is = |what: &str| self.is(&format!("{call} {what}"));
        if is("blocks the executor") {
            std::thread::sleep(LONG);
        }
        if is("needs a runtime of tokio") {
            // It panics where there is none.
            let _ = tokio::runtime::Handle::current();
        }
        if is("needs the timers of tokio") {
            tokio::time::sleep(Duration::ZERO).await;
        }
        if is("needs several threads") && tokio::runtime::Handle::try_current().is_ok() {
            tokio::task::block_in_place(|| ());
        }
        if is("relies on being polled again") {
            let mut polled = false;
            // It says that it is not ready, and wakes nobody.
            poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending })
                .await;
        }
        assert!(
            !(self.is("only the first thread may call") && std::thread::current().id() != self.first),
            "called from a thread that did not open the store"
        );
        Ok(())
    }

    async fn read(&self) -> Result<()> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(poisoned());
        }
        if self.is("one reader at a time is let in") {
            let Ok(turn) = self.turn.try_acquire() else {
                return Err(Error::new(ErrorKind::Unavailable, "somebody else is reading"));
            };
            tokio::task::yield_now().await;
            drop(turn);
        }
        if self.is("a dropped read leaves the lock") {
            self.lock_and_give_way().await;
        }
        Ok(())
    }

    /// Takes the lock by hand, gives way, and gives it back: which code in a dropped future never does.
    async fn lock_and_give_way(&self) {
        if let Ok(permit) = self.turn.acquire().await {
            permit.forget();
        }
        tokio::task::yield_now().await;
        self.turn.add_permits(1);
    }
}

fn poisoned() -> Error {
    Error::new(ErrorKind::Poisoned, "a batch was given up half way")
}

#[async_trait]
impl Twist for Executors {
    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.before("get_many").await?;
        self.read().await?;
        view.get_many(keys).await
    }

    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        self.before("a scan").await?;
        self.read().await?;
        if self.is("readers and writers wait for each other") {
            let turn = self.turn.acquire().await;
            tokio::task::yield_now().await;
            if self.broken.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            drop(turn);
        }
        view.scan(request).await
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        self.before("apply").await?;
        if self.broken.load(Ordering::Relaxed) {
            return Err(poisoned());
        }
        if self.is("a large apply blocks the executor") && batch.len() > 10_000 {
            std::thread::sleep(LONG);
        }
        if self.is("apply spins until it is done") {
            return spin(store, &batch);
        }
        if self.is("apply waits on its thread for a task") {
            return wait_for_a_task(store, batch);
        }
        if self.is("apply enters a runtime of its own") {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .map_err(|failed| Error::new(ErrorKind::Internal, "no runtime").with_source(failed))?;
            return runtime.block_on(store.apply(batch));
        }
        if self.is("two batches at once never end") {
            let turn = self.turn.try_acquire();
            if turn.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::task::yield_now().await;
            let done = store.apply(batch).await;
            drop(turn);
            return done;
        }
        if self.is("readers and writers wait for each other") {
            if let Ok(turn) = self.turn.try_acquire() {
                drop(turn);
            } else {
                self.broken.store(true, Ordering::Relaxed);
                std::future::pending::<()>().await;
            }
        }
        if self.is("a dropped batch leaves the lock") {
            batch.check(store.capabilities())?;
            self.lock_and_give_way().await;
        }
        if self.is("a dropped batch is the end of the store") {
            self.broken.store(true, Ordering::Relaxed);
            tokio::task::yield_now().await;
            let done = store.apply(batch).await;
            self.broken.store(false, Ordering::Relaxed);
            return done;
        }
        if self.is("a dropped batch is applied without its last operation") {
            let durability = batch.requested_durability();
            let (preconditions, mut ops) = batch.clone().into_parts();
            let last = if ops.len() > 1 { ops.pop() } else { None };
            store.apply(super::batches::batch_of(durability, preconditions, ops)).await?;
            tokio::task::yield_now().await;
            let rest = last.into_iter().collect();
            return store.apply(super::batches::batch_of(durability, Vec::new(), rest)).await;
        }
        if self.is("a dropped batch is acknowledged to the next") {
            // Set by one that was begun and not ended.
            if self.broken.load(Ordering::Relaxed) {
                return Ok(());
            }
            let begun = Begun(&self.turn);
            tokio::task::yield_now().await;
            std::mem::forget(begun);
            if self.turn.available_permits() > 1 {
                let _ = self.turn.try_acquire().map(tokio::sync::SemaphorePermit::forget);
                return Ok(());
            }
        }
        store.apply(batch).await
    }

    async fn snapshot(&self, store: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
        self.before("a snapshot").await?;
        store.snapshot().await
    }

    async fn flush(&self, store: &Arc<dyn Backend>) -> Result<()> {
        self.before("flush").await?;
        store.flush().await
    }

    async fn close(&self, store: &Arc<dyn Backend>) -> Result<()> {
        self.before("close").await?;
        if self.is("a dropped close leaves the store half closed") {
            if let Ok(permit) = self.turn.acquire().await {
                permit.forget();
            }
            tokio::task::yield_now().await;
            self.turn.add_permits(1);
        }
        store.close().await
    }
}

/// Counts the batches that were dropped under way.
struct Begun<'a>(&'a Semaphore);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

fn spin(store: &Arc<dyn Backend>, batch: &Batch) -> Result<()> {
    let large = batch.len() > 10_000;
    let done = codestrata_conformance::bare::block_on(store.apply(batch.clone()));
    let began = std::time::Instant::now();
    while large && began.elapsed() < LONG {
        std::hint::spin_loop();
    }
    done
}

/// Has a task of the caller's runtime do the work, and stops the thread until it is done.
fn wait_for_a_task(store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return codestrata_conformance::bare::block_on(store.apply(batch));
    };
    let (done, answer) = std::sync::mpsc::channel();
    let store = Arc::clone(store);
    runtime.spawn(async move {
        // Nobody waits any more only if the process ends.
        let _ = done.send(store.apply(batch).await);
    });
    answer.recv().map_err(|ended| Error::new(ErrorKind::Internal, "no answer").with_source(ended))?
}
