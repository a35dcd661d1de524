//! Type declarations: structures with their fields, interfaces with their methods, and all others.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::declarations::type_attributes;
use super::{Go, Kind};
use crate::extract::{Context, Hint, Mode, NodeRef, Purpose, Reading, Role, ScopeKind, span};

impl Go {
    pub(super) fn type_declaration<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let (Some(named), Some(type_)) = (self.field.name.of(node), self.field.type_.of(node)) else {
            return;
        };
        let name = reading.text(named);
        let is_alias = self.kind(node) == Kind::Alias;
        let kind = match self.kind(type_) {
            Kind::StructType if !is_alias => node_kind::STRUCT,
            Kind::InterfaceType if !is_alias => node_kind::INTERFACE,
            _ => node_kind::TYPE,
        };
        let defined = reading.sketch.define(context.owner, name, kind, span(node), Attributes::new());
        reading.sketch.bind_definition(context.scope, name, defined);
        if is_alias {
            let alias = self.hint_of_type(type_, context.scope, reading);
            reading.sketch.bind_type(context.scope, name, defined, alias);
        }
        let inside = self.type_parameters(node, context.with_owner(defined), reading);
        match self.kind(type_) {
            Kind::StructType if !is_alias => self.fields(type_, defined, inside, reading),
            Kind::InterfaceType if !is_alias => self.interface(type_, defined, inside, reading),
            _ => reading.push(type_, inside.as_type(Role::Variable)),
        }
    }

    /// The scope of `[T constraint]`, if there is one: its names are local to the definition.
    pub(super) fn type_parameters<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let Some(parameters) = self.field.type_parameters.of(node) else { return context };
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let context = context.with_scope(scope);
        for parameter in reading.children(parameters) {
            for part in reading.children(parameter) {
                match self.kind(part) {
                    Kind::Identifier => {
                        let name = reading.text(part);
                        reading.sketch.bind_local(scope, name, Hint::Unknown);
                    }
                    _ => reading.push(part, context.as_type(Role::Variable)),
                }
            }
        }
        context
    }

    fn fields<'t>(
        &self,
        type_: Node<'t>,
        structure: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let lists = reading.children(type_);
        for list in lists.into_iter().filter(|list| self.kind(*list) == Kind::FieldDeclarations) {
            for field in reading.children(list) {
                if self.kind(field) == Kind::FieldDeclaration {
                    self.field(field, structure, context, reading);
                }
            }
        }
    }

    fn field<'t>(&self, node: Node<'t>, structure: NodeRef, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(type_) = self.field.type_.of(node) else { return };
        let hint = self.hint_of_type(type_, context.scope, reading);
        let attributes = type_attributes(Some(type_), reading);
        let names: Vec<Node<'t>> = reading
            .children(node)
            .into_iter()
            .filter(|part| *part != type_ && self.kind(*part) == Kind::Other)
            .collect();
        let mut owner = None;
        for named in &names {
            let name = reading.text(*named);
            if name == "_" {
                continue;
            }
            let at = if names.len() == 1 { span(node) } else { span(*named) };
            let kind = node_kind::VARIABLE;
            let field = reading.sketch.define(structure, name, kind, at, attributes.clone());
            reading.sketch.add_member(structure, name, Some(field), Hint::Unset);
            reading.sketch.declare_member(structure, name, hint.clone());
            owner.get_or_insert(field);
        }
        if !names.is_empty() {
            let inside = context.with_owner(owner.unwrap_or(structure));
            return reading.push(type_, inside.as_type(Role::Variable));
        }
        // An embedded type lends its members, and is a field that has its name.
        let Some(embedded) = self.named_type(type_) else { return };
        self.use_type(embedded, Purpose::Inherit, context, reading);
        self.push_type_arguments(type_, context, reading);
        let Some(name) = self.type_names(embedded, reading).and_then(|names| names.last().copied()) else {
            return;
        };
        let mut attributes = attributes;
        attributes.insert("embedded", true.into());
        let field = reading.sketch.define(structure, name, node_kind::VARIABLE, span(node), attributes);
        reading.sketch.add_member(structure, name, Some(field), Hint::Unset);
        reading.sketch.declare_member(structure, name, hint);
    }

    fn push_type_arguments<'t>(&self, type_: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let generic = match self.kind(type_) {
            Kind::PointerType => type_.named_child(0),
            _ => Some(type_),
        };
        let arguments = generic.and_then(|generic| self.field.type_arguments.of(generic));
        reading.push_some(arguments, context.as_type(Role::Variable));
    }

    fn interface<'t>(
        &self,
        type_: Node<'t>,
        interface: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        for part in reading.children(type_) {
            match self.kind(part) {
                Kind::MethodElement => {
                    let Some(name) = self.field.name.of(part).map(|name| reading.text(name)) else {
                        continue;
                    };
                    let attributes = self.function_attributes(part, reading);
                    let kind = node_kind::METHOD;
                    let method = reading.sketch.define(interface, name, kind, span(part), attributes);
                    reading.sketch.add_member(interface, name, Some(method), Hint::Unset);
                    let inside = context.with_owner(method);
                    let parameters = self.field.parameters.of(part);
                    reading.push_some(parameters, inside.with_mode(Mode::Type(Role::Parameter)));
                    let result = self.field.result.of(part);
                    reading.push_some(result, inside.with_mode(Mode::Type(Role::Return)));
                }
                Kind::TypeElement => match reading.children(part).as_slice() {
                    // One type is embedded; several are a constraint.
                    [only] if self.named_type(*only).is_some() => {
                        if let Some(embedded) = self.named_type(*only) {
                            self.use_type(embedded, Purpose::Inherit, context, reading);
                            self.push_type_arguments(*only, context, reading);
                        }
                    }
                    _ => reading.push(part, context.as_type(Role::Variable)),
                },
                _ => {}
            }
        }
    }
}
