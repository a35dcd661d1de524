//! Statements that bind names or have scopes.

use tree_sitter::Node;

use super::{Java, Kind};
use crate::extract::{Context, Hint, Reading, Role, ScopeKind};

impl Java {
    /// Statements with a scope of their own that is not a block.
    pub(super) fn statement<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        match self.kind(node) {
            Kind::EnhancedFor => self.enhanced_for(node, context, inside, reading),
            Kind::Catch => {
                for part in reading.children(node) {
                    if self.kind(part) == Kind::CatchParameter {
                        self.catch_parameter(part, inside, reading);
                    } else {
                        reading.push(part, inside);
                    }
                }
            }
            Kind::Try => {
                let resources = self.field.resources.of(node);
                let body = self.field.body.of(node);
                for part in reading.children(node) {
                    let is_inside = Some(part) == resources || Some(part) == body;
                    reading.push(part, if is_inside { inside } else { context });
                }
            }
            // A variable of one group is known in the next; what a pattern binds is not.
            Kind::SwitchGroup => {
                let context = if self.has_pattern(node, reading) { inside } else { context };
                reading.push_children(node, context);
            }
            _ => reading.push_children(node, inside),
        }
    }

    fn has_pattern<'t>(&self, group: Node<'t>, reading: &mut Reading<'_, 't>) -> bool {
        let labels = reading.children(group).into_iter().filter(|part| part.kind() == "switch_label");
        labels.into_iter().any(|label| label.named_child(0).is_some_and(|it| self.kind(it) == Kind::Pattern))
    }

    /// `for (User user : users)`.
    fn enhanced_for<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        inside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let declared = self.field.type_.of(node).filter(|declared| reading.text(*declared) != "var");
        if let Some(named) = self.field.name.of(node) {
            let hint = self.declared_hint(node, declared, context.scope, reading);
            let name = reading.text(named);
            reading.sketch.bind_local(inside.scope, name, hint);
        }
        reading.push_some(declared, context.as_type(Role::Variable));
        reading.push_some(self.field.value.of(node), context);
        reading.push_some(self.field.body.of(node), inside);
    }

    fn catch_parameter<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut hint = Hint::Unknown;
        for part in reading.children(node) {
            if self.kind(part) == Kind::CatchType {
                if let [only] = *reading.children(part).as_slice() {
                    hint = self.hint_of_type(Some(only), context.scope, reading);
                }
                reading.push(part, context.as_type(Role::Variable));
            }
        }
        if let Some(named) = self.field.name.of(node) {
            let name = reading.text(named);
            reading.sketch.bind_local(context.scope, name, hint);
        }
    }

    /// `Reader in = open()` in the head of a `try`, or a variable that is there already.
    pub(super) fn resource<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.field.name.of(node) {
            Some(named) => self.bind_local_variable(node, named, self.field.type_.of(node), context, reading),
            None => reading.push_children(node, context),
        }
    }

    /// `User a = find(), b;`, and the fields of classes whose members have no nodes.
    pub(super) fn local<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let declared = self.field.type_.of(node);
        self.annotations(node, context, reading);
        for part in reading.children(node) {
            if self.kind(part) == Kind::Declarator
                && let Some(named) = self.field.name.of(part)
            {
                self.bind_local_variable(part, named, declared, context, reading);
            }
        }
    }

    fn bind_local_variable<'t>(
        &self,
        node: Node<'t>,
        named: Node<'t>,
        declared: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let declared = declared.filter(|declared| reading.text(*declared) != "var");
        let value = self.field.value.of(node);
        let hint = match declared {
            Some(_) => self.declared_hint(node, declared, context.scope, reading),
            None => self.hint_of_value(value, context.scope, reading),
        };
        let name = reading.text(named);
        reading.sketch.bind_local(context.scope, name, hint);
        reading.push_some(declared, context.as_type(Role::Variable));
        reading.push_some(value, context);
    }

    /// `x instanceof User user` and `x instanceof Point(int a, var b)`. The name is bound in the scope around the
    /// expression, because `if (!(x instanceof User user)) return;` binds it for what follows.
    pub(super) fn instance_of<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        reading.push_some(self.field.left.of(node), context);
        let declared = self.field.right.of(node);
        reading.push_some(declared, context.as_type(Role::Variable));
        if let Some(named) = self.field.name.of(node) {
            let hint = self.hint_of_type(declared, context.scope, reading);
            let name = reading.text(named);
            reading.sketch.bind_local(context.scope, name, hint);
        }
        reading.push_some(self.field.pattern.of(node), context);
    }
}

/// `outer: for (…)`: the label is no name of a value.
pub(super) fn labeled<'t>(node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    for part in reading.children(node).into_iter().skip(1) {
        reading.push(part, context);
    }
}
