//! Functions without a name.

use tree_sitter::Node;

use super::names::know_variable;
use super::{Kind, Php};
use crate::extract::{Context, Hint, Reading, ScopeKind, TypePath};

impl Php {
    /// `function () use ($x) { … }`, which sees of the function around it what it names, and `$this`.
    pub(super) fn closure<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let around = reading.sketch.holding_scope(context.scope);
        let outer = reading.sketch.open(ScopeKind::Function, around);
        for part in reading.children(node) {
            if self.kind(part) != Kind::ClosureUses {
                continue;
            }
            for used in reading.children(part) {
                let is_reference = self.kind(used) == Kind::ByReference;
                let variable = if is_reference { used.named_child(0) } else { Some(used) };
                let Some(name) = variable.map(|variable| reading.text(variable)) else { continue };
                know_variable(name, context, reading);
                let path = TypePath { scope: context.scope, names: vec![name] };
                let hint = if is_reference { Hint::Unknown } else { Hint::SameAs(path) };
                reading.sketch.bind_local(outer, name, hint);
            }
        }
        self.function_inside(node, outer, None, context, reading);
    }

    /// `fn ($x) => …`, which sees the variables around it.
    pub(super) fn arrow_function<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        self.function_inside(node, context.scope, None, context, reading);
    }
}
