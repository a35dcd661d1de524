//! What a dotted name means, by the scopes of its file and by what is known about the values of its variables.

use codestrata::model::{Target, node_kind};

use super::bindings::Binding;
use super::sketch::{Base, Hint, NodeRef, Purpose, ScopeKind, ScopeRef, Sketch, TypePath, Use};
use super::values::ends_here;

/// How many variables are followed to find what one is: `a = b; b = a` has no end.
pub(super) const MOST_HOPS: u8 = 8;

/// Where a chain of members starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start<'s> {
    Node(NodeRef),
    Import(u32),
    Super(NodeRef),
    /// Inside of a class, at a name that is not bound: the first of the members.
    Within(NodeRef),
    Free(&'s str),
}

/// What a dotted name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place<'s> {
    /// Members of something known; with none, the thing itself.
    Known(Start<'s>, Vec<&'s str>),
    /// A member of something unknown.
    Member(&'s str),
    /// A local value.
    Local,
}

/// Whether a name is looked up where a type or where a value is expected: TypeScript has both under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Value,
    Type,
}

/// How a dotted name is looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// As what its first name is looked up.
    pub(super) sense: Sense,
    /// Whether the whole is called: Java may have a field and a method of one name.
    pub(super) is_called: bool,
}

impl<'s> Sketch<'s> {
    /// What a dotted name means, seen from a scope. O(depth of scopes + members).
    pub(super) fn place(
        &self,
        scope: ScopeRef,
        base: Base<'s>,
        members: &[&'s str],
        manner: Manner,
    ) -> Place<'s> {
        self.place_within(scope, base, members, manner, MOST_HOPS)
    }

    fn place_within(
        &self,
        scope: ScopeRef,
        base: Base<'s>,
        members: &[&'s str],
        manner: Manner,
        hops: u8,
    ) -> Place<'s> {
        let name = match base {
            Base::Name(name) => name,
            Base::Super => {
                return match self.scope(scope).class {
                    Some(class) => Place::Known(Start::Super(class), members.to_vec()),
                    None => unknown(members),
                };
            }
            Base::SuperOf(name) => {
                let class = self.look_up(scope, name).and_then(|(_, binding)| binding.definition);
                return match class.filter(|class| self.has_members(*class)) {
                    Some(class) => Place::Known(Start::Super(class), members.to_vec()),
                    None => unknown(members),
                };
            }
            Base::Unknown => return unknown(members),
            Base::Plain => return Place::Local,
            Base::Container => return of_container(members),
        };
        let found = self.look_up_as(scope, name, manner, members.is_empty());
        let Some((found_in, binding)) = found else {
            // Where a property has the name of its type, no class around it has a type of that name.
            if let (true, "super", [Target::CALL, rest @ ..]) = (self.tells_values, name, members) {
                return self.place_within(scope, Base::Super, rest, manner, hops);
            }
            let is_other = manner.sense == Sense::Type && self.look_up(scope, name).is_some();
            return match self.class_in_scope(scope).filter(|_| !is_other) {
                _ if name == "this" => unknown(members),
                Some(class) => {
                    let all = std::iter::once(name).chain(members.iter().copied());
                    Place::Known(Start::Within(class), all.collect())
                }
                None => Place::Known(Start::Free(name), members.to_vec()),
            };
        };
        // `self` alone is a local value; `cls` alone is the class.
        if binding.receiver.is_some() && members.is_empty() && !binding.is_class {
            return Place::Local;
        }
        if let Some(import) = binding.import.filter(|_| binding.definition.is_none()) {
            return self.imported(found_in, name, import, members);
        }
        let is_read = self.scope(found_in).kind == ScopeKind::Members
            && manner.sense == Sense::Value
            && !(manner.is_called && members.is_empty());
        let field = binding.variable.filter(|_| is_read);
        let Some(node) = field.or_else(|| node_of(binding, manner.sense)) else {
            let is_type_only = binding.type_definition.is_some() && !binding.local;
            return if is_type_only {
                // `type Error = …` does not hide the value `Error`, which is another thing.
                Place::Known(Start::Free(name), members.to_vec())
            } else {
                self.through_hint(&binding.hint, members, manner, hops)
            };
        };
        // A namespace adds members to what has its name.
        let named = members.iter().find(|member| **member != Target::OBJECT);
        let node = match (binding.namespace, named) {
            (Some(namespace), Some(first))
                if self.members.contains_key(&(namespace, *first))
                    && !self.members.contains_key(&(node, *first)) =>
            {
                namespace
            }
            _ => node,
        };
        let is_variable = binding.variable == Some(node) && binding.receiver.is_none();
        if is_variable && let Some(first) = members.first() {
            // An object literal has members of its own; else its type has them.
            return match self.members.get(&(node, *first)) {
                Some(_) => self.advance(Start::Node(node), members, manner, hops),
                None if self.is_object(node) && binding.hint.is_silent() => {
                    Place::Known(Start::Node(node), members.to_vec())
                }
                None => self.through_hint(&binding.hint, members, manner, hops),
            };
        }
        let is_alias = matches!(binding.alias, Hint::Instance(_)) && binding.type_definition == Some(node);
        if is_alias && !members.is_empty() {
            return self.through_hint(&binding.alias, members, manner, hops);
        }
        if self.habits.tells_statics && binding.receiver.is_some() && !binding.is_class {
            let members: Vec<&str> = std::iter::once(Target::OBJECT).chain(members.iter().copied()).collect();
            return self.advance(Start::Node(node), &members, manner, hops);
        }
        self.advance(Start::Node(node), members, manner, hops)
    }

    /// What a name means where the use stands before the definition that takes the name: what an import brings in
    /// `class Form(Form)`, the builtin in `@property def property(self)`. Functions see what comes later; the code of the
    /// file and of its classes does not.
    pub(super) fn bound_before(
        &self,
        used: &Use<'s>,
        members: &[&'s str],
        manner: Manner,
    ) -> Option<Place<'s>> {
        let Base::Name(name) = used.base else { return None };
        let is_base = used.purpose == Purpose::Inherit;
        if !self.tells_values && !is_base {
            return None;
        }
        let (found_in, binding) = self.look_up(used.scope, name)?;
        let defined = binding.definition?;
        if !self.tells_values {
            // No class is its own base: in `module M; class V < V`, that of the same name further out is meant.
            let around = self.scope(found_in).parent.filter(|_| defined == used.source)?;
            return Some(self.place(around, used.base, members, manner));
        }
        let definition = self.nodes.get(defined as usize)?;
        let is_own = defined == used.source;
        // A method is no type, so that what has its name there is another thing.
        let is_no_type = self.habits.binds_in_order
            && self.is_function(defined)
            && (is_own || self.scope(found_in).kind == ScopeKind::Class);
        let is_type = matches!(used.purpose, Purpose::Type(_));
        if is_type && !is_no_type {
            return None;
        }
        let is_before = is_own || is_type || used.span.start_byte < definition.span.start_byte;
        let mut scope = used.scope;
        while scope != found_in {
            let facts = self.scope(scope);
            if matches!(facts.kind, ScopeKind::Function | ScopeKind::Comprehension) {
                return None;
            }
            scope = facts.parent?;
        }
        if !is_before {
            return None;
        }
        if let Some(import) = binding.import {
            return Some(self.imported(found_in, name, import, members));
        }
        if !self.habits.binds_in_order {
            return None;
        }
        let starts_before = |node: &NodeRef| {
            self.nodes.get(*node as usize).is_some_and(|node| node.span.start_byte < used.span.start_byte)
        };
        if let Some(previous) = binding.previous.filter(starts_before) {
            return Some(self.advance(Start::Node(previous), members, manner, MOST_HOPS));
        }
        let facts = self.scope(found_in);
        match facts.parent.filter(|_| facts.kind == ScopeKind::Class) {
            Some(around) => Some(self.place(around, used.base, members, manner)),
            None => is_own.then(|| Place::Known(Start::Free(name), members.to_vec())),
        }
    }

    /// The innermost class around a scope whose members are in scope there, inherited ones included; or the innermost
    /// namespace, where the files of a namespace share its names.
    fn class_in_scope(&self, scope: ScopeRef) -> Option<NodeRef> {
        let mut next = Some(scope);
        while let Some(current) = next {
            let facts = self.scope(current);
            let is_namespace = self.shares_namespaces && facts.kind == ScopeKind::Module;
            if facts.kind == ScopeKind::Members || is_namespace && facts.members_of.is_some() {
                return facts.members_of;
            }
            next = facts.parent;
        }
        None
    }

    /// `a.b.c.f` by the longest of the imported modules `a`, `a.b`, `a.b.c`.
    fn imported(&self, scope: ScopeRef, name: &'s str, import: u32, members: &[&'s str]) -> Place<'s> {
        let modules = self.dotted.get(&(scope, name)).map_or(&[][..], Vec::as_slice);
        let longest = modules
            .iter()
            .filter(|(module, _)| members.starts_with(module.get(1..).unwrap_or_default()))
            .max_by_key(|(module, _)| module.len());
        let (start, consumed) = match longest {
            Some((module, longer)) => (*longer, module.len() - 1),
            None => (import, 0),
        };
        Place::Known(Start::Import(start), members.get(consumed..).unwrap_or_default().to_vec())
    }

    /// Members of a value of which at most a hint is known.
    pub(super) fn through_hint(
        &self,
        hint: &Hint<'s>,
        members: &[&'s str],
        manner: Manner,
        hops: u8,
    ) -> Place<'s> {
        if members.is_empty() {
            return Place::Local;
        }
        let Some(fewer) = hops.checked_sub(1) else { return unknown(members) };
        let held = hint.paths_to_held().iter().find_map(|path| members.strip_prefix(*path));
        let members = held.unwrap_or(members);
        let (path, sense) = match hint {
            Hint::Items(path, _) | Hint::Entries(path, _) if held.is_some() => {
                return self.through_hint(&Hint::Instance(path.clone()), members, manner, fewer);
            }
            Hint::Instance(path) | Hint::Items(_, path) | Hint::Entries(_, path) => (path, Sense::Type),
            Hint::SameAs(path) => (path, Sense::Value),
            // An array may hold anything, and its methods pass it on.
            Hint::Plain if members.iter().any(|member| Target::is_argument(member)) => {
                return unknown(members);
            }
            Hint::Plain => return Place::Local,
            Hint::Container => return of_container(members),
            Hint::Unset | Hint::Unknown => return unknown(members),
        };
        let TypePath { scope, names } = path;
        let Some((base, inner)) = names.split_first() else { return unknown(members) };
        // A value that is asked for as a whole is an object, and not its class; so is one that is called.
        let is_object =
            |first: &&str| ends_here(first) || manner.sense == Sense::Value && self.is_called(first);
        let is_whole = matches!(hint, Hint::Instance(_)) && members.first().is_some_and(is_object);
        let is_object = self.habits.tells_statics
            && matches!(hint, Hint::Instance(_))
            && members.first() != Some(&Target::OBJECT);
        let object = match (is_whole, is_object) {
            (true, _) => Some(&Target::CALL),
            (false, true) => Some(&Target::OBJECT),
            (false, false) => None,
        };
        let all: Vec<&'s str> = inner.iter().chain(object).chain(members).copied().collect();
        self.place_within(*scope, Base::Name(base), &all, Manner { sense, ..manner }, fewer)
    }

    /// Walks members from a node of this file, as far as it knows them.
    fn advance(&self, start: Start<'s>, members: &[&'s str], manner: Manner, hops: u8) -> Place<'s> {
        let mut here = start;
        let mut left = members;
        let mut is_object = false;
        while let (Start::Node(node), Some((name, rest))) = (here, left.split_first()) {
            if *name == Target::OBJECT {
                (left, is_object) = (rest, true);
                continue;
            }
            // An object of a class has the members that the class has.
            if *name == Target::CALL
                && self.has_members(node)
                && !rest.first().is_none_or(|next| ends_here(next) || self.is_called(next))
            {
                (left, is_object) = (rest, true);
                continue;
            }
            let Some(member) = self.member_of(node, name, is_object) else {
                // The members of an object literal are all there are; those of a class may be inherited.
                return if self.is_variable(node) && !self.is_object(node) {
                    unknown(members)
                } else {
                    self.known_from(here, left, is_object)
                };
            };
            // What a function returns is known to the store, and which class the object is of that it was asked of.
            let is_function = member.node.is_some_and(|node| self.is_function(node));
            if self.tells_values && is_function && !rest.is_empty() {
                break;
            }
            let called = member.callable.filter(|_| manner.is_called && rest.is_empty());
            match (called.or(member.node), rest.is_empty()) {
                (Some(found), true) => return Place::Known(Start::Node(found), Vec::new()),
                (_, true) => break,
                (Some(found), false) if self.has_members(found) || self.is_object(found) => {
                    here = Start::Node(found);
                    (left, is_object) = (rest, false);
                }
                (_, false) => return self.through_hint(&member.hint, rest, manner, hops),
            }
        }
        self.known_from(here, left, is_object)
    }

    /// Whether value facts say which members a node has.
    fn is_object(&self, node: NodeRef) -> bool {
        self.node_names.contains_key(&node)
    }

    /// Whether a member stands for calling an object, or for what is passed to it then.
    fn is_called(&self, member: &str) -> bool {
        self.habits.calls_objects && (member == Target::CALL || Target::is_argument(member))
    }

    fn is_function(&self, node: NodeRef) -> bool {
        self.nodes
            .get(node as usize)
            .is_some_and(|node| matches!(node.kind.as_str(), node_kind::FUNCTION | node_kind::METHOD))
    }

    /// Whether the node is a class, interface, enum or namespace.
    fn has_members(&self, node: NodeRef) -> bool {
        self.nodes
            .get(node as usize)
            .is_some_and(|node| node_kind::has_members(&node.kind) || node.kind == super::NAMESPACE)
    }
}

/// The node that a binding stands for.
fn node_of(binding: &Binding<'_>, sense: Sense) -> Option<NodeRef> {
    let (type_definition, value) = (binding.type_definition, binding.definition);
    let defined = match sense {
        Sense::Type => type_definition.or(value),
        Sense::Value => value,
    };
    binding.receiver.or(defined).or(binding.variable).or(binding.namespace)
}

/// What a list or the like has itself no source defines; what it holds may be anything.
fn of_container<'s>(members: &[&'s str]) -> Place<'s> {
    match members {
        [] => Place::Local,
        [own] if !own.starts_with('[') => Place::Local,
        _ => unknown(members),
    }
}

fn unknown<'s>(members: &[&'s str]) -> Place<'s> {
    members.last().map_or(Place::Local, |name| Place::Member(name))
}
