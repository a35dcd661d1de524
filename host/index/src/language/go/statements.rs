//! Statements that open scopes.

use tree_sitter::Node;

use super::functions::bind;
use super::{Go, Kind};
use crate::extract::{Context, Hint, Reading, Role, ScopeKind};

/// Values longer than this are not searched for the name that they are assigned to; they are taken to have it.
const LONGEST_SEARCHED: usize = 2_000;

impl Go {
    /// `x := x.Copy()` means the outer x on its right: what follows has a scope of its own then.
    pub(super) fn statements<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut here = context;
        for statement in reading.children(node) {
            if self.kind(statement) == Kind::Short && self.names_itself(statement, here, reading) {
                let scope = reading.sketch.open(ScopeKind::Block, here.scope);
                self.short_declaration(statement, here, scope, reading);
                here = here.with_scope(scope);
            } else if self.kind(statement) == Kind::Short {
                self.short_declaration(statement, here, here.scope, reading);
            } else {
                reading.push(statement, here);
            }
        }
    }

    /// Whether a declaration's value may use a name that it declares anew.
    fn names_itself<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) -> bool {
        let (Some(left), Some(right)) = (self.field.left.of(node), self.field.right.of(node)) else {
            return false;
        };
        let value = reading.text(right);
        let names = reading.children(left);
        names.into_iter().any(|named| {
            let name = reading.text(named);
            let is_bound_here = reading.sketch.bindings.contains_key(&(context.scope, name));
            !is_bound_here && (value.len() > LONGEST_SEARCHED || has_word(value, name))
        })
    }

    pub(super) fn if_statement<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = self.initialised(node, context, reading);
        reading.push_some(self.field.condition.of(node), inside);
        reading.push_some(self.field.consequence.of(node), inside);
        reading.push_some(self.field.alternative.of(node), inside);
    }

    /// The scope of a statement, with what its initialiser declares.
    fn initialised<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) -> Context {
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let inside = context.with_scope(scope);
        match self.field.initializer.of(node) {
            Some(initial) if self.kind(initial) == Kind::Short => {
                self.short_declaration(initial, context, scope, reading);
            }
            initial => reading.push_some(initial, inside),
        }
        inside
    }

    pub(super) fn for_statement<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let mut inside = context.with_scope(scope);
        let body = self.field.body.of(node);
        for part in reading.children(node) {
            if Some(part) == body {
                continue;
            }
            match self.kind(part) {
                Kind::Range => {
                    reading.push_some(self.field.right.of(part), context);
                    self.bind_left(part, scope, inside, reading);
                }
                _ if self.field.initializer.of(part).is_some() => {
                    inside = self.initialised(part, context, reading);
                    let initial = self.field.initializer.of(part);
                    for clause in reading.children(part) {
                        if Some(clause) != initial {
                            reading.push(clause, inside);
                        }
                    }
                }
                _ => reading.push(part, inside),
            }
        }
        reading.push_some(body, inside);
    }

    /// The left side of `for a, b := range x` and `case v := <-c`; with `=` it is read.
    fn bind_left<'t>(&self, node: Node<'t>, scope: u32, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(left) = self.field.left.of(node) else { return };
        if !reading.has_token(node, ":=") {
            return reading.push(left, context);
        }
        for named in reading.children(left) {
            if self.kind(named) == Kind::Identifier {
                bind(named, scope, Hint::Unknown, reading);
            }
        }
    }

    pub(super) fn switch<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = self.initialised(node, context, reading);
        let initial = self.field.initializer.of(node);
        for part in reading.children(node) {
            if Some(part) != initial {
                reading.push(part, inside);
            }
        }
    }

    /// `switch x := v.(type)`: in a case of one type, x is of that type.
    pub(super) fn type_switch<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = self.initialised(node, context, reading);
        let alias = self.field.alias.of(node).and_then(|alias| alias.named_child(0));
        reading.push_some(self.field.value.of(node), inside);
        for part in reading.children(node) {
            let kind = self.kind(part);
            if !matches!(kind, Kind::TypeCase | Kind::Case) {
                continue;
            }
            let scope = reading.sketch.open(ScopeKind::Block, inside.scope);
            let within = inside.with_scope(scope);
            let mut hints = Vec::new();
            for child in reading.children(part) {
                if kind == Kind::TypeCase && self.kind(child) != Kind::Statements {
                    hints.push(self.hint_of_type(child, inside.scope, reading));
                    reading.push(child, within.as_type(Role::Variable));
                } else {
                    reading.push(child, within);
                }
            }
            let only = if hints.len() == 1 { hints.pop() } else { None };
            if let Some(alias) = alias {
                bind(alias, scope, only.unwrap_or(Hint::Unknown), reading);
            }
        }
    }

    /// A case of `switch` or `select`.
    pub(super) fn case<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let inside = context.with_scope(scope);
        let communication = self.field.communication.of(node);
        for part in reading.children(node) {
            if Some(part) == communication && self.kind(part) == Kind::Receive {
                reading.push_some(self.field.right.of(part), context);
                self.bind_left(part, scope, inside, reading);
            } else {
                reading.push(part, inside);
            }
        }
    }
}

/// Whether a text has a name as a whole word.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text.get(..at), text.get(at + name.len()..));
        !before.is_some_and(|before| before.ends_with(is_part))
            && !after.is_some_and(|after| after.starts_with(is_part))
    })
}
