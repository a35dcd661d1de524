//! Patterns: what they bind, and the types, variants and constants that they name.

use tree_sitter::Node;

use super::types::{is_outside, self_as_type};
use super::{Kind, Rust};
use crate::extract::{Base, Context, Hint, Mode, Purpose, Reading, Role, span};

impl Rust {
    /// Binds what a pattern binds. A plain name takes the hint.
    pub(super) fn bind_pattern<'s, 't>(
        &self,
        pattern: Node<'t>,
        hint: Hint<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let mut here = pattern;
        while matches!(here.kind(), "mut_pattern" | "ref_pattern" | "reference_pattern") {
            let inner = reading.children(here).into_iter().find(|part| part.kind() != "mutable_specifier");
            let Some(inner) = inner else { return };
            here = inner;
        }
        match self.kind(here) {
            Kind::Identifier if !names_constant(reading.text(here)) => {
                reading.sketch.bind_local(context.scope, reading.text(here), hint);
            }
            _ => reading.push(here, context.with_mode(Mode::Pattern)),
        }
    }

    pub(super) fn visit_pattern<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing => {}
            Kind::Identifier | Kind::ShorthandField => {
                let name = reading.text(node);
                if names_constant(name) && self.kind(node) == Kind::Identifier {
                    self.use_in_pattern(node, Purpose::Access, context, reading);
                } else {
                    reading.sketch.bind_local(context.scope, name, Hint::Unknown);
                }
            }
            Kind::Scoped | Kind::ScopedType => {
                self.use_in_pattern(node, Purpose::Access, context, reading);
            }
            Kind::TupleStructPattern | Kind::StructPattern => {
                let type_ = self.field.type_.of(node);
                if let Some(type_) = type_ {
                    self.use_in_pattern(type_, Purpose::Access, context, reading);
                }
                for part in reading.children(node) {
                    if Some(part) != type_ {
                        reading.push(part, context);
                    }
                }
            }
            Kind::FieldPattern => match self.field.pattern.of(node) {
                Some(pattern) => reading.push(pattern, context),
                None => reading.push_some(self.field.name.of(node), context),
            },
            Kind::MatchPattern => {
                let condition = self.field.condition.of(node);
                for part in reading.children(node) {
                    let mode = if Some(part) == condition { Mode::Value } else { Mode::Pattern };
                    reading.push(part, context.with_mode(mode));
                }
            }
            Kind::TypeArguments => reading.push(node, context.with_mode(Mode::Type(Role::Variable))),
            Kind::Macro | Kind::Block | Kind::Call => reading.push(node, context.with_mode(Mode::Value)),
            _ => reading.push_children(node, context),
        }
    }

    /// The variant, structure or constant that a value is compared with.
    fn use_in_pattern<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(names) = self.path(node, context, reading) else { return };
        let names = self_as_type(names, context, reading);
        let Some((first, members)) = names.split_first() else { return };
        if is_outside(Base::Name(first), context, reading) {
            return;
        }
        let plain = self.plain(node);
        let last = self.field.name.of(plain).unwrap_or(plain);
        reading.add_use(Base::Name(first), members, span(last), purpose, context);
    }
}

/// A name in a pattern that is no new variable, by the convention that the compiler warns about.
fn names_constant(name: &str) -> bool {
    name.trim_start_matches('_').starts_with(char::is_uppercase)
}
