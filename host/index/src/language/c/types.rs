//! Structures, unions, classes and enumerations, and where types are named.

use codestrata::model::{Attributes, Span, node_kind};
use tree_sitter::Node;

use super::files::is_header;
use super::functions::Site;
use super::holders::holder;
use super::{CFamily, Kind};
use crate::extract::{Base, Context, Hint, Mode, NodeRef, Purpose, Reading, Role, ScopeKind, ScopeRef, span};
use crate::language::cpp::Names;

impl CFamily {
    /// Whether a type is defined where it is named.
    pub(in crate::language) fn defines_type(&self, node: Node<'_>) -> bool {
        matches!(self.kind(node), Kind::Struct | Kind::Enum) && self.field.body.of(node).is_some()
    }

    /// A structure, union or class; without a body it is the use of one, or the announcement of one, which says
    /// nothing. `given` is the name that a `typedef` gives it.
    pub(in crate::language) fn structure<'t>(
        &self,
        node: Node<'t>,
        given: Option<Node<'t>>,
        site: Site<'_, 't>,
        reading: &mut Reading<'_, 't>,
    ) {
        let context = site.context;
        let Some(body) = self.field.body.of(node) else {
            if matches!(context.mode, Mode::Type(_)) {
                self.use_type(node, context, reading);
            }
            return;
        };
        let tag = self.field.name.of(node).or(given);
        let names = tag.and_then(|tag| self.names(tag, true, reading));
        let Some((name, qualifiers)) = names.as_ref().and_then(|names| names.parts.split_last()) else {
            return self.fields_of(node, context, reading);
        };
        let kind = match node.kind() {
            "union_specifier" => node_kind::UNION,
            "class_specifier" => node_kind::CLASS,
            _ => node_kind::STRUCT,
        };
        let outer = self.outside_of_fields(context, reading);
        let structure = self.structure_node(name, qualifiers, kind, site, outer, reading);
        let owned = outer.with_owner(structure).with_mode(Mode::Value);
        let around = self.template_scope(site.templates, outer.scope, owned, reading);
        let known = reading.sketch.scope_of(structure).filter(|_| site.templates.is_empty());
        if !self.is_cpp {
            let scope = match known {
                Some(scope) => scope,
                None => reading.sketch.open_for(ScopeKind::Block, outer.scope, structure),
            };
            return reading.push_children(body, outer.with_scope(scope).with_mode(Mode::Value));
        }
        for part in reading.children(node) {
            if self.kind(part) == Kind::BaseClause {
                self.bases(part, owned.with_scope(around), reading);
            }
        }
        let scope = match known {
            Some(scope) => scope,
            None => reading.sketch.open_for(ScopeKind::Members, around, structure),
        };
        Self::note_private_parts(body, kind, reading);
        reading.push_children(body, owned.with_scope(scope));
    }

    /// The node of a structure. One that is there already under other conditions of the preprocessor is the same.
    fn structure_node<'s, 't>(
        &self,
        name: &'s str,
        qualifiers: &[&'s str],
        kind: &str,
        site: Site<'_, 't>,
        outer: Context,
        reading: &mut Reading<'s, 't>,
    ) -> NodeRef {
        let at = span(site.whole);
        if !qualifiers.is_empty() {
            let holder = holder(qualifiers, outer, reading);
            let away = holder.away.join(".");
            let made = reading.sketch.define_as(holder.parent, &away, name, kind, at, Attributes::new());
            if holder.away.is_empty() {
                reading.sketch.add_member(holder.parent, name, Some(made), Hint::Unset);
            }
            if !is_header(reading.sketch.path) {
                reading.sketch.hidden.insert(made);
            }
            return made;
        }
        let bound = reading.sketch.bindings.get(&(outer.scope, name));
        let known =
            bound.and_then(|bound| if self.is_cpp { bound.definition } else { bound.type_definition });
        let is_same = |node: &NodeRef| {
            let node = reading.sketch.nodes.get(*node as usize);
            node.is_some_and(|node| node.kind == kind && site.templates.is_empty())
        };
        if let Some(known) = known.filter(is_same) {
            return known;
        }
        let made = define_type(name, kind, at, outer, reading);
        if !self.is_cpp {
            reading.sketch.bind_type(outer.scope, name, made, Hint::Unset);
        } else if known.is_none() {
            reading.sketch.bind_definition(outer.scope, name, made);
        }
        made
    }

    /// What is declared in a structure of C is seen outside of it too.
    fn outside_of_fields(&self, context: Context, reading: &Reading<'_, '_>) -> Context {
        let mut scope = context.scope;
        while let Some(parent) = self.parent_of_fields(scope, reading) {
            scope = parent;
        }
        context.with_scope(scope)
    }

    fn parent_of_fields(&self, scope: ScopeRef, reading: &Reading<'_, '_>) -> Option<ScopeRef> {
        let facts = reading.sketch.scope(scope);
        let has_fields = facts.kind == ScopeKind::Block && facts.members_of.is_some();
        facts.parent.filter(|_| has_fields && !self.is_cpp)
    }

    /// The fields of a structure without a name, which belong to what is around it.
    pub(in crate::language) fn fields_of<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        if let Some(body) = self.field.body.of(node) {
            reading.push_children(body, context.with_mode(Mode::Value));
        }
    }

    /// The constants of an enumeration stand beside it, as that is where their names are known; those of an `enum
    /// class` are its members.
    pub(in crate::language) fn enumeration<'t>(
        &self,
        node: Node<'t>,
        given: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(body) = self.field.body.of(node) else {
            if matches!(context.mode, Mode::Type(_)) {
                self.use_type(node, context, reading);
            }
            return;
        };
        let outer = self.outside_of_fields(context, reading).with_mode(Mode::Value);
        let named = self.field.name.of(node).or(given).map(|name| reading.text(name));
        let enumeration = named.map(|name| {
            let made = define_type(name, node_kind::ENUM, span(node), outer, reading);
            if self.is_cpp {
                reading.sketch.bind_definition(outer.scope, name, made);
            } else {
                reading.sketch.bind_type(outer.scope, name, made, Hint::Unset);
            }
            made
        });
        let is_scoped = reading.has_token(node, "class") || reading.has_token(node, "struct");
        let inside = match enumeration.filter(|_| is_scoped) {
            Some(holder) => {
                let scope = reading.sketch.open_for(ScopeKind::Members, outer.scope, holder);
                outer.with_scope(scope).with_owner(holder)
            }
            None => outer,
        };
        for part in reading.children(body) {
            if self.kind(part) == Kind::Enumerator {
                self.enumerator(part, enumeration, inside, reading);
            } else {
                reading.push(part, inside);
            }
        }
    }

    pub(in crate::language) fn enumerator<'t>(
        &self,
        node: Node<'t>,
        enumeration: Option<NodeRef>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(name) = self.field.name.of(node).map(|name| reading.text(name)) else { return };
        let attributes = Attributes::from([("enum_member", true.into())]);
        let constant = reading.sketch.bind_variable(
            context.scope,
            context.owner,
            name,
            span(node),
            Hint::Unknown,
            attributes,
        );
        if let Some(constant) = constant {
            if let Some(enumeration) = enumeration {
                reading.sketch.add_member(enumeration, name, Some(constant), Hint::Unset);
            }
            if !is_header(reading.sketch.path) {
                reading.sketch.hidden.insert(constant);
            }
        }
        reading.push_some(self.field.value.of(node), context.with_owner(constant.unwrap_or(context.owner)));
    }

    /// Uses a type by its name, `Thing`, `struct thing` or `a::Thing<Other>`.
    pub(in crate::language) fn use_type<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        self.use_type_for(node, Purpose::Type(role), context, reading);
    }

    pub(in crate::language) fn use_type_for<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(names) = self.names(node, false, reading) else {
            return reading.push_children(node, context);
        };
        let Some((base, members)) = names.parts.split_first() else { return };
        let from = context.with_scope(self.scope_of_names(node, &names, context.scope, reading));
        reading.add_use(Base::Name(base), members, span(names.last), purpose, from);
        for argument in names.arguments {
            reading.push(argument, context.as_type(Role::Variable));
        }
    }

    /// From where a name is looked up. Variables do not hide what stands after `struct` or before `::`.
    pub(in crate::language) fn scope_of_names(
        &self,
        node: Node<'_>,
        names: &Names<'_, '_>,
        scope: ScopeRef,
        reading: &Reading<'_, '_>,
    ) -> ScopeRef {
        // What is defined here is not bound yet.
        let is_tag = matches!(self.kind(node), Kind::Struct | Kind::Enum) && !self.defines_type(node);
        let first = names.parts.first().filter(|_| is_tag || names.parts.len() > 1);
        let (Some(first), false) = (first, names.is_global) else {
            return if names.is_global { 0 } else { scope };
        };
        let mut from = scope;
        while let Some((found, bound)) = reading.sketch.look_up(from, first) {
            let is_type = bound.definition.or(bound.type_definition).or(bound.namespace).is_some();
            if is_type || bound.import.is_some() {
                return from;
            }
            match reading.sketch.scope(found).parent {
                Some(parent) => from = parent,
                None => return 0,
            }
        }
        // Nothing in a function is meant, what follows included.
        loop {
            let facts = reading.sketch.scope(from);
            match facts.parent {
                Some(parent) if !matches!(facts.kind, ScopeKind::Module | ScopeKind::Members) => {
                    from = parent;
                }
                _ => return from,
            }
        }
    }

    /// `const struct thing *(*)(int)`, as in a cast.
    pub(super) fn type_descriptor<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let context = context.as_type(Role::Variable);
        let Some(type_) = self.field.type_.of(node) else { return reading.push_children(node, context) };
        reading.push(type_, context);
        // The parameters of a type of functions.
        let mut here = self.field.declarator.of(node);
        while let Some(declarator) = here {
            if let Some(parameters) = self.field.parameters.of(declarator) {
                reading.push_children(parameters, context);
            }
            here = self.field.declarator.of(declarator).or_else(|| {
                declarator.kind().ends_with("parenthesized_declarator").then(|| declarator.named_child(0))?
            });
        }
    }

    /// Says that an object of a type is made.
    pub(in crate::language) fn instantiate<'t>(
        &self,
        type_: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some(type_) = type_.filter(|type_| !self.defines_type(*type_)) else { return };
        let Some(names) = self.names(type_, false, reading) else { return };
        if let Some((base, members)) = names.parts.split_first() {
            let from = context.with_scope(self.scope_of_names(type_, &names, context.scope, reading));
            reading.add_use(Base::Name(base), members, span(names.last), Purpose::Instantiate, from);
        }
    }
}

/// Defines a type, which only headers show to other files.
pub(in crate::language) fn define_type(
    name: &str,
    kind: &str,
    at: Span,
    context: Context,
    reading: &mut Reading<'_, '_>,
) -> NodeRef {
    let made = reading.sketch.define(context.owner, name, kind, at, Attributes::new());
    if !is_header(reading.sketch.path) {
        reading.sketch.hidden.insert(made);
    }
    made
}
