//! What came and went in one version, as stored: every text once.

use std::collections::HashMap;

use bincode::{Decode, Encode};
use codestrata_core::{Error, ErrorKind, Result};

use super::change::{ChangedEdge, ChangedNode, Difference, Sums};
use crate::codec::{RecordKind, decode, encode};
use crate::model::Resolution;

/// Fields that say `text` are numbers of `texts`.
#[derive(Debug, Default, Encode, Decode)]
struct Listed {
    texts: Vec<String>,
    nodes: Vec<ListedNode>,
    edges: Vec<ListedEdge>,
}

#[derive(Debug, Encode, Decode)]
struct ListedNode {
    is_added: bool,
    id: u32,
    name: u32,
    kind: u32,
    file: u32,
}

#[derive(Debug, Encode, Decode)]
struct ListedEdge {
    is_added: bool,
    count: u64,
    source: u32,
    kind: u32,
    target: u32,
    resolution: Option<Resolution>,
}

/// Gives every distinct text a number.
#[derive(Default)]
struct Texts {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

/// A difference as bytes.
pub(super) fn encode_listed(difference: &Difference) -> Result<Vec<u8>> {
    let mut texts = Texts::default();
    let mut listed = Listed::default();
    for (is_added, nodes) in [(true, &difference.nodes_added), (false, &difference.nodes_removed)] {
        for node in nodes {
            listed.nodes.push(ListedNode {
                is_added,
                id: texts.number(&node.id),
                name: texts.number(&node.name),
                kind: texts.number(&node.kind),
                file: texts.number(&node.file),
            });
        }
    }
    for (is_added, edges) in [(true, &difference.edges_added), (false, &difference.edges_removed)] {
        for (edge, count) in edges {
            listed.edges.push(ListedEdge {
                is_added,
                count: *count,
                source: texts.number(&edge.source),
                kind: texts.number(&edge.kind),
                target: texts.number(&edge.target),
                resolution: edge.resolution,
            });
        }
    }
    listed.texts = texts.texts;
    encode(RecordKind::ListedChange, &listed)
}

/// Adds what some bytes list to sums.
pub(in crate::graph) fn add_listed(bytes: &[u8], sums: &mut Sums) -> Result<()> {
    let listed: Listed = decode(RecordKind::ListedChange, bytes)?;
    let text = |number: u32| {
        listed.texts.get(number as usize).cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::Corruption,
                format!("a listed change names text {number}, which it does not have"),
            )
        })
    };
    for node in &listed.nodes {
        let changed = ChangedNode {
            id: text(node.id)?,
            name: text(node.name)?,
            kind: text(node.kind)?,
            file: text(node.file)?,
        };
        sums.node(changed, if node.is_added { 1 } else { -1 });
    }
    for edge in &listed.edges {
        let changed = ChangedEdge {
            source: text(edge.source)?,
            kind: text(edge.kind)?,
            target: text(edge.target)?,
            resolution: edge.resolution,
        };
        let count = i64::try_from(edge.count).unwrap_or(i64::MAX);
        sums.edge(changed, if edge.is_added { count } else { -count });
    }
    Ok(())
}
