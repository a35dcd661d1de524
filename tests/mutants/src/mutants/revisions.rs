//! Revisions that stand while the store changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use codestrata_core::{Backend, Batch, Result, async_trait};

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["revision"], |fault| Arc::new(Revisions { fault, applied: AtomicU64::new(0) }))
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("the revision is always the same"),
    one("the revision moves with every second batch"),
    one("the revision does not move with a batch that is buffered"),
    one("a closed store still tells its revision"),
    one("the revision is moved after a batch, and not before"),
    one("the revision is told while a batch takes effect"),
];

struct Revisions {
    fault: Fault,
    applied: AtomicU64,
}

#[async_trait]
impl Twist for Revisions {
    fn revision(&self, store: &Arc<dyn Backend>) -> Option<u64> {
        let applied = self.applied.load(Ordering::SeqCst);
        let is_open = store.revision().is_some();
        if self.fault.is("the revision is always the same") {
            return is_open.then_some(1);
        }
        if self.fault.is("the revision moves with every second batch") {
            return is_open.then_some(applied / 2);
        }
        if self.fault.is("a closed store still tells its revision") {
            return Some(applied);
        }
        is_open.then_some(applied)
    }

    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        let is_buffered = batch.requested_durability() == codestrata_core::Durability::Buffered;
        if self.fault.is("the revision is moved after a batch, and not before") {
            let applied = store.apply(batch).await;
            // Wide enough for a reader to come between.
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
            self.applied.fetch_add(1, Ordering::SeqCst);
            return applied;
        }
        if self.fault.is("the revision is told while a batch takes effect") {
            self.applied.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
            let applied = store.apply(batch).await;
            tokio::time::sleep(std::time::Duration::from_micros(200)).await;
            self.applied.fetch_add(1, Ordering::SeqCst);
            return applied;
        }
        let stands = is_buffered && self.fault.is("the revision does not move with a batch that is buffered");
        let steps = u64::from(!stands);
        self.applied.fetch_add(steps, Ordering::SeqCst);
        let applied = store.apply(batch).await;
        if !self.fault.is("the revision moves with every second batch") {
            self.applied.fetch_add(steps, Ordering::SeqCst);
        }
        applied
    }
}
