//! The ids of all nodes: where each is, in one sorted piece of memory.
//!
//! A map with room to grow would take twice as much, and of a large repository this is the largest of what linking holds.

use rayon::prelude::*;

use crate::keyspace::FileOrd;

/// About so many nodes share the leading bits by which they are found.
const NODES_PER_START: usize = 8;

/// The most leading bits by which nodes are found.
const MAX_BITS: u32 = 24;

/// The hash of an id, in two halves so that nothing is padded, and where the node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: [u64; 2],
    file: FileOrd,
    row: u32,
}

/// An id that two files define.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Twice {
    pub(crate) first: FileOrd,
    pub(crate) second: FileOrd,
    /// Its row in the second.
    pub(crate) row: u32,
}

/// Nodes by the hashes of their ids. They are added first, and found once they are settled.
#[derive(Debug, Default)]
pub(super) struct NodeTable {
    entries: Vec<Entry>,
    bits: u32,
    /// The first entry of each value of the leading bits.
    starts: Vec<u32>,
}

fn halves(hash: u128) -> [u64; 2] {
    [(hash >> 64) as u64, (hash & 0xffff_ffff_ffff_ffff) as u64]
}

impl NodeTable {
    pub(super) fn with_capacity(nodes: usize) -> Self {
        Self { entries: Vec::with_capacity(nodes), ..Self::default() }
    }

    /// Adds the nodes of a file, in the order of their rows.
    pub(super) fn add(&mut self, file: FileOrd, ids: &[u128]) {
        self.entries.extend((0..).zip(ids).map(|(row, hash)| Entry { hash: halves(*hash), file, row }));
    }

    /// Sorts what was added, and says which node is the first to have the id of another, in the order of files.
    pub(super) fn settle(&mut self) -> Option<Twice> {
        self.entries.par_sort_unstable();
        self.bits = 0;
        while self.bits < MAX_BITS && self.entries.len() >> self.bits > NODES_PER_START {
            self.bits += 1;
        }
        self.starts = vec![0; (1 << self.bits) + 1];
        for entry in &self.entries {
            if let Some(count) = self.starts.get_mut(start_of(entry.hash, self.bits) + 1) {
                *count += 1;
            }
        }
        let mut before = 0;
        for start in &mut self.starts {
            before += *start;
            *start = before;
        }
        let pairs = self.entries.windows(2).filter_map(|pair| match pair {
            [one, other] if one.hash == other.hash => Some((one, other)),
            _ => None,
        });
        let (first, second) = pairs.min_by_key(|(_, second)| (second.file, second.row))?;
        Some(Twice { first: first.file, second: second.file, row: second.row })
    }

    /// Where the node with this id is.
    pub(super) fn get(&self, hash: u128) -> Option<(FileOrd, u32)> {
        let hash = halves(hash);
        let start = start_of(hash, self.bits);
        let (from, to) = (*self.starts.get(start)?, *self.starts.get(start + 1)?);
        let entries = self.entries.get(from as usize..to as usize)?;
        let entry = entries.iter().find(|entry| entry.hash == hash)?;
        Some((entry.file, entry.row))
    }
}

/// The value of the leading bits.
fn start_of([high, _]: [u64; 2], bits: u32) -> usize {
    high.checked_shr(64 - bits).map_or(0, |start| usize::try_from(start).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_128;

    use super::*;

    fn hash(number: u32) -> u128 {
        xxh3_128(&number.to_le_bytes())
    }

    #[test]
    fn every_node_is_found_and_no_other_however_many_there_are() {
        for count in [0, 1, 8, 9, 17, 1_000] {
            let mut table = NodeTable::with_capacity(count as usize);
            for file in 0..count {
                table.add(file, &[hash(2 * file), hash(2 * file + 1)]);
            }
            assert_eq!(table.settle(), None);
            for number in 0..2 * count {
                assert_eq!(table.get(hash(number)), Some((number / 2, number % 2)), "{number} of {count}");
            }
            assert_eq!(table.get(hash(2 * count)), None);
        }
    }

    #[test]
    fn the_first_file_that_repeats_an_id_is_named() {
        let mut table = NodeTable::default();
        for (file, ids) in (0..).zip([[1, 2], [3, 4], [5, 1], [2, 6], [1, 7]]) {
            table.add(file, &ids.map(hash));
        }
        assert_eq!(table.settle(), Some(Twice { first: 0, second: 2, row: 1 }));
    }
}
