//! Capabilities that are claimed and not there, that are there and not claimed, or that change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Durability, Key, Page, ReadView, Result, ScanRequest, async_trait,
    unsupported,
};

use crate::fault::Fault;
use crate::journal;
use crate::mutant::Mutant;
use crate::twist::Twist;

const SECTIONS: &[&str] = &["meta", "opening", "isolation", "snapshots", "reopening", "limits", "batch"];

const fn one(fault: &'static str, claims: Capabilities) -> Mutant {
    Mutant::of_memory(fault, SECTIONS, Claims::of).declaring(claims)
}

const fn kept(fault: &'static str, claims: Capabilities) -> Mutant {
    one(fault, claims).around_journal()
}

const MEMORY: Capabilities = codestrata_backend_memory::CAPABILITIES;
const WITHOUT_SNAPSHOTS: Capabilities = Capabilities::minimal().with_consistent_pages();
const KIB: usize = 1024;

pub(super) const MUTANTS: &[Mutant] = &[
    one("it claims snapshots and has none", MEMORY),
    one("it claims consistent pages and has none", WITHOUT_SNAPSHOTS),
    one("it claims to be persistent and is not", MEMORY.with_persistent()),
    one("it claims Synced and refuses it", MEMORY.with_persistent().with_synced()),
    kept("it claims several writers and locks them out", journal::SHARED_CAPABILITIES),
    one(
        "it claims several writers and has one store for each",
        MEMORY.with_persistent().with_several_writers(),
    ),
    one("it has snapshots and does not claim them", WITHOUT_SNAPSHOTS),
    one("it answers an unclaimed snapshot with an empty one", WITHOUT_SNAPSHOTS),
    one("it answers an unclaimed snapshot with the store", WITHOUT_SNAPSHOTS),
    one("it answers an unclaimed snapshot with NotFound", WITHOUT_SNAPSHOTS),
    one("it takes Synced and does not claim it", MEMORY),
    kept("it is persistent and does not claim it", Capabilities::minimal().with_snapshots(None)),
    kept(
        "it takes readers beside the writer and does not claim it",
        Capabilities::minimal().with_snapshots(None).with_persistent().with_synced(),
    ),
    one("it takes several writers and does not claim them", journal::CAPABILITIES).around_shared_journal(),
    one("a store claims fewer capabilities than its backend", MEMORY),
    one("a store claims more capabilities than its backend", MEMORY),
    one("a store claims a smaller value than its backend", MEMORY),
    one("a store claims a smaller batch than its backend", MEMORY),
    one("capabilities change after the first batch", MEMORY),
    one("capabilities change after close", MEMORY),
    one("capabilities panic after close", MEMORY),
    one("the largest value that it claims is refused", MEMORY.with_max_value_bytes(64 * KIB)),
    one("the largest value that it claims is not a limit", MEMORY.with_max_value_bytes(64 * KIB)),
    one("the largest batch that it claims is refused", MEMORY.with_max_batch_bytes(1024 * KIB)),
    one("the largest batch that it claims is not a limit", MEMORY.with_max_batch_bytes(1024 * KIB)),
    one(
        "snapshots expire before one second",
        Capabilities::minimal().with_snapshots(Some(std::time::Duration::from_millis(1))),
    ),
];

struct Claims {
    fault: Fault,
    other: Capabilities,
    changed: AtomicBool,
    panics: AtomicBool,
}

impl Claims {
    fn of(fault: Fault) -> Arc<dyn Twist> {
        let of_the_store = MEMORY;
        let other = match () {
            () if fault.is("a store claims more capabilities than its backend") => MEMORY.with_persistent(),
            () if fault.is("a store claims a smaller value than its backend") => {
                MEMORY.with_max_value_bytes(KIB)
            }
            () if fault.is("a store claims a smaller batch than its backend") => {
                MEMORY.with_max_batch_bytes(KIB)
            }
            () if fault.is_one_of(&[
                "a store claims fewer capabilities than its backend",
                "capabilities change after the first batch",
                "capabilities change after close",
            ]) =>
            {
                Capabilities::minimal()
            }
            // The others claim what their descriptor does.
            () => crate::mutant::declared(&fault).unwrap_or(of_the_store),
        };
        let late = fault
            .is_one_of(&["capabilities change after the first batch", "capabilities change after close"]);
        Arc::new(Self { fault, other, changed: AtomicBool::new(!late), panics: AtomicBool::new(false) })
    }

    fn is(&self, name: &str) -> bool {
        self.fault.is(name)
    }
}

#[async_trait]
impl Twist for Claims {
    fn capabilities<'a>(&'a self, store: &'a Arc<dyn Backend>) -> &'a Capabilities {
        assert!(!(self.panics.load(Ordering::Relaxed)), "the store was closed");
        if self.changed.load(Ordering::Relaxed) { &self.other } else { store.capabilities() }
    }

    async fn get_many(&self, view: &dyn ReadView, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if !self.is("it claims consistent pages and has none") {
            return view.get_many(keys).await;
        }
        codestrata_core::backend::check_key_count(keys.len())?;
        let mut values = Vec::with_capacity(keys.len());
        for part in keys.chunks(8) {
            values.extend(view.get_many(part).await?);
            if keys.len() < 1_000 {
                tokio::task::yield_now().await;
            }
        }
        Ok(values)
    }

    async fn scan(&self, view: &dyn ReadView, request: &ScanRequest) -> Result<Page> {
        view.scan(request).await
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        // As the store inside answers, for the order of its errors.
        store.flush().await?;
        let not_a_limit = self.is("the largest value that it claims is not a limit")
            || self.is("the largest batch that it claims is not a limit");
        let synced = self.is("it takes Synced and does not claim it");
        let limited = batch.clone().durability(Durability::Strongest);
        if !not_a_limit {
            limited.check(&self.other)?;
        }
        let refuses_largest = self.is("the largest value that it claims is refused")
            && batch.ops().iter().any(
                |op| matches!(op, codestrata_core::Op::Put(_, value) if value.len() == self.other.max_value_bytes()),
            );
        if refuses_largest
            || (self.is("the largest batch that it claims is refused")
                && batch.byte_size() > self.other.max_batch_bytes() - 2 * KIB)
        {
            return Err(super::errors::too_large());
        }
        let batch = if synced { batch.durability(Durability::Strongest) } else { batch };
        let done = store.apply(batch).await;
        if self.is("capabilities change after the first batch") {
            self.changed.store(true, Ordering::Relaxed);
        }
        done
    }

    async fn snapshot(&self, store: &Arc<dyn Backend>) -> Result<Box<dyn ReadView>> {
        store.flush().await?;
        if self.is("it claims snapshots and has none") {
            return Err(unsupported("snapshots"));
        }
        if self.is("it answers an unclaimed snapshot with an empty one") {
            return Ok(Box::new(Nothing));
        }
        if self.is("it answers an unclaimed snapshot with the store") {
            return Ok(Box::new(Same(Arc::clone(store))));
        }
        if self.is("it answers an unclaimed snapshot with NotFound") {
            return Err(codestrata_core::Error::new(
                codestrata_core::ErrorKind::NotFound,
                "there are no snapshots",
            ));
        }
        if self.is("it claims consistent pages and has none") {
            return Err(unsupported("snapshots"));
        }
        if self.is("snapshots expire before the age that it claims") {
            let then = store.snapshot().await?;
            return Ok(Box::new(Expiring { then, taken: std::time::Instant::now() }));
        }
        store.snapshot().await
    }

    async fn close(&self, store: &Arc<dyn Backend>) -> Result<()> {
        if self.is("capabilities change after close") {
            self.changed.store(true, Ordering::Relaxed);
        }
        if self.is("capabilities panic after close") {
            self.panics.store(true, Ordering::Relaxed);
        }
        store.close().await
    }
}

struct Nothing;

#[async_trait]
impl ReadView for Nothing {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        Ok(vec![None; keys.len()])
    }

    async fn scan(&self, _request: &ScanRequest) -> Result<Page> {
        Ok(Page::default())
    }
}

struct Same(Arc<dyn Backend>);

#[async_trait]
impl ReadView for Same {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.0.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.0.scan(request).await
    }
}

struct Expiring {
    then: Box<dyn ReadView>,
    taken: std::time::Instant,
}

impl Expiring {
    fn check(&self) -> Result<()> {
        if self.taken.elapsed() > std::time::Duration::from_millis(200) {
            return Err(codestrata_core::Error::new(
                codestrata_core::ErrorKind::Unavailable,
                "the snapshot has expired",
            ));
        }
        Ok(())
    }
}

#[async_trait]
impl ReadView for Expiring {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        self.check()?;
        self.then.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        self.check()?;
        self.then.scan(request).await
    }
}
