//! The lines of the format.

use serde::{Deserialize, Serialize};

use crate::model::{Attributes, Edge, Node};

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", expecting = "a line with one of the keys metadata, file, node and edge")]
pub(super) enum Line {
    Metadata(MetadataLine),
    File(FileLine),
    Node(Node),
    Edge(Edge),
}

/// The first line. Keys of others are passed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(expecting = "metadata: an object with repo_id and schema_version")]
pub(super) struct MetadataLine {
    pub(super) repo_id: String,
    #[serde(default = "first_schema")]
    pub(super) schema_version: u32,
    /// How many of each follow: how a reader knows that a file was cut. Others may mean something else by the key, so
    /// what is no object of these three counts is passed over.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub(super) totals: serde_json::Value,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub(super) attributes: Attributes,
}

/// What the metadata line may say of the lines that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LineTotals {
    pub(super) files: u64,
    pub(super) nodes: u64,
    pub(super) edges: u64,
}

/// A file. Keys of others are passed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(expecting = "a file: an object with path and hash")]
pub(super) struct FileLine {
    pub(super) path: String,
    #[serde(default)]
    pub(super) hash: String,
}

fn first_schema() -> u32 {
    1
}
