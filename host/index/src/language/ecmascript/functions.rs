//! Functions and their parameters.

use codestrata::model::{Attributes, Node as GraphNode, Target, node_kind};
use tree_sitter::Node;

use super::patterns::Nodes;
use super::spots::{Spot, names_of, tell};
use super::values::hint_of_passed;
use super::{EcmaScript, Kind};
use crate::extract::{Context, Hint, Mode, NodeRef, Reading, Role, ScopeKind, ScopeRef, span};

/// What a member says of who may use it.
const VISIBILITIES: [&str; 3] = ["public", "protected", "private"];

impl EcmaScript {
    /// `function f() {}`, and `function f(): T;` as an overload or in a declaration file.
    pub(super) fn function_declaration<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let bound = reading.sketch.bindings.get(&(context.scope, name)).and_then(|bound| bound.definition);
        let function = self.overloaded(bound, node, reading).unwrap_or_else(|| {
            let attributes = self.function_attributes(node, reading);
            let function =
                reading.sketch.define(context.owner, name, node_kind::FUNCTION, span(node), attributes);
            self.note_signature(node, function, reading);
            function
        });
        reading.sketch.bind_definition(context.scope, name, function);
        self.function(node, Some(function), context, reading);
    }

    /// The node of an earlier overload, of which this is the next one or the implementation.
    pub(super) fn overloaded(
        &self,
        earlier: Option<NodeRef>,
        node: Node<'_>,
        reading: &mut Reading<'_, '_>,
    ) -> Option<NodeRef> {
        let earlier = earlier.filter(|earlier| reading.sketch.signatures.contains(earlier))?;
        if self.field.body.of(node).is_some() {
            reading.sketch.signatures.remove(&earlier);
            reading.sketch.continue_to(earlier, span(node));
        }
        Some(earlier)
    }

    /// Remembers that the node has no body yet.
    pub(super) fn note_signature(&self, node: Node<'_>, function: NodeRef, reading: &mut Reading<'_, '_>) {
        if self.field.body.of(node).is_none() {
            reading.sketch.signatures.insert(function);
        }
    }

    pub(super) fn function_attributes<'t>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'_, 't>,
    ) -> Attributes {
        let mut attributes = Attributes::new();
        if reading.has_token(node, "async") {
            attributes.insert("async", true.into());
        }
        let returned = self.field.return_type.of(node).and_then(|returned| reading.short_text(returned));
        if let Some(text) = returned {
            attributes.insert("return_type", text.trim_start_matches([':', ' ']).into());
        }
        self.note_visibility(node, &mut attributes, reading);
        attributes
    }

    /// Notes the words before a member that say who may use it, `private`, and that it is of the class itself, `static`.
    pub(super) fn note_visibility<'t>(
        &self,
        member: Node<'t>,
        attributes: &mut Attributes,
        reading: &mut Reading<'_, 't>,
    ) {
        let words = reading.children(member).into_iter().filter(|part| self.kind(*part) == Kind::Modifier);
        let visibility = words.map(|word| reading.text(word)).find(|word| VISIBILITIES.contains(word));
        if let Some(word) = visibility {
            attributes.insert("visibility", word.into());
        }
        if reading.has_token(member, "static") {
            attributes.insert(GraphNode::STATIC, true.into());
        }
    }

    /// Reads a function of any form. `owner` is its node, if it has one.
    pub(super) fn function<'t>(
        &self,
        node: Node<'t>,
        owner: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        self.function_of(node, owner, None, context, reading);
    }

    /// Reads a function in which `this` is an object of `receiver`.
    pub(super) fn function_of<'t>(
        &self,
        node: Node<'t>,
        owner: Option<NodeRef>,
        receiver: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let around = context.with_owner(owner.unwrap_or(context.owner));
        let outside = self.type_parameters(node, around, reading);
        let scope = reading.sketch.open(ScopeKind::Function, outside.scope);
        let kind = self.kind(node);
        let member = owner.and_then(|member| reading.sketch.nodes.get(member as usize));
        let is_static = member.is_some_and(|member| member.attributes.contains_key(GraphNode::STATIC));
        if kind != Kind::Arrow
            && let Some(binding) = reading.sketch.binding(scope, "this")
        {
            binding.local = true;
            binding.receiver = receiver;
            binding.is_class = is_static;
        }
        if kind == Kind::FunctionExpression
            && let Some(name) = self.field.name.of(node)
        {
            let name = reading.text(name);
            match owner {
                Some(function) => reading.sketch.bind_definition(scope, name, function),
                None => reading.sketch.bind_local(scope, name, Hint::Unknown),
            }
        }
        self.parameters(node, scope, owner, receiver, outside, reading);
        if let Some(function) = owner {
            self.results(node, function, outside, scope, reading);
        }
        reading
            .push_some(self.field.return_type.of(node), outside.with_mode(Mode::Value).as_type(Role::Return));
        let inside = outside.with_scope(scope);
        self.expect_results(node, scope, outside, reading);
        match self.field.body.of(node) {
            Some(body) if self.kind(body) == Kind::Block => reading.push_children(body, inside),
            body => {
                let expected = reading.sketch.expected.get(&scope).cloned();
                if let Some(body) = body {
                    self.note_expected(body, expected, reading);
                }
                let gives = owner.filter(|_| self.field.return_type.of(node).is_none());
                if !gives.is_some_and(|function| self.returned_object(body, function, inside, reading)) {
                    reading.push_some(body, inside);
                }
            }
        }
    }

    /// Remembers what says the parameters of functions that this one returns.
    fn expect_results<'t>(
        &self,
        node: Node<'t>,
        scope: ScopeRef,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let returned = self.field.return_type.of(node);
        let Some(returned) = returned.and_then(|returned| returned.named_child(0)) else { return };
        let hint = match self.named_type(returned, outside.scope, reading) {
            Hint::Instance(path) if matches!(path.names.as_slice(), ["Promise"]) => return,
            hint => hint,
        };
        if let Some(names) = names_of(&hint, scope, returned, reading) {
            reading.sketch.expected.insert(scope, names);
        }
    }

    fn parameters<'t>(
        &self,
        node: Node<'t>,
        scope: ScopeRef,
        owner: Option<NodeRef>,
        receiver: Option<NodeRef>,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let inside = outside.with_scope(scope);
        if let Some(single) = self.field.parameter.of(node) {
            let hint = hint_of_passed(node, 0, outside.scope, reading);
            self.bind_pattern(single, scope, &hint, Nodes::No, inside, reading);
        }
        let Some(parameters) = self.field.parameters.of(node) else { return };
        let mut position = 0;
        for parameter in reading.children(parameters) {
            if self.kind(parameter) != Kind::Parameter {
                let hint = hint_of_passed(node, position, outside.scope, reading);
                self.bind_pattern(parameter, scope, &hint, Nodes::No, inside, reading);
                position += 1;
                continue;
            }
            let annotation = self.field.type_.of(parameter);
            let hint = match self.hint_of_taken(node, parameter, position, owner, outside, reading) {
                Hint::Unset => hint_of_passed(node, position, outside.scope, reading),
                hint => hint,
            };
            let named = self.field.pattern.of(parameter).or_else(|| self.field.name.of(parameter));
            if let Some(named) = named.filter(|named| self.kind(*named) == Kind::This) {
                if let Some(binding) = reading.sketch.binding(scope, reading.text(named)) {
                    binding.receiver = None;
                    binding.declare(hint);
                }
            } else if let Some(named) = named {
                position += 1;
                self.bind_pattern(named, scope, &hint, Nodes::No, inside, reading);
                self.parameter_property(parameter, named, receiver, hint, reading);
            }
            for part in reading.children(parameter) {
                if self.kind(part) == Kind::Decorator {
                    reading.push(part, outside);
                }
            }
            reading.push_some(annotation, outside.with_mode(Mode::Type(Role::Parameter)));
            reading.push_some(self.field.value.of(parameter), inside);
        }
    }

    /// What a parameter is by its annotation. That is told of the function, for who passes something to it; but not of
    /// the implementation of overloads, which is not what callers see.
    fn hint_of_taken<'s, 't>(
        &self,
        node: Node<'t>,
        parameter: Node<'t>,
        position: usize,
        owner: Option<NodeRef>,
        outside: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let annotation = self.field.type_.of(parameter);
        let named = self.field.pattern.of(parameter).map(|named| self.kind(named));
        let is_implementation = self.field.body.of(node).is_some()
            && owner.is_some_and(|function| reading.sketch.result_path(function).is_some());
        let told = owner.filter(|_| !is_implementation && named != Some(Kind::This));
        match (told, Target::ARGUMENTS.get(position)) {
            (Some(function), Some(_)) if named == Some(Kind::Rest) => {
                self.tell_parameter(&Spot::of(function), position, parameter, outside, 0, reading);
            }
            (Some(function), Some(member)) => {
                let spot = Spot::at(function, &[*member]);
                let hint = self.hint_of_shape(annotation, |_| spot.clone(), outside, reading);
                if matches!(hint, Hint::Instance(_)) {
                    tell(&spot, hint.clone(), reading);
                }
                return hint;
            }
            _ => {}
        }
        let spot = |reading: &mut Reading<'s, 't>| Spot::unnamed(outside.owner, reading);
        self.hint_of_shape(annotation, spot, outside, reading)
    }

    /// `constructor(private readonly client: Client)` declares a field.
    fn parameter_property<'s, 't>(
        &self,
        parameter: Node<'t>,
        named: Node<'t>,
        receiver: Option<NodeRef>,
        hint: Hint<'s>,
        reading: &mut Reading<'s, 't>,
    ) {
        let Some(class) = receiver else { return };
        let is_property =
            reading.children(parameter).into_iter().any(|part| self.kind(part) == Kind::Modifier)
                || reading.has_token(parameter, "readonly");
        if is_property {
            let name = reading.text(named);
            let mut attributes = Attributes::from([("instance", true.into())]);
            self.note_visibility(parameter, &mut attributes, reading);
            let field = reading.sketch.define(class, name, node_kind::VARIABLE, span(parameter), attributes);
            reading.sketch.declare_member(class, name, hint.clone());
            reading.sketch.add_member(class, name, Some(field), hint);
        }
    }
}
