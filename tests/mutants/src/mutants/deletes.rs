//! Deletes that take too little or too much.

use std::sync::Arc;

use codestrata_core::limits::MAX_KEY_BYTES;
use codestrata_core::{
    Backend, Batch, Bytes, Error, ErrorKind, Key, KeyRange, Op, Result, ScanRequest, async_trait,
};

use super::batches::batch_of;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::twist::Twist;

const fn one(fault: &'static str) -> Mutant {
    Mutant::of_memory(fault, &["deleting", "batch", "keys", "model"], |fault| Arc::new(Deletes(fault)))
}

pub(super) const MUTANTS: &[Mutant] = &[
    one("a delete does nothing"),
    one("a delete stores an empty value"),
    one("a delete takes all that begins with its key"),
    one("a delete takes the next key when its own is missing"),
    one("a delete of a missing key is an error"),
    one("a delete of a key with an empty value does nothing"),
    one("a deleted range has its end"),
    one("a deleted range spares its start"),
    one("a deleted range spares its last key"),
    one("a deleted range without end does nothing"),
    one("a deleted range without end spares keys of FF"),
    one("a deleted range without end spares the last key"),
    one("a deleted range without start does nothing"),
    one("a deleted range takes 1,000 keys at the most"),
    one("a deleted range takes 10,000 keys at the most"),
    one("a deleted range spares longer keys"),
    one("a deleted range spares keys with a zero byte"),
    one("a deleted range spares empty values"),
    one("a deleted range stores empty values"),
    one("a deleted range that is inverted is turned round"),
    one("a deleted range that is inverted is an error"),
    one("a deleted range that is inverted takes everything"),
    one("a deleted range that is inverted takes what is behind its start"),
    one("a deleted range that is empty takes its start"),
    one("a deleted range of all does nothing"),
    one("a deleted range of nothing there is an error"),
    one("a deleted range with a bound longer than a key is an error"),
    one("of two deleted ranges the second is left out"),
    one("of two deleted ranges all between them is taken"),
    one("a deleted range takes the whole prefix of its start"),
];

struct Deletes(Fault);

impl Deletes {
    async fn op(&self, store: &Arc<dyn Backend>, op: Op) -> Result<Vec<Op>> {
        match op {
            Op::Delete(key) => self.delete(store, key).await,
            Op::DeleteRange(range) => self.range(store, range).await,
            put @ Op::Put(..) => Ok(vec![put]),
        }
    }

    async fn delete(&self, store: &Arc<dyn Backend>, key: Key) -> Result<Vec<Op>> {
        let fault = &self.0;
        if fault.is("a delete does nothing") {
            return Ok(Vec::new());
        }
        if fault.is("a delete stores an empty value") {
            return Ok(vec![Op::Put(key, Bytes::new())]);
        }
        if fault.is("a delete takes all that begins with its key") {
            return Ok(vec![Op::DeleteRange(KeyRange::prefix(key.into_bytes()))]);
        }
        let there = store.get(&key).await?;
        if there.is_none() && fault.is("a delete of a missing key is an error") {
            return Err(Error::new(ErrorKind::NotFound, "there is no such key"));
        }
        if there.is_none() && fault.is("a delete takes the next key when its own is missing") {
            let rest = ScanRequest::new(KeyRange::new(key.clone().into_bytes(), None)).max_items(1);
            if let Some((next, _)) = store.scan(&rest).await?.iter_shared().next() {
                return Ok(vec![Op::Delete(Key::new(next)?)]);
            }
        }
        let is_empty = there.is_some_and(|value| value.is_empty());
        if is_empty && fault.is("a delete of a key with an empty value does nothing") {
            return Ok(Vec::new());
        }
        Ok(vec![Op::Delete(key)])
    }

    async fn range(&self, store: &Arc<dyn Backend>, range: KeyRange) -> Result<Vec<Op>> {
        let fault = &self.0;
        let (start, end) = (range.start().clone(), range.end().cloned());
        let behind = |bound: &Bytes| KeyRange::all().after(bound).start().clone();
        let just = |range: KeyRange| Ok(vec![Op::DeleteRange(range)]);
        let invalid = || Err(Error::new(ErrorKind::InvalidArgument, "the range is not one"));
        if range.is_empty() {
            return self.empty_range(range);
        }
        let is_all = start.is_empty() && end.is_none();
        if (is_all && fault.is("a deleted range of all does nothing"))
            || (end.is_none() && fault.is("a deleted range without end does nothing"))
            || (start.is_empty() && end.is_some() && fault.is("a deleted range without start does nothing"))
        {
            return Ok(Vec::new());
        }
        if fault.is("a deleted range has its end")
            && let Some(end) = &end
        {
            return just(KeyRange::new(start, Some(behind(end))));
        }
        if fault.is("a deleted range spares its start") && !start.is_empty() {
            return just(KeyRange::new(behind(&start), end));
        }
        if end.is_none() && fault.is("a deleted range without end spares keys of FF") {
            return just(KeyRange::new(start, Some(Bytes::from_static(&[0xFF]))));
        }
        if fault.is("a deleted range takes the whole prefix of its start") && !start.is_empty() {
            return Ok(vec![Op::DeleteRange(KeyRange::prefix(start)), Op::DeleteRange(range)]);
        }
        let long = start.len() > MAX_KEY_BYTES || end.as_ref().is_some_and(|end| end.len() > MAX_KEY_BYTES);
        if long && fault.is("a deleted range with a bound longer than a key is an error") {
            return invalid();
        }
        if !fault.is_one_of(&[
            "a deleted range spares its last key",
            "a deleted range without end spares the last key",
            "a deleted range takes 1,000 keys at the most",
            "a deleted range takes 10,000 keys at the most",
            "a deleted range spares longer keys",
            "a deleted range spares keys with a zero byte",
            "a deleted range spares empty values",
            "a deleted range stores empty values",
            "a deleted range of nothing there is an error",
        ]) {
            return just(range);
        }
        let page = store.scan(&ScanRequest::new(range.clone())).await?;
        let mut gone: Vec<(Bytes, Bytes)> = page.iter_shared().collect();
        if gone.is_empty() && fault.is("a deleted range of nothing there is an error") {
            return Err(Error::new(ErrorKind::NotFound, "there is no key in the range"));
        }
        if fault.is("a deleted range spares its last key")
            || (end.is_none() && fault.is("a deleted range without end spares the last key"))
        {
            gone.pop();
        }
        if fault.is("a deleted range takes 1,000 keys at the most") {
            gone.truncate(1_000);
        }
        if fault.is("a deleted range takes 10,000 keys at the most") {
            gone.truncate(10_000);
        }
        let spared = |key: &Bytes, value: &Bytes| {
            (fault.is("a deleted range spares longer keys") && key.len() > start.len().max(1))
                || (fault.is("a deleted range spares keys with a zero byte") && key.contains(&0))
                || (fault.is("a deleted range spares empty values") && value.is_empty())
        };
        gone.retain(|(key, value)| !spared(key, value));
        gone.into_iter()
            .map(|(key, _)| {
                let key = Key::new(key)?;
                Ok(if fault.is("a deleted range stores empty values") {
                    Op::Put(key, Bytes::new())
                } else {
                    Op::Delete(key)
                })
            })
            .collect()
    }

    fn empty_range(&self, range: KeyRange) -> Result<Vec<Op>> {
        let fault = &self.0;
        let (start, end) = (range.start().clone(), range.end().cloned().unwrap_or_default());
        let inverted = end < start;
        let taken = if inverted && fault.is("a deleted range that is inverted is turned round") {
            KeyRange::new(end, Some(start))
        } else if inverted && fault.is("a deleted range that is inverted takes everything") {
            KeyRange::all()
        } else if inverted && fault.is("a deleted range that is inverted takes what is behind its start") {
            KeyRange::new(start, None)
        } else if inverted && fault.is("a deleted range that is inverted is an error") {
            return Err(Error::new(ErrorKind::InvalidArgument, "the range is inverted"));
        } else if !inverted && fault.is("a deleted range that is empty takes its start") && !start.is_empty()
        {
            KeyRange::from(&Key::new(start)?)
        } else {
            range
        };
        Ok(vec![Op::DeleteRange(taken)])
    }
}

#[async_trait]
impl Twist for Deletes {
    async fn apply(&self, store: &Arc<dyn Backend>, batch: Batch) -> Result<()> {
        let fault = &self.0;
        let durability = batch.requested_durability();
        let (preconditions, ops) = batch.into_parts();
        let mut changed = Vec::with_capacity(ops.len());
        let mut first: Option<KeyRange> = None;
        for op in ops {
            if let Op::DeleteRange(range) = &op {
                if let Some(first) = &first {
                    if fault.is("of two deleted ranges the second is left out") {
                        continue;
                    }
                    if fault.is("of two deleted ranges all between them is taken") && !range.is_empty() {
                        let start = first.start().min(range.start()).clone();
                        let end = first.end().max(range.end()).cloned();
                        changed.push(Op::DeleteRange(KeyRange::new(start, end)));
                        continue;
                    }
                } else if !range.is_empty() {
                    first = Some(range.clone());
                }
            }
            changed.extend(self.op(store, op).await?);
        }
        store.apply(batch_of(durability, preconditions, changed)).await
    }
}
