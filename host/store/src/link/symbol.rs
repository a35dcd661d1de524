//! Symbols, and the names that one is made of: what a file says of them by itself.
//!
//! A *symbol* is the stem of a namespace and a dotted name that a file exports in it, as one path; `namespace` looks them
//! up.

use crate::keyspace::FileOrd;
use crate::model::ExportTarget;
use crate::segment::{ImportedView, Segment};

/// What the files of a family define under one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// The definition of the lowest rank, and of these the one in the first file.
    pub(crate) file: FileOrd,
    pub(crate) target: ExportTarget,
    /// Whether no other file defines it at that rank.
    pub(crate) is_only: bool,
}

/// The node that a symbol is, if it is one.
pub(crate) fn part(symbol: &Symbol) -> Option<(FileOrd, u32)> {
    match symbol.target {
        ExportTarget::Node(row) => Some((symbol.file, row)),
        ExportTarget::Import(_) => None,
    }
}

/// The symbols that a file contributes: each once, with the first thing that it stands for.
pub(crate) fn symbols_of(segment: &Segment) -> impl Iterator<Item = (String, ExportTarget)> + '_ {
    let mut last = None;
    segment
        .namespace()
        .into_iter()
        .flat_map(move |namespace| segment.exports().map(move |(name, target)| (namespace, name, target)))
        .filter_map(move |(namespace, name, target)| {
            let is_repeat = last == Some(name);
            last = Some(name);
            (!is_repeat).then(|| (join(namespace, name), target))
        })
}

/// Where what a file contributes under a symbol stands among the others: the lowest is meant. Definitions stand by the
/// ranks of their files, and declarations behind all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Precedence {
    is_declaration: bool,
    rank: u8,
}

impl Precedence {
    /// That of an export; none for files without a module.
    pub(crate) fn of(segment: &Segment, target: ExportTarget) -> Option<Self> {
        let is_declaration = matches!(target, ExportTarget::Node(row) if segment.is_declaration(row));
        segment.module().map(|module| Self { is_declaration, rank: module.rank })
    }

    /// Whether several of these are different things: declarations are all of one.
    pub(crate) fn is_contested(self) -> bool {
        !self.is_declaration
    }
}

/// What a file contributes under a symbol.
pub(crate) fn symbol_in(segment: &Segment, symbol: &str) -> Option<ExportTarget> {
    // A name may be stated twice, with its namespace and without: then the order of `symbols_of` counts.
    // Exports are sorted, and `0` comes right after the slash.
    if segment.exports().take_while(|(name, _)| *name < "0").any(|(name, _)| name.starts_with('/')) {
        return symbols_of(segment).find(|(other, _)| other == symbol).map(|(_, target)| target);
    }
    symbol_in_own(segment, symbol)
}

fn symbol_in_own(segment: &Segment, symbol: &str) -> Option<ExportTarget> {
    let namespace = segment.namespace()?;
    let rest = symbol.strip_prefix(namespace)?;
    let name = if namespace.ends_with(':') { rest } else { rest.strip_prefix('/')? };
    let name = name.replace('/', ".");
    let direct = segment.exports_named(&name).next();
    // The name of an operator may hold a slash.
    direct.or_else(|| {
        let has_operator = symbol.ends_with('/') && !name.is_empty();
        has_operator
            .then(|| symbols_of(segment).find(|(other, _)| other == symbol).map(|(_, target)| target))?
    })
}

/// A dotted name in a namespace, as one path. `/pkg/util:Type.run` names a namespace of its own: what a file defines for a
/// type that another one has.
pub(crate) fn join(namespace: &str, name: &str) -> String {
    if let Some((stem, name)) = name.strip_prefix('/').and_then(|name| name.rsplit_once(':')) {
        let family = namespace.split_once(':').map_or(namespace, |(family, _)| family);
        return join(&format!("{family}:{stem}"), name);
    }
    let separator = if namespace.ends_with(':') { "" } else { "/" };
    format!("{namespace}{separator}{}", name.replace('.', "/"))
}

/// The namespaces whose names a file uses as if they were its own.
pub(crate) fn opened(segment: &Segment) -> Vec<&str> {
    let imports = (0..segment.import_count()).map(|import| segment.import(import));
    imports.filter(|import| import.name == ImportedView::Star).flat_map(|import| import.candidates).collect()
}

/// The namespace that a node stands for, to which other files may contribute too.
pub(crate) fn path_of_node(segment: &Segment, row: u32) -> Option<String> {
    let namespace = segment.namespace()?;
    let id = segment.id(row);
    Some(join(namespace, first_of_repeats(qualified(segment, &id))))
}

/// Something that a node of a file stands in, by its dotted name: a class, a namespace, a function.
pub(super) struct Around {
    pub(super) name: String,
    /// The id that it has if this file defines it.
    pub(super) id: String,
}

/// What a node of a file stands in, the node itself first, then outwards. A file outside of namespaces knows of the node
/// alone.
pub(super) fn around(segment: &Segment, row: u32) -> Vec<Around> {
    let id = segment.id(row);
    let start = id.len() - qualified(segment, &id).len();
    let mut found = Vec::new();
    let mut end = id.len();
    while let (Some(part), Some(name)) = (id.get(..end), id.get(start..end)) {
        found.push(Around { name: first_of_repeats(name).to_owned(), id: part.to_owned() });
        match name.rfind('.').filter(|_| segment.namespace().is_some()) {
            Some(dot) => end = start + dot,
            None => break,
        }
    }
    found
}

/// The first name of a path, and the others.
pub(super) fn first_and_rest(path: &str) -> (&str, &str) {
    path.split_once('\0').unwrap_or((path, ""))
}

/// The first definition of the name of one that repeats it in its file.
pub(crate) fn first_of_repeats_row(segment: &Segment, row: u32) -> Option<u32> {
    segment.namespace()?;
    let id = segment.id(row);
    let name = qualified(segment, &id);
    let first = id.get(..id.len() - name.len() + first_of_repeats(name).len())?;
    segment.row_of(first)
}

/// The dotted name of an id in its file.
pub(super) fn qualified<'a>(segment: &Segment, id: &'a str) -> &'a str {
    id.strip_prefix(segment.path()).and_then(|id| id.strip_prefix("::")).unwrap_or(id)
}

/// A dotted name without the `#2` of a repeat.
pub(super) fn first_of_repeats(name: &str) -> &str {
    match name.rsplit_once('#') {
        Some((first, repeat)) if !first.is_empty() && repeat.bytes().all(|byte| byte.is_ascii_digit()) => {
            first
        }
        _ => name,
    }
}
