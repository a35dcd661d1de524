//! Calls, and objects that are made.

use tree_sitter::Node;

use super::hints::{CASTS, MAKERS};
use super::{CFamily, Kind};
use crate::extract::{Context, Purpose, Reading, Role};

impl CFamily {
    pub(super) fn call<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(called) = self.field.function.of(node)
            && !self.makes_or_casts(called, context, reading)
        {
            self.use_expression(called, Purpose::Call, context, reading);
        }
        reading.push_some(self.field.arguments.of(node), context);
    }

    /// `std::make_unique<Thing>` makes a thing; `static_cast<Thing>` names one.
    fn makes_or_casts<'t>(&self, called: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) -> bool {
        if !matches!(self.kind(called), Kind::Qualified | Kind::TemplateFunction) {
            return false;
        }
        let Some(names) = self.names(called, false, reading) else { return false };
        let (Some(name), Some(arguments)) = (names.parts.last(), names.arguments.last()) else {
            return false;
        };
        let is_maker = MAKERS.contains(name);
        if !is_maker && !CASTS.contains(name) {
            return false;
        }
        if is_maker {
            let made = arguments.named_child(0);
            let type_ = made.and_then(|made| self.field.type_.of(made)).or(made);
            self.instantiate(type_, context, reading);
        }
        reading.push(*arguments, context.as_type(Role::Variable));
        true
    }

    /// `(struct thing){ .x = 1 }` and `Thing{1}`.
    pub(super) fn compound_literal<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let type_ = self.field.type_.of(node);
        if self.is_cpp && type_.is_some_and(|type_| self.kind(type_) != Kind::TypeDescriptor) {
            self.instantiate(type_, context, reading);
            if let Some(names) = type_.and_then(|type_| self.names(type_, false, reading)) {
                for argument in names.arguments {
                    reading.push(argument, context.as_type(Role::Variable));
                }
            }
        } else {
            reading.push_some(type_, context.as_type(Role::Variable));
        }
        reading.push_some(self.field.value.of(node), context);
    }
}
