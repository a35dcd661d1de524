//! What things may cost, in counts that are the same on every machine: all bounds of the guard, in one place.
//!
//! Each is a few per cent above what was counted when it was set, which stands beside it. A change that goes beyond one
//! makes something dearer: find out what, before the bound is raised. A change that stays far below lowers the bound, because
//! what is dearer later would hide in between. `cargo test -p codestrata --test guard --test allocations -- --nocapture` prints what is
//! counted now.

use std::fmt::Display;

/// What one kind of work may ask of a backend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed {
    /// Calls that read.
    pub(crate) reads: u64,
    pub(crate) keys_read: u64,
    pub(crate) scans: u64,
    pub(crate) bytes_read: u64,
    pub(crate) operations: u64,
    pub(crate) bytes_written: u64,
}

/// An edit of the body of a function: the file, its entry, and the head.
pub(crate) const EDIT_OF_A_BODY: Allowed = Allowed {
    // Of a process that has not read anything before; four of its scans are the sweep after crashes.
    reads: 15,
    keys_read: 14,
    scans: 4,
    // 11,790 in the smallest project and 12,870 in one of three times its size: the index is read in buckets of a bounded size.
    bytes_read: 13_400,
    operations: 7,
    // 3,643, of which the segment is the most.
    bytes_written: 3_770,
};

/// A function more, of which others could have heard. The file was edited before, and is at hand.
pub(crate) const NEW_FUNCTION: Allowed = Allowed {
    reads: 4,
    keys_read: 5,
    scans: 0,
    // 3,796 and 5,436.
    bytes_read: 5_600,
    operations: 9,
    // 3,789.
    bytes_written: 3_920,
};

/// Bytes of keys and values for each node and edge, as the backend gets them: 35.61.
pub(crate) const BYTES_EACH: f64 = 36.7;

/// The same with the values compressed by lz4: 22.77.
pub(crate) const BYTES_EACH_LZ4: f64 = 23.7;

/// What is read to open a store and to answer the first question for a node by its id.
pub(crate) const OPENING: Allowed = Allowed {
    reads: 6,
    keys_read: 5,
    scans: 0,
    // 3,773 in the smallest project and 4,213 in one of three times its size.
    bytes_read: 4_400,
    operations: 0,
    bytes_written: 0,
};

/// Bytes that a process reads from the file of a redb store to open it and to answer the same: 33,858, then 42,053 and 46,149 in
/// projects of three and nine times the size. They are blocks of 4 KiB, one of each level of the tree for each key.
pub(crate) const OPENING_REDB_BYTES: u64 = 48_500;

/// Allocations, and bytes of them, of a question that was asked before, its answer included: the mean of one for each file
/// of the project. On redb and in memory they are the same, because neither is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allocations {
    pub(crate) count: f64,
    pub(crate) bytes: f64,
}

/// 1, and 48 bytes.
pub(crate) const NODE: Allocations = Allocations { count: 1.0, bytes: 50.0 };
/// 8, and 1,136 bytes.
pub(crate) const CALLERS: Allocations = Allocations { count: 8.0, bytes: 1_170.0 };
/// 7, and 724 bytes.
pub(crate) const CALLEES: Allocations = Allocations { count: 7.0, bytes: 745.0 };
/// 4, and 224 bytes.
pub(crate) const NAME: Allocations = Allocations { count: 4.0, bytes: 232.0 };

/// Holds a count against its bound, and prints both.
#[track_caller]
pub(crate) fn at_most<T: PartialOrd + Display + Copy>(what: &str, count: T, bound: T) {
    println!("{what}: {count}, at most {bound}");
    assert!(count <= bound, "{what} is {count}, and may be {bound} at most: see tests/guard/bounds.rs");
}
