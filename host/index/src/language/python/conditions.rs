//! What conditions say of the values behind them: `if isinstance(x, A):`.

use tree_sitter::Node;

use super::{Kind, Python};
use crate::extract::{Context, Hint, Reading, ScopeRef, TypePath};

/// How many parts of one condition are looked at.
const MOST_CONDITIONS: usize = 16;

impl Python {
    /// `if` and `elif`: the condition holds in what comes behind it.
    pub(super) fn branch<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let (Some(condition), Some(then)) =
            (self.field.condition.of(node), self.field.consequence.of(node))
        {
            self.narrow(condition, context.scope, (then.start_byte(), then.end_byte()), reading);
            self.enter_branches(node, condition, then, context, reading);
            if self.kind(condition) == Kind::Not
                && self.field.alternative.of(node).is_none()
                && self.leaves(then)
                && let Some(denied) = condition.named_child(0)
            {
                self.narrow_rest(denied, node, context.scope, reading);
            }
        }
        reading.push_children(node, context);
    }

    /// What `if TYPE_CHECKING` has is not run, and stands for what the other branch has: that is no alternative to it.
    fn enter_branches<'t>(
        &self,
        node: Node<'t>,
        condition: Node<'t>,
        then: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let is_denied = self.kind(condition) == Kind::Not;
        let checked = if is_denied { condition.named_child(0) } else { Some(condition) };
        let is_for_checkers = checked
            .is_some_and(|checked| self.is_of_typing(checked, "TYPE_CHECKING", context.scope, reading));
        let for_types = if is_denied { self.field.alternative.of(node) } else { Some(then) };
        if let (true, Some(part)) = (is_for_checkers, for_types) {
            reading.sketch.for_types = (part.start_byte(), part.end_byte());
        }
        let run = if is_denied { Some(then) } else { self.field.alternative.of(node) };
        match run.filter(|_| is_for_checkers) {
            Some(run) => reading.sketch.known_branches.enter(run.start_byte(), run.end_byte()),
            None if is_for_checkers => {}
            None => reading.sketch.branches.enter(then.start_byte(), then.end_byte()),
        }
    }

    /// `try`: what comes after a statement of it may find only what stands before that statement.
    pub(super) fn attempt<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(body) = self.field.body.of(node) {
            reading.sketch.branches.enter(body.start_byte(), body.end_byte());
        }
        reading.push_children(node, context);
    }

    /// `assert condition`: it holds to the end of the block.
    pub(super) fn assertion<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let Some(condition) = node.named_child(0) {
            self.narrow_rest(condition, node, context.scope, reading);
        }
        reading.push_children(node, context);
    }

    /// `a if condition else b`
    pub(super) fn conditional<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let (Some(then), Some(condition)) = (node.named_child(0), node.named_child(1)) {
            self.narrow(condition, context.scope, (then.start_byte(), then.end_byte()), reading);
        }
        reading.push_children(node, context);
    }

    /// `condition and value`
    pub(super) fn conjunction<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if let (Some(condition), Some(then)) = (self.field.left.of(node), self.field.right.of(node))
            && node.child(1).is_some_and(|token| token.kind() == "and")
        {
            self.narrow(condition, context.scope, (then.start_byte(), then.end_byte()), reading);
        }
        reading.push_children(node, context);
    }

    /// What a condition says holds behind a statement, to the end of the block that the statement is in.
    fn narrow_rest<'t>(
        &self,
        condition: Node<'t>,
        statement: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'_, 't>,
    ) {
        let end =
            reading.sketch.blocks.around(statement.start_byte()).map_or(reading.source.len(), |(_, end)| end);
        self.narrow(condition, scope, (statement.end_byte(), end), reading);
    }

    /// Notes what a condition says of names in a part of the file.
    fn narrow<'t>(
        &self,
        condition: Node<'t>,
        scope: ScopeRef,
        part: (usize, usize),
        reading: &mut Reading<'_, 't>,
    ) {
        let mut conditions = vec![condition];
        for _ in 0..MOST_CONDITIONS {
            let Some(condition) = conditions.pop() else { return };
            match self.kind(condition) {
                Kind::Parenthesized => conditions.extend(condition.named_child(0)),
                Kind::BooleanOperator if condition.child(1).is_some_and(|token| token.kind() == "and") => {
                    conditions.extend(
                        [self.field.left.of(condition), self.field.right.of(condition)].into_iter().flatten(),
                    );
                }
                Kind::Call => {
                    let called = self.field.function.of(condition).map_or("", |called| reading.text(called));
                    let Some(arguments) =
                        self.field.arguments.of(condition).filter(|_| called == "isinstance")
                    else {
                        continue;
                    };
                    let (Some(value), Some(class)) = (arguments.named_child(0), arguments.named_child(1))
                    else {
                        continue;
                    };
                    if self.kind(value) == Kind::Identifier {
                        // Of one of several classes it is not known which.
                        let hint = match self.plain_names(class, reading) {
                            Some(names) => Hint::Instance(TypePath { scope, names }),
                            None => Hint::Unknown,
                        };
                        reading.sketch.narrowings.add(reading.text(value), scope, part, hint);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether the code behind a block is not reached from it.
    fn leaves(&self, block: Node<'_>) -> bool {
        let last = block
            .named_child_count()
            .checked_sub(1)
            .and_then(|last| block.named_child(u32::try_from(last).ok()?));
        last.is_some_and(|last| {
            matches!(
                last.kind(),
                "return_statement" | "raise_statement" | "continue_statement" | "break_statement"
            )
        })
    }
}
