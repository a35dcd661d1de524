//! The items of a file or module, and those that are neither functions nor types: constants and aliases.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::attributes::Manner;
use super::implementations::{Holder, add_member};
use super::{Kind, Rust, prelude};
use crate::extract::{Context, Hint, Reading, Role, span};

impl Rust {
    /// Items are known in all of their module, wherever in it they stand: so modules are bound first, then what is
    /// imported, which may begin at them, then types, to which methods belong, and then all else is read. Inline modules
    /// come last, because they see the names of the file around them.
    pub(super) fn items<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let children = reading.children(node);
        self.note_attributes(&children, reading);
        let mut bodies = Vec::new();
        for child in children.iter().filter(|child| self.kind(**child) == Kind::Module) {
            bodies.extend(self.module_item(*child, context, reading));
        }
        let turns: Vec<Turn> = children.iter().map(|child| self.turn(*child, reading)).collect();
        for turn in [Turn::CertainImport, Turn::Import, Turn::Type, Turn::Other] {
            for (child, _) in children.iter().zip(&turns).filter(|(_, own)| **own == turn) {
                reading.push(*child, context);
            }
        }
        for (body, inside) in bodies {
            reading.push(body, inside);
        }
    }

    fn turn<'t>(&self, node: Node<'t>, reading: &Reading<'_, 't>) -> Turn {
        match self.kind(node) {
            Kind::Use if self.begins_at_known(node, reading) => Turn::CertainImport,
            Kind::Module => Turn::Module,
            Kind::Use | Kind::ExternCrate => Turn::Import,
            Kind::Structure
            | Kind::Union
            | Kind::Enum
            | Kind::MacroDefinition
            | Kind::Trait
            | Kind::TypeItem => Turn::Type,
            _ => Turn::Other,
        }
    }

    /// Whether a `use` begins with `crate`, `std` and the like.
    fn begins_at_known<'t>(&self, node: Node<'t>, reading: &Reading<'_, 't>) -> bool {
        let text = self.field.argument.of(node).map_or("", |argument| reading.text(argument));
        let first = text.split("::").next().unwrap_or_default().trim();
        matches!(first, "crate" | "self" | "super") || prelude::is_standard_crate(first)
    }

    /// A constant or static; of a type, if it has a holder.
    pub(super) fn constant<'s, 't>(
        &self,
        node: Node<'t>,
        holder: Option<&Holder<'s>>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let Some(named) = self.field.name.of(node) else { return };
        let name = reading.text(named);
        let type_ = self.field.type_.of(node);
        let hint = type_.map_or(Hint::Unknown, |type_| self.hint_of_type(type_, context, reading));
        let mut attributes = type_attributes(type_, reading);
        if holder.is_none() {
            attributes.extend(Self::item_attributes(node, Manner::Own, reading));
        }
        let (whole, owner) = (span(node), context.owner);
        let variable = match holder {
            Some(holder) => {
                let kind = node_kind::VARIABLE;
                Some(add_member(holder, name, kind, whole, attributes, hint, context, reading))
            }
            None if name == "_" => None,
            None => reading.sketch.bind_variable(context.scope, owner, name, whole, hint, attributes),
        };
        let inside = variable.map_or(context, |variable| context.with_owner(variable));
        reading.push_some(type_, inside.as_type(Role::Variable));
        reading.push_some(self.field.value.of(node), inside);
    }
}

/// When an item is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Module,
    /// What begins at no name that another import may bind.
    CertainImport,
    Import,
    Type,
    Other,
}

/// The text of a declared type.
pub(super) fn type_attributes(type_: Option<Node<'_>>, reading: &Reading<'_, '_>) -> Attributes {
    let text = type_.and_then(|type_| reading.short_text(type_));
    text.into_iter().map(|text| ("type_hint".to_owned(), text.into())).collect()
}
