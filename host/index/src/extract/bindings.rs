//! Names bound in scopes, and how one is found.

use codestrata::model::{Attributes, Export, ExportTarget, Span, node_kind};

use super::alternatives::Alternatives;
use super::places::{Manner, Sense};
use super::sketch::{Apart, Hint, NodeRef, ScopeKind, ScopeRef, Sketch, Sort};

/// Where the assignments of a scope to a name really go, in Python.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Redirect {
    #[default]
    None,
    Global,
    Nonlocal,
}

/// All that is bound to one name in one scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Binding<'s> {
    /// The last function, class or enum.
    pub(crate) definition: Option<NodeRef>,
    /// The definition that the last one took the place of.
    pub(crate) previous: Option<NodeRef>,
    /// The first namespace, which adds members to a value of the same name, and is the value only where there is no
    /// other.
    pub(crate) namespace: Option<NodeRef>,
    /// The last interface or type alias; a value may have the same name.
    pub(crate) type_definition: Option<NodeRef>,
    /// The variable, if it has a node.
    pub(crate) variable: Option<NodeRef>,
    /// What it may stand for, in languages where that depends on branches.
    pub(crate) alternatives: Alternatives,
    /// The first import: a later one is its replacement when it fails.
    pub(crate) import: Option<u32>,
    /// Whether it is a parameter, a local variable or another thing without a node.
    pub(crate) local: bool,
    /// What that thing without a node is.
    pub(crate) sort: Sort,
    /// The class whose object or self it is.
    pub(crate) receiver: Option<NodeRef>,
    /// Whether it is the class and not an object of it: `cls`.
    pub(crate) is_class: bool,
    pub(crate) redirect: Redirect,
    /// What the type alias is another name of.
    pub(crate) alias: Hint<'s>,
    /// What its value is.
    pub(crate) hint: Hint<'s>,
    /// Whether the hint was declared, so that assignments don't change it.
    pub(crate) declared: bool,
}

impl<'s> Binding<'s> {
    pub(crate) fn assign(&mut self, hint: Hint<'s>) {
        if !self.declared {
            self.hint.merge(hint);
        }
    }

    pub(crate) fn declare(&mut self, hint: Hint<'s>) {
        if !self.declared {
            self.hint = hint;
            self.declared = true;
        }
    }
}

impl<'s> Sketch<'s> {
    /// The binding that an assignment in `scope` changes, made if there is none; none when it belongs to an outer
    /// function (`nonlocal`).
    pub(crate) fn binding(&mut self, scope: ScopeRef, name: &'s str) -> Option<&mut Binding<'s>> {
        let redirect = self.bindings.get(&(scope, name)).map_or(Redirect::None, |binding| binding.redirect);
        let scope = match redirect {
            Redirect::None => scope,
            Redirect::Global => 0,
            Redirect::Nonlocal => return None,
        };
        Some(self.bindings.entry((scope, name)).or_default())
    }

    /// Binds a thing that has no node.
    pub(crate) fn bind_local(&mut self, scope: ScopeRef, name: &'s str, hint: Hint<'s>) {
        if let Some(binding) = self.binding(scope, name) {
            binding.local = true;
            binding.assign(hint);
        }
    }

    /// Binds a type parameter, or a function that has no node. The hint is what the values of the type are.
    pub(crate) fn bind_nodeless(&mut self, scope: ScopeRef, name: &'s str, sort: Sort, hint: Hint<'s>) {
        self.bind_local(scope, name, hint);
        if let Some(binding) = self.binding(scope, name) {
            binding.sort = sort;
        }
    }

    /// Binds what an import brings.
    pub(crate) fn bind_import(&mut self, scope: ScopeRef, name: &'s str, import: u32) {
        if let Some(binding) = self.binding(scope, name) {
            binding.import.get_or_insert(import);
        }
    }

    /// Binds a function, class or enum, which is a member too where its scope has such. The last one of
    /// a name counts, but in classes the first: the others are its setters and overloads.
    pub(crate) fn bind_definition(&mut self, scope: ScopeRef, name: &'s str, node: NodeRef) {
        let in_class = matches!(self.scope(scope).kind, ScopeKind::Class | ScopeKind::Members);
        if let Some(binding) = self.binding(scope, name) {
            let last = binding.definition.filter(|_| in_class).unwrap_or(node);
            if binding.definition != Some(last) {
                binding.previous = binding.definition.replace(last);
            }
        }
        self.enlist(scope, name, node, Hint::Unset);
    }

    /// Binds a namespace.
    pub(crate) fn bind_namespace(&mut self, scope: ScopeRef, name: &'s str, node: NodeRef) {
        if let Some(binding) = self.binding(scope, name) {
            binding.namespace.get_or_insert(node);
        }
        self.enlist(scope, name, node, Hint::Unset);
    }

    /// Binds an interface or type alias; an alias of one type says of which.
    pub(crate) fn bind_type(&mut self, scope: ScopeRef, name: &'s str, node: NodeRef, alias: Hint<'s>) {
        if let Some(binding) = self.binding(scope, name) {
            binding.type_definition = Some(node);
            binding.alias = alias;
        }
        self.enlist(scope, name, node, Hint::Unset);
    }

    /// Binds an assigned name: a variable with a node in modules and classes, else a local one. Returns the node.
    pub(crate) fn bind_variable(
        &mut self,
        scope: ScopeRef,
        parent: NodeRef,
        name: &'s str,
        span: Span,
        hint: Hint<'s>,
        attributes: Attributes,
    ) -> Option<NodeRef> {
        let kind = self.scope(scope).kind;
        if !matches!(kind, ScopeKind::Module | ScopeKind::Class | ScopeKind::Members) {
            self.bind_local(scope, name, hint);
            return None;
        }
        let bound = self.bindings.get(&(scope, name));
        let known = bound.and_then(|binding| binding.variable);
        // A field and a method may have one name where calls tell them apart.
        let taken = kind != ScopeKind::Members
            && bound.is_some_and(|binding| binding.definition.is_some() || binding.import.is_some());
        let node = match known {
            Some(node) => Some(node),
            None if taken => None,
            None => Some(self.define(parent, name, node_kind::VARIABLE, span, attributes)),
        };
        if let Some(binding) = self.binding(scope, name) {
            match node {
                Some(node) => binding.variable = Some(node),
                None => binding.local = true,
            }
            binding.assign(hint.clone());
        }
        if let Some(node) = node {
            self.enlist(scope, name, node, hint);
        }
        node
    }

    /// Makes a definition a member of the class or namespace whose scope it stands in.
    fn enlist(&mut self, scope: ScopeRef, name: &'s str, node: NodeRef, hint: Hint<'s>) {
        if let Some(holder) = self.scope(scope).members_of {
            self.add_member(holder, name, Some(node), hint);
        }
    }

    /// Adds a member; the first one of a name counts.
    pub(crate) fn add_member(
        &mut self,
        holder: NodeRef,
        name: &'s str,
        node: Option<NodeRef>,
        hint: Hint<'s>,
    ) {
        let kind = node.and_then(|node| self.nodes.get(node as usize)).map_or("", |node| node.kind.as_str());
        let is_callable = !matches!(kind, "" | node_kind::VARIABLE);
        let member = self.members.entry((holder, name)).or_default();
        member.node = member.node.or(node);
        member.callable = member.callable.or(node.filter(|_| is_callable));
        if !member.declared {
            member.hint.merge(hint);
        }
    }

    /// Declares what the value of a member is.
    pub(crate) fn declare_member(&mut self, holder: NodeRef, name: &'s str, hint: Hint<'s>) {
        let member = self.members.entry((holder, name)).or_default();
        if !member.declared {
            member.hint = hint;
            member.declared = true;
        }
    }

    /// Exports every definition that other files can name, by its dotted name.
    pub(super) fn export_definitions(&mut self) {
        for (name, node) in self.nameable() {
            self.exports.push(Export { name, target: ExportTarget::Node(node) });
        }
    }

    /// Exports every name of the file's scope, sorted.
    pub(super) fn export_all(&mut self) {
        let in_module = self.bindings.keys().filter(|(scope, _)| *scope == 0);
        self.exported.extend(in_module.map(|(_, name)| (*name, *name)));
        self.exported.sort_unstable();
    }

    /// The innermost binding of a name as seen from a scope, with the scope that has it. O(depth of scopes).
    pub(crate) fn look_up(&self, scope: ScopeRef, name: &'s str) -> Option<(ScopeRef, &Binding<'s>)> {
        self.look_up_if(scope, name, |_| true)
    }

    /// The innermost one that can be meant. `is_plain` says that the name stands alone, with no members behind it.
    pub(super) fn look_up_as(
        &self,
        scope: ScopeRef,
        name: &'s str,
        manner: Manner,
        is_plain: bool,
    ) -> Option<(ScopeRef, &Binding<'s>)> {
        match self.apart {
            Apart::Nothing => self.look_up(scope, name),
            apart => self.look_up_if(scope, name, |binding| self.fits(binding, apart, manner, is_plain)),
        }
    }

    /// Whether a binding can be meant where a type, a function or a value is expected.
    fn fits(&self, binding: &Binding<'_>, apart: Apart, manner: Manner, is_plain: bool) -> bool {
        let kind = |node: NodeRef| self.nodes.get(node as usize).map_or("", |node| node.kind.as_str());
        let defined = binding.definition.map_or("", kind);
        let is_function = matches!(defined, node_kind::FUNCTION | node_kind::METHOD);
        let is_any = binding.import.is_some() || binding.namespace.is_some();
        let nodeless = |sort: Sort| binding.local && binding.sort == sort;
        let has_type = binding.type_definition.is_some() || !(is_function || defined.is_empty());
        if manner.sense == Sense::Type {
            return is_any || has_type || binding.receiver.is_some() || nodeless(Sort::Type);
        }
        if apart == Apart::Types {
            return true;
        }
        if manner.is_called && is_plain {
            return is_any || is_function || nodeless(Sort::Function);
        }
        is_any
            || has_type
            || binding.variable.is_some()
            || binding.receiver.is_some()
            || nodeless(Sort::Value)
    }

    fn look_up_if(
        &self,
        scope: ScopeRef,
        name: &'s str,
        accept: impl Fn(&Binding<'s>) -> bool,
    ) -> Option<(ScopeRef, &Binding<'s>)> {
        let mut next = Some(scope);
        let mut left_function = false;
        while let Some(current) = next {
            let facts = self.scope(current);
            // Functions don't see the names of the class around them.
            let hidden = left_function && facts.kind == ScopeKind::Class;
            if !hidden
                && let Some(binding) = self.bindings.get(&(current, name))
                && accept(binding)
            {
                match binding.redirect {
                    Redirect::None => return Some((current, binding)),
                    Redirect::Global => return self.bindings.get(&(0, name)).map(|binding| (0, binding)),
                    Redirect::Nonlocal => {}
                }
            }
            left_function |= matches!(facts.kind, ScopeKind::Function | ScopeKind::Comprehension);
            next = facts.parent;
        }
        None
    }
}
