//! Type annotations and the scopes of type parameters.

use tree_sitter::Node;

use super::{EcmaScript, Kind};
use crate::extract::{
    Base, Context, Hint, Mode, Purpose, Reading, Role, ScopeKind, ScopeRef, TypePath, span,
};

impl EcmaScript {
    pub(super) fn visit_type<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        match self.kind(node) {
            Kind::Nothing | Kind::String | Kind::Identifier | Kind::This => {}
            Kind::TypeIdentifier | Kind::NestedType => {
                self.use_type(node, Purpose::Type(role), context, reading);
            }
            Kind::TypeQuery => {
                for queried in reading.children(node) {
                    let chain = self.chain(queried, reading);
                    reading.use_chain(&chain, Purpose::Type(role), context);
                    reading.push_some(chain.rest, context.with_mode(Mode::Value));
                }
            }
            Kind::Signature => {
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                reading.push_children(node, context.with_scope(scope));
            }
            Kind::MethodSignature => {
                let context = self.type_parameters(node, context, reading);
                reading.push_some(self.field.parameters.of(node), context);
                reading.push_some(self.field.return_type.of(node), context);
            }
            Kind::TypeParameter | Kind::InferType | Kind::MappedType => {
                self.bind_type_parameter(node, context, reading);
            }
            Kind::IndexSignature => self.index_signature(node, context, reading),
            Kind::Predicate | Kind::PropertySignature | Kind::Parameter => {
                reading.push_some(self.field.type_.of(node), context);
            }
            Kind::ComputedName => reading.push_children(node, context.with_mode(Mode::Value)),
            // Its members have nodes, and were read with them.
            Kind::ObjectType if reading.sketch.read.contains(&node.id()) => {}
            Kind::Call | Kind::Member => reading.push(node, context.with_mode(Mode::Value)),
            _ => reading.push_children(node, context),
        }
    }

    /// `[Key in keyof T]: T[Key]` binds a name for what follows it, `[key: string]: T` does not.
    fn index_signature<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let name = self.field.name.of(node);
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        for part in reading.children(node) {
            if Some(part) != name {
                reading.push(part, context.with_scope(scope));
            }
        }
    }

    fn bind_type_parameter<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let named = self.field.name.of(node).or_else(|| node.named_child(0));
        if let Some(named) = named {
            let name = reading.text(named);
            // What is of the type has the members of its bound.
            let bound = self.field.constraint.of(node).filter(|_| self.kind(node) == Kind::TypeParameter);
            let hint = match self.hint_of_type(bound, context.scope, reading) {
                Hint::Unset => Hint::Unknown,
                hint => hint,
            };
            reading.sketch.bind_local(context.scope, name, hint);
        }
        for part in reading.children(node) {
            if Some(part) != named {
                reading.push(part, context);
            }
        }
    }

    /// Opens the scope of `<T extends Base>` if there is one. Bounds are read in it.
    pub(super) fn type_parameters<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let Some(parameters) = self.field.type_parameters.of(node) else { return context };
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        for parameter in reading.children(parameters) {
            if self.kind(parameter) == Kind::TypeParameter {
                self.bind_type_parameter(parameter, inside.as_type(Role::Variable), reading);
            }
        }
        inside
    }

    /// Uses `User` or `models.User`.
    pub(super) fn use_type<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some((names, last)) = self.type_names(node, reading) else { return };
        let Some((base, members)) = names.split_first() else { return };
        reading.add_use(Base::Name(base), members, span(last), purpose, context);
    }

    /// The names of a type, and the last of their nodes.
    fn type_names<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &Reading<'s, 't>,
    ) -> Option<(Vec<&'s str>, Node<'t>)> {
        if self.kind(node) != Kind::NestedType {
            return Some((vec![reading.text(node)], node));
        }
        let last = self.field.name.of(node)?;
        let module = self.field.module.of(node)?;
        let mut names: Vec<_> = reading.text(module).split('.').map(str::trim).collect();
        names.push(reading.text(last));
        Some((names, last))
    }

    /// The class or interface of what is annotated so: `Foo`, `ns.Foo`, `Foo<T>`, `Foo | undefined`.
    pub(super) fn hint_of_type<'s, 't>(
        &self,
        annotation: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let Some(annotation) = annotation else { return Hint::Unset };
        let parts = reading.children(annotation);
        self.hint_of_named_type(parts, scope, reading)
    }

    /// The same of the parts of a type.
    pub(super) fn hint_of_named_type<'s, 't>(
        &self,
        parts: Vec<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut parts = parts;
        loop {
            parts.retain(|part| !matches!(reading.text(*part), "undefined" | "null"));
            let [only] = *parts.as_slice() else { return Hint::Unknown };
            match only.kind() {
                "union_type" | "parenthesized_type" | "readonly_type" => parts = reading.children(only),
                _ => return self.named_type(only, scope, reading),
            }
        }
    }

    /// The class or interface of what has one type, without alternatives.
    pub(super) fn named_type<'s>(
        &self,
        node: Node<'_>,
        scope: ScopeRef,
        reading: &Reading<'s, '_>,
    ) -> Hint<'s> {
        match (self.kind(node), node.kind()) {
            (Kind::TypeIdentifier | Kind::NestedType, _) => match self.type_names(node, reading) {
                Some((names, _)) => Hint::Instance(TypePath { scope, names }),
                None => Hint::Unknown,
            },
            (Kind::GenericType, _) => match self.field.name.of(node) {
                Some(named) => self.named_type(named, scope, reading),
                None => Hint::Unknown,
            },
            (_, "this_type") => Hint::SameAs(TypePath { scope, names: vec!["this"] }),
            (_, "array_type" | "tuple_type" | "literal_type" | "template_literal_type") => Hint::Plain,
            (_, "predefined_type") => match reading.text(node) {
                "any" | "unknown" | "object" => Hint::Unknown,
                _ => Hint::Plain,
            },
            _ => Hint::Unknown,
        }
    }
}
