//! What is written before an item: its visibility and its attributes.

use codestrata::model::{Attributes, Node as GraphNode};
use tree_sitter::Node;

use super::{Kind, Rust};
use crate::extract::Reading;

/// Attributes that speak to the compiler's lints and to the reader, and say nothing of who uses an item.
const SILENT: [&str; 6] = ["allow", "deny", "doc", "expect", "forbid", "warn"];

/// How a function comes to its place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner<'s> {
    /// By itself: without a word it is private.
    Own,
    /// A trait promises it.
    Promised,
    /// An implementation of this trait has it.
    Implements(&'s str),
}

impl Rust {
    /// The visibility and the attributes of an item.
    pub(super) fn item_attributes<'s, 't>(
        node: Node<'t>,
        manner: Manner<'s>,
        reading: &mut Reading<'s, 't>,
    ) -> Attributes {
        let mut attributes = Attributes::new();
        match manner {
            Manner::Own => {
                let word =
                    reading.children(node).into_iter().find(|part| part.kind() == "visibility_modifier");
                let word = word.and_then(|word| reading.short_text(word)).unwrap_or("private");
                attributes.insert("visibility", word.into());
            }
            Manner::Promised => {}
            Manner::Implements(trait_) => {
                attributes.insert(GraphNode::IMPLEMENTS, trait_.into());
            }
        }
        if let Some(names) = reading.sketch.decorated.remove(&node.id()) {
            attributes.insert("decorators", names.into());
        }
        attributes
    }

    /// Notes of each of some items which attributes stand before it.
    pub(super) fn note_attributes<'t>(&self, items: &[Node<'t>], reading: &mut Reading<'_, 't>) {
        let mut names: Vec<&str> = Vec::new();
        for item in items {
            if item.kind() == "attribute_item" {
                let path = item.named_child(0).and_then(|attribute| attribute.named_child(0));
                let name = path.map_or("", |path| reading.text(path));
                if !name.is_empty() && !SILENT.contains(&name) && !names.contains(&name) {
                    names.push(name);
                }
            } else if !matches!(item.kind(), "line_comment" | "block_comment") {
                let names = std::mem::take(&mut names);
                if !names.is_empty() && self.kind(*item) != Kind::Nothing {
                    reading.sketch.decorated.insert(item.id(), names);
                }
            }
        }
    }

    /// The names behind `::` in the text of a macro, which may be functions of any module.
    pub(super) fn mention_paths<'t>(definition: Node<'t>, reading: &mut Reading<'_, 't>) {
        for after in reading.text(definition).split("::").skip(1) {
            let is_of_name = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
            let length = after.bytes().take_while(|byte| is_of_name(byte)).count();
            if let Some(name) = after.get(..length).filter(|name| !name.is_empty()) {
                reading.sketch.mentions.insert(name);
            }
        }
    }
}
