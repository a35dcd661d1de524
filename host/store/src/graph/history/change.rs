//! What is kept of one version: figures, and what was added and removed.

use std::collections::HashMap;

use bincode::{Decode, Encode};
use serde::Serialize;

use crate::model::Resolution;

/// How much an update added and removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Encode, Decode)]
pub struct Amounts {
    /// Nodes that came.
    pub nodes_added: u64,
    /// Nodes that went.
    pub nodes_removed: u64,
    /// Edges that came.
    pub edges_added: u64,
    /// Edges that went.
    pub edges_removed: u64,
}

impl Amounts {
    /// Whether nothing came and nothing went.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The figures of one kind of node or edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode)]
pub struct KindAmounts {
    /// The kind.
    pub kind: String,
    /// Whether it is a kind of edge, and not of node.
    pub is_edge: bool,
    /// How many came.
    pub added: u64,
    /// How many went.
    pub removed: u64,
}

/// The figures of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode)]
pub struct FileAmounts {
    /// Its path.
    pub path: String,
    /// What came and went in it.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// Whether it is known one by one what came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Encode, Decode)]
#[serde(rename_all = "kebab-case")]
pub enum Listing {
    /// Everything is listed; it may be nothing.
    #[default]
    Listed,
    /// It is the first state of a graph, or was too much to be listed; the figures are right.
    Counted,
    /// It could not be compared with what was there, which was damaged; there are no figures.
    NotCompared,
}

/// What is kept of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Encode, Decode)]
pub struct Change {
    /// The version that it made.
    pub version: u64,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
    /// Files that came.
    pub files_added: u64,
    /// Files that were replaced by another state.
    pub files_replaced: u64,
    /// Files that went.
    pub files_removed: u64,
    /// Other files whose links changed.
    pub files_relinked: u64,
    /// What came and went.
    #[serde(flatten)]
    pub amounts: Amounts,
    /// The same by kind, sorted.
    pub by_kind: Vec<KindAmounts>,
    /// The same by file, sorted by path; at most [`MAX_CHANGED_FILES`](crate::limits::MAX_CHANGED_FILES).
    pub by_file: Vec<FileAmounts>,
    /// How many more files something came or went in.
    pub more_files: u64,
    /// Whether it is known one by one.
    pub listing: Listing,
}

/// A node that came or went. One whose name, kind or file became another went and came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ChangedNode {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its file.
    pub file: String,
}

/// Edges that came or went.
///
/// Two edges are the same if source, kind, target and resolution are: an edit that moves lines lists none. Parallel ones,
/// as from two calls of one function, are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ChangedEdge {
    /// The id of the source.
    pub source: String,
    /// The kind.
    pub kind: String,
    /// The id of the target, or the text of one that was not found.
    pub target: String,
    /// How sure it is; none for a stated edge that does not say it.
    pub resolution: Option<Resolution>,
}

/// What came and went, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Nodes that came.
    pub nodes_added: Vec<ChangedNode>,
    /// Nodes that went.
    pub nodes_removed: Vec<ChangedNode>,
    /// Edges that came, and how many of each.
    pub edges_added: Vec<(ChangedEdge, u64)>,
    /// Edges that went, and how many of each.
    pub edges_removed: Vec<(ChangedEdge, u64)>,
}

/// What came and went as sums: what came and went again is neither.
#[derive(Clone, Debug, Default)]
pub(in crate::graph) struct Sums {
    nodes: HashMap<ChangedNode, i64>,
    edges: HashMap<ChangedEdge, i64>,
}

impl Sums {
    pub(super) fn node(&mut self, node: ChangedNode, count: i64) {
        *self.nodes.entry(node).or_default() += count;
    }

    pub(super) fn edge(&mut self, edge: ChangedEdge, count: i64) {
        *self.edges.entry(edge).or_default() += count;
    }

    /// What is left.
    pub(super) fn difference(self) -> Difference {
        let mut difference = Difference::default();
        for (node, count) in self.nodes {
            match count {
                0 => {}
                1.. => difference.nodes_added.push(node),
                _ => difference.nodes_removed.push(node),
            }
        }
        for (edge, count) in self.edges {
            match count {
                0 => {}
                1.. => difference.edges_added.push((edge, count.unsigned_abs())),
                _ => difference.edges_removed.push((edge, count.unsigned_abs())),
            }
        }
        difference.nodes_added.sort();
        difference.nodes_removed.sort();
        difference.edges_added.sort();
        difference.edges_removed.sort();
        difference
    }
}

impl Difference {
    /// How many nodes and kinds of parallel edges it lists.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes_added.len() + self.nodes_removed.len() + self.edges_added.len() + self.edges_removed.len()
    }

    /// Whether it lists nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its figures.
    #[must_use]
    pub fn amounts(&self) -> Amounts {
        let count = |list: &[ChangedNode]| u64::try_from(list.len()).unwrap_or(u64::MAX);
        let sum = |list: &[(ChangedEdge, u64)]| list.iter().map(|(_, count)| count).sum();
        Amounts {
            nodes_added: count(&self.nodes_added),
            nodes_removed: count(&self.nodes_removed),
            edges_added: sum(&self.edges_added),
            edges_removed: sum(&self.edges_removed),
        }
    }
}
