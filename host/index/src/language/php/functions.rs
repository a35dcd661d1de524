//! Functions and their parameters.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::classes::modifiers;
use super::namespaces::namespace_scope;
use super::{Kind, Php};
use crate::extract::{Context, Hint, Mode, NodeRef, Reading, Role, ScopeKind, ScopeRef, span};

impl Php {
    /// A function belongs to its namespace, wherever it is written.
    pub(super) fn function<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let around = namespace_scope(context.scope, reading);
        let holder = reading.sketch.scope(around).members_of.unwrap_or(0);
        let attributes = self.return_type(node, reading);
        let function = reading.sketch.define(holder, name, node_kind::FUNCTION, span(node), attributes);
        reading.sketch.bind_definition(around, name, function);
        self.function_inside(node, around, None, context.with_owner(function), reading);
    }

    /// Reads a function of any form, whose scope is in `around`. Of a constructor of `class`, parameters can be
    /// properties.
    pub(super) fn function_inside<'t>(
        &self,
        node: Node<'t>,
        around: ScopeRef,
        class: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let scope = reading.sketch.open(ScopeKind::Function, around);
        let inside = context.with_scope(scope);
        reading.push_some(self.field.attributes.of(node), inside);
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, class, inside, reading);
        }
        if let Some(returned) = self.field.return_type.of(node) {
            reading.push(returned, inside.with_mode(Mode::Type(Role::Return)));
        }
        reading.push_some(self.field.body.of(node), inside);
    }

    pub(super) fn return_type(&self, node: Node<'_>, reading: &Reading<'_, '_>) -> Attributes {
        let text = self.field.return_type.of(node).and_then(|returned| reading.short_text(returned));
        text.map(|text| ("return_type".to_owned(), text.into())).into_iter().collect()
    }

    /// Binds parameters, and reads their types and defaults.
    pub(super) fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        class: Option<NodeRef>,
        inside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for parameter in reading.children(parameters) {
            let named = match self.field.name.of(parameter) {
                Some(named) if self.kind(named) == Kind::ByReference => named.named_child(0),
                named => named,
            };
            let Some(named) = named else { continue };
            let type_ = self.field.type_.of(parameter);
            let hint = match type_ {
                // Several of them are an array.
                Some(type_) if parameter.kind() != "variadic_parameter" => {
                    self.hint_of_type(type_, inside, reading)
                }
                _ => Hint::Unknown,
            };
            let name = reading.text(named);
            reading.sketch.bind_local(inside.scope, name, Hint::Unset);
            if let Some(binding) = reading.sketch.binding(inside.scope, name) {
                binding.declare(hint);
            }
            let mut owned = inside;
            if self.kind(parameter) == Kind::PromotedParameter
                && let Some(class) = class
            {
                let attributes = modifiers(parameter, reading);
                let property = self.property([named, parameter], type_, attributes, class, inside, reading);
                owned = inside.with_owner(property);
                for part in reading.children(parameter) {
                    if self.kind(part) == Kind::PropertyHooks {
                        self.property_hooks(part, owned, reading);
                    }
                }
            }
            reading.push_some(self.field.attributes.of(parameter), owned);
            if let Some(type_) = type_ {
                reading.push(type_, inside.with_mode(Mode::Type(Role::Parameter)));
            }
            reading.push_some(self.field.default_value.of(parameter), inside);
        }
    }
}
