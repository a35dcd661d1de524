//! Functions, methods, closures and type parameters.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::attributes::Manner;
use super::implementations::{Holder, add_member};
use super::{Kind, Rust};
use crate::extract::{Context, Hint, Mode, Reading, Role, ScopeKind, ScopeRef, TypePath, span};

impl Rust {
    /// A function; a method, if it has a holder.
    pub(super) fn function<'s, 't>(
        &self,
        node: Node<'t>,
        holder: Option<&Holder<'s>>,
        manner: Manner<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let mut attributes = self.function_attributes(node, manner, reading);
        if holder.is_some() {
            self.note_reach_of_method(node, manner, &mut attributes, reading);
        }
        let whole = span(node);
        let function = match holder {
            Some(holder) => {
                let kind = node_kind::METHOD;
                add_member(holder, name, kind, whole, attributes, Hint::Unset, context, reading)
            }
            None => {
                let kind = node_kind::FUNCTION;
                let function = reading.sketch.define(context.owner, name, kind, whole, attributes);
                reading.sketch.bind_definition(context.scope, name, function);
                function
            }
        };
        let outside = self.type_parameters(node, context.with_owner(function), reading);
        let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, scope, outside, reading);
        }
        let returned = self.field.return_type.of(node);
        reading.push_some(returned, outside.with_mode(Mode::Type(Role::Return)));
        reading.push_some(self.field.body.of(node), outside.with_scope(scope));
    }

    fn function_attributes<'s, 't>(
        &self,
        node: Node<'t>,
        manner: Manner<'s>,
        reading: &mut Reading<'s, 't>,
    ) -> Attributes {
        let mut attributes = Self::item_attributes(node, manner, reading);
        let parts = reading.children(node);
        let modifiers = parts.into_iter().find(|part| self.kind(*part) == Kind::FunctionModifiers);
        if modifiers.is_some_and(|modifiers| reading.has_token(modifiers, "async")) {
            attributes.insert("async", true.into());
        }
        let returned = self.field.return_type.of(node).and_then(|returned| reading.short_text(returned));
        if let Some(text) = returned {
            attributes.insert("return_type", text.into());
        }
        attributes
    }

    fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        scope: ScopeRef,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for parameter in reading.children(parameters) {
            match self.kind(parameter) {
                Kind::SelfParameter => {
                    let names = vec!["Self"];
                    let hint = Hint::Instance(TypePath { scope: outside.scope, names });
                    reading.sketch.bind_local(scope, "self", hint);
                }
                Kind::Parameter => self.parameter(parameter, scope, outside, reading),
                _ => {}
            }
        }
    }

    fn parameter<'t>(
        &self,
        parameter: Node<'t>,
        scope: ScopeRef,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let type_ = self.field.type_.of(parameter);
        let hint = type_.map_or(Hint::Unknown, |type_| self.hint_of_type(type_, outside, reading));
        let inside = outside.with_scope(scope);
        if let Some(pattern) = self.field.pattern.of(parameter) {
            // `self: Rc<Self>`.
            if self.kind(pattern) == Kind::SelfValue {
                reading.sketch.bind_local(scope, "self", hint);
            } else {
                self.bind_pattern(pattern, hint, inside, reading);
            }
        }
        reading.push_some(type_, outside.as_type(Role::Parameter));
    }

    pub(super) fn closure<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Function, context.scope);
        let inside = context.with_scope(scope);
        if let Some(parameters) = self.field.parameters.of(node) {
            for parameter in reading.children(parameters) {
                match self.kind(parameter) {
                    Kind::Parameter => self.parameter(parameter, scope, context, reading),
                    _ => self.bind_pattern(parameter, Hint::Unknown, inside, reading),
                }
            }
        }
        let returned = self.field.return_type.of(node);
        reading.push_some(returned, context.with_mode(Mode::Type(Role::Return)));
        reading.push_some(self.field.body.of(node), inside);
    }

    /// The scope of `<T: Bound>`, if there is one. Its names are local, and what is bound by one trait has the members
    /// of the trait; so has what `where` says.
    pub(super) fn type_parameters<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let Some(parameters) = self.field.type_parameters.of(node) else {
            self.where_clauses(node, context, reading);
            return context;
        };
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let context = context.with_scope(scope);
        for parameter in reading.children(parameters) {
            let Some(named) = self.field.name.of(parameter) else { continue };
            if self.kind(parameter) != Kind::TypeParameter {
                let type_ = self.field.type_.of(parameter);
                reading.push_some(type_, context.as_type(Role::Variable));
                if parameter.kind() == "const_parameter" {
                    reading.sketch.bind_local(scope, reading.text(named), Hint::Unknown);
                }
                continue;
            }
            let bounds = self.field.bounds.of(parameter);
            let hint = self.hint_of_bounds(bounds, context, reading);
            reading.sketch.bind_local(scope, reading.text(named), hint);
            reading.push_some(bounds, context.as_type(Role::Variable));
            reading.push_some(self.field.default_type.of(parameter), context.as_type(Role::Variable));
        }
        self.where_clauses(node, context, reading);
        context
    }

    fn where_clauses<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let parts = reading.children(node);
        for clause in parts.into_iter().filter(|part| self.kind(*part) == Kind::Where) {
            for predicate in reading.children(clause) {
                let (Some(left), bounds) = (self.field.left.of(predicate), self.field.bounds.of(predicate))
                else {
                    continue;
                };
                let name = reading.text(left);
                if self.kind(left) == Kind::TypeIdentifier
                    && reading.sketch.bindings.contains_key(&(context.scope, name))
                    && name != "Self"
                {
                    let hint = self.hint_of_bounds(bounds, context, reading);
                    reading.sketch.bind_local(context.scope, name, hint);
                } else {
                    reading.push(left, context.as_type(Role::Variable));
                }
                reading.push_some(bounds, context.as_type(Role::Variable));
            }
        }
    }
}
