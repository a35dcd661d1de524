//! Methods, constructors, lambdas, their parameters, and what modifies and annotates definitions.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::{Java, Kind};
use crate::extract::{Base, Context, Hint, Mode, Purpose, Reading, Role, ScopeKind, ScopeRef, span};

impl Java {
    pub(super) fn method<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let is_constructor = self.kind(node) == Kind::Constructor;
        let name = match self.field.name.of(node) {
            Some(_) if is_constructor => "constructor",
            Some(name) => reading.text(name),
            None => return,
        };
        let mut attributes = self.modifiers(node, reading);
        if let Some(text) = self.field.type_.of(node).and_then(|returned| reading.short_text(returned)) {
            attributes.insert("return_type", text.into());
        }
        let scope = reading.sketch.scope(context.scope);
        let class = scope.members_of.filter(|_| scope.kind == ScopeKind::Members);
        let kind = if class.is_some() { node_kind::METHOD } else { node_kind::FUNCTION };
        let method = reading.sketch.define(context.owner, name, kind, span(node), attributes);
        match class {
            // No name finds a constructor: it is reached through its class.
            Some(class) if is_constructor => {
                reading.sketch.add_member(class, name, Some(method), Hint::Unset);
            }
            _ => reading.sketch.bind_definition(context.scope, name, method),
        }
        self.function(node, context.with_owner(method), reading);
    }

    /// Reads the inside of a method.
    pub(super) fn function<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        self.annotations(node, context, reading);
        let outside = self.type_parameters(node, context, reading);
        let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, scope, outside, reading);
        }
        reading.push_some(self.field.type_.of(node), outside.as_type(Role::Return));
        for part in reading.children(node) {
            if self.kind(part) == Kind::Throws {
                reading.push(part, outside.as_type(Role::Variable));
            }
        }
        // The default of an element of an annotation.
        reading.push_some(self.field.value.of(node), outside);
        if let Some(body) = self.field.body.of(node) {
            reading.push_children(body, outside.with_scope(scope));
        }
    }

    fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        scope: ScopeRef,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for parameter in reading.children(parameters) {
            let Some((named, declared)) = self.parameter_parts(parameter, reading) else { continue };
            let hint = match self.kind(parameter) {
                Kind::SpreadParameter => Hint::Plain,
                _ => self.declared_hint(parameter, declared, outside.scope, reading),
            };
            let name = reading.text(named);
            reading.sketch.bind_local(scope, name, hint);
            self.annotations(parameter, outside, reading);
            reading.push_some(declared, outside.as_type(Role::Parameter));
        }
    }

    /// The name and the type of a parameter; a lambda's may have no type, or one that says nothing.
    pub(super) fn parameter_parts<'t>(
        &self,
        parameter: Node<'t>,
        reading: &mut Reading<'_, 't>,
    ) -> Option<(Node<'t>, Option<Node<'t>>)> {
        match self.kind(parameter) {
            Kind::Identifier => Some((parameter, None)),
            Kind::Parameter => {
                let declared =
                    self.field.type_.of(parameter).filter(|declared| reading.text(*declared) != "var");
                Some((self.field.name.of(parameter)?, declared))
            }
            Kind::SpreadParameter => {
                let parts = reading.children(parameter);
                let declarator = parts.iter().find(|part| self.kind(**part) == Kind::Declarator)?;
                let is_type = |part: &&Node<'t>| {
                    !matches!(self.kind(**part), Kind::Modifiers | Kind::Declarator | Kind::Annotation)
                };
                Some((self.field.name.of(*declarator)?, parts.iter().find(is_type).copied()))
            }
            _ => None,
        }
    }

    pub(super) fn lambda<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Function, context.scope);
        match self.field.parameters.of(node) {
            Some(single) if self.kind(single) == Kind::Identifier => {
                let name = reading.text(single);
                reading.sketch.bind_local(scope, name, Hint::Unknown);
            }
            Some(parameters) => self.parameters(parameters, scope, context, reading),
            None => {}
        }
        reading.push_some(self.field.body.of(node), context.with_scope(scope));
    }

    /// The attributes that the modifiers of a definition give it.
    pub(super) fn modifiers<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) -> Attributes {
        let mut attributes = Attributes::new();
        let modifiers = reading.children(node).into_iter().find(|part| self.kind(*part) == Kind::Modifiers);
        let Some(modifiers) = modifiers else { return attributes };
        for visibility in ["public", "protected", "private"] {
            if reading.has_token(modifiers, visibility) {
                attributes.insert("visibility", visibility.into());
            }
        }
        if reading.has_token(modifiers, "static") {
            attributes.insert("static", true.into());
        }
        let annotations = reading.children(modifiers).into_iter();
        let names = annotations.filter_map(|annotation| self.field.name.of(annotation));
        let names: Vec<String> =
            names.filter_map(|name| reading.short_text(name)).map(str::to_owned).collect();
        if !names.is_empty() {
            attributes.insert("decorators", names.into());
        }
        attributes
    }

    /// Reads the annotations of a definition or parameter.
    pub(super) fn annotations<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for part in reading.children(node) {
            if self.kind(part) == Kind::Modifiers {
                reading.push_children(part, context.with_mode(Mode::Value));
            }
        }
    }

    /// `@Table(name = "users")` uses the type `Table`.
    pub(super) fn annotation<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(name) = self.field.name.of(node) {
            let names = self.scoped_names(name, reading);
            let last = self.field.name.of(name).unwrap_or(name);
            if let Some((base, members)) = names.split_first() {
                let purpose = Purpose::Type(Role::Variable);
                reading.add_use(Base::Name(base), members, span(last), purpose, context);
            }
        }
        reading.push_some(self.field.arguments.of(node), context);
    }
}
