//! `use`, `mod` and `extern crate`: what brings names of other modules.

use codestrata::model::{Attributes, Export, ExportTarget, ImportedName};
use tree_sitter::Node;

use super::modules::{home, join};
use super::paths::{MOST_NAMES, inline_modules, module_of, resolve};
use super::{Kind, Rust};
use crate::extract::{Context, NAMESPACE, Reading, ScopeKind, span};

impl Rust {
    pub(super) fn use_declaration<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let is_public = reading.children(node).iter().any(|part| part.kind() == "visibility_modifier");
        let Some(argument) = self.field.argument.of(node) else { return };
        let mut left = vec![(argument, Vec::new())];
        while let Some((tree, prefix)) = left.pop() {
            if prefix.len() > MOST_NAMES {
                continue;
            }
            match self.kind(tree) {
                Kind::UseList => {
                    let parts = reading.children(tree);
                    left.extend(parts.into_iter().rev().map(|part| (part, prefix.clone())));
                }
                Kind::ScopedUseList => {
                    let Some(list) = self.field.list.of(tree) else { continue };
                    let path = match self.field.path.of(tree) {
                        Some(path) => self.with_prefix(&prefix, path, reading),
                        None => prefix,
                    };
                    left.push((list, path));
                }
                Kind::UseWildcard => {
                    let path = match tree.named_child(0) {
                        Some(path) => self.with_prefix(&prefix, path, reading),
                        None => prefix,
                    };
                    let candidates = resolve(&path, context.scope, reading);
                    let module = path.join("::");
                    let star =
                        reading.sketch.import(candidates, &module, ImportedName::Star, Some(span(tree)));
                    if is_public && context.scope == 0 {
                        let target = ExportTarget::Import(star);
                        reading.sketch.exports.push(Export { name: String::new(), target });
                    }
                }
                Kind::UseAs => {
                    let (Some(path), Some(alias)) = (self.field.path.of(tree), self.field.alias.of(tree))
                    else {
                        continue;
                    };
                    let names = self.with_prefix(&prefix, path, reading);
                    bring(&names, reading.text(alias), tree, context, reading);
                }
                _ => {
                    let names = self.with_prefix(&prefix, tree, reading);
                    if let Some(name) = names.last().copied() {
                        bring(&names, name, tree, context, reading);
                    }
                }
            }
        }
    }

    /// The names of a path in a list; `self` in one is what stands before the list.
    fn with_prefix<'s, 't>(
        &self,
        prefix: &[&'s str],
        path: Node<'t>,
        reading: &Reading<'s, 't>,
    ) -> Vec<&'s str> {
        let mut names = prefix.to_vec();
        let more = self.segments(path, reading).map(|(names, _)| names).unwrap_or_default();
        let is_self = more.first() == Some(&"self") && !prefix.is_empty();
        names.extend(more.into_iter().skip(usize::from(is_self)));
        names
    }

    pub(super) fn extern_crate<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let Some(named) = self.field.name.of(node) else { return };
        let name = reading.text(named);
        let bound = self.field.alias.of(node).map_or(name, |alias| reading.text(alias));
        let candidates = if name == "self" {
            home(reading.sketch.path).roots
        } else {
            resolve(&["", name], context.scope, reading)
        };
        let import = reading.sketch.import(candidates, name, ImportedName::Module, Some(span(named)));
        reading.sketch.bind_import(context.scope, bound, import);
    }

    /// `mod x;` is a file, `mod x { }` a namespace in this one, whose body is still to be read.
    pub(super) fn module_item<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Option<(Node<'t>, Context)> {
        let named = self.field.name.of(node)?;
        let name = reading.text(named);
        let Some(body) = self.field.body.of(node) else {
            let inline = inline_modules(context.scope, reading);
            let home = home(reading.sketch.path);
            let folder = if inline.is_empty() { home.children } else { module_of(context.scope, reading) };
            let candidates = vec![join(&folder, &[name])];
            let import = reading.sketch.import(candidates, name, ImportedName::Module, Some(span(named)));
            reading.sketch.bind_import(context.scope, name, import);
            return None;
        };
        let namespace = reading.sketch.define(context.owner, name, NAMESPACE, span(node), Attributes::new());
        reading.sketch.bind_namespace(context.scope, name, namespace);
        let scope = reading.sketch.open_for(ScopeKind::Module, context.scope, namespace);
        Some((body, context.with_scope(scope).with_owner(namespace)))
    }
}

/// Binds the last name of a path. Modules below see what this one imports, so that it is exported even where it is not
/// public.
fn bring<'s, 't>(
    names: &[&'s str],
    bound: &'s str,
    at: Node<'t>,
    context: Context,
    reading: &mut Reading<'s, 't>,
) {
    let Some((last, path)) = names.split_last() else { return };
    let (candidates, name) = match path {
        [] | [""] => (resolve(names, context.scope, reading), ImportedName::Module),
        _ => (resolve(path, context.scope, reading), ImportedName::Name((*last).to_owned())),
    };
    let module = if path.is_empty() { names.join("::") } else { path.join("::") };
    let import = reading.sketch.import(candidates, &module, name, Some(span(at)));
    if bound == "_" {
        return;
    }
    reading.sketch.bind_import(context.scope, bound, import);
    if reading.sketch.scope(context.scope).kind == ScopeKind::Module {
        let mut dotted = inline_modules(context.scope, reading);
        dotted.push(bound.to_owned());
        let target = ExportTarget::Import(import);
        reading.sketch.exports.push(Export { name: dotted.join("."), target });
    }
}
