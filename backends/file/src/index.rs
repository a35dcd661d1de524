//! The keys and where their values are: one immutable map, replaced as a whole by each commit.
//!
//! The map shares structure with its predecessor (`imbl::OrdMap`, a persistent B-tree), so a commit costs what it
//! touches, and a snapshot is a copy of the root. Values are not kept here, however small: reading one from a file
//! that the system has in its cache costs about a microsecond, and a scan reads neighbours together.

use std::ops::Bound;
use std::sync::Arc;

use codestrata_core::KeyRange;
use imbl::OrdMap;

use crate::frame::PUT_OVERHEAD;

/// What one entry takes in memory beside the bytes of its key: its slot in the tree, the room that the tree leaves
/// free, and the allocation of the key. Measured in `tests/memory.rs`: 60 bytes where keys come in any order, 95 where
/// they come in ascending order, which leaves the nodes half full.
pub(crate) const ENTRY_MEMORY: u64 = 96;

/// Where a value is, and how it is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) log: u32,
    pub(crate) offset: u32,
    pub(crate) length: u32,
    pub(crate) check: u32,
}

type Map = OrdMap<Arc<[u8]>, Place>;

/// All keys at one commit.
#[derive(Clone, Default)]
pub(crate) struct Index {
    map: Map,
    key_bytes: u64,
    value_bytes: u64,
}

impl Index {
    pub(crate) fn get(&self, key: &[u8]) -> Option<Place> {
        self.map.get(key).copied()
    }

    /// The entries of a range that is not empty, from either end.
    pub(crate) fn range<'a>(
        &'a self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
    ) -> impl DoubleEndedIterator<Item = (&'a Arc<[u8]>, &'a Place)> + use<'a> {
        self.map.range::<_, [u8]>(bounds)
    }

    pub(crate) fn insert(&mut self, key: &[u8], place: Place) {
        match self.map.get_mut(key) {
            // The key itself stays, and is not allocated again.
            Some(old) => {
                self.value_bytes -= u64::from(old.length);
                *old = place;
            }
            None => {
                self.map.insert(Arc::from(key), place);
                self.key_bytes += key.len() as u64;
            }
        }
        self.value_bytes += u64::from(place.length);
    }

    /// Whether there was such a key.
    pub(crate) fn remove(&mut self, key: &[u8]) -> bool {
        let Some(old) = self.map.remove(key) else { return false };
        self.key_bytes -= key.len() as u64;
        self.value_bytes -= u64::from(old.length);
        true
    }

    /// Removes a range; whether anything was in it. It costs the smaller side: what goes, or what stays.
    pub(crate) fn remove_range(&mut self, range: &KeyRange) -> bool {
        if range.is_empty() {
            return false;
        }
        let gone: Vec<Arc<[u8]>> = self.range(range.bounds()).map(|(key, _)| Arc::clone(key)).collect();
        if gone.len() > self.map.len() / 2 {
            let mut kept = Self::default();
            for (key, place) in self.map.iter().filter(|(key, _)| !range.contains(key)) {
                kept.map.insert(Arc::clone(key), *place);
                kept.key_bytes += key.len() as u64;
                kept.value_bytes += u64::from(place.length);
            }
            *self = kept;
        } else {
            for key in &gone {
                self.remove(key);
            }
        }
        !gone.is_empty()
    }

    pub(crate) fn keys(&self) -> u64 {
        self.map.len() as u64
    }

    /// Bytes of keys and values.
    pub(crate) const fn stored_bytes(&self) -> u64 {
        self.key_bytes + self.value_bytes
    }

    /// Bytes of the files that are needed for what is stored now; the rest of them is dead.
    pub(crate) fn live_bytes(&self) -> u64 {
        self.stored_bytes() + self.keys() * PUT_OVERHEAD
    }

    /// An estimate of the memory that the index takes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.key_bytes + self.keys() * ENTRY_MEMORY
    }
}
