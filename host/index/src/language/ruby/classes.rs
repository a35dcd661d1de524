//! Classes and modules, and what stands in their bodies.

use codestrata::model::{Attributes, node_kind};
use tree_sitter::Node;

use super::methods::Manner;
use super::{Kind, Ruby, class_of_self};
use crate::extract::{Context, NodeRef, Purpose, Reading, ScopeKind, ScopeRef, span};

/// The name of a class or module: `A::B::C` is `C`, outside of it `A` and `B`.
pub(super) struct ConstantPath<'s> {
    pub(super) outer: Vec<&'s str>,
    pub(super) name: &'s str,
    /// Whether it begins with `::`.
    pub(super) is_absolute: bool,
}

impl Ruby {
    pub(super) fn class<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(path) = self.field.name.of(node).and_then(|name| self.constant_path(name, reading)) else {
            return reading.push_children(node, context);
        };
        let kind = if self.kind(node) == Kind::Module { node_kind::TRAIT } else { node_kind::CLASS };
        let (class, scope) = define_class(&path, kind, node, context, reading);
        let owned = context.with_owner(class);
        if let Some(superclass) = self.field.superclass.of(node) {
            for base in reading.children(superclass) {
                self.base(base, Some(class), owned, reading);
            }
        }
        self.class_body(self.field.body.of(node), Manner::default(), scope, class, context, reading);
    }

    /// The names of a constant, if it is nothing but names.
    pub(super) fn constant_path<'s>(
        &self,
        node: Node<'_>,
        reading: &Reading<'s, '_>,
    ) -> Option<ConstantPath<'s>> {
        let mut names = Vec::new();
        let mut here = node;
        let mut is_absolute = false;
        while self.kind(here) == Kind::ScopeResolution {
            names.push(reading.text(self.field.name.of(here)?));
            match self.field.scope.of(here) {
                Some(scope) => here = scope,
                None => {
                    is_absolute = true;
                    break;
                }
            }
        }
        if !is_absolute {
            if self.kind(here) != Kind::Constant {
                return None;
            }
            names.push(reading.text(here));
        }
        names.reverse();
        let name = names.pop()?;
        Some(ConstantPath { outer: names, name, is_absolute })
    }

    pub(super) fn class_body<'t>(
        &self,
        body: Option<Node<'t>>,
        manner: Manner,
        class_scope: ScopeRef,
        class: NodeRef,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        // The local variables of the body are not seen from methods.
        let scope = reading.sketch.open(ScopeKind::Block, class_scope);
        self.body(body, manner, Context { scope, owner: class, ..context }, reading);
    }

    /// A superclass or mixed-in module. `Struct.new(:x)` gives the class its members.
    pub(super) fn base<'t>(
        &self,
        base: Node<'t>,
        class: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        if matches!(self.kind(base), Kind::Constant | Kind::ScopeResolution) {
            let chain = self.chain(base, context, reading);
            reading.use_chain(&chain, Purpose::Inherit, context);
            reading.push_some(chain.rest, context);
            return;
        }
        if let Some(class) = class.filter(|_| self.makes_class(base, reading).is_some()) {
            self.made_members(base, class, reading);
        }
        reading.push(base, context);
    }

    /// `class << self`, and of another object.
    pub(super) fn singleton_class<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let value = self.field.value.of(node);
        let class = class_of_self(context.scope, reading);
        let is_self = value.is_some_and(|value| self.kind(value) == Kind::SelfObject);
        let body = self.field.body.of(node);
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        match class.filter(|_| is_self) {
            Some(_) => self.body(body, Manner::of_class(), inside, reading),
            None => {
                reading.push_some(value, context);
                let manner = Manner { is_aside: true, ..Manner::of_class() };
                self.body(body, manner, inside, reading);
            }
        }
    }

    /// Reads the statements of a class, of a module or of the file; `private` and the like hold for what follows.
    pub(super) fn body<'t>(
        &self,
        body: Option<Node<'t>>,
        manner: Manner,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(body) = body else { return };
        let mut manner = manner;
        // Bodies of heredocs stand beside the statements, so all children are wanted.
        let mut cursor = body.walk();
        let mut more = cursor.goto_first_child();
        while more {
            let part = cursor.node();
            match self.kind(part) {
                _ if !part.is_named() => {}
                Kind::Method => self.method(part, manner, context, reading),
                // `private` does not hold for methods of the class.
                Kind::SingletonMethod => {
                    self.singleton_method(part, Manner::default(), context, reading);
                }
                Kind::Identifier if manner.change(reading.text(part)) => {}
                Kind::Call if self.declares(part, manner, context, reading) => {}
                _ => reading.push(part, context),
            }
            more = cursor.goto_next_sibling();
        }
    }
}

/// The class of this name in this file, as far as it is known by now.
pub(super) fn find<'s>(names: &[&'s str], scope: ScopeRef, reading: &Reading<'s, '_>) -> Option<NodeRef> {
    let (first, inner) = names.split_first()?;
    let mut found = reading.sketch.look_up(scope, first).and_then(|(_, binding)| binding.definition)?;
    for name in inner {
        found = reading.sketch.members.get(&(found, *name)).and_then(|member| member.node)?;
    }
    Some(found)
}

/// Under which name a class is remembered for the parts of it that follow. No constant has such a name.
fn key_of(holder: NodeRef, path: &ConstantPath<'_>, is_found: bool, reading: &Reading<'_, '_>) -> String {
    let holder = reading.sketch.nodes.get(holder as usize).filter(|_| holder != 0);
    let mut key = holder.map_or("", |holder| holder.id.as_str()).to_owned();
    let outer = if is_found { &[][..] } else { path.outer.as_slice() };
    for name in outer.iter().chain([&path.name]) {
        key.push_str("::");
        key.push_str(name);
    }
    key
}

/// The node and scope of a class: new, or those of an earlier part of it in this file.
pub(super) fn define_class<'s, 't>(
    path: &ConstantPath<'s>,
    kind: &str,
    node: Node<'t>,
    context: Context,
    reading: &mut Reading<'s, 't>,
) -> (NodeRef, ScopeRef) {
    let around = if path.is_absolute { 0 } else { reading.sketch.holding_scope(context.scope) };
    let holder = reading.sketch.scope(around).members_of.unwrap_or(0);
    let parent = match path.outer.as_slice() {
        [] => Some(holder),
        outer => find(outer, around, reading),
    };
    let key = key_of(parent.unwrap_or(holder), path, parent.is_some(), reading);
    let known = reading.sketch.bindings.get(&(0, key.as_str())).and_then(|bound| bound.definition);
    let class = known.unwrap_or_else(|| {
        let (whole, attributes) = (span(node), Attributes::new());
        let class = match parent {
            Some(parent) => reading.sketch.define(parent, path.name, kind, whole, attributes),
            None => {
                let outer = path.outer.join(".");
                reading.sketch.define_as(holder, &outer, path.name, kind, whole, attributes)
            }
        };
        match parent {
            Some(_) if path.outer.is_empty() => {
                reading.sketch.bind_definition(around, path.name, class);
            }
            Some(parent) => {
                reading.sketch.add_member(parent, path.name, Some(class), crate::extract::Hint::Unset);
            }
            None => {}
        }
        let key = reading.make_name(&key);
        reading.sketch.bindings.entry((0, key)).or_default().definition = Some(class);
        class
    });
    // The same class seen from elsewhere sees other constants.
    let opened = reading.sketch.scope_of(class);
    let scope = match opened.filter(|opened| reading.sketch.scope(*opened).parent == Some(around)) {
        Some(opened) => opened,
        None => reading.sketch.open_for(ScopeKind::Members, around, class),
    };
    let binding = reading.sketch.bindings.entry((scope, "self")).or_default();
    binding.local = true;
    binding.receiver = Some(class);
    (class, scope)
}
