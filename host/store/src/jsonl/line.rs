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
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub(super) attributes: Attributes,
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
