//! Preconditions that are checked wrongly, too late, or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use codestrata_core::{Backend, Batch, Error, ErrorKind, Op, Precondition, Result, async_trait};
use tokio::sync::Mutex;

use super::batches::batch_of;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["preconditions", "serialisable", "errors", "model"], |fault| {
        Arc::new(Preconditions { fault, turn: Mutex::new(()) })
    })
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("preconditions are ignored"),
    one("preconditions are ignored in a batch without operations"),
    one("preconditions are ignored in a batch with operations"),
    one("preconditions are ignored in a large batch"),
    one("preconditions on keys that the batch does not write are ignored"),
    one("preconditions on keys that the batch writes are ignored"),
    one("only the first precondition is checked"),
    one("only the last precondition is checked"),
    one("only the last precondition on a key is checked"),
    one("only the first precondition on a key is checked"),
    one("only the first 16 preconditions are checked"),
    one("only the first 256 preconditions are checked"),
    one("one precondition that holds is enough"),
    one("Absent always holds"),
    one("Absent never holds"),
    one("Absent holds for an empty value"),
    one("Absent fails where a longer key is"),
    one("Absent fails for a key that was deleted"),
    one("Equals always holds for a key that is there"),
    one("Equals holds for a missing key"),
    one("Equals of an empty value holds for a missing key"),
    one("Equals of an empty value never holds"),
    one("Equals of an empty value always holds"),
    one("Equals compares the beginning"),
    one("Equals takes the beginning of what is stored"),
    one("Equals compares the length"),
    one("Equals compares the first byte"),
    one("Equals compares the first 64 bytes"),
    one("Equals compares the first 4,096 bytes"),
    one("Equals compares a sum of the bytes"),
    one("Equals compares without case"),
    one("Equals compares without zeros at the end"),
    one("Equals compares as text"),
    one("Equals of a large value never holds"),
    one("Equals is Differs"),
    one("preconditions are checked after the operations"),
    one("preconditions are checked after the deletes"),
    one("preconditions are checked one by one with the operations"),
    one("preconditions are checked some time before the operations"),
    one("preconditions are checked some time before the operations where they are for another key"),
    one("a refused batch is applied"),
    one("a refused batch has its deletes applied"),
    one("a refused batch answers Ok"),
    one("a refused batch is called a Conflict"),
    one("a refused batch is called Internal"),
    one("a refused batch is called NotFound"),
    one("a refused batch is called InvalidArgument"),
    one("a refused batch has an empty message"),
    one("a refused batch panics"),
    one("a batch of preconditions alone is a Conflict"),
];

struct Preconditions {
    fault: Fault,
    // Checked and applied by one at a time: the faults are others than that, but for those that say so.
    turn: Mutex<()>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)).unwrap_or_default()
}

impl Preconditions {
    fn is(&self, name: &str) -> bool {
        self.fault.is(name)
    }

    fn holds(&self, one: &Precondition, stored: Option<&[u8]>) -> bool {
        match one {
            Precondition::Absent(_) => match stored {
                _ if self.is("Absent always holds") => true,
                _ if self.is("Absent never holds") => false,
                Some([]) if self.is("Absent holds for an empty value") => true,
                stored => stored.is_none(),
            },
            Precondition::Equals(_, value) => self.equals(value, stored, one.holds(stored)),
        }
    }

    fn equals(&self, value: &[u8], stored: Option<&[u8]>, right: bool) -> bool {
        if value.is_empty() {
            if self.is("Equals of an empty value never holds") {
                return false;
            }
            if self.is("Equals of an empty value always holds") {
                return true;
            }
        }
        let Some(stored) = stored else {
            return self.is("Equals holds for a missing key")
                || (value.is_empty() && self.is("Equals of an empty value holds for a missing key"))
                || self.is("Equals is Differs");
        };
        let firsts = |length: usize| {
            stored.iter().take(length).eq(value.iter().take(length)) && stored.len() == value.len()
        };
        match () {
            () if self.is("Equals always holds for a key that is there") => true,
            () if self.is("Equals is Differs") => !right,
            () if self.is("Equals compares the beginning") => stored.starts_with(value),
            () if self.is("Equals takes the beginning of what is stored") => value.starts_with(stored),
            () if self.is("Equals compares the length") => stored.len() == value.len(),
            () if self.is("Equals compares the first byte") => stored.first() == value.first(),
            () if self.is("Equals compares the first 64 bytes") => firsts(64),
            () if self.is("Equals compares the first 4,096 bytes") => firsts(4_096),
            () if self.is("Equals compares a sum of the bytes") => {
                sum(stored) == sum(value) && stored.len() == value.len()
            }
            () if self.is("Equals compares without case") => stored.eq_ignore_ascii_case(value),
            () if self.is("Equals compares without zeros at the end") => {
                without_zeros(stored) == without_zeros(value)
            }
            () if self.is("Equals compares as text") => text(stored) == text(value),
            () if self.is("Equals of a large value never holds") => right && value.len() <= 65_536,
            () => right,
        }
    }

    /// Those of the preconditions that are looked at.
    fn checked(&self, mut all: Vec<Precondition>, ops: &[Op]) -> Vec<Precondition> {
        let writes = |one: &Precondition| {
            ops.iter().any(|op| match op {
                Op::Put(key, _) | Op::Delete(key) => key == one.key(),
                Op::DeleteRange(range) => range.contains(one.key().as_slice()),
            })
        };
        if self.is("preconditions are ignored")
            || (self.is("preconditions are ignored in a batch without operations") && ops.is_empty())
            || (self.is("preconditions are ignored in a batch with operations") && !ops.is_empty())
            || (self.is("preconditions are ignored in a large batch") && ops.len() > 256)
        {
            all.clear();
        } else if self.is("preconditions on keys that the batch does not write are ignored") {
            all.retain(|one| ops.is_empty() || writes(one));
        } else if self.is("preconditions on keys that the batch writes are ignored") {
            all.retain(|one| !writes(one));
        } else if self.is("only the first precondition is checked") {
            all.truncate(1);
        } else if self.is("only the first 16 preconditions are checked") {
            all.truncate(16);
        } else if self.is("only the first 256 preconditions are checked") {
            all.truncate(256);
        } else if self.is("only the last precondition is checked") {
            all.drain(..all.len().saturating_sub(1));
        } else if self.is("only the last precondition on a key is checked") {
            let last: BTreeMap<_, _> = all.into_iter().map(|one| (one.key().clone(), one)).collect();
            all = last.into_values().collect();
        } else if self.is("only the first precondition on a key is checked") {
            let first: BTreeMap<_, _> = all.into_iter().rev().map(|one| (one.key().clone(), one)).collect();
            all = first.into_values().collect();
        }
        all
    }

    /// The first that fails, as this mutant has it.
    async fn failed(&self, store: &Arc<dyn Backend>, all: &[Precondition]) -> Result<Option<Precondition>> {
        let mut failed = None;
        let mut held = false;
        for one in all {
            let stored = store.get(one.key()).await?;
            let mut holds = self.holds(one, stored.as_deref());
            if self.is("Absent fails where a longer key is") && matches!(one, Precondition::Absent(_)) {
                let prefix = codestrata_core::KeyRange::prefix(one.key().clone().into_bytes());
                holds = store.scan(&codestrata_core::ScanRequest::new(prefix)).await?.is_empty();
            }
            if holds {
                held = true;
            } else if failed.is_none() {
                failed = Some(one.clone());
            }
        }
        if held && self.is("one precondition that holds is enough") {
            return Ok(None);
        }
        Ok(failed)
    }

    /// The answer to a batch that is refused, and what it leaves.
    async fn refuse(&self, store: &Arc<dyn Backend>, failed: &Precondition, ops: Vec<Op>) -> Result<()> {
        let kind = match () {
            () if self.is("a refused batch is called a Conflict") => ErrorKind::Conflict,
            () if self.is("a refused batch is called Internal") => ErrorKind::Internal,
            () if self.is("a refused batch is called NotFound") => ErrorKind::NotFound,
            () if self.is("a refused batch is called InvalidArgument") => ErrorKind::InvalidArgument,
            () => ErrorKind::PreconditionFailed,
        };
        if self.is("a refused batch is applied") {
            store.apply(batch_of(codestrata_core::Durability::Strongest, Vec::new(), ops)).await?;
        } else if self.is("a refused batch has its deletes applied") {
            let deletes = ops.into_iter().filter(|op| !super::batches::is_put(op)).collect();
            store.apply(batch_of(codestrata_core::Durability::Strongest, Vec::new(), deletes)).await?;
        }
        assert!(!(self.is("a refused batch panics")), "assertion failed: {failed:?}");
        if self.is("a refused batch answers Ok") {
            return Ok(());
        }
        if self.is("a refused batch has an empty message") {
            return Err(Error::new(kind, ""));
        }
        Err(Error::new(kind, failed.failed().message()))
    }
}

#[async_trait]
impl Twist for Preconditions {
    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        batch.check(store.capabilities())?;
        let durability = batch.requested_durability();
        let (preconditions, mut ops) = batch.into_parts();
        if self.is("Absent fails for a key that was deleted") {
            return self.with_tombstones(store, durability, preconditions, ops).await;
        }
        if ops.is_empty()
            && !preconditions.is_empty()
            && self.is("a batch of preconditions alone is a Conflict")
        {
            return Err(Error::new(ErrorKind::Conflict, "there was nothing to commit"));
        }
        let early = self.is("preconditions are checked some time before the operations")
            || (self.is(
                "preconditions are checked some time before the operations where they are for another key",
            ) && preconditions.iter().all(|one| {
                !ops.iter().any(|op| matches!(op, Op::Put(key, _) | Op::Delete(key) if key == one.key()))
            }));
        let turn = if early { None } else { Some(self.turn.lock().await) };
        let checked = self.checked(preconditions, &ops);
        if self.is("preconditions are checked after the operations") {
            store.apply(batch_of(durability, Vec::new(), std::mem::take(&mut ops))).await?;
        } else if self.is("preconditions are checked after the deletes") {
            let (puts, deletes) = ops.into_iter().partition(super::batches::is_put);
            store.apply(batch_of(durability, Vec::new(), deletes)).await?;
            ops = puts;
        } else if self.is("preconditions are checked one by one with the operations") {
            for (one, op) in checked.iter().zip(&ops) {
                if self.failed(store, std::slice::from_ref(one)).await?.is_some() {
                    return Err(one.failed());
                }
                store.apply(batch_of(durability, Vec::new(), vec![op.clone()])).await?;
            }
        }
        if let Some(failed) = self.failed(store, &checked).await? {
            return self.refuse(store, &failed, ops).await;
        }
        if turn.is_none() {
            tokio::task::yield_now().await;
        }
        store.apply(batch_of(durability, Vec::new(), ops)).await
    }
}

impl Preconditions {
    /// As an engine that keeps a mark for what was deleted, and takes the mark for the key.
    async fn with_tombstones(
        &self,
        store: &Arc<dyn Backend>,
        durability: codestrata_core::Durability,
        preconditions: Vec<Precondition>,
        ops: Vec<Op>,
    ) -> Result<()> {
        use std::sync::{OnceLock, PoisonError};
        static DELETED: OnceLock<std::sync::Mutex<std::collections::BTreeSet<Vec<u8>>>> = OnceLock::new();
        let deleted = DELETED.get_or_init(std::sync::Mutex::default);
        for one in &preconditions {
            let gone = deleted.lock().unwrap_or_else(PoisonError::into_inner).contains(one.key().as_slice());
            if gone && matches!(one, Precondition::Absent(_)) && store.get(one.key()).await?.is_none() {
                return Err(one.failed());
            }
        }
        for op in &ops {
            if let Op::Delete(key) = op {
                deleted.lock().unwrap_or_else(PoisonError::into_inner).insert(key.as_slice().to_vec());
            }
        }
        store.apply(batch_of(durability, preconditions, ops)).await
    }
}
