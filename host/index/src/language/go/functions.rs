//! Functions, methods and function literals.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::{Go, Kind};
use crate::extract::{Context, Hint, Mode, NodeRef, Reading, Role, ScopeKind, ScopeRef, TypePath, span};

impl Go {
    pub(super) fn function<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let attributes = self.function_attributes(node, reading);
        let function =
            reading.sketch.define(context.owner, name, node_kind::FUNCTION, span(node), attributes);
        // `init` runs by itself and cannot be named.
        if matches!(name, "init" | "_") {
            reading.sketch.hidden.insert(function);
        } else {
            reading.sketch.bind_definition(context.scope, name, function);
        }
        let outside = self.type_parameters(node, context.with_owner(function), reading);
        let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
        self.signature_and_body(node, scope, outside, reading);
    }

    /// A method is a member of its type, which may stand in another file of the package.
    pub(super) fn method<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let receiver = self.receiver(node, reading);
        let type_ = receiver.and_then(|(_, type_)| self.named_type(type_));
        let type_name = type_.map_or("", |type_| reading.text(type_));
        let holder = defined_type(type_name, context.scope, reading);
        let attributes = self.function_attributes(node, reading);
        let (kind, whole) = (node_kind::METHOD, span(node));
        let method = match holder {
            Some(holder) => {
                let method = reading.sketch.define(holder, name, kind, whole, attributes);
                reading.sketch.add_member(holder, name, Some(method), Hint::Unset);
                method
            }
            None => reading.sketch.define_as(context.owner, type_name, name, kind, whole, attributes),
        };
        let outside = self.receiver_parameters(receiver, context.with_owner(method), reading);
        let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
        if let Some((Some(named), _)) = receiver {
            let hint = Hint::Instance(TypePath { scope: context.scope, names: vec![type_name] });
            let hint = if type_name.is_empty() { Hint::Unknown } else { hint };
            bind(named, scope, hint, reading);
        }
        self.signature_and_body(node, scope, outside, reading);
    }

    /// The name, if it has one, and the type of a receiver.
    fn receiver<'t>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'_, 't>,
    ) -> Option<(Option<Node<'t>>, Node<'t>)> {
        let parameters = reading.children(self.field.receiver.of(node)?);
        let parameter = parameters.into_iter().find(|part| self.kind(*part) == Kind::Parameter)?;
        Some((self.field.name.of(parameter), self.field.type_.of(parameter)?))
    }

    /// The scope of the names in `func (s *Stack[T])`, if there are any.
    fn receiver_parameters<'t>(
        &self,
        receiver: Option<(Option<Node<'t>>, Node<'t>)>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let type_ = receiver.map(|(_, type_)| type_);
        let generic = type_.and_then(|type_| match self.kind(type_) {
            Kind::PointerType => type_.named_child(0),
            _ => Some(type_),
        });
        let Some(arguments) = generic.and_then(|generic| self.field.type_arguments.of(generic)) else {
            return context;
        };
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        for argument in reading.children(arguments) {
            let name = reading.text(argument).trim();
            reading.sketch.bind_local(scope, name, Hint::Unknown);
        }
        context.with_scope(scope)
    }

    pub(super) fn function_literal<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let scope = reading.sketch.open(ScopeKind::Function, context.scope);
        self.signature_and_body(node, scope, context, reading);
    }

    fn signature_and_body<'t>(
        &self,
        node: Node<'t>,
        scope: ScopeRef,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, scope, Role::Parameter, outside, reading);
        }
        match self.field.result.of(node) {
            Some(result) if self.kind(result) == Kind::Parameters => {
                self.parameters(result, scope, Role::Return, outside, reading);
            }
            result => reading.push_some(result, outside.with_mode(Mode::Type(Role::Return))),
        }
        reading.push_some(self.field.body.of(node), outside.with_scope(scope));
    }

    /// Binds parameters or named results, and reads their types.
    fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        scope: ScopeRef,
        role: Role,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for parameter in reading.children(parameters) {
            let Some(type_) = self.field.type_.of(parameter) else { continue };
            // `...T` is a slice.
            let hint = match self.kind(parameter) {
                Kind::Parameter => self.hint_of_type(type_, outside.scope, reading),
                _ => Hint::Unknown,
            };
            for part in reading.children(parameter) {
                if part != type_ && self.kind(part) == Kind::Identifier {
                    bind(part, scope, hint.clone(), reading);
                }
            }
            reading.push(type_, outside.with_mode(Mode::Type(role)));
        }
    }

    pub(super) fn function_attributes<'t>(&self, node: Node<'t>, reading: &Reading<'_, 't>) -> Attributes {
        let result = self.field.result.of(node).and_then(|result| reading.short_text(result));
        result.into_iter().map(|text| ("return_type".to_owned(), text.into())).collect()
    }
}

/// Binds a name to a local value, unless it is `_`.
pub(super) fn bind<'s, 't>(named: Node<'t>, scope: ScopeRef, hint: Hint<'s>, reading: &mut Reading<'s, 't>) {
    let name = reading.text(named);
    if name != "_" {
        reading.sketch.bind_local(scope, name, hint);
    }
}

/// The type of this file that has a name.
fn defined_type<'s>(name: &'s str, scope: ScopeRef, reading: &Reading<'s, '_>) -> Option<NodeRef> {
    let node = reading.sketch.bindings.get(&(scope, name))?.definition?;
    let kind = reading.sketch.nodes.get(node as usize)?.kind.as_str();
    (kind != node_kind::FUNCTION).then_some(node)
}
