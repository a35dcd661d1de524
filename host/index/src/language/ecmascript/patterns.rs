//! Names bound by patterns: parameters, destructuring, loops.

use codestrata::model::Attributes;
use tree_sitter::Node;

use super::{EcmaScript, Kind};
use crate::extract::{Context, Hint, Reading, ScopeKind, ScopeRef, span};

/// Whether the names of a pattern are to have nodes, where their scope allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nodes {
    Yes,
    No,
}

impl EcmaScript {
    /// Binds the names of a pattern in `scope`. Defaults in it are read in the context.
    pub(super) fn bind_pattern<'s, 't>(
        &self,
        pattern: Node<'t>,
        scope: ScopeRef,
        hint: &Hint<'s>,
        nodes: Nodes,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let mut left = vec![pattern];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::Identifier | Kind::ShorthandPattern => {
                    let hint = if node == pattern { hint.clone() } else { Hint::Unknown };
                    let name = reading.text(node);
                    if nodes == Nodes::Yes {
                        let (owner, whole) = (context.owner, span(node));
                        reading.sketch.bind_variable(scope, owner, name, whole, hint, Attributes::new());
                    } else {
                        reading.sketch.bind_local(scope, name, hint);
                    }
                }
                Kind::ArrayPattern | Kind::ObjectPattern | Kind::Rest => {
                    left.extend(reading.children(node).into_iter().rev());
                }
                Kind::PairPattern => left.extend(self.field.value.of(node)),
                Kind::AssignmentPattern | Kind::ObjectAssignmentPattern => {
                    left.extend(self.field.left.of(node));
                    reading.push_some(self.field.right.of(node), context);
                }
                Kind::Member | Kind::ComputedName => reading.push(node, context),
                _ => {}
            }
        }
    }

    /// The names that a pattern binds.
    pub(super) fn pattern_names<'s, 't>(
        &self,
        pattern: Node<'t>,
        reading: &mut Reading<'s, 't>,
    ) -> Vec<&'s str> {
        let mut names = Vec::new();
        let mut left = vec![pattern];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::Identifier | Kind::ShorthandPattern => names.push(reading.text(node)),
                Kind::ArrayPattern | Kind::ObjectPattern | Kind::Rest => {
                    left.extend(reading.children(node).into_iter().rev());
                }
                Kind::PairPattern => left.extend(self.field.value.of(node)),
                Kind::AssignmentPattern | Kind::ObjectAssignmentPattern => {
                    left.extend(self.field.left.of(node));
                }
                _ => {}
            }
        }
        names
    }

    /// `for (const x of xs)`: a scope for its names.
    pub(super) fn for_in<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        let left = self.field.left.of(node);
        if let Some(left) = left {
            if reading.has_token(node, "const") || reading.has_token(node, "let") {
                self.bind_pattern(left, inside.scope, &Hint::Unknown, Nodes::No, inside, reading);
            } else if reading.has_token(node, "var") {
                let scope = function_scope(context.scope, reading);
                self.bind_pattern(left, scope, &Hint::Unknown, Nodes::No, inside, reading);
            } else {
                self.forget(left, context, reading);
                reading.push(left, context);
            }
        }
        for part in reading.children(node) {
            if Some(part) != left {
                reading.push(part, inside);
            }
        }
    }

    pub(super) fn catch<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        if let Some(caught) = self.field.parameter.of(node) {
            self.bind_pattern(caught, inside.scope, &Hint::Unknown, Nodes::No, inside, reading);
        }
        reading.push_some(self.field.body.of(node), inside);
    }

    /// A name that something else is assigned to is not known any more.
    fn forget<'t>(&self, name: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if self.kind(name) == Kind::Identifier {
            let text = reading.text(name);
            reading.assign(text, None, span(name), Hint::Unknown, context);
        }
    }
}

/// The scope in which `var` binds.
pub(super) fn function_scope(scope: ScopeRef, reading: &Reading<'_, '_>) -> ScopeRef {
    let mut here = scope;
    loop {
        let facts = reading.sketch.scope(here);
        match facts.parent {
            Some(parent) if facts.kind == ScopeKind::Block => here = parent,
            _ => return here,
        }
    }
}
