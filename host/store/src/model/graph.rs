//! A whole graph, and facts about it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{Attributes, Edge, Node};

/// A whole graph in memory: what `store_graph` takes and `load_graph` returns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Facts about the graph.
    pub metadata: GraphMetadata,
    /// The nodes, sorted by file and id when loaded.
    pub nodes: Vec<Node>,
    /// The edges, sorted by the file of their source, source, kind, target and span when loaded.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// An empty graph of a repository.
    #[must_use]
    pub fn new(repo_id: impl Into<String>) -> Self {
        Self {
            metadata: GraphMetadata { repo_id: repo_id.into(), ..GraphMetadata::default() },
            ..Self::default()
        }
    }
}

/// Facts about a stored graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphMetadata {
    /// The repository: any text, `owner/name` as well as `../x`; never used as a path.
    pub repo_id: String,
    /// Moves by one with every commit.
    pub version: u64,
    /// When the repository was first stored.
    pub created: Option<SystemTime>,
    /// When it was last changed.
    pub last_updated: Option<SystemTime>,
    /// The folder that was indexed, if one was.
    pub root: Option<String>,
    /// What made the facts, `codestrata 0.1.0`: when it changes, everything is indexed again.
    pub extractor: Option<String>,
    /// What users keep beside the graph.
    pub attributes: Attributes,
    /// The hash of each file's content, by path.
    pub file_hashes: BTreeMap<String, String>,
    /// Counts over the whole graph.
    pub totals: Totals,
    /// The version of the graph's schema.
    pub schema_version: u32,
}

/// Counts over a graph; each moves with the commit that changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct Totals {
    /// Files.
    pub files: u64,
    /// Nodes.
    pub nodes: u64,
    /// Edges, those that point nowhere included.
    pub edges: u64,
    /// Edges with a target stated as an id that no node has.
    pub dangling: u64,
    /// References that several definitions may be meant by.
    pub ambiguous: u64,
    /// References to things that are not in the repository.
    pub unresolved: u64,
}

/// One file of a stored graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// Its path.
    pub path: String,
    /// The hash of its content, as the indexer gave it; empty if it gave none.
    pub hash: String,
    /// The nodes it defines.
    pub nodes: u64,
    /// The edges that start in it.
    pub edges: u64,
}

/// A change of the facts about a graph that are the user's to set; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataUpdate {
    /// The folder that was indexed.
    pub root: Option<String>,
    /// What made the facts.
    pub extractor: Option<String>,
    /// Attributes to set, by name; JSON `null` removes one.
    pub attributes: Attributes,
    /// Whether attributes that are not named are removed.
    pub replace_attributes: bool,
}
