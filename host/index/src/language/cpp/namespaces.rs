//! Namespaces, and names that are brought from them.

use codestrata::model::{Attributes, ImportedName};
use tree_sitter::Node;

use crate::extract::{Context, Mode, NAMESPACE, NodeRef, Reading, ScopeKind, ScopeRef, span};
use crate::language::c::{CFamily, is_header};

/// The most namespaces of one file whose names it uses without naming them.
const MOST_OPENED: usize = 100;

/// What a namespace without a name is called.
const ANONYMOUS: &str = "<anonymous>";

impl CFamily {
    /// A file. What a namespace around a name has in other files is looked up as if it were here.
    pub(in crate::language) fn file<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        reading.sketch.tells_free_values = true;
        reading.sketch.shares_namespaces = self.is_cpp;
        reading.push_children(node, context);
    }

    /// The names of `namespace a::b`; none for one without a name, and none for an inline one, whose names are those
    /// of the namespace around it.
    fn namespace_names<'s, 't>(&self, node: Node<'t>, reading: &mut Reading<'s, 't>) -> Vec<&'s str> {
        if reading.has_token(node, "inline") {
            return Vec::new();
        }
        let Some(name) = self.field.name.of(node) else { return Vec::new() };
        let names = reading.text(name).split("::").map(|name| name.trim().trim_start_matches("inline "));
        names.map(str::trim).filter(|name| !name.is_empty()).collect()
    }

    pub(super) fn namespace<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(body) = self.field.body.of(node) else { return };
        let names = self.namespace_names(node, reading);
        let mut inside = context.with_mode(Mode::Value);
        if names.is_empty() && self.field.name.of(node).is_none() {
            // What is in it is seen around it, and nowhere else.
            let anonymous = namespace_node(ANONYMOUS, node, inside, reading);
            if !is_header(reading.sketch.path) {
                reading.sketch.hidden.insert(anonymous);
            }
            return reading.push_children(body, inside.with_owner(anonymous));
        }
        for name in names {
            let namespace = namespace_node(name, node, inside, reading);
            let scope = match reading.sketch.scope_of(namespace) {
                Some(scope) => scope,
                None => reading.sketch.open_for(ScopeKind::Module, inside.scope, namespace),
            };
            inside = inside.with_owner(namespace).with_scope(scope);
        }
        reading.push_children(body, inside);
    }

    /// `namespace fs = std::filesystem;`
    pub(super) fn namespace_alias<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let name = self.field.name.of(node);
        let aliased = reading.children(node).into_iter().rfind(|part| Some(*part) != name);
        let (Some(name), Some(aliased)) = (name, aliased) else { return };
        let text = reading.text(aliased);
        let names: Vec<&str> = text.split("::").map(str::trim).filter(|name| !name.is_empty()).collect();
        let stems = stems(&names, context.scope, reading);
        let import = reading.sketch.import(stems, text, ImportedName::Module, None);
        reading.sketch.bind_import(context.scope, reading.text(name), import);
    }

    /// `using namespace a::b;` and `using a::b::name;`. In a class the second brings what is inherited anyway.
    pub(super) fn using<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(used) = reading.children(node).pop() else { return };
        let Some(mut names) = self.names(used, false, reading) else { return };
        if reading.has_token(node, "namespace") {
            for stem in stems(&names.parts, context.scope, reading) {
                open_namespace(stem, reading);
            }
            return;
        }
        let is_in_class = reading.sketch.scope(context.scope).kind == ScopeKind::Members;
        let Some(name) = names.parts.pop().filter(|_| !is_in_class && !names.parts.is_empty()) else {
            return;
        };
        let stems = stems(&names.parts, context.scope, reading);
        let module = names.parts.join("::");
        let import =
            reading.sketch.import(stems, &module, ImportedName::Name(name.to_owned()), Some(span(node)));
        reading.sketch.bind_import(context.scope, name, import);
    }
}

/// Lets names that nothing in the file binds be looked up in a namespace.
fn open_namespace(path: String, reading: &mut Reading<'_, '_>) {
    let imports = &reading.sketch.imports;
    let is_open = |import: &codestrata::model::Import| {
        import.name == ImportedName::Star && import.candidates.first() == Some(&path)
    };
    if imports.len() < MOST_OPENED && !imports.iter().any(is_open) {
        let module = path.replace('/', "::");
        reading.sketch.import(vec![path], &module, ImportedName::Star, None);
    }
}

/// The node of a namespace: one for all its parts in the file.
fn namespace_node<'s, 't>(
    name: &'s str,
    node: Node<'t>,
    context: Context,
    reading: &mut Reading<'s, 't>,
) -> NodeRef {
    let known = reading.sketch.bindings.get(&(context.scope, name)).and_then(|bound| bound.namespace);
    known.unwrap_or_else(|| {
        let made = reading.sketch.define(context.owner, name, NAMESPACE, span(node), Attributes::new());
        reading.sketch.bind_namespace(context.scope, name, made);
        made
    })
}

/// The stems that a namespace named so may have here: below each of the namespaces around, innermost first.
fn stems(names: &[&str], scope: ScopeRef, reading: &Reading<'_, '_>) -> Vec<String> {
    let mut scope = Some(scope);
    let mut around = String::new();
    while let Some(current) = scope {
        let facts = reading.sketch.scope(current);
        if let Some(holder) = facts.members_of.filter(|_| facts.kind == ScopeKind::Module) {
            around = reading.sketch.qualified(holder).replace('.', "/");
            break;
        }
        scope = facts.parent;
    }
    let inner = names.join("/");
    let mut stems = Vec::new();
    while !around.is_empty() {
        stems.push([around.as_str(), inner.as_str()].join("/").trim_end_matches('/').to_owned());
        around = around.rsplit_once('/').map_or("", |(outer, _)| outer).to_owned();
    }
    stems.push(inner);
    stems
}
