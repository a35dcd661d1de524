//! Namespaces and `using`.

use codestrata::model::{Attributes, ImportedName};
use tree_sitter::Node;

use super::{CSharp, Kind};
use crate::extract::{Context, NAMESPACE, Reading, ScopeKind, span};

impl CSharp {
    /// A file. If all of it stands in one namespace, that is its stem; else its namespaces are nodes.
    pub(super) fn unit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let parts = self.unconditional(node, reading);
        let is_namespace =
            |part: &&Node<'t>| matches!(self.kind(**part), Kind::Namespace | Kind::FileNamespace);
        let namespaces: Vec<_> = parts.iter().filter(is_namespace).copied().collect();
        let stands_alone = parts.iter().all(|part| {
            matches!(
                self.kind(*part),
                Kind::Namespace | Kind::FileNamespace | Kind::Using | Kind::Attribute | Kind::Nothing
            ) || part.kind() == "global_attribute"
        });
        let only = match *namespaces.as_slice() {
            [only] if stands_alone || self.kind(only) == Kind::FileNamespace => Some(only),
            _ => None,
        };
        for namespace in &namespaces {
            let names = self.namespace_names(*namespace, reading);
            let path = names.join("/");
            if Some(*namespace) == only {
                reading.sketch.stem = Some(path);
            } else {
                open_namespace(&path, reading);
            }
            open_around(&names, reading);
        }
        if only.is_some() {
            open_namespace("", reading);
        }
        for part in parts {
            match self.field.body.of(part) {
                Some(body) if Some(part) == only => reading.push_children(body, context),
                _ => reading.push(part, context),
            }
        }
    }

    /// The parts of a file, with those under an `#if` as if they stood by themselves: `using` does often.
    fn unconditional<'t>(&self, node: Node<'t>, reading: &mut Reading<'_, 't>) -> Vec<Node<'t>> {
        let mut left = reading.children(node);
        left.reverse();
        let mut parts = Vec::new();
        while let Some(part) = left.pop() {
            if self.kind(part) == Kind::Preprocessor {
                let condition = self.field.condition.of(part);
                let inner = reading.children(part).into_iter().rev();
                left.extend(inner.filter(|inner| Some(*inner) != condition));
            } else {
                parts.push(part);
            }
        }
        parts
    }

    fn namespace_names<'s, 't>(&self, namespace: Node<'t>, reading: &mut Reading<'s, 't>) -> Vec<&'s str> {
        let name = self.field.name.of(namespace);
        let names = name.and_then(|name| self.type_names(name, reading));
        names.map(|(names, _)| names).unwrap_or_default()
    }

    /// A namespace that is not the only one of its file.
    pub(super) fn namespace<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let (Some(named), Some(body)) = (self.field.name.of(node), self.field.body.of(node)) else { return };
        let name = reading.text(named);
        // The same one again goes on where the first one ended.
        let known = reading.sketch.bindings.get(&(context.scope, name)).and_then(|bound| bound.namespace);
        let namespace = known.unwrap_or_else(|| {
            reading.sketch.define(context.owner, name, NAMESPACE, span(node), Attributes::new())
        });
        reading.sketch.bind_namespace(context.scope, name, namespace);
        let inside = context.with_owner(namespace);
        let path = path_of(inside, reading);
        let parts: Vec<&str> = path.split('/').collect();
        open_namespace(&path, reading);
        open_around(&parts, reading);
        let scope = reading.sketch.open_for(ScopeKind::Module, context.scope, namespace);
        reading.push_children(body, inside.with_scope(scope));
    }

    /// `using A.B;`, `using static A.B.C;`, `using X = A.B.C;`. A `global using` is known in its own file only.
    pub(super) fn using<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let alias = self.field.name.of(node);
        let target = reading.children(node).into_iter().find(|part| Some(*part) != alias);
        let Some(target) = target else { return };
        let Some((names, _)) = self.type_names(target, reading) else {
            return reading.push(target, context.as_type(crate::extract::Role::Variable));
        };
        let around = path_of(context, reading);
        let Some(alias) = alias else {
            let candidates = candidates(&around, &names, context);
            reading.sketch.import(candidates, &names.join("."), ImportedName::Star, Some(span(target)));
            return;
        };
        let Some((last, before)) = names.split_last() else { return };
        let candidates = candidates(&around, before, context);
        let name = ImportedName::Name((*last).to_owned());
        let import = reading.sketch.import(candidates, &before.join("."), name, Some(span(target)));
        let alias = reading.text(alias);
        reading.sketch.bind_import(context.scope, alias, import);
    }
}

/// The stems that a namespace in a `using` may have: inside of a namespace it may be relative to it.
fn candidates(around: &str, names: &[&str], context: Context) -> Vec<String> {
    let path = names.join("/");
    let mut candidates = Vec::new();
    let mut outer = around;
    while context.owner != 0 && !outer.is_empty() {
        candidates.push(format!("{outer}/{path}"));
        outer = outer.rsplit_once('/').map_or("", |(outer, _)| outer);
    }
    candidates.push(path);
    candidates
}

/// The path of the namespace that a context stands in.
fn path_of(context: Context, reading: &Reading<'_, '_>) -> String {
    let stem = reading.sketch.stem.clone().unwrap_or_default();
    let owner = reading.sketch.nodes.get(context.owner as usize).filter(|_| context.owner != 0);
    let qualified = owner.and_then(|owner| owner.id.rsplit_once("::")).map_or("", |(_, name)| name);
    let parts = [stem, qualified.replace('.', "/")];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

/// Opens the namespaces around one, the inner ones first.
fn open_around(names: &[&str], reading: &mut Reading<'_, '_>) {
    for length in (1..names.len()).rev() {
        let outer = names.get(..length).unwrap_or_default().join("/");
        open_namespace(&outer, reading);
    }
}

/// Looks free names up in a namespace, without an edge to it: the source does not name it here.
fn open_namespace(path: &str, reading: &mut Reading<'_, '_>) {
    let candidates = vec![path.to_owned()];
    let is_open = |import: &codestrata::model::Import| {
        import.name == ImportedName::Star && import.candidates == candidates
    };
    let is_own = reading.sketch.stem.as_deref().is_some_and(|stem| stem == path);
    if !is_own && !reading.sketch.imports.iter().any(is_open) {
        reading.sketch.import(candidates, &path.replace('/', "."), ImportedName::Star, None);
    }
}
