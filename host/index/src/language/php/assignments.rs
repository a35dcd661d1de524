//! Assignments and everything else that gives variables values.

use codestrata::model::Attributes;
use tree_sitter::Node;

use super::names::{self, know_variable, variable_scope};
use super::namespaces::namespace_scope;
use super::{Kind, Php};
use crate::extract::{Context, Hint, Mode, Reading, Redirect, Role, ScopeKind, span};

impl Php {
    pub(super) fn assignment<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let (Some(left), Some(right)) = (self.field.left.of(node), self.field.right.of(node)) else { return };
        let hint = self.hint_of_value(right, context, reading);
        match self.kind(left) {
            Kind::Variable => assign(left, Some(node), hint, context, reading),
            Kind::Member => self.assign_property(left, hint, context, reading),
            Kind::List => self.bind_all(left, context, reading),
            _ => reading.push(left, context),
        }
        reading.push(right, context);
    }

    pub(super) fn augmented_assignment<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let (Some(left), right) = (self.field.left.of(node), self.field.right.of(node)) else { return };
        let operator = self.field.operator.of(node).map(|operator| reading.text(operator));
        let hint = match right {
            Some(right) if operator == Some("??=") => self.hint_of_value(right, context, reading),
            _ => Hint::Unknown,
        };
        match self.kind(left) {
            Kind::Variable => assign(left, None, hint, context, reading),
            Kind::Member => self.assign_property(left, hint, context, reading),
            _ => reading.push(left, context),
        }
        reading.push_some(right, context);
    }

    /// `$this->name = …` gives the class a property, if it has none of that name.
    fn assign_property<'s, 't>(
        &self,
        target: Node<'t>,
        hint: Hint<'s>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let object = self.field.object.of(target).filter(|object| reading.text(*object) == "$this");
        let name = self.field.name.of(target).filter(|name| self.kind(*name) == Kind::Name);
        if let (Some(_), Some(name)) = (object, name) {
            let property = reading.make_name(&format!("${}", reading.text(name)));
            reading.assign("$this", Some(property), span(target), hint, context);
        }
        reading.push(target, context);
    }

    /// Binds everything in `[$a, 'key' => $b]`.
    fn bind_all<'t>(&self, targets: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut left = vec![targets];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::List | Kind::ByReference | Kind::Pair => {
                    left.extend(reading.children(node).into_iter().rev());
                }
                Kind::Variable => {
                    let name = reading.text(node);
                    know_variable(name, context, reading);
                    let outer = variable_scope(context.scope, reading);
                    let found = reading.sketch.look_up(context.scope, name);
                    let scope = found.map_or(outer, |(found, _)| found);
                    reading.sketch.bind_local(scope, name, Hint::Unknown);
                }
                _ => reading.push(node, context),
            }
        }
    }

    /// `foreach ($users as $key => $user)`.
    pub(super) fn foreach<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        for (position, part) in reading.children(node).into_iter().enumerate() {
            if position == 1 {
                self.bind_all(part, context, reading);
            } else {
                reading.push(part, context);
            }
        }
    }

    /// `catch (Failure | Timeout $error)`.
    pub(super) fn catch<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let types = self.field.type_.of(node);
        let classes = types.map(|types| reading.children(types)).unwrap_or_default();
        let hint = match classes.as_slice() {
            [class] => self.hint_of_type(*class, context, reading),
            _ => Hint::Unknown,
        };
        let scope = reading.sketch.open(ScopeKind::Comprehension, context.scope);
        if let Some(variable) = self.field.name.of(node) {
            let name = reading.text(variable);
            know_variable(name, context, reading);
            reading.sketch.bind_local(scope, name, hint);
        }
        reading.push_some(types, context.with_mode(Mode::Type(Role::Variable)));
        reading.push_some(self.field.body.of(node), context.with_scope(scope));
    }

    /// `global $name;`
    pub(super) fn global<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if namespace_scope(context.scope, reading) == variable_scope(context.scope, reading) {
            return;
        }
        for variable in reading.children(node) {
            if self.kind(variable) == Kind::Variable {
                let name = reading.text(variable);
                let scope = variable_scope(context.scope, reading);
                let binding = reading.sketch.bindings.entry((scope, name)).or_default();
                binding.redirect = Redirect::Global;
            }
        }
    }

    /// `static $cache = [];`
    pub(super) fn static_variable<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        if let Some(variable) = self.field.name.of(node) {
            let scope = variable_scope(context.scope, reading);
            reading.sketch.bind_local(scope, reading.text(variable), Hint::Unknown);
        }
        reading.push_some(self.field.value.of(node), context);
    }

    /// `const LIMIT = 1;` of a namespace.
    pub(super) fn constants<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let scope = namespace_scope(context.scope, reading);
        let owner = reading.sketch.scope(scope).members_of.unwrap_or(0);
        for part in reading.children(node) {
            if self.kind(part) != Kind::ConstantElement {
                continue;
            }
            let elements = reading.children(part);
            let [name, value] = elements.as_slice() else { continue };
            let hint = self.hint_of_value(*value, context, reading);
            let (name, whole) = (reading.text(*name), span(part));
            let constant = reading.sketch.bind_variable(scope, owner, name, whole, hint, Attributes::new());
            reading.push(*value, constant.map_or(context, |constant| context.with_owner(constant)));
        }
    }
}

/// A variable of the file has a node, at its first assignment.
fn assign<'s, 't>(
    variable: Node<'t>,
    whole: Option<Node<'t>>,
    hint: Hint<'s>,
    context: Context,
    reading: &mut Reading<'s, 't>,
) {
    let name = reading.text(variable);
    let scope = variable_scope(context.scope, reading);
    let redirect = reading.sketch.bindings.get(&(scope, name)).map(|binding| binding.redirect);
    if redirect == Some(Redirect::Global) {
        reading.assign(name, None, span(variable), hint, context);
    } else if namespace_scope(scope, reading) == scope && name != "$this" {
        let owner = reading.sketch.scope(scope).members_of.unwrap_or(0);
        let at = span(whole.unwrap_or(variable));
        reading.sketch.bind_variable(scope, owner, name, at, hint, Attributes::new());
    } else {
        know_variable(name, context, reading);
        let found = reading.sketch.look_up(context.scope, name).map_or(scope, |(found, _)| found);
        reading.sketch.bind_local(found, name, hint);
    }
    names::variable(variable, context, reading);
}
