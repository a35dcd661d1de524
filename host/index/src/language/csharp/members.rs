//! Fields, properties, events, indexers' accessors.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::definitions::declare_field;
use super::{CSharp, Kind};
use crate::extract::{Context, Hint, NodeRef, Reading, Role, ScopeKind, span};

impl CSharp {
    /// `private readonly Client client = new(), other;` and `event Handler Changed;`.
    pub(super) fn fields<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut attributes = self.modifiers(node, reading);
        if self.kind(node) == Kind::EventField {
            attributes.insert("event", true.into());
        }
        let parts = reading.children(node);
        let declaration = parts.into_iter().find(|part| self.kind(*part) == Kind::VariableDeclaration);
        let Some(declaration) = declaration else { return };
        let declared = self.field.type_.of(declaration);
        let parts = reading.children(declaration);
        let declarators: Vec<_> =
            parts.into_iter().filter(|part| self.kind(*part) == Kind::Declarator).collect();
        for declarator in &declarators {
            let Some(named) = self.field.name.of(*declarator) else { continue };
            let whole = if declarators.len() == 1 { node } else { *declarator };
            let field = self.bind_field(named, whole, declared, attributes.clone(), context, reading);
            let inside = context.with_owner(field);
            self.attributes_of(node, inside, reading);
            let value = self.declarator_value(*declarator, reading);
            self.value_of(value, declared, inside, reading);
        }
    }

    /// Makes a field or property, uses its type, and returns its node.
    pub(super) fn bind_field<'t>(
        &self,
        named: Node<'t>,
        whole: Node<'t>,
        declared: Option<Node<'t>>,
        mut attributes: Attributes,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> NodeRef {
        let name = reading.text(named);
        if let Some(text) = declared.and_then(|declared| reading.short_text(declared)) {
            attributes.insert("type_hint", text.into());
        }
        let hint = self.hint_of_type(declared, context.scope, reading);
        let field = declare_field(context, name, whole, hint, attributes, reading);
        reading.push_some(declared, context.with_owner(field).as_type(Role::Variable));
        field
    }

    /// A property, or an event with accessors. What its accessors do, it does.
    pub(super) fn property<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(named) = self.field.name.of(node) else { return };
        let declared = self.field.type_.of(node);
        let word = if self.kind(node) == Kind::Event { "event" } else { "property" };
        let mut attributes = self.modifiers(node, reading);
        attributes.insert(word, true.into());
        let property = match self.explicit_interface(node, reading) {
            // No name finds it: it is there for who knows the interface only.
            Some(interface) => {
                let name = format!("{interface}.{}", reading.text(named));
                let kind = node_kind::VARIABLE;
                let property = reading.sketch.define(context.owner, &name, kind, span(node), attributes);
                reading.push_some(declared, context.with_owner(property).as_type(Role::Variable));
                property
            }
            None => self.bind_field(named, node, declared, attributes, context, reading),
        };
        let inside = context.with_owner(property);
        self.attributes_of(node, inside, reading);
        self.accessors(node, declared, inside, reading);
        let value = self.field.value.of(node);
        match value.map(|value| self.kind(value)) {
            Some(Kind::Arrow) => {
                let scope = reading.sketch.open(ScopeKind::Function, inside.scope);
                reading.push_some(value, inside.with_scope(scope));
            }
            _ => self.value_of(value, declared, inside, reading),
        }
    }

    /// `{ get { … } set => …; }`; `value` is what is set.
    pub(super) fn accessors<'t>(
        &self,
        node: Node<'t>,
        declared: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(accessors) = self.field.accessors.of(node) else { return };
        for accessor in reading.children(accessors) {
            if self.kind(accessor) != Kind::Accessor {
                reading.push(accessor, context);
                continue;
            }
            self.attributes_of(accessor, context, reading);
            let Some(body) = self.field.body.of(accessor) else { continue };
            let scope = reading.sketch.open(ScopeKind::Function, context.scope);
            let name = self.field.name.of(accessor).map_or("get", |name| reading.text(name));
            if name != "get" {
                let hint = self.hint_of_type(declared, context.scope, reading);
                reading.sketch.bind_local(scope, "value", hint);
            }
            reading.push_children(body, context.with_scope(scope));
        }
    }

    /// The interface of `void IStore.Save()`, as it is written.
    pub(super) fn explicit_interface<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'s, 't>,
    ) -> Option<&'s str> {
        let parts = reading.children(node);
        let explicit = parts.into_iter().find(|part| self.kind(*part) == Kind::ExplicitInterface)?;
        let (names, _) = self.type_names(explicit.named_child(0)?, reading)?;
        names.last().copied()
    }

    /// What a declarator assigns: its last part, behind the name and the brackets of a fixed buffer.
    pub(super) fn declarator_value<'t>(
        &self,
        declarator: Node<'t>,
        reading: &mut Reading<'_, 't>,
    ) -> Option<Node<'t>> {
        let name = self.field.name.of(declarator);
        let last = reading.children(declarator).pop().filter(|last| Some(*last) != name)?;
        (!matches!(self.kind(last), Kind::TuplePattern | Kind::BracketedArguments)).then_some(last)
    }

    /// Reads the value of a variable whose type may be declared: `User user = new(…)` makes a user.
    pub(super) fn value_of<'t>(
        &self,
        value: Option<Node<'t>>,
        declared: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(value) = value else { return };
        match declared {
            Some(declared) if self.kind(value) == Kind::ImplicitCreation => {
                self.implicit_creation(value, declared, context, reading);
            }
            _ => reading.push(value, context),
        }
    }

    /// The hint of a local variable: its declared type, or what `var` is assigned.
    pub(super) fn local_hint<'s, 't>(
        &self,
        declared: Option<Node<'t>>,
        value: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        match declared.map(|declared| self.kind(declared)) {
            Some(Kind::ImplicitType) | None => self.hint_of_value(value, context.scope, reading),
            Some(_) => self.hint_of_type(declared, context.scope, reading),
        }
    }
}
