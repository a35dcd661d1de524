//! Half-open ranges of keys, and the arithmetic of their ends that is so easily got wrong.

use std::ops::Bound;

use bytes::Bytes;

use crate::key::{Key, escape};

/// The keys from `start`, included, to `end`, excluded.
///
/// A bound is any bytes: the empty start is the very beginning, and a bound may be one byte longer than a key
/// can be. A range whose end does not lie after its start is empty, not an error.
///
/// ```
/// use codestrata_core::KeyRange;
///
/// let range = KeyRange::prefix(b"a\xff".as_slice());
/// assert!(range.contains(b"a\xff") && range.contains(b"a\xff\xff") && !range.contains(b"b"));
/// // The end of a prefix is the prefix with its last byte that is not 0xFF incremented and the rest dropped.
/// assert_eq!(range.end().unwrap().as_ref(), b"b");
/// // There is none when the prefix has no such byte.
/// assert_eq!(KeyRange::prefix(b"\xff\xff".as_slice()).end(), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyRange {
    start: Bytes,
    end: Option<Bytes>,
}

impl KeyRange {
    /// Every key.
    #[must_use]
    pub const fn all() -> Self {
        Self { start: Bytes::new(), end: None }
    }

    /// The keys from `start`, included, to `end`, excluded; no end means to the last key.
    #[must_use]
    pub fn new(start: impl Into<Bytes>, end: Option<Bytes>) -> Self {
        Self { start: start.into(), end }
    }

    /// The keys that begin with `prefix`; all of them when it is empty.
    #[must_use]
    pub fn prefix(prefix: impl Into<Bytes>) -> Self {
        let start = prefix.into();
        let end = prefix_end(&start);
        Self { start, end }
    }

    /// The first key that may be in the range.
    #[must_use]
    pub fn start(&self) -> &Bytes {
        &self.start
    }

    /// The first key after the range, or none if the range has no end.
    #[must_use]
    pub fn end(&self) -> Option<&Bytes> {
        self.end.as_ref()
    }

    /// Whether no key can lie in the range: its end is not after its start.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // The smallest key is one byte 0x00, so an end of up to that byte leaves nothing either.
        self.end.as_ref().is_some_and(|end| *end <= self.start || end.as_ref() <= b"\0".as_slice())
    }

    /// Whether the key lies in the range.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        key >= self.start.as_ref() && self.end.as_ref().is_none_or(|end| key < end.as_ref())
    }

    /// What is left of the range strictly after `last`: the continuation of a forward scan.
    ///
    /// The next possible key after `k` is `k` with a zero byte appended. (Incrementing its last byte instead
    /// would miss every key that has `k` as a prefix.)
    #[must_use]
    pub fn after(&self, last: &[u8]) -> Self {
        let mut start = Vec::with_capacity(last.len() + 1);
        start.extend_from_slice(last);
        start.push(0);
        Self { start: start.into(), end: self.end.clone() }
    }

    /// What is left of the range strictly before `last`: the continuation of a reverse scan.
    #[must_use]
    pub fn before(&self, last: &[u8]) -> Self {
        Self { start: self.start.clone(), end: Some(Bytes::copy_from_slice(last)) }
    }

    /// The range as the pair of bounds that Rust's ordered maps take. Ask [`is_empty`](Self::is_empty) first:
    /// those maps panic on an inverted range.
    #[must_use]
    pub fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let end = self.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        (Bound::Included(self.start.as_ref()), end)
    }
}

impl From<&Key> for KeyRange {
    /// The range that holds this key only.
    fn from(key: &Key) -> Self {
        let start = key.clone().into_bytes();
        let end = Self::all().after(&start).start;
        Self { start, end: Some(end) }
    }
}

impl std::fmt::Debug for KeyRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.end {
            Some(end) => write!(f, "KeyRange({}..{})", escape(&self.start), escape(end)),
            None => write!(f, "KeyRange({}..)", escape(&self.start)),
        }
    }
}

/// The first key after all that begin with `prefix`, or none if there is no such key.
fn prefix_end(prefix: &[u8]) -> Option<Bytes> {
    let (kept, last) = prefix.iter().enumerate().rev().find(|(_, byte)| **byte != 0xFF)?;
    let mut end: Vec<u8> = prefix.iter().copied().take(kept).collect();
    end.push(last + 1);
    Some(end.into())
}
