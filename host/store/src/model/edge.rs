//! Edges, and how sure one is.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{Attributes, Span, Text};

/// A relation between two nodes. It belongs to the file of its source.
///
/// The target need not exist: the edge is then dangling, is counted as such, and binds when the node appears.
/// Parallel edges, as from two calls of one function, are kept apart by their spans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an edge: an object with source, target, kind, attributes and span")]
pub struct Edge {
    /// The id of the node that it starts at.
    pub source: Text,
    /// The id of the node that it points to.
    pub target: Text,
    /// Its kind; see [`edge_kind`](super::edge_kind).
    pub kind: Text,
    /// What is kept beside it. Edges made by linking have `resolution`; see [`Resolution`].
    #[serde(default)]
    pub attributes: Attributes,
    /// Where in the source's file it stands, if it stands somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

impl Edge {
    /// The attribute under which the resolution of an edge stands.
    pub const RESOLUTION: &'static str = "resolution";

    /// An edge without span and attributes.
    #[must_use]
    pub fn new(source: impl Into<Text>, target: impl Into<Text>, kind: impl Into<Text>) -> Self {
        Self {
            source: source.into(),
            target: target.into(),
            kind: kind.into(),
            attributes: Attributes::new(),
            span: None,
        }
    }

    /// Sets the span.
    #[must_use]
    pub fn with_span(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Sets an attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<Text>, value: impl Into<serde_json::Value>) -> Self {
        self.attributes.insert(name, value.into());
        self
    }

    /// How sure the edge is, if it says so.
    #[must_use]
    pub fn resolution(&self) -> Option<Resolution> {
        self.attributes.get(Self::RESOLUTION)?.as_str().and_then(Resolution::parse)
    }
}

/// How a reference by name was bound to its target: the attribute `resolution` of an edge.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// By the scopes of its own file: certain.
    Exact,
    /// Through imports and bases, to a definition in another file.
    Import,
    /// By its name alone, which one member in the repository has. Likely, not certain.
    UniqueName,
    /// By its name alone, which several members have. The target is `ambiguous:<name>`, and each of them may be
    /// meant.
    Ambiguous,
    /// Not found in the repository: a library, a builtin, or something made at run time. The target is
    /// `unresolved:<what it says>`.
    Unresolved,
}

impl Resolution {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 5] =
        [Self::Exact, Self::Import, Self::UniqueName, Self::Ambiguous, Self::Unresolved];

    /// The label, as it stands in the attribute.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Import => "import",
            Self::UniqueName => "unique-name",
            Self::Ambiguous => "ambiguous",
            Self::Unresolved => "unresolved",
        }
    }

    /// The resolution with this label.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.as_str() == label)
    }
}

/// Which edges are meant: all of one kind between two nodes, or the one at a span.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EdgeSelector {
    /// The id of the source.
    pub source: Text,
    /// The id of the target.
    pub target: Text,
    /// The kind.
    pub kind: Text,
    /// Only the edge at this span; none means every parallel one.
    pub span: Option<Span>,
}

impl EdgeSelector {
    /// Whether the edge is one of those meant.
    #[must_use]
    pub fn matches(&self, edge: &Edge) -> bool {
        self.source == edge.source
            && self.target == edge.target
            && self.kind == edge.kind
            && (self.span.is_none() || self.span == edge.span)
    }
}

impl From<&Edge> for EdgeSelector {
    /// The edge at its own place: parallel ones elsewhere are not meant.
    fn from(edge: &Edge) -> Self {
        Self {
            source: edge.source.clone(),
            target: edge.target.clone(),
            kind: edge.kind.clone(),
            span: edge.span,
        }
    }
}
