//! The engine: an ordered map that stands where yours will. It knows nothing of async code.
//!
//! Answers in the errors of codestrata begin here. Give each error of your engine the kind that
//! says what may be done about it (`codestrata_core::ErrorKind` has them), with what happened and
//! where as its message, and keep the error itself: `Error::new(kind, message).with_source(error)`.
//! Two are easily got wrong: `Conflict` and `Unavailable` promise that nothing was applied. If a
//! commit may have gone through, the kind is `CommitUnknown`.

use std::collections::BTreeMap;
use std::sync::Arc;

use codestrata_core::limits::MAX_GET_BYTES;
use codestrata_core::{
    Bytes, Direction, Error, ErrorKind, Key, Op, Page, PageBuilder, Precondition, Result,
    ScanRequest,
};

/// The store at one moment. It never changes, so a clone of it is a snapshot, at no cost.
///
/// In an engine with transactions this is a read transaction.
#[derive(Clone, Default)]
pub struct View {
    entries: Arc<BTreeMap<Key, Bytes>>,
}

impl View {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The values of the keys, in the order of the keys.
    pub fn look_up(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let mut bytes = 0;
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            let value = self.entries.get(key).cloned();
            bytes += value.as_ref().map_or(0, Bytes::len);
            // Asked before there is too much in memory, and not after.
            if bytes > MAX_GET_BYTES {
                let message = format!("the values are over {MAX_GET_BYTES} bytes");
                return Err(Error::new(ErrorKind::TooLarge, message)
                    .with_help("ask for fewer keys at a time"));
            }
            values.push(value);
        }
        Ok(values)
    }

    /// One page of a range. The builder knows the limits of the request, and where the next page
    /// begins.
    pub fn page(&self, request: &ScanRequest) -> Page {
        let mut page = PageBuilder::new(request);
        // Rust's maps panic on an inverted range; in the contract it is an empty one.
        if request.range().is_empty() {
            return page.finish();
        }
        let mut items = self.entries.range::<[u8], _>(request.range().bounds());
        loop {
            let item = match request.direction() {
                Direction::Forward => items.next(),
                Direction::Reverse => items.next_back(),
            };
            match item {
                Some((key, value)) if page.push(key.as_slice(), value) => {}
                _ => return page.finish(),
            }
        }
    }

    /// The store after a batch: all preconditions hold in this view and all operations took effect,
    /// or it is an error.
    ///
    /// In an engine with transactions this is a write transaction, and the commit at its end. A
    /// batch that must be synced is synced before the answer; a write or a sync that fails halfway
    /// is `Poisoned`, and so is every call after it until the store is opened anew.
    pub fn after(&self, preconditions: &[Precondition], operations: Vec<Op>) -> Result<Self> {
        for precondition in preconditions {
            let stored = self.entries.get(precondition.key());
            if !precondition.holds(stored.map(Bytes::as_ref)) {
                return Err(precondition.failed());
            }
        }
        // The price of an unchanging view without an engine: each batch copies the whole map.
        let mut entries = BTreeMap::clone(&self.entries);
        for operation in operations {
            match operation {
                // Copied: what comes may be slices of something large, which would be kept as long
                // as they are.
                Op::Put(key, value) => {
                    let key = Key::new(Bytes::copy_from_slice(key.as_slice()))?;
                    entries.insert(key, Bytes::copy_from_slice(&value));
                }
                Op::Delete(key) => {
                    entries.remove(&key);
                }
                Op::DeleteRange(range) if range.is_empty() => {}
                Op::DeleteRange(range) => {
                    let inside = entries.range::<[u8], _>(range.bounds());
                    let gone: Vec<Key> = inside.map(|(key, _)| key.clone()).collect();
                    for key in gone {
                        entries.remove(&key);
                    }
                }
            }
        }
        Ok(Self {
            entries: Arc::new(entries),
        })
    }
}
