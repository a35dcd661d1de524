//! Reading: keys and pages, each value checked against its hash.
//!
//! Whoever calls holds the gate of `store`, so that no batch goes in meanwhile.

use std::ops::Bound;
use std::path::Path;

use codestrata_core::{
    Bytes, Direction, Error, Key, KeyRange, Page, PageBuilder, Result, ScanRequest, escape,
};
use sled::{IVec, Tree};

use crate::error;
use crate::record::{self, FIRST_KEY, Head};

/// Entries of a store.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'a> {
    tree: &'a Tree,
    path: &'a Path,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(tree: &'a Tree, path: &'a Path) -> Self {
        Self { tree, path }
    }

    /// What is stored under a key.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.look(key, |value, _| Bytes::copy_from_slice(value))
    }

    /// The hash of the entry of a key.
    pub(crate) fn hash(&self, key: &[u8]) -> Result<Option<u64>> {
        self.look(key, |_, hash| hash)
    }

    fn look<T>(&self, key: &[u8], take: impl FnOnce(&[u8], u64) -> T) -> Result<Option<T>> {
        let Some(stored) = self.tree.get(key).map_err(|e| self.failed(e))? else { return Ok(None) };
        let (value, hash) = record::decode(key, &stored).ok_or_else(|| self.damaged(key))?;
        Ok(Some(take(value, hash)))
    }

    /// The values, or nothing if they are over `most` bytes together.
    pub(crate) fn get_many(&self, keys: &[Key], most: usize) -> Result<Option<Vec<Option<Bytes>>>> {
        let mut values = Vec::with_capacity(keys.len());
        let mut bytes = 0;
        for key in keys {
            let value = self.get(key.as_slice())?;
            bytes += value.as_ref().map_or(0, Bytes::len);
            if bytes > most {
                return Ok(None);
            }
            values.push(value);
        }
        Ok(Some(values))
    }

    pub(crate) fn page(&self, request: &ScanRequest) -> Result<Page> {
        let mut page = PageBuilder::new(request);
        let mut entries = self.range(request.range());
        loop {
            let entry = match request.direction() {
                Direction::Forward => entries.next(),
                Direction::Reverse => entries.next_back(),
            };
            let Some(entry) = entry else { return Ok(page.finish()) };
            let (key, stored) = entry.map_err(|e| self.failed(e))?;
            // Also of keys alone: what is damaged is not passed over.
            let (value, _) = record::decode(&key, &stored).ok_or_else(|| self.damaged(&key))?;
            if !page.push(&key, value) {
                return Ok(page.finish());
            }
        }
    }

    /// Every key of the range with the hash of its entry, in order.
    pub(crate) fn hashes(&self, range: &KeyRange) -> impl Iterator<Item = Result<(IVec, u64)>> {
        self.range(range).map(|entry| {
            let (key, stored) = entry.map_err(|e| self.failed(e))?;
            let (_, hash) = record::decode(&key, &stored).ok_or_else(|| self.damaged(&key))?;
            Ok((key, hash))
        })
    }

    /// What the store says of itself.
    pub(crate) fn head(&self) -> Result<Option<Head>> {
        let stored = self.tree.get(record::HEAD_KEY).map_err(|e| self.failed(e))?;
        Ok(stored.and_then(|stored| Head::decode(&stored)))
    }

    /// Reads every entry, and compares what there is with what the head says. O(n).
    pub(crate) fn verify(&self, head: Head) -> Result<()> {
        let mut found = Head { sequence: head.sequence, ..Head::default() };
        for entry in self.hashes(&KeyRange::all()) {
            found.add(entry?.1);
        }
        if found == head {
            return Ok(());
        }
        let why = if found.count == head.count {
            format!("not all of its {} entries are those that were stored", head.count)
        } else {
            format!("{} entries were stored, and {} are there", head.count, found.count)
        };
        Err(error::corrupt(self.path, &why))
    }

    fn range(&self, range: &KeyRange) -> sled::Iter {
        let start: &[u8] = range.start();
        // Past the head.
        let start = if start.is_empty() { FIRST_KEY } else { start };
        let (end, empty) = match range.end() {
            None => (Bound::Unbounded, false),
            Some(end) => (Bound::Excluded(end.as_ref()), range.is_empty()),
        };
        let end = if empty { Bound::Excluded(start) } else { end };
        self.tree.range::<&[u8], _>((Bound::Included(start), end))
    }

    fn failed(&self, error: sled::Error) -> Error {
        error::of_sled(self.path, "reading", error)
    }

    fn damaged(&self, key: &[u8]) -> Error {
        error::corrupt(self.path, &format!("the value of the key {} is not what was stored", escape(key)))
    }
}
