//! What each version added and removed, kept for a configured number of versions.
//!
//! With every commit its record goes into the same batch: figures under one key, and under another the nodes and edges,
//! if they are not too many. It is worked out from the old and the new state of exactly the files that the commit
//! writes, changed or linked again; two states are compared by numbers, and words are made of what differs alone. So it
//! costs what the commit costs, and nothing of the rest of the repository is read.
//!
//! Nodes are told by id, name, kind and file; edges by source, kind, target and resolution, parallel ones counted. Spans
//! and attributes are not: an edit that moves lines lists nothing. The history is no part of a graph: it is not
//! exported, and a graph is the same whatever is kept of how it came about.

mod change;
mod collect;
mod compare;
mod generation;
mod listed;
mod read;
mod tally;
mod write;

pub use change::{Amounts, Change, ChangedEdge, ChangedNode, Difference, FileAmounts, KindAmounts, Listing};
pub use read::{Changes, Since, VersionDifference};

/// What is known of a version: figures, and what came and went unless that is too much.
pub(super) type Compared = (Change, Option<Difference>);

pub(super) use change::Sums;
pub(super) use generation::{FirstFiles, NewFiles, of_generation};
pub(super) use listed::add_listed;
pub(super) use read::{changes, difference, of_version};
pub(super) use tally::FileTally;
pub(super) use write::{of_files, put};
