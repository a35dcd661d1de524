//! Declarations of one name that are one thing: a class with the interfaces of its name, and interfaces with each other.
//!
//! They get one node, so that its members, its bases and who uses it are known together. An interface of the name of a
//! variable is another thing, and a namespace has a node of its own, to which links come through the name.

use codestrata::model::{Attributes, Span, node_kind};
use tree_sitter::Node;

use super::{EcmaScript, Kind};
use crate::extract::{Context, NodeRef, Reading, span};

/// A class or interface of which another part may follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    node: NodeRef,
    is_class: bool,
    /// The syntax of the last part, by its number in the tree.
    last: usize,
}

impl EcmaScript {
    /// The node of a class or interface: that of an earlier declaration in the same place with which it merges, or else a
    /// new one. Two classes do not merge.
    pub(super) fn declared_part<'s, 't>(
        &self,
        node: Node<'t>,
        name: &'s str,
        kind: &str,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> NodeRef {
        let statement = self.statement(node);
        let place = (statement.parent().map_or(0, |around| around.id()), name);
        let is_class = kind == node_kind::CLASS;
        let known = reading.sketch.parts.get(&place).copied().filter(|known| !(known.is_class && is_class));
        let Some(known) = known else {
            let defined = reading.sketch.define(context.owner, name, kind, span(node), Attributes::new());
            reading.sketch.parts.insert(place, Part { node: defined, is_class, last: statement.id() });
            return defined;
        };
        let is_next = before(statement).is_some_and(|before| before.id() == known.last);
        let part = Part { node: known.node, is_class: known.is_class || is_class, last: statement.id() };
        reading.sketch.parts.insert(place, part);
        if let Some(merged) = reading.sketch.nodes.get_mut(known.node as usize) {
            if is_next {
                merged.span = Span {
                    start_byte: merged.span.start_byte,
                    start_line: merged.span.start_line,
                    start_column: merged.span.start_column,
                    ..span(node)
                };
            } else if is_class {
                merged.span = span(node);
            }
            if is_class {
                merged.kind = kind.into();
            }
        }
        known.node
    }

    /// The node of a method that another part of its class or interface promises, or has: one of them has the body.
    pub(super) fn of_other_part(
        &self,
        earlier: Option<NodeRef>,
        node: Node<'_>,
        reading: &mut Reading<'_, '_>,
    ) -> Option<NodeRef> {
        let earlier = earlier?;
        let is_elsewhere = |outer: Option<Node<'_>>| {
            let known = reading.sketch.nodes.get(earlier as usize).filter(|it| it.kind == node_kind::METHOD);
            known.zip(outer).is_some_and(|(known, outer)| {
                let start = known.span.start_byte as usize;
                !outer.byte_range().contains(&start)
            })
        };
        if !is_elsewhere(node.parent()) {
            return None;
        }
        if self.field.body.of(node).is_some()
            && let Some(known) = reading.sketch.nodes.get_mut(earlier as usize)
        {
            known.span = span(node);
        }
        Some(earlier)
    }

    /// The statement that a declaration is: with its `export` and `declare`.
    fn statement<'t>(&self, node: Node<'t>) -> Node<'t> {
        let mut here = node;
        while let Some(around) =
            here.parent().filter(|around| matches!(self.kind(*around), Kind::Export | Kind::Ambient))
        {
            here = around;
        }
        here
    }
}

/// What stands before a statement, comments aside.
fn before(statement: Node<'_>) -> Option<Node<'_>> {
    let mut before = statement.prev_named_sibling()?;
    while before.is_extra() {
        before = before.prev_named_sibling()?;
    }
    Some(before)
}
