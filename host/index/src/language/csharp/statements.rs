//! Statements that bind names, and queries.

use tree_sitter::Node;

use super::{CSharp, Kind};
use crate::extract::{Context, Hint, Reading, Role, ScopeKind};

impl CSharp {
    /// `User a = Find(), b;` and `var (x, y) = point;`.
    pub(super) fn locals<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let declared = self.field.type_.of(node);
        reading.push_some(declared, context.as_type(Role::Variable));
        for part in reading.children(node) {
            if self.kind(part) != Kind::Declarator {
                continue;
            }
            let value = self.declarator_value(part, reading);
            if let Some(named) = self.field.name.of(part) {
                let hint = self.local_hint(declared, value, context, reading);
                let name = reading.text(named);
                reading.sketch.bind_local(context.scope, name, hint);
            }
            for part in reading.children(part) {
                if matches!(self.kind(part), Kind::TuplePattern | Kind::BracketedArguments) {
                    reading.push(part, context);
                }
            }
            self.value_of(value, declared, context, reading);
        }
    }

    /// `foreach (User user in users)`.
    pub(super) fn foreach<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        let declared = self.field.type_.of(node);
        reading.push_some(declared, context.as_type(Role::Variable));
        match self.field.left.of(node) {
            Some(named) if self.kind(named) == Kind::Identifier && declared.is_some() => {
                let hint = self.hint_of_type(declared, context.scope, reading);
                let name = reading.text(named);
                reading.sketch.bind_local(inside.scope, name, hint);
            }
            left => reading.push_some(left, inside),
        }
        reading.push_some(self.field.right.of(node), context);
        reading.push_some(self.field.body.of(node), inside);
    }

    /// `from user in users where user.IsOld select user.Name`: one scope for all of it.
    pub(super) fn query<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        for clause in reading.children(node) {
            match self.kind(clause) {
                // `into group` goes on with a new name.
                Kind::Identifier => {
                    let name = reading.text(clause);
                    reading.sketch.bind_local(inside.scope, name, Hint::Unknown);
                }
                Kind::QueryClause => self.query_clause(clause, inside, reading),
                _ => reading.push(clause, inside),
            }
        }
    }

    /// `from`, `join` and `let` bind the first name in them.
    fn query_clause<'t>(&self, clause: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let declared = self.field.type_.of(clause);
        let mut bound = false;
        for part in reading.children(clause) {
            if Some(part) == declared {
                reading.push(part, context.as_type(Role::Variable));
            } else if !bound && self.kind(part) == Kind::Identifier {
                bound = true;
                let hint = self.hint_of_type(declared, context.scope, reading);
                let name = reading.text(part);
                reading.sketch.bind_local(context.scope, name, hint);
            } else if part.kind() == "join_into_clause" {
                if let Some(named) = part.named_child(0) {
                    let name = reading.text(named);
                    reading.sketch.bind_local(context.scope, name, Hint::Unknown);
                }
            } else {
                reading.push(part, context);
            }
        }
    }
}
