//! What is stored of files, compared with what they say now.

use std::collections::{BTreeMap, BTreeSet};

use codestrata_core::Result;
use serde::Serialize;

use crate::graph::plan::by_path;
use crate::graph::view::View;
use crate::keyspace::FileOrd;
use crate::model::Node;
use crate::records::FileEntry;
use crate::segment::{PreparedFile, Segment};

/// How many differences of one file are shown.
const SHOWN: usize = 3;

/// How a file as it is now stands to what is stored of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "difference")]
pub enum FileState {
    /// What is stored is what it says.
    Same,
    /// Its content is another than the one that was indexed. What is stored may be right for that one.
    Changed,
    /// It is not stored.
    New,
    /// It is stored and is not there any more.
    Gone,
    /// Its content is the one that was indexed, and what is stored is not what it says: this, in words.
    Differs(String),
}

/// Compares; by path.
pub(in crate::graph) async fn compare(
    view: &View<'_>,
    now: &[PreparedFile],
) -> Result<BTreeMap<String, FileState>> {
    let mut now = by_path(now)?;
    let mut states = BTreeMap::new();
    let mut differing: Vec<(FileOrd, FileEntry, &PreparedFile)> = Vec::new();
    for (ordinal, entry) in view.all_entries().await? {
        let state = match now.remove(entry.path.as_str()) {
            None => FileState::Gone,
            Some(file) if file.hash() != entry.hash => FileState::Changed,
            Some(file) if file.name() == entry.segment => FileState::Same,
            Some(file) => {
                differing.push((ordinal, entry, file));
                continue;
            }
        };
        states.insert(entry.path.into(), state);
    }
    states.extend(now.into_keys().map(|path| (path.to_owned(), FileState::New)));
    for (_, entry, file) in differing {
        let words = match view.segments(&[entry.segment]).await {
            Ok(stored) => match stored.first() {
                Some(stored) => differences(stored, file.segment()),
                None => "its segment is missing".to_owned(),
            },
            Err(error) if super::is_damage(&error) => error.to_string(),
            Err(error) => return Err(error),
        };
        states.insert(entry.path.into(), FileState::Differs(words));
    }
    Ok(states)
}

/// What two states of the facts of a file differ in: nodes first, then references.
fn differences(stored: &Segment, now: &Segment) -> String {
    let nodes = |segment: &Segment| -> BTreeMap<String, Node> {
        let file = segment.path().into();
        (0..segment.node_count()).map(|row| (segment.id(row), segment.node(row, &file))).collect()
    };
    let (before, after) = (nodes(stored), nodes(now));
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut words: Vec<String> = ids
        .into_iter()
        .filter_map(|id| match (before.get(id), after.get(id)) {
            (None, _) => Some(format!("the node `{id}` is not stored")),
            (_, None) => Some(format!("the stored node `{id}` is not in it")),
            (Some(before), Some(after)) if before != after => {
                Some(format!("the node `{id}` is stored as another {}", other_in(before, after)))
            }
            _ => None,
        })
        .collect();
    if words.is_empty() {
        let counts = |segment: &Segment| {
            let exports = segment.exports().count();
            (segment.reference_count(), segment.import_count(), segment.edge_count(), exports)
        };
        words.push(format!(
            "its references, imports, stated edges or exports are stored as others (stored {:?}, now {:?})",
            counts(stored),
            counts(now)
        ));
    }
    let more = words.len().saturating_sub(SHOWN);
    words.truncate(SHOWN);
    if more > 0 {
        words.push(format!("and {more} more nodes differ"));
    }
    words.join("; ")
}

/// In what two nodes of one id differ.
fn other_in(before: &Node, after: &Node) -> String {
    let mut parts = Vec::new();
    if before.name != after.name {
        parts.push("name");
    }
    if before.kind != after.kind {
        parts.push("kind");
    }
    if before.span != after.span {
        parts.push("place");
    }
    if before.attributes != after.attributes {
        parts.push("attributes");
    }
    parts.join(", ")
}
