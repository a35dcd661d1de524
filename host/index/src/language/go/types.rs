//! Types where they are used.

use tree_sitter::Node;

use super::{Go, Kind, predeclared};
use crate::extract::{Base, Context, Hint, Mode, Purpose, Reading, Role, ScopeRef, TypePath, span};

/// How deep types are unwrapped to find the one that a variable's members belong to: `*(*T)`.
const MOST_WRAPPERS: usize = 8;

impl Go {
    pub(super) fn visit_type<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        match self.kind(node) {
            Kind::Nothing | Kind::Literal => {}
            Kind::NamedType | Kind::QualifiedType | Kind::Identifier => {
                self.use_type(node, Purpose::Type(role), context, reading);
            }
            Kind::ArrayType => {
                reading.push_some(self.field.length.of(node), context.with_mode(Mode::Value));
                reading.push_some(node.named_child(1), context);
            }
            Kind::Parameter | Kind::VariadicParameter | Kind::FieldDeclaration => {
                reading.push_some(self.field.type_.of(node), context);
            }
            Kind::MethodElement => {
                reading.push_some(self.field.parameters.of(node), context);
                reading.push_some(self.field.result.of(node), context);
            }
            Kind::Selector | Kind::Call | Kind::Index | Kind::Composite => {
                reading.push(node, context.with_mode(Mode::Value));
            }
            _ => reading.push_children(node, context),
        }
    }

    /// `T` or `package.T`.
    pub(super) fn use_type<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(names) = self.type_names(node, reading) else { return };
        let Some((first, members)) = names.split_first() else { return };
        let is_known = reading.sketch.look_up(context.scope, first).is_some();
        if members.is_empty() && predeclared::is_type(first) && !is_known {
            return;
        }
        let last = self.field.name.of(node).unwrap_or(node);
        reading.add_use(Base::Name(first), members, span(last), purpose, context);
    }

    /// The names of `T` and `package.T`.
    pub(super) fn type_names<'s>(&self, node: Node<'_>, reading: &Reading<'s, '_>) -> Option<Vec<&'s str>> {
        match self.kind(node) {
            Kind::NamedType | Kind::Identifier => Some(vec![reading.text(node)]),
            Kind::QualifiedType => {
                let (package, name) = (self.field.package.of(node)?, self.field.name.of(node)?);
                Some(vec![reading.text(package), reading.text(name)])
            }
            _ => None,
        }
    }

    /// The named type in `*T`, `T[A]` and `(T)`.
    pub(super) fn named_type<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut here = node;
        for _ in 0..MOST_WRAPPERS {
            here = match self.kind(here) {
                Kind::NamedType | Kind::QualifiedType => return Some(here),
                Kind::PointerType | Kind::ParenthesizedType => here.named_child(0)?,
                Kind::GenericType => self.field.type_.of(here)?,
                _ => return None,
            };
        }
        None
    }

    /// The type whose members a value of this type has.
    pub(super) fn hint_of_type<'s>(
        &self,
        node: Node<'_>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        let names = self.named_type(node).and_then(|named| self.type_names(named, reading));
        names.map_or(Hint::Unknown, |names| Hint::Instance(TypePath { scope, names }))
    }
}
