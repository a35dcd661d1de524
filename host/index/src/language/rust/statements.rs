//! Blocks, `let`, and what else binds names for a part of a function.

use tree_sitter::Node;

use super::{Kind, Rust};
use crate::extract::{Context, Hint, Mode, Reading, Role, ScopeKind};

/// Values longer than this are not searched for the name that they are bound to; they are taken to have it.
const LONGEST_SEARCHED: usize = 2_000;

impl Rust {
    /// `let x = x.len()` means an earlier x on its right, and what stands before it means that one too: what follows
    /// has a scope of its own then.
    pub(super) fn block<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let mut here = context.with_scope(scope).with_mode(Mode::Value);
        let statements = reading.children(node);
        let is_import = |part: &&Node<'t>| matches!(self.kind(**part), Kind::Use | Kind::ExternCrate);
        for statement in statements.iter().filter(is_import) {
            reading.push(*statement, here);
        }
        for statement in statements.iter().filter(|part| !is_import(part)) {
            if self.kind(*statement) == Kind::Let {
                here = self.let_declaration(*statement, here, reading);
            } else {
                reading.push(*statement, here);
            }
        }
    }

    /// Returns where the names are bound.
    pub(super) fn let_declaration<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let (type_, value) = (self.field.type_.of(node), self.field.value.of(node));
        let Some(pattern) = self.field.pattern.of(node) else { return context };
        let hint = match (type_, value) {
            (Some(type_), _) => self.hint_of_type(type_, context, reading),
            (None, Some(value)) => self.hint_of_value(value, context, reading),
            (None, None) => Hint::Unknown,
        };
        let inside = if self.is_rebinding(pattern, value, context, reading) {
            context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope))
        } else {
            context
        };
        self.bind_pattern(pattern, hint, inside, reading);
        reading.push_some(type_, context.as_type(Role::Variable));
        reading.push_some(value, context);
        reading.push_some(self.field.alternative.of(node), context);
        inside
    }

    /// Whether a pattern may hide a name that its value uses, or that is bound in the same scope.
    fn is_rebinding<'t>(
        &self,
        pattern: Node<'t>,
        value: Option<Node<'t>>,
        context: Context,
        reading: &Reading<'_, 't>,
    ) -> bool {
        let value = value.map_or("", |value| reading.text(value));
        if self.kind(pattern) != Kind::Identifier || value.len() > LONGEST_SEARCHED {
            return true;
        }
        let name = reading.text(pattern);
        reading.sketch.bindings.contains_key(&(context.scope, name)) || value.contains(name)
    }

    /// `if let`, `while let`, and conditions without a pattern.
    pub(super) fn conditional<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut inside = context;
        if let Some(condition) = self.field.condition.of(node) {
            let parts = match self.kind(condition) {
                Kind::LetChain => reading.children(condition),
                _ => vec![condition],
            };
            for part in parts {
                if self.kind(part) == Kind::LetCondition {
                    inside = self.let_condition(part, inside, reading);
                } else {
                    reading.push(part, inside);
                }
            }
        }
        reading.push_some(self.field.consequence.of(node), inside);
        reading.push_some(self.field.body.of(node), inside);
        reading.push_some(self.field.alternative.of(node), context);
    }

    /// Returns where the names are bound: the value does not see them.
    pub(super) fn let_condition<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        if let Some(pattern) = self.field.pattern.of(node) {
            self.bind_pattern(pattern, Hint::Unknown, inside, reading);
        }
        reading.push_some(self.field.value.of(node), context);
        inside
    }

    pub(super) fn for_loop<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        if let Some(pattern) = self.field.pattern.of(node) {
            self.bind_pattern(pattern, Hint::Unknown, inside, reading);
        }
        reading.push_some(self.field.value.of(node), context);
        reading.push_some(self.field.body.of(node), inside);
    }

    pub(super) fn match_arm<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        reading.push_some(self.field.pattern.of(node), inside.with_mode(Mode::Pattern));
        reading.push_some(self.field.value.of(node), inside);
    }
}
