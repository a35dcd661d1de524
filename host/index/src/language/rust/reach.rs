//! From where the bare name of a member may mean it: what its visibility says, and whether it takes a `self`.

use codestrata::model::{Attributes, Reach};
use tree_sitter::Node;

use super::attributes::Manner;
use super::modules::{home, parent};
use super::{Kind, Rust};
use crate::extract::Reading;

impl Rust {
    /// That of a function of a type.
    pub(super) fn note_reach_of_method<'t>(
        &self,
        node: Node<'t>,
        manner: Manner<'_>,
        attributes: &mut Attributes,
        reading: &mut Reading<'_, 't>,
    ) {
        if !self.takes_self(node, reading) {
            return state(Reach::Nowhere, attributes);
        }
        // What a trait promises is as visible as the trait.
        if let Manner::Own = manner {
            Self::note_reach(node, attributes, reading);
        }
    }

    /// That of an item of a type, by the word before it.
    pub(super) fn note_reach<'t>(node: Node<'t>, attributes: &mut Attributes, reading: &mut Reading<'_, 't>) {
        let word = reading.children(node).into_iter().find(|part| part.kind() == "visibility_modifier");
        let word = word.map_or("", |word| reading.text(word));
        if word == "pub" {
            return;
        }
        let home = home(reading.sketch.path);
        let stem = match word {
            "" | "pub(self)" => home.stem.as_str(),
            "pub(super)" => parent(&home.stem),
            // Of several roots that the crate may have the last one has all the others below it.
            _ => home.roots.last().map_or("", String::as_str),
        };
        if !stem.is_empty() {
            state(Reach::Below(stem), attributes);
        }
    }

    fn takes_self<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) -> bool {
        let Some(parameters) = self.field.parameters.of(node) else { return false };
        reading.children(parameters).into_iter().any(|parameter| match self.kind(parameter) {
            Kind::SelfParameter => true,
            // `self: Rc<Self>`.
            Kind::Parameter => {
                self.field.pattern.of(parameter).is_some_and(|pattern| self.kind(pattern) == Kind::SelfValue)
            }
            _ => false,
        })
    }
}

fn state(reach: Reach<'_>, attributes: &mut Attributes) {
    if let Some(text) = reach.to_text() {
        attributes.insert(Reach::ATTRIBUTE, text.into());
    }
}
