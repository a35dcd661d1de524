//! Paths, `a::b::C`, and which modules they begin in.

use std::ops::Range;

use codestrata::model::{ImportedName, node_kind};
use tree_sitter::Node;

use super::modules::{self, MOST_CANDIDATES, home, join, parent};
use super::{Kind, Rust, prelude};
use crate::extract::{Context, Reading, ScopeKind, ScopeRef};

/// Paths of more names are cut: no person writes such.
pub(super) const MOST_NAMES: usize = 64;

/// How many imports of a file are looked through for globs.
const MOST_SEARCHED: usize = 1_000;

impl Rust {
    /// The names of a path, the first one bound in the scope of the context where it can be.
    ///
    /// What begins with `crate`, `self`, `super` or the name of another crate gets an import of its own, bound under
    /// the text of the path up to its last name: no name of the source is like `crate::a::`.
    pub(super) fn path<'s, 't>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'s, 't>,
    ) -> Option<Vec<&'s str>> {
        let (names, start) = self.segments(node, reading)?;
        let end = self.field.name.of(self.plain(node)).unwrap_or(node).start_byte();
        Some(bound_path(&names, start..end, context, reading))
    }

    /// The part of a generic type or function that is a path.
    pub(super) fn plain<'t>(&self, node: Node<'t>) -> Node<'t> {
        let mut here = node;
        for _ in 0..MOST_NAMES {
            here = match self.kind(here) {
                Kind::GenericType => match self.field.type_.of(here) {
                    Some(inner) => inner,
                    None => return here,
                },
                Kind::GenericFunction => match self.field.function.of(here) {
                    Some(inner) => inner,
                    None => return here,
                },
                _ => return here,
            };
        }
        here
    }

    /// The names of a path as they are written, and where it begins. A path that begins with a type in brackets,
    /// `<T as Trait>::f`, is read as `Trait::f`, and one that begins with `::` has an empty first name.
    pub(super) fn segments<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &Reading<'s, 't>,
    ) -> Option<(Vec<&'s str>, usize)> {
        let mut names = Vec::new();
        let mut here = node;
        for _ in 0..MOST_NAMES {
            here = self.plain(here);
            match self.kind(here) {
                Kind::Scoped | Kind::ScopedType => {
                    names.push(reading.text(self.field.name.of(here)?));
                    match self.field.path.of(here) {
                        Some(path) => here = path,
                        None => {
                            names.push("");
                            names.reverse();
                            return Some((names, here.start_byte()));
                        }
                    }
                }
                Kind::BracketedType => {
                    let inner = here.named_child(0)?;
                    here = match self.kind(inner) {
                        Kind::QualifiedType => self.field.alias.of(inner)?,
                        _ => inner,
                    };
                }
                Kind::ReferenceType => here = self.field.type_.of(here)?,
                Kind::Identifier
                | Kind::TypeIdentifier
                | Kind::PrimitiveType
                | Kind::Crate
                | Kind::Super
                | Kind::SelfValue => {
                    names.push(reading.text(here));
                    names.reverse();
                    return Some((names, here.start_byte()));
                }
                _ => return None,
            }
        }
        None
    }
}

/// The names of a path, the first one bound where it can be; `prefix` is where all but the last stand in the source.
pub(super) fn bound_path<'s>(
    names: &[&'s str],
    prefix: Range<usize>,
    context: Context,
    reading: &mut Reading<'s, '_>,
) -> Vec<&'s str> {
    let [first, .., last] = names else { return names.to_vec() };
    if matches!(*first, "crate" | "self" | "super" | "") {
        let key = reading.source.get(prefix).unwrap_or_default();
        let module = names.get(..names.len() - 1).unwrap_or_default();
        bind_module(key, module, module_scope(context.scope, reading), reading);
        return vec![key, last];
    }
    let is_free = reading.sketch.look_up(context.scope, first).is_none();
    if is_free && !prelude::names_type(first) && !prelude::is_primitive(first) {
        bind_module(first, &[first], 0, reading);
    }
    names.to_vec()
}

/// Binds a text to the module that a path means.
fn bind_module<'s>(key: &'s str, path: &[&str], scope: ScopeRef, reading: &mut Reading<'s, '_>) {
    if reading.sketch.bindings.contains_key(&(scope, key)) {
        return;
    }
    let candidates = resolve(path, scope, reading);
    let import = reading.sketch.import(candidates, &path.join("::"), ImportedName::Module, None);
    reading.sketch.bind_import(scope, key, import);
}

/// The module scope around a scope.
pub(super) fn module_scope(scope: ScopeRef, reading: &Reading<'_, '_>) -> ScopeRef {
    let mut here = scope;
    loop {
        let facts = reading.sketch.scope(here);
        match facts.parent {
            Some(parent) if facts.kind != ScopeKind::Module => here = parent,
            _ => return here,
        }
    }
}

/// The names of the inline modules around a scope, outermost first.
pub(super) fn inline_modules(scope: ScopeRef, reading: &Reading<'_, '_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = Some(scope);
    while let Some(here) = next {
        let facts = reading.sketch.scope(here);
        let holder = facts.members_of.filter(|_| facts.kind == ScopeKind::Module);
        if let Some(node) = holder.and_then(|holder| reading.sketch.nodes.get(holder as usize)) {
            names.push(node.name.to_string());
        }
        next = facts.parent;
    }
    names.reverse();
    names
}

/// The stem of the module in which a scope is.
pub(super) fn module_of(scope: ScopeRef, reading: &Reading<'_, '_>) -> String {
    let inline = inline_modules(scope, reading);
    let names: Vec<&str> = inline.iter().map(String::as_str).collect();
    join(&home(reading.sketch.path).stem, &names)
}

/// The stems that a path in a module may mean, the likeliest first; none for the standard library.
pub(super) fn resolve(path: &[&str], scope: ScopeRef, reading: &Reading<'_, '_>) -> Vec<String> {
    let Some((first, rest)) = path.split_first() else { return Vec::new() };
    let home = home(reading.sketch.path);
    match *first {
        "crate" => home.roots.iter().map(|root| join(root, rest)).collect(),
        "self" | "super" => {
            let mut module = module_of(scope, reading);
            let climbs = path.iter().take_while(|name| matches!(**name, "self" | "super")).count();
            for name in path.iter().take(climbs) {
                if *name == "super" {
                    parent(&module).to_owned().clone_into(&mut module);
                }
            }
            vec![join(&module, path.get(climbs..).unwrap_or_default())]
        }
        "" => match rest.split_first() {
            Some((name, rest)) if !prelude::is_standard_crate(name) => in_other_crate(&home, name, rest),
            _ => Vec::new(),
        },
        name => match reading.sketch.look_up(scope, name) {
            Some((found, binding)) => match binding.import.filter(|_| binding.definition.is_none()) {
                Some(import) => through_import(import, rest, reading),
                None => vec![join(&join(&module_of(found, reading), &[name]), rest)],
            },
            // A type of this module, not bound yet: its variants.
            None if prelude::names_type(name) => vec![join(&module_of(scope, reading), path)],
            None if prelude::is_standard_crate(name) => Vec::new(),
            None => {
                let mut candidates = opened(name, rest, reading);
                candidates.extend(in_other_crate(&home, name, rest));
                candidates.truncate(MOST_CANDIDATES);
                candidates
            }
        },
    }
}

fn in_other_crate(home: &modules::Home<'_>, name: &str, rest: &[&str]) -> Vec<String> {
    home.other_crate(name).iter().map(|root| join(root, rest)).collect()
}

/// What lies behind a name that an import binds.
fn through_import(import: u32, rest: &[&str], reading: &Reading<'_, '_>) -> Vec<String> {
    let Some(import) = reading.sketch.imports.get(import as usize) else { return Vec::new() };
    let of = |candidate: &String| match &import.name {
        ImportedName::Name(name) => join(&join(candidate, &[name]), rest),
        ImportedName::Module | ImportedName::Star => join(candidate, rest),
    };
    import.candidates.iter().map(of).collect()
}

/// The modules that a glob import may bring, `use super::*; names::f()`.
fn opened(name: &str, rest: &[&str], reading: &Reading<'_, '_>) -> Vec<String> {
    let candidates = opened_modules(reading).take(MOST_CANDIDATES / 2);
    candidates.map(|candidate| join(&join(candidate, &[name]), rest)).collect()
}

/// The modules of which glob imports bring every name; of a file with very many imports, those among the first.
pub(super) fn opened_modules<'a>(reading: &'a Reading<'_, '_>) -> impl Iterator<Item = &'a String> {
    let imports = reading.sketch.imports.iter().take(MOST_SEARCHED);
    let stars = imports.filter(|import| import.name == ImportedName::Star);
    stars.filter_map(|import| import.candidates.first())
}

/// Whether a node of the file is something that has methods.
pub(super) fn is_type(node: u32, reading: &Reading<'_, '_>) -> bool {
    let kind = reading.sketch.nodes.get(node as usize).map_or("", |node| node.kind.as_str());
    node_kind::has_members(kind) || kind == node_kind::TYPE
}
