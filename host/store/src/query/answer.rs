//! What questions are answered with.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::graph::NodePlace;
use crate::limits::{MAX_DEPTH, MAX_VISITED};
use crate::model::{Attributes, Resolution, Span, edge_kind};

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer<T> {
    /// The repository that was asked.
    pub repository: String,
    /// The version that the answer is of.
    pub version: u64,
    /// What was found, in a fixed order.
    pub results: Vec<T>,
    /// Whether there is more than was asked for, or a bound of the traversal was reached.
    pub truncated: bool,
    /// References that may belong to the answer: several definitions of their name may be meant.
    pub ambiguous: u64,
    /// References that end in the name asked for, and lead to nothing in the repository.
    pub unresolved: u64,
}

/// A node, as far as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NodeHit {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its file.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: u32,
}

impl NodeHit {
    pub(crate) fn of(place: &NodePlace) -> Self {
        let (segment, row) = (&place.file.segment, place.row);
        Self {
            id: segment.id(row),
            name: segment.name(row).to_owned(),
            kind: segment.kind(row).to_owned(),
            file: segment.path().to_owned(),
            line: segment.span(row).start_line,
        }
    }
}

/// Where an edge stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 if the edge has no span.
    pub line: u32,
    /// The column, from 1; 0 if the edge has no span.
    pub column: u32,
    /// The kind of the edge.
    pub kind: String,
    /// How sure it is, if it says so.
    pub resolution: Option<Resolution>,
}

impl Site {
    pub(crate) fn new(file: &str, span: Option<Span>, kind: &str, resolution: Option<Resolution>) -> Self {
        Self {
            file: file.to_owned(),
            line: span.map_or(0, |span| span.start_line),
            column: span.map_or(0, |span| span.start_column.saturating_add(1)),
            kind: kind.to_owned(),
            resolution,
        }
    }
}

/// A caller or callee with every place where the call stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallHit {
    /// The caller or callee.
    #[serde(flatten)]
    pub node: NodeHit,
    /// Where the calls stand.
    pub sites: Vec<Site>,
}

/// A call that leads to no node of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnboundHit {
    /// What it says: `unresolved:<text>` or `ambiguous:<name>`.
    pub target: String,
    /// Where the calls stand.
    pub sites: Vec<Site>,
}

/// A node that a change may reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImpactHit {
    /// The node.
    #[serde(flatten)]
    pub node: NodeHit,
    /// The fewest edges to it.
    pub depth: u32,
    /// The node before it on a shortest way: why it is reached.
    pub via: String,
}

/// One node of a way from one node to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathStep {
    /// The node.
    #[serde(flatten)]
    pub node: NodeHit,
    /// Where the edges from the node before it stand; none for the first.
    pub sites: Vec<Site>,
}

/// How looking for a way ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathEnd {
    /// There is one.
    Found,
    /// There is none: everything that can be reached was looked at.
    None,
    /// There is none of so few edges; there may be a longer one.
    DepthLimit,
    /// There is none among the nodes that were visited; there may be one over others.
    NodeLimit,
}

/// How a way is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathOptions {
    /// The edges to go along.
    pub kinds: EdgeKinds,
    /// The most edges of the way.
    pub depth: u32,
    /// How many nodes are visited before it is given up; the step during which they are reached is finished.
    pub visited: usize,
}

impl Default for PathOptions {
    /// Along calls, as far as limits go.
    fn default() -> Self {
        Self { kinds: EdgeKinds::calls(), depth: MAX_DEPTH, visited: MAX_VISITED }
    }
}

/// Some kinds of edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EdgeKinds {
    named: BTreeSet<String>,
    with_dependencies: bool,
}

impl EdgeKinds {
    /// Calls, and the making of objects.
    #[must_use]
    pub fn calls() -> Self {
        [edge_kind::CALLS, edge_kind::INSTANTIATES].into_iter().collect()
    }

    /// Every kind but `contains`: what contains a node does not depend on it.
    #[must_use]
    pub fn dependencies() -> Self {
        Self { named: BTreeSet::new(), with_dependencies: true }
    }

    /// These, and one more.
    #[must_use]
    pub fn and(mut self, kind: impl Into<String>) -> Self {
        self.named.insert(kind.into());
        self
    }

    /// Whether a kind is among them.
    #[must_use]
    pub fn contains(&self, kind: &str) -> bool {
        self.named.contains(kind) || (self.with_dependencies && kind != edge_kind::CONTAINS)
    }
}

impl<'a> FromIterator<&'a str> for EdgeKinds {
    fn from_iter<I: IntoIterator<Item = &'a str>>(kinds: I) -> Self {
        Self { named: kinds.into_iter().map(str::to_owned).collect(), with_dependencies: false }
    }
}

/// One node that a symbol may mean.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SymbolMatch {
    /// The node.
    #[serde(flatten)]
    pub node: NodeHit,
    /// Where it stands.
    pub span: Span,
    /// What analysers keep beside it.
    pub attributes: Attributes,
}
