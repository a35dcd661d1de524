//! What a change of one file may mean for the links of others.

use std::collections::{BTreeMap, BTreeSet};

use super::lookup::stars;
use super::members::{MemberName, is_candidate};
use super::namespace;
use super::term::{self, Term};
use crate::model::{ExportTarget, edge_kind, node_kind};
use crate::segment::{ImportView, ModuleView, Segment, TargetView};

/// The questions whose answers a change may have altered.
#[derive(Debug, Default)]
pub(crate) struct ChangedTerms {
    /// Terms of questions that have certainly to be asked again.
    pub(crate) terms: BTreeSet<Term>,
    /// Names of members that came or went: whether that alters an answer depends on the other files.
    pub(crate) members: BTreeSet<MemberName>,
}

/// Compares two states of a file; none means that it is not there.
pub(crate) fn changed_terms(old: Option<&Segment>, new: Option<&Segment>, changed: &mut ChangedTerms) {
    let (before, after) =
        (old.map(Outline::of).unwrap_or_default(), new.map(Outline::of).unwrap_or_default());
    let path = old.or(new).map(Segment::path).unwrap_or_default();
    if before.module != after.module {
        for (module, _) in before.module.iter().chain(&after.module) {
            changed.terms.insert(term::asks_module(module.stem));
        }
        changed.terms.insert(term::asks_export(path, ""));
    }
    for name in differing(&before.exports, &after.exports) {
        changed.terms.insert(term::asks_export(path, name));
    }
    for symbol in differing(&before.symbols, &after.symbols) {
        changed.terms.insert(term::asks_symbol(symbol));
    }
    for id in differing(&before.nodes, &after.nodes) {
        changed.terms.insert(term::asks_id(id));
    }
    let members = differing(&before.members, &after.members);
    changed.members.extend(members.map(|(family, name)| MemberName::new(family, name)));
}

/// The keys under which two maps differ.
fn differing<'a, K: Ord, V: PartialEq>(
    before: &'a BTreeMap<K, V>,
    after: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = &'a K> {
    let gone_or_changed = before.iter().filter(|(key, value)| after.get(key) != Some(value));
    let added = after.iter().filter(|(key, _)| !before.contains_key(key));
    gone_or_changed.chain(added).map(|(key, _)| key)
}

/// What other files can see of a file. Spans are not among it: an edit that only moves things changes no link.
#[derive(Debug, Default)]
struct Outline<'a> {
    /// As what it can be imported, and the id of its module node.
    module: Option<(ModuleView<'a>, Option<String>)>,
    exports: BTreeMap<&'a str, Vec<String>>,
    /// What it contributes to its namespace, with its rank there.
    symbols: BTreeMap<String, (u8, Vec<String>)>,
    /// For each id the kind, the bases of a class, and what is known of values.
    nodes: BTreeMap<String, (&'a str, Vec<String>)>,
    /// By family and name.
    members: BTreeMap<(&'a str, &'a str), Vec<(String, &'a str)>>,
}

impl<'a> Outline<'a> {
    fn of(segment: &'a Segment) -> Self {
        let mut outline = Self {
            module: segment.module().map(|module| (module, segment.module_row().map(|row| segment.id(row)))),
            ..Self::default()
        };
        for (name, target) in segment.exports() {
            let meaning = match target {
                ExportTarget::Node(row) => {
                    let how = if segment.is_declaration(row) { "declared" } else { "defined" };
                    format!("node {how} {} {}", segment.kind(row), segment.id(row))
                }
                ExportTarget::Import(import) => describe(&segment.import(import)),
            };
            outline.exports.entry(name).or_default().push(meaning);
        }
        if let Some(module) = segment.module().filter(|module| module.is_shared) {
            for (name, meanings) in &outline.exports {
                let symbol = namespace::join(module.stem, name);
                let known = outline.symbols.entry(symbol).or_default();
                known.0 = module.rank;
                known.1.extend(meanings.iter().cloned());
            }
        }
        let around = names_from_elsewhere(segment);
        let mut bases: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for reference in 0..segment.reference_count() {
            if segment.reference_kind(reference) == edge_kind::INHERITS {
                let base = describe_target(segment, segment.reference_target(reference), &around);
                bases.entry(segment.reference_source(reference)).or_default().push(base);
            }
        }
        for row in 0..segment.node_count() {
            let (id, kind) = (segment.id(row), segment.kind(row));
            if is_candidate(segment, row) {
                let is_method = if kind == node_kind::METHOD { "method" } else { "" };
                outline
                    .members
                    .entry((segment.family(), segment.name(row)))
                    .or_default()
                    .push((id.clone(), is_method));
            }
            let mut says = bases.remove(&row).unwrap_or_default();
            says.extend(segment.values_of(row).map(|(path, target)| {
                format!("value {path:?} {}", describe_target(segment, target, &around))
            }));
            if segment.is_alternative(row) {
                says.push("alternative".to_owned());
            }
            if let Some(reach) = segment.reach(row).to_text() {
                says.push(format!("reach {reach}"));
            }
            if segment.is_given(row) {
                says.push("given".to_owned());
            }
            if segment.is_static(row) {
                says.push("static".to_owned());
            }
            outline.nodes.insert(id, (kind, says));
        }
        outline
    }
}

/// What else a name that the file does not bind depends on: the namespaces that it opens, the modules of which it imports
/// all.
fn names_from_elsewhere(segment: &Segment) -> String {
    match segment.namespace() {
        Some(own) => format!("{own} {:?}", namespace::opened(segment)),
        None => stars(segment).into_iter().map(|import| describe(&segment.import(import)) + ";").collect(),
    }
}

/// A target as other files see it: by ids and not by rows.
fn describe_target(segment: &Segment, target: TargetView<'_>, around: &str) -> String {
    match target {
        TargetView::Import(import, path) => format!("{} {path:?}", describe(&segment.import(import))),
        TargetView::Node(row) => segment.id(row),
        TargetView::NodePath(row, path) => format!("{} {path:?}", segment.id(row)),
        TargetView::Super(row, path) => format!("super {} {path:?}", segment.id(row)),
        TargetView::Receiver(row, path) => format!("receiver {} {path:?}", segment.id(row)),
        TargetView::Within(row, path) => format!("within {} {path:?} {around}", segment.id(row)),
        TargetView::Free(name, path) => format!("free {name} {path:?} {around}"),
        TargetView::Local(name) => format!("local {name}"),
        TargetView::Member(_) => "unknown".to_owned(),
    }
}

fn describe(import: &ImportView<'_>) -> String {
    format!("{:?} {} {:?}", import.candidates, import.module, import.name)
}
