//! Types of parameters, properties and results.

use tree_sitter::Node;

use super::{Kind, Php};
use crate::extract::{Base, Context, Hint, Mode, Purpose, Reading, Role, TypePath, span};

/// How deep types are unwrapped to find the class of a variable.
const MOST_WRAPPERS: usize = 8;

impl Php {
    pub(super) fn visit_type<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        match self.kind(node) {
            Kind::Name | Kind::QualifiedName => self.use_class(node, role, context, reading),
            _ => reading.push_children(node, context),
        }
    }

    /// A class that is named as a type: by a declaration, `catch` or `instanceof`.
    pub(super) fn use_class<'t>(
        &self,
        node: Node<'t>,
        role: Role,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.name_of(node, context, reading) else { return };
        if !is_relative(name) {
            reading.add_use(Base::Name(name), &[], span(node), Purpose::Type(role), context);
        }
    }

    /// The class of what is declared so, if the type names one class.
    pub(super) fn hint_of_type<'s, 't>(
        &self,
        type_: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = type_;
        for _ in 0..MOST_WRAPPERS {
            match self.kind(here) {
                Kind::Name | Kind::QualifiedName => return self.hint_of_class(here, context, reading),
                Kind::NamedType | Kind::OptionalType | Kind::UnionType => {
                    let mut parts = reading.children(here);
                    parts.retain(|part| !reading.text(*part).eq_ignore_ascii_case("null"));
                    let [only] = parts.as_slice() else { return Hint::Unknown };
                    here = *only;
                }
                _ => return Hint::Unknown,
            }
        }
        Hint::Unknown
    }

    /// An object of this class.
    pub(super) fn hint_of_class<'s, 't>(
        &self,
        class: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        match self.name_of(class, context, reading) {
            Some("parent") | None => Hint::Unknown,
            Some(name) => Hint::Instance(TypePath { scope: context.scope, names: vec![name] }),
        }
    }
}

/// Whether this means the class around, or its base.
pub(super) fn is_relative(name: &str) -> bool {
    matches!(name, "self" | "static" | "parent")
}
