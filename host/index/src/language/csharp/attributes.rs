//! Attributes in square brackets, and modifiers.

use codestrata::model::{Attributes, Reference, Root, Target, edge_kind};
use tree_sitter::Node;

use super::{CSharp, Kind};
use crate::extract::{Context, Mode, Reading, Role, span};

impl CSharp {
    /// `[Route("/users")]` uses the type `RouteAttribute`: nearly all attributes are defined with the ending and used
    /// without it.
    pub(super) fn attribute<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(used) = self.field.name.of(node) else { return };
        if let Some((names, last)) = self.type_names(used, reading) {
            let mut path: Vec<String> = names.into_iter().map(str::to_owned).collect();
            if let Some(name) = path.last_mut().filter(|name| !name.ends_with("Attribute")) {
                name.push_str("Attribute");
            }
            let first = path.remove(0);
            reading.sketch.references.push(Reference {
                source: context.owner,
                kind: edge_kind::USES_TYPE.into(),
                span: span(last),
                target: Target::Path(Root::Free(first), path),
                attributes: Attributes::from([("role", Role::Variable.as_str().into())]),
            });
        }
        self.push_type_arguments(used, context, reading);
        for part in reading.children(node) {
            if part != used {
                reading.push(part, context);
            }
        }
    }

    /// Reads the attributes of a definition or parameter.
    pub(super) fn attributes_of<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(node) {
            if self.kind(part) == Kind::AttributeList {
                reading.push(part, context.with_mode(Mode::Value));
            }
        }
    }

    /// What the modifiers and attributes of a definition say about it.
    pub(super) fn modifiers<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) -> Attributes {
        let mut attributes = Attributes::new();
        let mut visibility = Vec::new();
        let mut decorators = Vec::new();
        for part in reading.children(node) {
            match (self.kind(part), reading.text(part)) {
                (Kind::Modifier, word @ ("public" | "protected" | "internal" | "private")) => {
                    visibility.push(word);
                }
                (Kind::Modifier, word @ ("static" | "async")) => {
                    attributes.insert(word, true.into());
                }
                (Kind::AttributeList, _) => {
                    for attribute in reading.children(part) {
                        let named = self.field.name.of(attribute);
                        let text = named.and_then(|named| reading.short_text(named));
                        decorators.extend(text.map(str::to_owned));
                    }
                }
                _ => {}
            }
        }
        if !visibility.is_empty() {
            attributes.insert("visibility", visibility.join(" ").into());
        }
        if !decorators.is_empty() {
            attributes.insert("decorators", decorators.into());
        }
        attributes
    }

    /// Whether a definition has a modifier.
    pub(super) fn is<'t>(&self, modifier: &str, node: Node<'t>, reading: &mut Reading<'_, 't>) -> bool {
        let parts = reading.children(node);
        parts.into_iter().any(|part| self.kind(part) == Kind::Modifier && reading.text(part) == modifier)
    }
}
