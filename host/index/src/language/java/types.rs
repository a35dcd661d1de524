//! Types, where they are named, and type parameters.

use tree_sitter::Node;

use super::{Java, Kind};
use crate::extract::{
    Base, Context, Hint, Mode, Purpose, Reading, Role, ScopeKind, ScopeRef, Sort, TypePath, span,
};

impl Java {
    pub(super) fn visit_type<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        match self.kind(node) {
            Kind::Nothing | Kind::Super => {}
            Kind::TypeIdentifier | Kind::ScopedType | Kind::GenericType => {
                self.use_type(node, Purpose::Type(role), context, reading);
            }
            Kind::Annotation => self.annotation(node, context.with_mode(Mode::Value), reading),
            _ => reading.push_children(node, context),
        }
    }

    /// Uses `User`, `models.User` or `Box<User>`, and what is in its angle brackets.
    pub(super) fn use_type<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some((names, last)) = self.type_names(node, reading) else {
            return reading.push_children(node, context.as_type(Role::Variable));
        };
        let Some((base, members)) = names.split_first() else { return };
        // `var` is no type, and no type is named so.
        if *base != "var" {
            reading.add_use(Base::Name(base), members, span(last), purpose, context);
        }
        let mut left = vec![node];
        while let Some(part) = left.pop() {
            match self.kind(part) {
                Kind::GenericType | Kind::ScopedType | Kind::AnnotatedType => {
                    left.extend(reading.children(part));
                }
                Kind::TypeRoot | Kind::Annotation => reading.push(part, context),
                _ => {}
            }
        }
    }

    /// The names of a type without its arguments, and the last of their nodes.
    pub(super) fn type_names<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'s, 't>,
    ) -> Option<(Vec<&'s str>, Node<'t>)> {
        let mut names = Vec::new();
        let mut last = None;
        let mut here = Some(node);
        while let Some(part) = here {
            here = match self.kind(part) {
                Kind::TypeIdentifier | Kind::Identifier => {
                    names.push(reading.text(part));
                    last = last.or(Some(part));
                    None
                }
                Kind::GenericType => part.named_child(0),
                Kind::AnnotatedType => reading.children(part).pop(),
                Kind::ScopedType => {
                    let parts = reading.children(part);
                    let name = *parts.last()?;
                    names.push(reading.text(name));
                    last = last.or(Some(name));
                    parts.first().copied()
                }
                _ => return None,
            };
        }
        names.reverse();
        Some((names, last?))
    }

    /// What a variable declared so is an object of.
    pub(super) fn hint_of_type<'s, 't>(
        &self,
        declared: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(declared) = declared else { return Hint::Unknown };
        match self.type_names(declared, reading) {
            Some((names, _)) => Hint::Instance(TypePath { scope, names }),
            None => Hint::Plain,
        }
    }

    /// Opens the scope of `<T extends Shape>` if there is one: a value of `T` is used as a `Shape`.
    pub(super) fn type_parameters<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let Some(parameters) = self.field.type_parameters.of(node) else { return context };
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        for parameter in reading.children(parameters) {
            let mut named = None;
            let mut bound = Hint::Unknown;
            for part in reading.children(parameter) {
                match self.kind(part) {
                    Kind::TypeIdentifier | Kind::Identifier => named = named.or(Some(part)),
                    Kind::TypeBound => {
                        let bounds = reading.children(part);
                        if let [only] = *bounds.as_slice() {
                            bound = self.hint_of_type(Some(only), inside.scope, reading);
                        }
                        reading.push(part, inside.as_type(Role::Variable));
                    }
                    _ => reading.push(part, inside),
                }
            }
            if let Some(named) = named {
                let name = reading.text(named);
                reading.sketch.bind_nodeless(inside.scope, name, Sort::Type, bound);
            }
        }
        inside
    }
}
