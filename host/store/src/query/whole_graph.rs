//! Questions about the whole graph: where edges come together, and which files depend on each other in a circle.

use serde::Serialize;

use super::answer::NodeHit;
use super::traversal::{Direction, EdgeKinds};

/// Which edges are counted, and at which end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HotspotFilter {
    /// The edges that count.
    pub kinds: EdgeKinds,
    /// Those that come in, those that go out, or both.
    pub direction: Direction,
}

impl Default for HotspotFilter {
    /// What is called most.
    fn default() -> Self {
        Self { kinds: EdgeKinds::calls(), direction: Direction::Incoming }
    }
}

/// A node on which many edges end, or from which many start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hotspot {
    /// The node.
    #[serde(flatten)]
    pub node: NodeHit,
    /// How many edges there are, without those from the node to itself.
    pub edges: u64,
    /// How many nodes are at their other ends.
    pub nodes: u64,
    /// How many of the edges were bound by a name alone, or lead to one of several.
    pub unsure: u64,
}

/// A file on which many edges from other files end, or from which many to others start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileHotspot {
    /// The file.
    pub file: String,
    /// How many edges there are between it and other files.
    pub edges: u64,
    /// How many files are at their other ends.
    pub files: u64,
    /// How many of the edges were bound by a name alone, or lead to one of several.
    pub unsure: u64,
}

/// What makes a file depend on another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleFilter {
    /// The edges that do.
    pub kinds: EdgeKinds,
    /// Whether edges that were bound by a name alone, or lead to one of several, do too.
    pub unsure: bool,
    /// Whether imports do too that stand in functions, or that are there for the checking of types: they are not made when
    /// their files are loaded.
    pub late: bool,
}

impl Default for CycleFilter {
    /// Every edge but `contains` that is certain, and no late import.
    fn default() -> Self {
        Self { kinds: EdgeKinds::dependencies(), unsure: false, late: false }
    }
}

/// Files of which each depends on every other one, directly or by others of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileCycle {
    /// How many files there are.
    pub size: u64,
    /// How many pairs of them there are of which the first depends directly on the second.
    pub dependencies: u64,
    /// The files, by path; the first [`MAX_CYCLE_FILES`](crate::limits::MAX_CYCLE_FILES) of them.
    pub files: Vec<String>,
    /// A shortest circle through the first of the files.
    pub witness: Vec<CycleStep>,
}

/// One file of a circle, and an edge by which it depends on the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CycleStep {
    /// The file.
    pub file: String,
    /// The line on which the edge stands; none where whoever stated it does not say it.
    pub line: Option<u32>,
    /// The node that the edge starts at, in this file.
    pub source: NodeHit,
    /// The node that it leads to, in the next file.
    pub target: NodeHit,
    /// Its kind.
    pub kind: String,
}
