//! Methods, properties, constants and cases.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::classes::modifiers;
use super::{Kind, Php};
use crate::extract::{Context, Hint, Mode, NodeRef, Reading, Role, ScopeKind, TypePath, span};

impl Php {
    pub(super) fn method<'t>(
        &self,
        node: Node<'t>,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let mut attributes = modifiers(node, reading);
        attributes.extend(self.return_type(node, reading));
        let method = reading.sketch.define(class, name, node_kind::METHOD, span(node), attributes);
        reading.sketch.add_member(class, name, Some(method), Hint::Unset);
        self.function_inside(node, context.scope, Some(class), context.with_owner(method), reading);
    }

    /// `private ?Client $client = null, $other;`
    pub(super) fn properties<'t>(
        &self,
        node: Node<'t>,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let type_ = self.field.type_.of(node);
        let mut first = None;
        for part in reading.children(node) {
            match self.kind(part) {
                Kind::PropertyElement => {
                    let Some(named) = self.field.name.of(part) else { continue };
                    let attributes = modifiers(node, reading);
                    let property = self.property([named, part], type_, attributes, class, context, reading);
                    first = first.or(Some(property));
                    let inside = context.with_owner(property);
                    reading.push_some(self.field.default_value.of(part), inside);
                }
                Kind::PropertyHooks => {
                    let inside = context.with_owner(first.unwrap_or(class));
                    self.property_hooks(part, inside, reading);
                }
                Kind::AttributeList => reading.push(part, context),
                _ => {}
            }
        }
    }

    /// Adds a property; `parts` are its name and all of it.
    pub(super) fn property<'t>(
        &self,
        parts: [Node<'t>; 2],
        type_: Option<Node<'t>>,
        attributes: Attributes,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> NodeRef {
        let [named, whole] = parts;
        let name = reading.text(named);
        let mut attributes = attributes;
        if let Some(text) = type_.and_then(|type_| reading.short_text(type_)) {
            attributes.insert("type_hint", text.into());
        }
        let property = reading.sketch.define(class, name, node_kind::VARIABLE, span(whole), attributes);
        if let Some(type_) = type_ {
            let hint = self.hint_of_type(type_, context, reading);
            if hint != Hint::Unknown {
                reading.sketch.declare_member(class, name, hint);
            }
            let inside = context.with_owner(property);
            reading.push(type_, inside.with_mode(Mode::Type(Role::Variable)));
        }
        reading.sketch.add_member(class, name, Some(property), Hint::Unset);
        property
    }

    pub(super) fn property_hooks<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for hook in reading.children(node) {
            if self.kind(hook) == Kind::PropertyHook {
                let scope = reading.sketch.open(ScopeKind::Function, context.scope);
                let inside = context.with_scope(scope);
                reading.sketch.bind_local(scope, "$value", Hint::Unknown);
                if let Some(parameters) = self.field.parameters.of(hook) {
                    self.parameters(parameters, None, inside, reading);
                }
                reading.push_some(self.field.body.of(hook), inside);
            }
        }
    }

    pub(super) fn class_constants<'t>(
        &self,
        node: Node<'t>,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for part in reading.children(node) {
            if self.kind(part) != Kind::ConstantElement {
                continue;
            }
            let elements = reading.children(part);
            let [name, value] = elements.as_slice() else { continue };
            let name = reading.text(*name);
            let attributes = modifiers(node, reading);
            let constant = reading.sketch.define(class, name, node_kind::VARIABLE, span(part), attributes);
            reading.sketch.add_member(class, name, Some(constant), Hint::Unset);
            reading.push(*value, context.with_owner(constant));
        }
    }

    /// A case of an enum is an object of it.
    pub(super) fn enum_case<'t>(
        &self,
        node: Node<'t>,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let case = reading.sketch.define(class, name, node_kind::VARIABLE, span(node), Attributes::new());
        let hint = Hint::Instance(TypePath { scope: context.scope, names: vec!["self"] });
        reading.sketch.add_member(class, name, Some(case), hint);
        let inside = context.with_owner(case);
        reading.push_some(self.field.attributes.of(node), inside);
        reading.push_some(self.field.value.of(node), inside);
    }
}
