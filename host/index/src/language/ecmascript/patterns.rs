//! Names bound by patterns: parameters, destructuring, loops.

use codestrata::model::Attributes;
use tree_sitter::Node;

use super::{EcmaScript, Kind};
use crate::extract::{
    Base, Context, EACH, Hint, ITEM, Purpose, Reading, ScopeKind, ScopeRef, TypePath, span,
};

/// How deep a pattern is followed into what it takes apart.
const DEEPEST: usize = 8;

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
        let whole = self.name_of_whole(pattern, scope, hint, reading);
        // Each with the names that lead to it from the whole.
        let mut left = vec![(pattern, whole.map(|name| vec![name]))];
        while let Some((node, names)) = left.pop() {
            match self.kind(node) {
                Kind::Identifier | Kind::ShorthandPattern => {
                    let hint = match names {
                        _ if node == pattern => hint.clone(),
                        Some(names) => Hint::SameAs(TypePath { scope, names }),
                        None => Hint::Unknown,
                    };
                    let name = reading.text(node);
                    if nodes == Nodes::Yes {
                        let (owner, whole) = (context.owner, span(node));
                        reading.sketch.bind_variable(scope, owner, name, whole, hint, Attributes::new());
                    } else {
                        reading.sketch.bind_local(scope, name, hint);
                    }
                }
                Kind::ObjectPattern => {
                    let parts = reading.children(node);
                    let from = Context { scope, ..context };
                    for part in &parts {
                        self.use_property(*part, names.as_deref(), from, context, reading);
                    }
                    for part in parts.into_iter().rev() {
                        let key = self.key_of(part).filter(|key| self.kind(*key) != Kind::ComputedName);
                        let names = names.clone().zip(key).map(|(mut names, key)| {
                            names.push(property_name(key, reading));
                            names
                        });
                        left.push((part, names.filter(|names| names.len() <= DEEPEST)));
                    }
                }
                Kind::ArrayPattern => {
                    for part in reading.children(node).into_iter().rev() {
                        // What is left of a list is a list of the same.
                        let is_rest = self.kind(part) == Kind::Rest;
                        let names = names.clone().map(|mut names| {
                            names.extend((!is_rest).then_some(ITEM));
                            names
                        });
                        left.push((part, names.filter(|names| names.len() <= DEEPEST)));
                    }
                }
                Kind::Rest => {
                    let names =
                        names.filter(|_| node.parent().is_some_and(|it| self.kind(it) == Kind::ArrayPattern));
                    left.extend(reading.children(node).into_iter().rev().map(|part| (part, names.clone())));
                }
                Kind::PairPattern => left.extend(self.field.value.of(node).map(|part| (part, names))),
                Kind::AssignmentPattern | Kind::ObjectAssignmentPattern => {
                    left.extend(self.field.left.of(node).map(|part| (part, names)));
                    reading.push_some(self.field.right.of(node), context);
                }
                Kind::Member | Kind::ComputedName => reading.push(node, context),
                _ => {}
            }
        }
    }

    /// The name of the property that a part of an object pattern takes.
    fn key_of<'t>(&self, part: Node<'t>) -> Option<Node<'t>> {
        match self.kind(part) {
            Kind::ShorthandPattern => Some(part),
            Kind::ObjectAssignmentPattern => self.field.left.of(part),
            Kind::PairPattern => self.field.key.of(part),
            _ => None,
        }
    }

    /// Taking a property out of something reads it, as `whole.property` does. `names` lead to what it is taken out of, seen
    /// from `from`; with none, nothing is known of that. A name that is computed is read in the context.
    pub(super) fn use_property<'s, 't>(
        &self,
        part: Node<'t>,
        names: Option<&[&'s str]>,
        from: Context,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) {
        let Some(key) = self.key_of(part) else { return };
        if self.kind(key) == Kind::ComputedName {
            return reading.push(key, context);
        }
        let name = property_name(key, reading);
        // The number of an item is no name.
        if !name.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '$')) {
            return;
        }
        let (base, inner) = match names.and_then(<[_]>::split_first) {
            Some((whole, inner)) => (Base::Name(whole), inner),
            None => (Base::Unknown, &[][..]),
        };
        let members: Vec<&str> = inner.iter().copied().chain([name]).collect();
        reading.add_use(base, &members, span(key), Purpose::Access, from);
    }

    /// A name for what an object pattern takes apart, if anything is known of it. No source can write it.
    fn name_of_whole<'s>(
        &self,
        pattern: Node<'_>,
        scope: ScopeRef,
        hint: &Hint<'s>,
        reading: &mut Reading<'s, '_>,
    ) -> Option<&'s str> {
        let is_known = matches!(hint, Hint::Instance(_) | Hint::SameAs(_));
        if !is_known || !matches!(self.kind(pattern), Kind::ObjectPattern | Kind::ArrayPattern) {
            return None;
        }
        let name = reading.make_name(&format!("{{{}}}", pattern.start_byte()));
        reading.sketch.bind_local(scope, name, hint.clone());
        Some(name)
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
        let each = self.hint_of_each(node, context.scope, reading);
        if let Some(left) = left {
            if reading.has_token(node, "const") || reading.has_token(node, "let") {
                self.bind_pattern(left, inside.scope, &each, Nodes::No, inside, reading);
            } else if reading.has_token(node, "var") {
                let scope = function_scope(context.scope, reading);
                self.bind_pattern(left, scope, &each, Nodes::No, inside, reading);
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

    /// What each thing is that comes of what a loop goes through.
    fn hint_of_each<'s, 't>(
        &self,
        node: Node<'t>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let through = self.field.right.of(node).filter(|_| reading.has_token(node, "of"));
        match through.and_then(|through| self.steps(through, reading)) {
            Some(mut names) => {
                names.push(EACH);
                Hint::SameAs(TypePath { scope, names })
            }
            None => Hint::Unknown,
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

/// The name of a property, which may be quoted.
fn property_name<'s>(key: Node<'_>, reading: &Reading<'s, '_>) -> &'s str {
    reading.text(key).trim_matches(['"', '\''])
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
