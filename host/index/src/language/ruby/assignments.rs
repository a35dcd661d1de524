//! Assignments.

use codestrata::model::Attributes;
use tree_sitter::Node;

use super::{Kind, Ruby, class_of_self};
use crate::extract::{Context, Hint, Reading, ScopeKind, ScopeRef, span};

impl Ruby {
    pub(super) fn assignment<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let (Some(left), right) = (self.field.left.of(node), self.field.right.of(node)) else { return };
        if let Some(right) = right
            && matches!(self.kind(left), Kind::Constant | Kind::ScopeResolution)
            && let Some(kind) = self.makes_class(right, reading)
            && self.made_class(left, right, kind, node, context, reading)
        {
            return;
        }
        let hint = self.hint_of_value(right, context, reading);
        let inside = self.assign_to(left, node, hint, context, reading);
        reading.push_some(right, inside);
    }

    /// `x ||= value`, `x += value`.
    pub(super) fn operator_assignment<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let (Some(left), right) = (self.field.left.of(node), self.field.right.of(node)) else { return };
        let operator = self.field.operator.of(node).map(|operator| reading.text(operator));
        let hint = match operator {
            Some("||=") => self.hint_of_value(right, context, reading),
            _ => Hint::Unknown,
        };
        if self.kind(left) == Kind::Call {
            reading.push(left, context);
        }
        let inside = self.assign_to(left, node, hint, context, reading);
        reading.push_some(right, inside);
    }

    /// Binds what is assigned to. Returns in which context the value stands.
    fn assign_to<'s, 't>(
        &self,
        target: Node<'t>,
        whole: Node<'t>,
        hint: Hint<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Context {
        match self.kind(target) {
            Kind::Constant => {
                let name = reading.text(target);
                let around = reading.sketch.holding_scope(context.scope);
                let holder = reading.sketch.scope(around).members_of.unwrap_or(0);
                let whole = span(whole);
                let variable =
                    reading.sketch.bind_variable(around, holder, name, whole, hint, Attributes::new());
                variable.map_or(context, |variable| context.with_owner(variable))
            }
            Kind::AssignmentList => {
                self.bind_all(target, context, reading);
                context
            }
            _ => {
                self.bind(target, hint, context, reading);
                context
            }
        }
    }

    /// Binds everything in `a, (b, *c), @d`.
    pub(super) fn bind_all<'t>(&self, targets: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut left = vec![targets];
        while let Some(node) = left.pop() {
            if self.kind(node) == Kind::AssignmentList {
                left.extend(reading.children(node).into_iter().rev());
            } else {
                self.bind(node, Hint::Unknown, context, reading);
            }
        }
    }

    /// Binds one thing that is assigned to.
    pub(super) fn bind<'s, 't>(
        &self,
        target: Node<'t>,
        hint: Hint<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let name = reading.text(target);
        match self.kind(target) {
            Kind::Identifier => bind_local(name, hint, context.scope, reading),
            Kind::InstanceVariable => {
                reading.assign("self", Some(name), span(target), hint, context);
                self.variable(target, context, reading);
            }
            Kind::ClassVariable => {
                if let Some(class) = class_of_self(context.scope, reading) {
                    let around = reading.sketch.scope_of(class).unwrap_or(context.scope);
                    let whole = span(target);
                    reading.sketch.bind_variable(around, class, name, whole, hint, Attributes::new());
                }
                self.variable(target, context, reading);
            }
            Kind::GlobalVariable => {
                reading.sketch.bind_variable(0, 0, name, span(target), hint, Attributes::new());
                self.variable(target, context, reading);
            }
            Kind::Call => {
                let (receiver, method) = (self.field.receiver.of(target), self.field.method.of(target));
                let (Some(receiver), Some(method)) = (receiver, method) else {
                    return reading.push(target, context);
                };
                let written = reading.make_name(&format!("{}=", reading.text(method)));
                self.call_on(receiver, Some(method), Some(written), context, reading);
            }
            _ => reading.push(target, context),
        }
    }
}

/// Binds a local variable: the one of an outer block if there is such.
pub(super) fn bind_local<'s>(name: &'s str, hint: Hint<'s>, scope: ScopeRef, reading: &mut Reading<'s, '_>) {
    let known = reading.sketch.look_up(scope, name).filter(|(_, binding)| binding.local);
    let scope = match known {
        Some((found, _)) => found,
        None => method_scope(scope, reading),
    };
    reading.sketch.bind_local(scope, name, hint);
}

/// The scope that a new variable belongs to: the body of a `rescue` has one of its own, for the variable of the error
/// alone, which each `rescue` of a method tends to call the same.
fn method_scope(scope: ScopeRef, reading: &Reading<'_, '_>) -> ScopeRef {
    let mut here = scope;
    loop {
        let facts = reading.sketch.scope(here);
        match facts.parent {
            Some(parent) if facts.kind == ScopeKind::Comprehension => here = parent,
            _ => return here,
        }
    }
}
