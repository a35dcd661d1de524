//! Assignments and everything else that binds names.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::public_names::ALL;
use super::{Kind, Python};
use crate::extract::{
    Base, Context, Hint, Mode, Purpose, Reading, Redirect, Role, ScopeKind, ScopeRef, span,
};

impl Python {
    pub(super) fn assignment<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(left) = self.field.left.of(node) else { return };
        let annotation = self.field.type_.of(node);
        let right = self.field.right.of(node);
        let declared = match (annotation, right) {
            (Some(annotation), Some(right)) if self.is_alias(annotation, context.scope, reading) => {
                self.hint_of_alias(right, context.scope, reading)
            }
            (Some(annotation), _) => self.hint_of_type(annotation, context.scope, reading),
            (None, _) => Hint::Unset,
        };
        // `Any` and a bare `Final` say nothing.
        let is_declared = declared != Hint::Unset;
        let hint = if is_declared { declared } else { self.hint_of_assigned(left, right, context, reading) };
        let mut inside = context;
        if self.kind(left) == Kind::Identifier {
            let mut attributes = Attributes::new();
            if let Some(text) = annotation.and_then(|annotation| reading.short_text(annotation)) {
                attributes.insert("type_hint", text.into());
            }
            let name = reading.text(left);
            let whole = span(node);
            let owner = context.owner;
            note_global_write(left, context, reading);
            if name == ALL && context.scope == 0 {
                self.set_public_names(right, false, reading);
            }
            let variable =
                reading.sketch.bind_variable(context.scope, owner, name, whole, hint.clone(), attributes);
            reading.sketch.narrowings.end(name, node.end_byte());
            if right.is_some_and(|right| self.makes_type_variable(right, context.scope, reading)) {
                Self::note_type_variable(name, context.scope, reading);
            }
            if is_declared && let Some(binding) = reading.sketch.binding(context.scope, name) {
                binding.declare(hint.clone());
                if let Some(class) = reading.sketch.scope(context.scope).members_of {
                    reading.sketch.declare_member(class, name, hint);
                }
            }
            inside = variable.map_or(context, |variable| context.with_owner(variable));
        } else {
            let before = reading.sketch.assignments.len();
            self.bind(left, context, &hint, reading);
            for assignment in reading.sketch.assignments.iter_mut().skip(before) {
                assignment.declared = is_declared;
            }
        }
        if let Some(annotation) = annotation {
            reading.push_children(annotation, inside.with_mode(Mode::Type(Role::Variable)));
        }
        reading.push_some(right, inside);
    }

    /// Whether an annotation says that what is assigned is a type: `TypeAlias`.
    fn is_alias<'t>(&self, annotation: Node<'t>, scope: ScopeRef, reading: &Reading<'_, 't>) -> bool {
        let named =
            if self.kind(annotation) == Kind::Type { annotation.named_child(0) } else { Some(annotation) };
        named.is_some_and(|named| self.is_of_typing(named, "TypeAlias", scope, reading))
    }

    pub(super) fn augmented_assignment<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        if let Some(left) = self.field.left.of(node) {
            if self.kind(left) == Kind::Identifier {
                let is_function = reading.sketch.scope(context.scope).kind == ScopeKind::Function;
                let name = reading.text(left);
                if name == ALL && context.scope == 0 {
                    self.set_public_names(self.field.right.of(node), true, reading);
                }
                if let Some(binding) = reading.sketch.binding(context.scope, name) {
                    if is_function && context.scope != 0 {
                        binding.local |= binding.variable.is_none();
                    }
                    // What is added to a text or a list makes it longer.
                    if !matches!(binding.hint, Hint::Plain | Hint::Container) {
                        binding.assign(Hint::Unknown);
                    }
                }
            }
            reading.push(left, context);
        }
        reading.push_some(self.field.right.of(node), context);
    }

    /// Binds what stands on the left of an assignment other than a single name.
    fn bind<'s, 't>(
        &self,
        target: Node<'t>,
        context: Context,
        hint: &Hint<'s>,
        reading: &mut Reading<'s, 't>,
    ) {
        let mut left = vec![target];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::Identifier => {
                    let (name, whole) = (reading.text(node), span(node));
                    reading.sketch.narrowings.end(name, node.end_byte());
                    note_global_write(node, context, reading);
                    let (scope, owner) = (context.scope, context.owner);
                    reading.sketch.bind_variable(scope, owner, name, whole, Hint::Unknown, Attributes::new());
                }
                Kind::Sequence | Kind::Splat | Kind::Parenthesized => {
                    left.extend(reading.children(node).into_iter().rev());
                }
                Kind::Attribute => {
                    let hint = if node == target { hint.clone() } else { Hint::Unknown };
                    self.assign_attribute(node, context, hint, reading);
                    reading.push(node, context);
                }
                _ => reading.push(node, context),
            }
        }
    }

    /// `self.x = value` gives the class an attribute; whether `self` is one is known at the end.
    fn assign_attribute<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        hint: Hint<'s>,
        reading: &mut Reading<'s, 't>,
    ) {
        let object = self.field.object.of(node).filter(|object| self.kind(*object) == Kind::Identifier);
        if let (Some(object), Some(attribute)) = (object, self.field.attribute.of(node)) {
            let (name, member) = (reading.text(object), reading.text(attribute));
            reading.assign(name, Some(member), span(node), hint, context);
        }
    }

    /// Binds names without making nodes of them: loops, `with`, `except`, patterns.
    pub(super) fn bind_plain<'t>(&self, target: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut left = vec![target];
        while let Some(node) = left.pop() {
            match self.kind(node) {
                Kind::Identifier => {
                    let name = reading.text(node);
                    reading.sketch.narrowings.end(name, node.end_byte());
                    reading.sketch.bind_local(context.scope, name, Hint::Unknown);
                }
                Kind::Sequence | Kind::Splat | Kind::Parenthesized => left.extend(reading.children(node)),
                Kind::Attribute => {
                    self.assign_attribute(node, context, Hint::Unknown, reading);
                    reading.push(node, context);
                }
                _ => reading.push(node, context),
            }
        }
    }

    pub(super) fn for_loop<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let left = self.field.left.of(node);
        if let Some(left) = left {
            self.bind_item(left, self.field.right.of(node), context, context, reading);
        }
        for part in reading.children(node) {
            if Some(part) != left {
                reading.push(part, context);
            }
        }
    }

    /// Binds what `for left in right` gives.
    pub(super) fn bind_item<'t>(
        &self,
        left: Node<'t>,
        right: Option<Node<'t>>,
        inside: Context,
        outside: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        match right.filter(|_| self.kind(left) == Kind::Identifier) {
            Some(right) => {
                let hint = self.hint_of_item(right, outside.scope, reading);
                reading.sketch.narrowings.end(reading.text(left), left.end_byte());
                reading.sketch.bind_local(inside.scope, reading.text(left), hint);
            }
            None => self.bind_plain(left, inside, reading),
        }
    }

    /// `:=` binds in the function around all comprehensions.
    pub(super) fn walrus<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let value = self.field.value.of(node);
        if let Some(name) = self.field.name.of(node) {
            let scope = enclosing_function(context.scope, reading);
            let hint = self.hint_of_value(value, context.scope, reading);
            let name = reading.text(name);
            reading.sketch.narrowings.end(name, node.end_byte());
            reading.sketch.bind_local(scope, name, hint);
        }
        reading.push_some(value, context);
    }

    /// `with value as target`: what the value gives when it is entered.
    pub(super) fn with<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let is_async = node.child(0).is_some_and(|token| token.kind() == "async");
        for part in reading.children(node) {
            if self.kind(part) != Kind::WithClause {
                reading.push(part, context);
                continue;
            }
            for item in reading.children(part) {
                let entered = item.named_child(0).filter(|entered| self.kind(*entered) == Kind::AsPattern);
                let value = entered.and_then(|entered| entered.named_child(0));
                let target = entered
                    .and_then(|entered| self.field.alias.of(entered)?.named_child(0))
                    .filter(|target| self.kind(*target) == Kind::Identifier);
                let (Some(value), Some(target)) = (value, target) else {
                    reading.push(item, context);
                    continue;
                };
                let hint = self.hint_of_entered(value, is_async, context.scope, reading);
                reading.sketch.narrowings.end(reading.text(target), target.end_byte());
                reading.sketch.bind_local(context.scope, reading.text(target), hint);
                reading.push(value, context);
            }
        }
    }

    /// `with value as target` and `except value as target`.
    pub(super) fn as_pattern<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let alias = self.field.alias.of(node);
        if let Some(alias) = alias {
            for target in reading.children(alias) {
                self.bind_plain(target, context, reading);
            }
        }
        for part in reading.children(node) {
            if Some(part) != alias {
                reading.push(part, context);
            }
        }
    }

    pub(super) fn except<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        reading.sketch.branches.enter(node.start_byte(), node.end_byte());
        let alias = self.field.alias.of(node);
        if let Some(alias) = alias {
            self.bind_plain(alias, context, reading);
        }
        for part in reading.children(node) {
            if Some(part) != alias {
                reading.push(part, context);
            }
        }
    }

    /// `global x` and `nonlocal x`.
    pub(super) fn redirect<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let redirect = if self.kind(node) == Kind::Global { Redirect::Global } else { Redirect::Nonlocal };
        for name in reading.children(node) {
            let name = reading.text(name);
            if context.scope != 0 {
                reading.sketch.bindings.entry((context.scope, name)).or_default().redirect = redirect;
            }
        }
    }

    pub(super) fn type_alias<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut inside = context;
        if let Some(left) = self.field.left.of(node) {
            let name = reading.text(left).split('[').next().unwrap_or_default().trim();
            let alias =
                reading.sketch.define(context.owner, name, node_kind::TYPE, span(node), Attributes::new());
            let hint = match self.field.right.of(node) {
                Some(right) => self.hint_of_type(right, context.scope, reading),
                None => Hint::Unknown,
            };
            reading.sketch.bind_type(context.scope, name, alias, hint);
            inside = context.with_owner(alias);
        }
        reading.push_some(self.field.right.of(node), inside.with_mode(Mode::Type(Role::Variable)));
    }

    pub(super) fn case<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        reading.sketch.branches.enter(node.start_byte(), node.end_byte());
        for part in reading.children(node) {
            let is_pattern = self.kind(part) == Kind::CasePattern;
            let mode = if is_pattern { Mode::Pattern } else { Mode::Value };
            reading.push(part, context.with_mode(mode));
        }
    }

    /// Patterns of `case`: a bare name is bound, a dotted one is read, and so is the class of `Point(x=px)`.
    pub(super) fn visit_pattern<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::DottedName => match reading.children(node).as_slice() {
                [name] => self.bind_plain(*name, context, reading),
                parts => use_dotted(parts, context, reading),
            },
            Kind::ClassPattern => {
                let parts = reading.children(node);
                let Some((class, inner)) = parts.split_first() else { return };
                let names = reading.children(*class);
                use_dotted(&names, context, reading);
                for part in inner {
                    reading.push(*part, context);
                }
            }
            Kind::KeywordPattern => {
                for part in reading.children(node).into_iter().skip(1) {
                    reading.push(part, context);
                }
            }
            Kind::Identifier => self.bind_plain(node, context, reading),
            Kind::Nothing | Kind::String => {}
            _ => reading.push_children(node, context),
        }
    }
}

/// Reads `a.b.C` in a pattern.
fn use_dotted<'t>(parts: &[Node<'t>], context: Context, reading: &mut Reading<'_, 't>) {
    let Some(((first, rest), last)) = parts.split_first().zip(parts.last()) else { return };
    let members: Vec<_> = rest.iter().map(|part| reading.text(*part)).collect();
    let base = Base::Name(reading.text(*first));
    reading.add_use(base, &members, span(*last), Purpose::Access, context);
}

fn enclosing_function(scope: ScopeRef, reading: &Reading<'_, '_>) -> ScopeRef {
    let mut here = scope;
    loop {
        let facts = reading.sketch.scope(here);
        match facts.parent {
            Some(parent) if facts.kind == ScopeKind::Comprehension => here = parent,
            _ => return here,
        }
    }
}

/// A variable of the file that a function declares `global` and then sets is accessed by it.
fn note_global_write<'t>(name: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
    let text = reading.text(name);
    let redirect = reading.sketch.bindings.get(&(context.scope, text)).map(|binding| binding.redirect);
    if redirect.is_some_and(|redirect| redirect != Redirect::None) {
        reading.add_use(Base::Name(text), &[], span(name), Purpose::Access, context);
    }
}
