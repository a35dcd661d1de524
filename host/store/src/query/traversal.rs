//! Questions that walk the graph: how they are asked, and what they answer.

use std::collections::BTreeSet;

use serde::Serialize;

use super::answer::{NodeHit, Site};
use crate::limits::{MAX_DEPTH, MAX_VISITED};
use crate::link::{KNOWN_KINDS, Link, LinkRecord};
use crate::model::{Resolution, SharedText, edge_kind};

/// How the graph is walked: along which edges, in which direction, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traversal {
    /// The edges to go along.
    pub kinds: EdgeKinds,
    /// From source to target of an edge, the other way, or both.
    pub direction: Direction,
    /// The most edges between the start and what is reached. Brought inside of [`MAX_DEPTH`].
    pub depth: u32,
    /// The most nodes that are reached. Brought inside of [`MAX_VISITED`].
    pub visited: usize,
}

impl Traversal {
    /// Along edges of these kinds from source to target, as far as limits go.
    #[must_use]
    pub fn along(kinds: EdgeKinds) -> Self {
        Self { kinds, direction: Direction::Outgoing, depth: MAX_DEPTH, visited: MAX_VISITED }
    }

    /// Sets the direction.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Sets the most edges between the start and what is reached.
    #[must_use]
    pub fn depth(mut self, depth: u32) -> Self {
        self.depth = depth;
        self
    }

    /// Sets the most nodes that are reached.
    #[must_use]
    pub fn visited(mut self, visited: usize) -> Self {
        self.visited = visited;
        self
    }

    /// The same inside of the limits.
    pub(super) fn bounded(&self) -> Self {
        let depth = self.depth.min(MAX_DEPTH);
        Self { depth, visited: self.visited.min(MAX_VISITED), ..self.clone() }
    }
}

impl Default for Traversal {
    /// Along calls, as far as limits go.
    fn default() -> Self {
        Self::along(EdgeKinds::calls())
    }
}

/// In which direction edges are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From source to target: from a caller to what it calls.
    #[default]
    Outgoing,
    /// From target to source: from what is called to its callers.
    Incoming,
    /// Both.
    Both,
}

/// Why a traversal did not look at everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// There is more beyond the depth that was asked for.
    Depth,
    /// As many nodes were reached as may be.
    Nodes,
    /// There is more than the limit of results.
    Results,
}

/// Some kinds of edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EdgeKinds {
    /// A bit for each of the kinds that have numbers: nearly every edge is of one of them.
    numbered: u32,
    /// Others by their names.
    named: BTreeSet<String>,
    /// Whether all others are among them.
    with_others: bool,
}

/// The bit of a kind that has a number.
fn bit_of(kind: &str) -> Option<u32> {
    KNOWN_KINDS.iter().zip(0..).find(|(known, _)| **known == kind).map(|(_, number)| 1 << number)
}

/// The bits of some kinds that have numbers.
fn bits_of(is_wanted: impl Fn(&str) -> bool) -> u32 {
    KNOWN_KINDS.iter().zip(0..).map(|(kind, number)| u32::from(is_wanted(kind)) << number).sum()
}

impl EdgeKinds {
    /// Calls, and the making of objects.
    #[must_use]
    pub fn calls() -> Self {
        Self { numbered: bits_of(edge_kind::is_call), ..Self::default() }
    }

    /// Every kind but `contains`: what contains a node does not depend on it.
    #[must_use]
    pub fn dependencies() -> Self {
        let numbered = bits_of(|kind| kind != edge_kind::CONTAINS);
        Self { numbered, named: BTreeSet::new(), with_others: true }
    }

    /// These, and one more.
    #[must_use]
    pub fn and(mut self, kind: impl Into<String>) -> Self {
        let kind = kind.into();
        match bit_of(&kind) {
            Some(bit) => self.numbered |= bit,
            None => drop(self.named.insert(kind)),
        }
        self
    }

    /// Whether a kind is among them.
    #[must_use]
    pub fn contains(&self, kind: &str) -> bool {
        match bit_of(kind) {
            Some(bit) => self.numbered & bit != 0,
            None => self.with_others || self.named.contains(kind),
        }
    }

    /// Whether the kind of a link is among them.
    pub(super) fn has(&self, links: &LinkRecord, link: &Link) -> bool {
        match KNOWN_KINDS.get(link.kind as usize) {
            Some(_) => self.numbered & 1 << link.kind != 0,
            None => self.contains(links.kind(link)),
        }
    }

    /// Whether there is any among them that is no call.
    pub(super) fn has_other_than_calls(&self) -> bool {
        self.with_others || !self.named.is_empty() || self.numbered & !bits_of(edge_kind::is_call) != 0
    }
}

impl<'a> FromIterator<&'a str> for EdgeKinds {
    fn from_iter<I: IntoIterator<Item = &'a str>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::default(), EdgeKinds::and)
    }
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
    pub via: SharedText,
    /// How sure the least sure edge of that way is; none where the targets of all of them were stated. Of several
    /// shortest ways it is one of the surest.
    pub weakest: Option<Resolution>,
}

/// A node of a part of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubgraphNode {
    /// The node.
    #[serde(flatten)]
    pub node: NodeHit,
    /// The fewest edges from the start.
    pub depth: u32,
}

/// The edges of one kind and resolution between two nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubgraphEdge {
    /// The id of the node that they start at.
    pub source: SharedText,
    /// The id of the node that they lead to.
    pub target: SharedText,
    /// Their kind.
    pub kind: String,
    /// How sure they are; none for edges whose target was stated.
    pub resolution: Option<Resolution>,
    /// How many there are.
    pub count: u64,
}

/// Calls of a method that another one overrides: each may mean the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BaseCalls {
    /// The method of the base.
    #[serde(flatten)]
    pub node: NodeHit,
    /// How many calls are bound to it.
    pub calls: u64,
}

/// One node of a way from one node to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathStep {
    /// The node.
    #[serde(flatten)]
    pub node: NodeHit,
    /// Where the edges between the node before it and this one stand; none for the first. They start at the node before, or
    /// at this one where the way goes against its edges.
    pub sites: Vec<Site>,
    /// Whether the edges start at this node: the way goes against them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_backwards: bool,
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
