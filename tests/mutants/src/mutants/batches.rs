//! Batches whose operations are not all done, not in their order, or not as one step.

use std::collections::BTreeSet;
use std::sync::Arc;

use codestrata_core::{
    Backend, Batch, Bytes, Durability, Key, KeyRange, Op, Precondition, Result, ScanRequest, async_trait,
};

use super::errors::too_large;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["batch", "deleting", "limits", "visibility", "model"], |fault| {
        Arc::new(Batches(fault))
    })
}

const fn racy(fault: &'static str) -> Mutant {
    Mutant::of_memory(
        fault,
        &["batch", "visibility", "cancellation", "serialisable", "concurrency"],
        |fault| Arc::new(Batches(fault)),
    )
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("operations are done from the last to the first"),
    one("operations are done in the order of their keys"),
    one("puts are done before deletes"),
    one("deletes are done before puts"),
    one("deleted ranges are done before all else"),
    one("deleted ranges are done after all else"),
    one("of two puts of a key the first is kept"),
    one("of two operations on a key the first is done"),
    one("a delete takes the puts that come after it"),
    one("a put survives the delete that comes after it"),
    one("a deleted range takes the puts that come after it"),
    one("a deleted range spares the puts of its batch"),
    one("the first operation of a batch is left out"),
    one("the last operation of a batch is left out"),
    one("operations after the first 1,000 are left out"),
    one("operations after the first 16,384 are left out"),
    one("sorted puts are left out where a key is between two others"),
    one("a batch of one operation is left out"),
    one("a batch of one delete is left out"),
    one("an empty batch is an error"),
    one("an empty batch with preconditions is an error"),
    one("a batch too large is done up to its limit"),
    one("a value too large leaves what came before it"),
    one("a value too large is left out of its batch"),
    one("a value too large is cut"),
    one("a value too large is taken"),
    one("a batch too large is taken"),
    one("a batch too large is found after it was done"),
    one("a batch of the largest size is refused"),
    one("a value too large in a precondition is taken"),
    racy("a batch is applied one operation at a time"),
    racy("a batch is applied in two halves"),
    racy("the deletes of a batch are seen before its puts"),
    racy("a batch of more than 1,000 operations is applied in parts"),
    racy("a dropped batch is applied by half"),
    racy("two batches at once overwrite each other"),
    racy("two batches at once are mixed"),
];

struct Batches(Fault);

fn key_of(op: &Op) -> Option<&Key> {
    match op {
        Op::Put(key, _) | Op::Delete(key) => Some(key),
        Op::DeleteRange(_) => None,
    }
}

fn is_range(op: &Op) -> bool {
    matches!(op, Op::DeleteRange(_))
}

/// A batch of these operations.
pub(super) fn batch_of(durability: Durability, preconditions: Vec<Precondition>, ops: Vec<Op>) -> Batch {
    let mut batch = Batch::new().durability(durability);
    for precondition in preconditions {
        batch.add_precondition(precondition);
    }
    for op in ops {
        batch.add(op);
    }
    batch
}

impl Batches {
    /// The operations that are done in place of those of the batch.
    fn ops(&self, ops: &mut Vec<Op>) {
        let fault = &self.0;
        if fault.is("operations are done from the last to the first") {
            ops.reverse();
        } else if fault.is("operations are done in the order of their keys") {
            ops.sort_by(|one, other| key_of(one).cmp(&key_of(other)).then(is_put(one).cmp(&is_put(other))));
        } else if fault.is("puts are done before deletes") {
            ops.sort_by_key(|op| !is_put(op));
        } else if fault.is("deletes are done before puts") {
            ops.sort_by_key(is_put);
        } else if fault.is("deleted ranges are done before all else") {
            ops.sort_by_key(|op| !is_range(op));
        } else if fault.is("deleted ranges are done after all else") {
            ops.sort_by_key(is_range);
        } else if fault.is("of two puts of a key the first is kept") {
            let mut put = BTreeSet::new();
            ops.retain(|op| !is_put(op) || key_of(op).is_none_or(|key| put.insert(key.clone())));
        } else if fault.is("of two operations on a key the first is done") {
            let mut seen = BTreeSet::new();
            ops.retain(|op| key_of(op).is_none_or(|key| seen.insert(key.clone())));
        } else if fault.is("the first operation of a batch is left out") && ops.len() > 1 {
            ops.remove(0);
        } else if fault.is("the last operation of a batch is left out") && ops.len() > 1 {
            ops.pop();
        } else if fault.is("operations after the first 1,000 are left out") {
            ops.truncate(1_000);
        } else if fault.is("operations after the first 16,384 are left out") {
            ops.truncate(16_384);
        } else if (fault.is("a batch of one operation is left out") && ops.len() == 1)
            || (fault.is("a batch of one delete is left out") && matches!(ops.as_slice(), [Op::Delete(_)]))
        {
            ops.clear();
        } else {
            self.pairs(ops);
        }
    }

    /// Operations that spoil each other.
    fn pairs(&self, ops: &mut Vec<Op>) {
        let fault = &self.0;
        let all = ops.clone();
        let mut at = 0;
        ops.retain(|op| {
            at += 1;
            let (before, after) = (all.iter().take(at - 1), all.iter().skip(at));
            let key = key_of(op);
            let in_range = |range: &KeyRange| key.is_some_and(|key| range.contains(key.as_slice()));
            let lost = (fault.is("a delete takes the puts that come after it")
                && is_put(op)
                && before.clone().any(|one| matches!(one, Op::Delete(gone) if Some(gone) == key)))
                || (fault.is("a put survives the delete that comes after it")
                    && matches!(op, Op::Delete(_))
                    && before.clone().any(|one| is_put(one) && key_of(one) == key))
                || (fault.is("a deleted range takes the puts that come after it")
                    && is_put(op)
                    && before.clone().any(|one| matches!(one, Op::DeleteRange(range) if in_range(range))));
            let _ = after;
            !lost
        });
        if fault.is("a deleted range spares the puts of its batch") {
            // Once more at the end, if nothing else was done to the key since.
            let puts: Vec<Op> = all
                .iter()
                .enumerate()
                .filter(|(at, op)| {
                    is_put(op)
                        && !all
                            .iter()
                            .skip(at + 1)
                            .any(|later| key_of(later).is_some() && key_of(later) == key_of(op))
                })
                .map(|(_, op)| op.clone())
                .collect();
            ops.extend(puts);
        }
    }

    async fn at_the_limits(&self, store: &Arc<dyn Backend>, batch: &Batch) -> Result<Option<Batch>> {
        let fault = &self.0;
        let claims = *store.capabilities();
        let is_over = |op: &Op| matches!(op, Op::Put(_, value) if value.len() > claims.max_value_bytes());
        let durability = batch.requested_durability();
        let rebuilt = |ops: Vec<Op>| batch_of(durability, batch.preconditions().to_vec(), ops);
        if fault.is("a batch of the largest size is refused") && batch.byte_size() == claims.max_batch_bytes()
        {
            return Err(too_large());
        }
        if batch.ops().iter().any(is_over) {
            let before: Vec<Op> = batch.ops().iter().take_while(|op| !is_over(op)).cloned().collect();
            if fault.is("a value too large leaves what came before it") {
                store.apply(rebuilt(before)).await?;
                return Err(too_large());
            }
            if fault.is("a value too large is left out of its batch") {
                return Ok(Some(rebuilt(batch.ops().iter().filter(|op| !is_over(op)).cloned().collect())));
            }
            if fault.is_one_of(&["a value too large is cut", "a value too large is taken"]) {
                let cut = |op: &Op| match op {
                    Op::Put(key, value) => {
                        Op::Put(key.clone(), value.slice(..value.len().min(claims.max_value_bytes())))
                    }
                    other => other.clone(),
                };
                return Ok(Some(rebuilt(batch.ops().iter().map(cut).collect())));
            }
        }
        let long = batch.preconditions().iter().any(
            |one| matches!(one, Precondition::Equals(_, value) if value.len() > claims.max_value_bytes()),
        );
        if long && fault.is("a value too large in a precondition is taken") {
            let missed = batch.preconditions().first().map(Precondition::failed);
            return missed.map_or(Ok(None), Err);
        }
        if batch.byte_size() > claims.max_batch_bytes() {
            let parts = fault.is_one_of(&[
                "a batch too large is done up to its limit",
                "a batch too large is taken",
                "a batch too large is found after it was done",
            ]);
            if parts {
                for op in batch.ops() {
                    store.apply(rebuilt(vec![op.clone()])).await?;
                }
                if fault.is("a batch too large is taken") {
                    return Ok(Some(Batch::new()));
                }
                return Err(too_large());
            }
        }
        Ok(None)
    }

    async fn in_parts(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<Option<Batch>> {
        let fault = &self.0;
        let durability = batch.requested_durability();
        let (preconditions, ops) = batch.into_parts();
        let length = if fault.is("a batch is applied one operation at a time") {
            1
        } else if fault.is("a batch is applied in two halves")
            || fault.is("a dropped batch is applied by half")
        {
            (ops.len() / 2).max(1)
        } else if fault.is("two batches at once are mixed") {
            8
        } else if fault.is("a batch of more than 1,000 operations is applied in parts") && ops.len() > 1_000 {
            1_000
        } else {
            return Ok(Some(batch_of(durability, preconditions, ops)));
        };
        let mut preconditions = Some(preconditions);
        let mut last = None;
        for part in ops.chunks(length) {
            if let Some(batch) = last.take() {
                store.apply(batch).await?;
                if fault.is("a dropped batch is applied by half") {
                    yield_often().await;
                }
                tokio::task::yield_now().await;
            }
            last = Some(batch_of(durability, preconditions.take().unwrap_or_default(), part.to_vec()));
        }
        Ok(Some(last.unwrap_or_else(|| batch_of(durability, preconditions.unwrap_or_default(), Vec::new()))))
    }

    /// Reads everything, changes it, and writes it back, as if nobody else did.
    async fn overwrite(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        if batch.len() > 4 || !batch.preconditions().is_empty() {
            return store.apply(batch).await;
        }
        let page = store.scan(&ScanRequest::new(KeyRange::all())).await?;
        let is_whole = page.next().is_none();
        let items: Vec<(Bytes, Bytes)> = page.iter_shared().collect();
        tokio::task::yield_now().await;
        let mut whole = Batch::new().durability(batch.requested_durability());
        if is_whole {
            whole = whole.delete_range(KeyRange::all());
            for (key, value) in items {
                whole = whole.put(Key::new(key)?, value);
            }
        }
        for op in batch.into_parts().1 {
            whole.add(op);
        }
        store.apply(whole).await
    }
}

/// Gives way to others a few times.
async fn yield_often() {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

pub(super) fn is_put(op: &Op) -> bool {
    matches!(op, Op::Put(..))
}

#[async_trait]
impl Twist for Batches {
    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        let fault = &self.0;
        let bare = batch.ops().is_empty();
        if (fault.is("an empty batch is an error") && batch.is_empty())
            || (fault.is("an empty batch with preconditions is an error") && bare && !batch.is_empty())
        {
            return Err(codestrata_core::Error::new(
                codestrata_core::ErrorKind::InvalidArgument,
                "the batch has no operations",
            ));
        }
        if let Some(changed) = self.at_the_limits(store, &batch).await? {
            return store.apply(changed).await;
        }
        batch.check(store.capabilities())?;
        if fault.is("two batches at once overwrite each other") {
            return self.overwrite(store, batch).await;
        }
        if fault.is("the deletes of a batch are seen before its puts") {
            let (durability, deletes) = (
                batch.requested_durability(),
                batch.ops().iter().filter(|op| matches!(op, Op::Put(..))).filter_map(key_of).cloned(),
            );
            let deletes: Vec<Op> = deletes.map(Op::Delete).collect();
            if batch.preconditions().is_empty() && deletes.len() > 8 {
                store.apply(batch_of(durability, Vec::new(), deletes)).await?;
                tokio::task::yield_now().await;
            }
            return store.apply(batch).await;
        }
        if fault.is("sorted puts are left out where a key is between two others") && batch.len() > 100 {
            return self.append_only(store, batch).await;
        }
        let Some(batch) = self.in_parts(store, batch).await? else { return Ok(()) };
        let durability = batch.requested_durability();
        let (preconditions, mut ops) = batch.into_parts();
        self.ops(&mut ops);
        store.apply(batch_of(durability, preconditions, ops)).await
    }
}

impl Batches {
    /// Takes a large batch for one that goes behind all that is there.
    async fn append_only(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        let last = store.scan(&ScanRequest::new(KeyRange::all()).reverse().max_items(1)).await?;
        let last = last.iter_shared().next().map(|(key, _)| key);
        let durability = batch.requested_durability();
        let (preconditions, mut ops) = batch.into_parts();
        if let Some(last) = last {
            ops.retain(|op| !is_put(op) || key_of(op).is_some_and(|key| key.as_slice() > last.as_ref()));
        }
        store.apply(batch_of(durability, preconditions, ops)).await
    }
}
