//! Types where they are used.

use tree_sitter::Node;

use super::{Kind, Rust, prelude};
use crate::extract::{Base, Context, Mode, Purpose, Reading, Role, span};

impl Rust {
    pub(super) fn visit_type<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        match self.kind(node) {
            Kind::Nothing | Kind::PrimitiveType => {}
            Kind::TypeIdentifier | Kind::ScopedType | Kind::Scoped | Kind::Identifier => {
                self.use_type(node, Purpose::Type(role), context, reading);
            }
            Kind::GenericType => {
                self.use_type(node, Purpose::Type(role), context, reading);
                reading.push_some(self.field.type_arguments.of(node), context);
            }
            Kind::TypeBinding => {
                reading.push_some(self.field.type_arguments.of(node), context);
                reading.push_some(self.field.type_.of(node), context);
            }
            Kind::Parameter => reading.push_some(self.field.type_.of(node), context),
            Kind::Macro | Kind::Block | Kind::Call => reading.push(node, context.with_mode(Mode::Value)),
            _ if self.field.length.of(node).is_some() => {
                reading.push_some(self.field.element.of(node), context);
                reading.push_some(self.field.length.of(node), context.with_mode(Mode::Value));
            }
            _ => reading.push_children(node, context),
        }
    }

    /// A path to a type. `Self` says nothing but where it stands, unless a value is made of it.
    pub(super) fn use_type<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(names) = self.path(node, context, reading) else {
            return reading.push_children(node, context);
        };
        let names = self_as_type(names, context, reading);
        let Some((first, members)) = names.split_first() else { return };
        let is_self = members.is_empty() && *first == "Self" && purpose != Purpose::Instantiate;
        if is_self || is_outside(Base::Name(first), context, reading) {
            return;
        }
        let plain = self.plain(node);
        let last = self.field.name.of(plain).unwrap_or(plain);
        reading.add_use(Base::Name(first), members, span(last), purpose, context);
    }
}

/// Whether a path begins at a name of the prelude, or at a primitive type: it leads to nothing in a repository.
pub(super) fn is_outside<'s>(base: Base<'s>, context: Context, reading: &Reading<'s, '_>) -> bool {
    match base {
        Base::Name(name) if prelude::is_common(name) || prelude::is_primitive(name) => {
            reading.sketch.look_up(context.scope, name).is_none()
        }
        _ => false,
    }
}

/// `Self` alone, in a block for a type of another file, as the name of that type.
pub(super) fn self_as_type<'s>(
    names: Vec<&'s str>,
    context: Context,
    reading: &Reading<'s, '_>,
) -> Vec<&'s str> {
    if names.as_slice() != ["Self"] {
        return names;
    }
    match reading.sketch.look_up(context.scope, "Self") {
        Some((_, binding)) => match &binding.hint {
            crate::extract::Hint::SameAs(path) => path.names.clone(),
            _ => names,
        },
        None => names,
    }
}
