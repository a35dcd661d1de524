//! Variables, type aliases and namespaces.

use codestrata::model::{Attributes, ImportedName, node_kind};
use tree_sitter::Node;

use super::classes::type_attributes;
use super::patterns::{Nodes, function_scope};
use super::spots::{Spot, names_of};
use super::transfers::bind_imported;
use super::{EcmaScript, Kind, modules};
use crate::extract::{Context, Hint, Mode, NAMESPACE, Reading, Role, ScopeKind, ScopeRef, TypePath, span};

impl EcmaScript {
    pub(super) fn declaration<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = match self.kind(node) {
            Kind::VarDeclaration => function_scope(context.scope, reading),
            _ => context.scope,
        };
        for part in reading.children(node) {
            if self.kind(part) == Kind::Declarator {
                self.declarator(part, scope, context, reading);
            }
        }
    }

    /// `const f = () => {}` is a function and `const C = class {}` a class; anything else is a variable.
    fn declarator<'t>(
        &self,
        node: Node<'t>,
        scope: ScopeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(named) = self.field.name.of(node) else { return };
        let value = self.field.value.of(node);
        let annotation = self.field.type_.of(node);
        if let Some(specifier) = value.and_then(|value| self.required(value, reading)) {
            return self.bind_required(named, specifier, scope, context, reading);
        }
        if self.kind(named) != Kind::Identifier {
            let spot = |reading: &mut _| Spot::unnamed(context.owner, reading);
            let hint = match self.hint_of_shape(annotation, spot, context, reading) {
                Hint::Unset => self.hint_of_value(value, context.scope, reading),
                hint => hint,
            };
            self.bind_pattern(named, scope, &hint, Nodes::Yes, context, reading);
            reading.push_some(annotation, context.with_mode(Mode::Type(Role::Variable)));
            return reading.push_some(value, context);
        }
        let name = reading.text(named);
        match value.map(|value| (self.kind(value), value)) {
            Some((Kind::Arrow | Kind::FunctionExpression, value)) => {
                let attributes = self.function_attributes(value, reading);
                let kind = node_kind::FUNCTION;
                let function = reading.sketch.define(context.owner, name, kind, span(node), attributes);
                reading.sketch.bind_definition(scope, name, function);
                let inside = context.with_owner(function);
                reading.push_some(annotation, inside.with_mode(Mode::Type(Role::Variable)));
                let spot = |_: &mut Reading<'_, 't>| Spot::of(function);
                let hint = self.hint_of_shape(annotation, spot, context, reading);
                if let Some(annotation) = annotation {
                    let expected = names_of(&hint, scope, annotation, reading);
                    self.note_expected(value, expected, reading);
                }
                self.function(value, Some(function), context, reading);
            }
            Some((Kind::Class, value)) => {
                let kind = node_kind::CLASS;
                let class = reading.sketch.define(context.owner, name, kind, span(node), Attributes::new());
                reading.sketch.bind_definition(scope, name, class);
                self.class(value, Some(class), context, reading);
            }
            _ => self.variable(node, name, scope, context, reading),
        }
    }

    fn variable<'s, 't>(
        &self,
        node: Node<'t>,
        name: &'s str,
        scope: ScopeRef,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let (annotation, value) = (self.field.type_.of(node), self.field.value.of(node));
        let literal = value.and_then(|value| self.literal(value, reading));
        let asserted = value.filter(|_| literal.is_some()).and_then(|value| self.asserted(value, reading));
        let declared = annotation.or(asserted);
        let attributes = type_attributes(annotation, reading);
        let owner = context.owner;
        let variable = reading.sketch.bind_variable(scope, owner, name, span(node), Hint::Unset, attributes);
        let spot = |reading: &mut Reading<'s, 't>| match variable {
            Some(variable) => Spot::of(variable),
            None => Spot::unnamed(owner, reading),
        };
        let hint = match self.hint_of_shape(declared, spot, context, reading) {
            Hint::Unset => match self.hint_of_made_container(value, spot, context, reading) {
                Hint::Unset => self.hint_of_value(value, context.scope, reading),
                hint => hint,
            },
            hint => hint,
        };
        if let Some(declared) = declared
            && let Some(value) = value
        {
            let names = names_of(&hint, context.scope, declared, reading);
            self.note_expected(value, names, reading);
        }
        if let Some(binding) = reading.sketch.binding(scope, name) {
            if declared.is_some() {
                binding.declare(hint.clone());
            } else {
                binding.assign(hint.clone());
            }
        }
        if let (Some(variable), Some(holder)) = (variable, reading.sketch.scope(scope).members_of) {
            reading.sketch.add_member(holder, name, Some(variable), hint);
        }
        let inside = context.with_owner(variable.unwrap_or(owner));
        reading.push_some(annotation, inside.with_mode(Mode::Type(Role::Variable)));
        match (variable, literal) {
            (Some(variable), Some(literal)) => {
                reading.push_some(asserted, inside.with_mode(Mode::Type(Role::Variable)));
                let is_declared = declared.is_some();
                let spot = if is_declared { Spot::declared(variable) } else { Spot::of(variable) };
                self.object_of(literal, &spot, 0, inside, reading);
            }
            _ => reading.push_some(value, inside),
        }
    }

    /// `const x = require("./x")` and `const { a, b: c } = require("./x")`.
    fn bind_required<'s, 't>(
        &self,
        named: Node<'t>,
        specifier: Node<'t>,
        scope: ScopeRef,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let module = reading.text(specifier).trim_matches(['"', '\'', '`']);
        let candidates = modules::candidates(reading.sketch.path, module);
        let late = reading.sketch.lateness(context.scope);
        let add = |name: ImportedName, at: Node<'t>, bound: &'s str, reading: &mut Reading<'s, 't>| {
            let import = reading.sketch.import(candidates.clone(), module, name, Some(span(at)));
            reading.sketch.mark_late(late);
            bind_imported(bound, import, scope, reading);
        };
        match self.kind(named) {
            Kind::Identifier => add(ImportedName::Module, specifier, reading.text(named), reading),
            Kind::ObjectPattern => {
                for part in reading.children(named) {
                    let (key, bound) = match self.kind(part) {
                        Kind::ShorthandPattern => (Some(part), Some(part)),
                        Kind::PairPattern => (self.field.key.of(part), self.field.value.of(part)),
                        _ => (None, None),
                    };
                    match (key, bound) {
                        (Some(key), Some(bound)) if self.kind(bound) != Kind::ObjectPattern => {
                            let name = ImportedName::Name(reading.text(key).to_owned());
                            add(name, key, reading.text(bound), reading);
                        }
                        _ => {
                            self.use_property(part, None, context, context, reading);
                            self.bind_pattern(part, scope, &Hint::Unknown, Nodes::Yes, context, reading);
                        }
                    }
                }
            }
            _ => self.bind_pattern(named, scope, &Hint::Unknown, Nodes::Yes, context, reading),
        }
    }

    pub(super) fn type_alias<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if node.kind() == "import_alias" {
            return import_alias(node, context, reading);
        }
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let alias =
            reading.sketch.define(context.owner, name, node_kind::TYPE, span(node), Attributes::new());
        let inside = self.type_parameters(node, context.with_owner(alias), reading);
        // What has a type alone for its name is another name of that.
        let hint = match self.hint_of_shape(self.field.value.of(node), |_| Spot::of(alias), inside, reading) {
            hint @ Hint::Instance(_) => hint,
            _ => Hint::Unknown,
        };
        reading.sketch.bind_type(context.scope, name, alias, hint);
        reading.push_some(self.field.value.of(node), inside.as_type(Role::Variable));
    }

    /// `namespace A {}` has a node; `declare module "x" {}` and `declare global {}` are about other modules.
    pub(super) fn namespace<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(body) = self.field.body.of(node) else { return };
        let name = self.field.name.of(node).filter(|name| self.kind(*name) != Kind::String);
        let Some(name) = name.map(|name| reading.text(name)) else {
            return reading.push(body, context);
        };
        let namespace = reading.sketch.define(context.owner, name, NAMESPACE, span(node), Attributes::new());
        reading.sketch.bind_namespace(context.scope, name, namespace);
        let scope = reading.sketch.open_for(ScopeKind::Module, context.scope, namespace);
        reading.push_children(body, context.with_scope(scope).with_owner(namespace));
    }
}

/// `import Short = long.name.Space`.
fn import_alias<'t>(node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    let parts = reading.children(node);
    if let [name, aliased] = *parts.as_slice() {
        let names = reading.text(aliased).split('.').map(str::trim).collect();
        let hint = Hint::SameAs(TypePath { scope: context.scope, names });
        let name = reading.text(name);
        reading.sketch.bind_local(context.scope, name, hint);
    }
}
