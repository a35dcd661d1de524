//! Blocks, lambdas, parameters, and everything else that binds local variables.

use tree_sitter::Node;

use super::assignments::bind_local;
use super::{Kind, Ruby};
use crate::extract::{Context, Hint, Mode, Reading, ScopeKind};

impl Ruby {
    /// `{ |x| … }`: a scope that sees the local variables around it.
    pub(super) fn block<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Function, context.scope);
        let inside = context.with_scope(scope);
        if let Some(parameters) = self.field.parameters.of(node) {
            self.parameters(parameters, inside, reading);
        }
        reading.push_some(self.field.body.of(node), inside);
    }

    /// `->(x) { … }`.
    pub(super) fn lambda<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        self.block(node, context, reading);
    }

    /// Binds parameters. Their defaults are read in the function, where they see those before them.
    pub(super) fn parameters<'t>(
        &self,
        parameters: Node<'t>,
        inside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let mut left = vec![parameters];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::Parameters => left.extend(reading.children(node).into_iter().rev()),
                Kind::Parameter => {
                    if let Some(name) = self.field.name.of(node) {
                        reading.sketch.bind_local(inside.scope, reading.text(name), Hint::Unknown);
                    }
                    reading.push_some(self.field.value.of(node), inside);
                }
                Kind::Identifier => {
                    reading.sketch.bind_local(inside.scope, reading.text(node), Hint::Unknown);
                }
                _ => {}
            }
        }
    }

    pub(super) fn for_loop<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(pattern) = self.field.pattern.of(node) {
            self.bind_all(pattern, context, reading);
        }
        reading.push_some(self.field.value.of(node), context);
        reading.push_some(self.field.body.of(node), context);
    }

    /// `rescue Failure => error`.
    pub(super) fn rescue<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let exceptions = self.field.exceptions.of(node);
        let classes = exceptions.map(|exceptions| reading.children(exceptions)).unwrap_or_default();
        let hint = match classes.as_slice() {
            [class] => self.hint_of_class(*class, context, reading),
            _ => Hint::Unknown,
        };
        let variable = self.field.variable.of(node);
        let mut inside = context;
        match variable.and_then(|variable| variable.named_child(0)) {
            Some(target) if self.kind(target) == Kind::Identifier => {
                let name = reading.text(target);
                // Still known behind it, but not as what.
                bind_local(name, Hint::Unknown, context.scope, reading);
                let scope = reading.sketch.open(ScopeKind::Comprehension, context.scope);
                reading.sketch.bind_local(scope, name, hint);
                inside = context.with_scope(scope);
            }
            Some(target) => self.bind(target, hint, context, reading),
            None => {}
        }
        reading.push_some(exceptions, context);
        reading.push_some(self.field.body.of(node), inside);
    }

    /// `in pattern`, `value => pattern`, `value in pattern`.
    pub(super) fn matching<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let pattern = self.field.pattern.of(node);
        for part in reading.children(node) {
            let mode = if Some(part) == pattern { Mode::Pattern } else { Mode::Value };
            reading.push(part, context.with_mode(mode));
        }
    }

    /// In a pattern a bare name is bound, and a constant is read.
    pub(super) fn visit_pattern<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = context.scope;
        let as_value = context.with_mode(Mode::Value);
        match self.kind(node) {
            Kind::Identifier => bind_local(reading.text(node), Hint::Unknown, scope, reading),
            Kind::AsPattern => {
                if let Some(name) = self.field.name.of(node) {
                    let hint = match self.field.value.of(node) {
                        Some(class) => self.hint_of_class(class, as_value, reading),
                        None => Hint::Unknown,
                    };
                    bind_local(reading.text(name), hint, scope, reading);
                }
                reading.push_some(self.field.value.of(node), context);
            }
            Kind::KeywordPattern => match (self.field.key.of(node), self.field.value.of(node)) {
                (_, Some(value)) => reading.push(value, context),
                (Some(key), None) => bind_local(reading.text(key), Hint::Unknown, scope, reading),
                (None, None) => {}
            },
            Kind::Parameter => {
                if let Some(name) = self.field.name.of(node) {
                    bind_local(reading.text(name), Hint::Unknown, scope, reading);
                }
            }
            Kind::Constant
            | Kind::ScopeResolution
            | Kind::PatternReference
            | Kind::Lambda
            | Kind::String
            | Kind::InstanceVariable => reading.push(node, as_value),
            _ => reading.push_children(node, context),
        }
    }
}
