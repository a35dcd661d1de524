//! One figure for all that a copy takes, the same in every store that has the same.

use codestrata_core::{KeyRange, Page, ScanRequest};
use xxhash_rust::xxh3::Xxh3;

use crate::limits::COPY_BATCH_BYTES;

/// Adds up records, one after another.
#[derive(Default)]
pub(crate) struct Digest {
    hash: Xxh3,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

/// The same figure for the same records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) digest: u128,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

impl Digest {
    /// Adds a record of a table: what of its key is the same in every store, and its value.
    pub(crate) fn add(&mut self, table: u8, rest: &[u8], value: &[u8]) {
        let lengths = [rest.len(), value.len()].map(|length| u64::try_from(length).unwrap_or(u64::MAX));
        // With the lengths, so that no two lists of records are the same bytes.
        self.hash.update(&[table]);
        for length in lengths {
            self.hash.update(&length.to_le_bytes());
            self.bytes += length;
        }
        self.hash.update(rest);
        self.hash.update(value);
        self.records += 1;
    }

    /// The figure of what was added.
    pub(crate) fn figure(&self) -> Figure {
        Figure { digest: self.hash.digest128(), records: self.records, bytes: self.bytes }
    }
}

/// The tables of a graph, page by page.
pub(super) struct TableWalk {
    tables: Vec<KeyRange>,
    /// Which of them is read.
    number: u8,
    request: Option<ScanRequest>,
}

impl TableWalk {
    /// Begins with the first table.
    pub(super) fn new(tables: &[KeyRange]) -> Self {
        Self { tables: tables.to_vec(), number: 0, request: tables.first().map(page_of) }
    }

    /// What is to be read next; none at the end.
    pub(super) fn request(&self) -> Option<ScanRequest> {
        self.request.clone()
    }

    /// Adds what was read.
    pub(super) fn add(&mut self, digest: &mut Digest, page: &Page) {
        let Some((table, request)) = self.tables.get(usize::from(self.number)).zip(self.request.take())
        else {
            return;
        };
        let length = table.start().len();
        for (key, value) in page.iter() {
            digest.add(self.number, key.get(length..).unwrap_or_default(), value);
        }
        if let Some(next) = page.next() {
            self.request = Some(request.over(next.clone()));
        } else {
            self.number += 1;
            self.request = self.tables.get(usize::from(self.number)).map(page_of);
        }
    }
}

/// A page is no larger than what is copied at a time.
fn page_of(table: &KeyRange) -> ScanRequest {
    ScanRequest::new(table.clone()).max_bytes(COPY_BATCH_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(records: &[(u8, &str, &str)]) -> Figure {
        let mut digest = Digest::default();
        for (table, rest, value) in records {
            digest.add(*table, rest.as_bytes(), value.as_bytes());
        }
        digest.figure()
    }

    #[test]
    fn whatever_differs_gives_another_figure() {
        let whole = [(0, "a", "1"), (1, "b", "2")];
        let others: [&[(u8, &str, &str)]; 7] = [
            &[],
            &[(0, "a", "1")],
            &[(1, "b", "2"), (0, "a", "1")],
            &[(0, "a", "1"), (0, "b", "2")],
            &[(0, "a1", ""), (1, "b", "2")],
            &[(0, "a", "1"), (1, "b2", "")],
            &[(0, "a", "1"), (1, "b", "3")],
        ];
        assert_eq!(figure(&whole), figure(&whole));
        for other in others {
            assert_ne!(figure(&whole).digest, figure(other).digest, "{other:?}");
        }
    }
}
