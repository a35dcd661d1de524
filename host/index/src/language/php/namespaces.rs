//! Namespaces, and what `use` brings into them.

use codestrata::model::{Attributes, ImportedName};
use tree_sitter::Node;

use super::{Kind, Php};
use crate::extract::{Context, NAMESPACE, Reading, ScopeKind, ScopeRef, span};

impl Php {
    /// One namespace is the stem of the file; of several each has a node.
    pub(super) fn program<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let mut statements = Vec::new();
        let mut cursor = node.walk();
        let mut more = cursor.goto_first_child();
        while more {
            statements.push(cursor.node());
            more = cursor.goto_next_sibling();
        }
        let is_namespace = |node: &&Node<'t>| self.kind(**node) == Kind::Namespace;
        let count = statements.iter().filter(is_namespace).count();
        let mut here = context;
        for statement in statements {
            if self.kind(statement) != Kind::Namespace {
                if statement.is_named() {
                    reading.push(statement, here);
                }
                continue;
            }
            let name = self.field.name.of(statement).map_or("", |name| reading.text(name));
            here = if count == 1 {
                stem(name, context, reading)
            } else {
                namespace(name, statement, context, reading)
            };
            if let Some(body) = self.field.body.of(statement) {
                reading.push_children(body, here);
                here = context;
            }
        }
    }

    /// `use A\B\C, D as E;`, `use function A\f;`, `use A\{B, function c};`.
    pub(super) fn uses<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let parts = reading.children(node);
        let group = parts.iter().find(|part| self.kind(**part) == Kind::UseGroup).copied();
        let (prefix, clauses) = match group {
            Some(group) => {
                let prefix = parts.iter().find(|part| part.kind() == "namespace_name");
                (prefix.map_or("", |prefix| reading.text(*prefix)), reading.children(group))
            }
            None => ("", parts),
        };
        for clause in clauses {
            if self.kind(clause) == Kind::UseClause {
                self.use_clause(prefix, clause, context, reading);
            }
        }
    }

    fn use_clause<'t>(
        &self,
        prefix: &str,
        clause: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let alias = self.field.alias.of(clause);
        let Some(named) = reading.children(clause).into_iter().find(|part| Some(*part) != alias) else {
            return;
        };
        let written = reading.text(named);
        let bound = match alias {
            Some(alias) => reading.text(alias),
            None => written.rsplit('\\').next().unwrap_or(written),
        };
        let full = if prefix.is_empty() { written.to_owned() } else { format!("{prefix}\\{written}") };
        let (namespace, name) = split(full.trim_start_matches('\\'));
        let imported = ImportedName::Name(name.to_owned());
        let import = reading.sketch.import(vec![as_path(namespace)], namespace, imported, Some(span(named)));
        let scope = namespace_scope(context.scope, reading);
        reading.sketch.bind_import(scope, bound, import);
    }

    /// The name under which a class, function or constant is looked up. One with `\` in it is bound to the import that
    /// it amounts to.
    pub(super) fn name_of<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Option<&'s str> {
        let written = reading.text(node);
        match self.kind(node) {
            Kind::Name => return Some(written),
            Kind::QualifiedName => {}
            _ => return None,
        }
        let scope = namespace_scope(context.scope, reading);
        if reading.sketch.bindings.contains_key(&(scope, written)) {
            return Some(written);
        }
        let own = namespace_of(scope, reading);
        let full = match written.split_once('\\') {
            Some(("", absolute)) => absolute.replace('\\', "/"),
            Some((first, rest)) => {
                let rest = as_path(rest);
                let is_relative = first.eq_ignore_ascii_case("namespace");
                match alias_of(first, scope, reading).filter(|_| !is_relative) {
                    Some(alias) => format!("{alias}/{rest}"),
                    None if is_relative => join(&own, &rest),
                    None => join(&own, &as_path(written)),
                }
            }
            None => return Some(written),
        };
        let (namespace, name) = full.rsplit_once('/').unwrap_or(("", &full));
        let imported = ImportedName::Name(name.to_owned());
        let module = namespace.replace('/', "\\");
        let import = reading.sketch.import(vec![namespace.to_owned()], &module, imported, None);
        reading.sketch.bind_import(scope, written, import);
        Some(written)
    }
}

/// The scope of the namespace around.
pub(super) fn namespace_scope(scope: ScopeRef, reading: &Reading<'_, '_>) -> ScopeRef {
    let mut here = scope;
    loop {
        let facts = reading.sketch.scope(here);
        match facts.parent {
            Some(parent) if facts.kind != ScopeKind::Module => here = parent,
            _ => return here,
        }
    }
}

/// The path of the namespace that a scope is of.
pub(super) fn namespace_of(scope: ScopeRef, reading: &Reading<'_, '_>) -> String {
    let holder = reading.sketch.scope(scope).members_of;
    match holder.and_then(|holder| reading.sketch.nodes.get(holder as usize)) {
        Some(namespace) => namespace.name.replace('.', "/"),
        None => reading.sketch.stem.clone().unwrap_or_default(),
    }
}

/// The path that a name stands for by a `use`.
fn alias_of(name: &str, scope: ScopeRef, reading: &Reading<'_, '_>) -> Option<String> {
    let import = reading.sketch.bindings.get(&(scope, name))?.import?;
    let import = reading.sketch.imports.get(import as usize)?;
    let ImportedName::Name(name) = &import.name else { return None };
    Some(join(import.candidates.first()?, name))
}

fn join(namespace: &str, rest: &str) -> String {
    if namespace.is_empty() { rest.to_owned() } else { format!("{namespace}/{rest}") }
}

fn as_path(name: &str) -> String {
    name.trim_matches('\\').replace('\\', "/")
}

fn split(full: &str) -> (&str, &str) {
    full.rsplit_once('\\').unwrap_or(("", full))
}

fn stem(name: &str, context: Context, reading: &mut Reading<'_, '_>) -> Context {
    if !name.is_empty() {
        reading.sketch.stem = Some(as_path(name));
        // Functions and constants that a namespace lacks are those of the global one.
        reading.sketch.import(vec![String::new()], "", ImportedName::Star, None);
    }
    context
}

fn namespace<'t>(
    name: &str,
    statement: Node<'t>,
    context: Context,
    reading: &mut Reading<'_, 't>,
) -> Context {
    if name.is_empty() {
        return context;
    }
    let key = reading.make_name(&format!("namespace {name}"));
    let known = reading.sketch.bindings.get(&(0, key)).and_then(|bound| bound.namespace);
    let namespace = known.unwrap_or_else(|| {
        let dotted = name.replace('\\', ".");
        let whole = span(statement);
        let namespace = reading.sketch.define(0, &dotted, NAMESPACE, whole, Attributes::new());
        reading.sketch.bind_namespace(0, key, namespace);
        namespace
    });
    let scope = match reading.sketch.scope_of(namespace) {
        Some(scope) => scope,
        None => reading.sketch.open_for(ScopeKind::Module, 0, namespace),
    };
    context.with_scope(scope).with_owner(namespace)
}
