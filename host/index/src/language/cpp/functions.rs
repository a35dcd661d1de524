//! Lambdas, loops over ranges, objects that are made, and tests that are written as macros.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use crate::extract::{Base, Context, Hint, Purpose, Reading, Role, ScopeKind, span};
use crate::language::c::{CFamily, Declarator, Kind};

impl CFamily {
    pub(super) fn lambda<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Function, context.scope);
        let captures = self.field.captures.of(node).map(|list| reading.children(list)).unwrap_or_default();
        for capture in captures {
            if self.kind(capture) != Kind::LambdaInitializer {
                reading.push(capture, context);
                continue;
            }
            let value = self.field.right.of(capture);
            if let Some(name) = self.field.left.of(capture) {
                let hint = self.hint_of_value(value, context.scope, reading);
                reading.sketch.bind_local(scope, reading.text(name), hint);
            }
            reading.push_some(value, context);
        }
        let declarator = self.field.declarator.of(node);
        if let Some(parameters) = declarator.and_then(|declarator| self.field.parameters.of(declarator)) {
            self.parameters(parameters, scope, context, reading);
        }
        self.body(node, context.with_scope(scope), reading);
    }

    /// `for (const Thing& thing : things)`
    pub(super) fn range_for<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = reading.sketch.open(ScopeKind::Block, context.scope);
        let inside = context.with_scope(scope);
        reading.push_some(self.field.initializer.of(node), inside);
        let type_ = self.field.type_.of(node);
        let declared = self.field.declarator.of(node).map(|node| self.declarator(node));
        if let Some((found, name)) = declared.and_then(|found| Some((found, found.name?))) {
            if found.is_binding {
                for name in reading.children(name) {
                    reading.sketch.bind_local(scope, reading.text(name), Hint::Unknown);
                }
            } else {
                let hint = self.hint_of_type(type_, context.scope, reading);
                reading.sketch.bind_local(scope, reading.text(name), hint);
            }
        }
        reading.push_some(type_, context.as_type(Role::Variable));
        reading.push_some(self.field.right.of(node), context);
        self.body(node, inside, reading);
    }

    /// `new Thing(x)`
    pub(super) fn new_object<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let type_ = self.field.type_.of(node);
        self.instantiate(type_, context, reading);
        if let Some(names) = type_.and_then(|type_| self.names(type_, false, reading)) {
            for argument in names.arguments {
                reading.push(argument, context.as_type(Role::Variable));
            }
        }
        for part in reading.children(node) {
            if Some(part) != type_ {
                reading.push(part, context);
            }
        }
    }

    /// Whether what looks like a function without a type is the use of a macro that makes one: `TEST(Group, Name) {}`.
    pub(in crate::language) fn is_test<'t>(
        &self,
        node: Node<'t>,
        found: Declarator<'t>,
        context: Context,
        reading: &Reading<'_, 't>,
    ) -> bool {
        let name = found.name.filter(|name| self.kind(*name) == Kind::Identifier);
        let Some(name) = name.filter(|_| self.is_cpp && self.field.type_.of(node).is_none()) else {
            return false;
        };
        let is_in_class = reading.sketch.scope(context.scope).kind == ScopeKind::Members;
        !is_in_class && !reading.text(name).contains(|letter: char| letter.is_ascii_lowercase())
    }

    /// A function that a macro makes is called as it is written. The members of a class of the file that the macro is
    /// given, its fixture, are in scope.
    pub(in crate::language) fn test<'t>(
        &self,
        node: Node<'t>,
        found: Declarator<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let (Some(name), Some(function)) = (found.name, found.function) else { return };
        let range = name.start_byte()..function.end_byte();
        let text = reading.source.get(range).unwrap_or_default();
        let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let made =
            reading.sketch.define(context.owner, &shown, node_kind::FUNCTION, span(node), Attributes::new());
        reading.sketch.hidden.insert(made);
        let inside = context.with_owner(made);
        reading.add_use(Base::Name(reading.text(name)), &[], span(name), Purpose::Call, inside);
        let parameters = self.field.parameters.of(function);
        let mut around = context.scope;
        let mut receiver = None;
        for parameter in parameters.map(|list| reading.children(list)).unwrap_or_default() {
            let bound = reading.sketch.look_up(context.scope, reading.text(parameter));
            let class = bound.and_then(|(_, bound)| bound.definition);
            if let Some(scope) = class.and_then(|class| reading.sketch.scope_of(class)) {
                around = scope;
                receiver = class;
            }
        }
        let scope = reading.sketch.open(ScopeKind::Function, around);
        if let Some(class) = receiver
            && let Some(binding) = reading.sketch.binding(scope, "this")
        {
            binding.local = true;
            binding.receiver = Some(class);
        }
        self.body(node, inside.with_scope(scope), reading);
    }
}
