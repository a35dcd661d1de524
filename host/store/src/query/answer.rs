//! What questions are answered with.

use serde::Serialize;

pub use super::node_hit::NodeHit;
use super::traversal::Cut;
use crate::model::{Attributes, Resolution, Span, Text};

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer<T> {
    /// The repository that was asked.
    pub repository: Text,
    /// The version that the answer is of.
    pub version: u64,
    /// What was found, in a fixed order.
    pub results: Vec<T>,
    /// Whether there is more than was asked for, or a bound of the traversal was reached.
    pub truncated: bool,
    /// Why a traversal was cut; empty where everything was looked at, and for questions that walk no graph.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<Cut>,
    /// References that may belong to the answer: several definitions of their name may be meant.
    pub ambiguous: u64,
    /// References that end in the name asked for, and lead to nothing in the repository.
    pub unresolved: u64,
}

/// Where an edge stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// The file.
    pub file: Text,
    /// The line, from 1; 0 if the edge has no span.
    pub line: u32,
    /// The column, from 1; 0 if the edge has no span.
    pub column: u32,
    /// The kind of the edge.
    pub kind: Text,
    /// How sure it is, if it says so.
    pub resolution: Option<Resolution>,
}

impl Site {
    pub(crate) fn new(file: &Text, span: Option<Span>, kind: &str, resolution: Option<Resolution>) -> Self {
        let start = span.map(|span| (span.start_line, span.start_column));
        Self::at(file, start, kind.into(), resolution)
    }

    /// The same of a line, from 1, and a column, from 0.
    pub(crate) fn at(
        file: &Text,
        start: Option<(u32, u32)>,
        kind: Text,
        resolution: Option<Resolution>,
    ) -> Self {
        let (line, column) = start.map_or((0, 0), |(line, column)| (line, column.saturating_add(1)));
        Self { file: file.clone(), line, column, kind, resolution }
    }
}

/// A caller, a callee, or what refers to a node, with every place where the edge stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallHit {
    /// The node at the other end.
    #[serde(flatten)]
    pub node: NodeHit,
    /// Where the edges stand.
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
