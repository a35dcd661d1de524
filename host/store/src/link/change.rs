//! What a change of one file may mean for the links of others.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::lookup::stars;
use super::members::{MemberName, is_candidate};
use super::namespace;
use super::term::{self, Term};
use crate::model::{ExportTarget, Reach, edge_kind, node_kind};
use crate::segment::{ImportView, Segment, TargetView, rows_by_id};

/// The questions whose answers a change may have altered.
#[derive(Debug, Default)]
pub(crate) struct ChangedTerms {
    /// Terms of questions that have certainly to be asked again.
    pub(crate) terms: BTreeSet<Term>,
    /// Names of members that came or went: whether that alters an answer depends on the other files.
    pub(crate) members: BTreeSet<MemberName>,
}

/// Compares two states of a file; none means that it is not there. What is compared is what other files can see: spans are
/// not among it, and an edit that only moves things changes no link.
///
/// Cost: one pass over both states, in which texts are made only of what differs.
pub(crate) fn changed_terms(old: Option<&Segment>, new: Option<&Segment>, changed: &mut ChangedTerms) {
    match (old, new) {
        (Some(old), Some(new)) => States::new(old, new).compare(changed),
        (Some(only), None) | (None, Some(only)) => all_of(only, changed),
        (None, None) => {}
    }
}

/// Everything that others can ask of a file.
fn all_of(segment: &Segment, changed: &mut ChangedTerms) {
    if let Some(module) = segment.module() {
        changed.terms.insert(term::asks_module(module.stem));
        changed.terms.insert(term::asks_export(segment.path(), ""));
    }
    for (name, _) in segment.exports() {
        changed.terms.insert(term::asks_export(segment.path(), name));
    }
    all_symbols_of(segment, changed);
    for row in 0..segment.node_count() {
        changed.terms.insert(term::asks_parts(&segment.id_parts(row)));
    }
    all_members_of(segment, changed);
}

fn all_symbols_of(segment: &Segment, changed: &mut ChangedTerms) {
    if let Some(namespace) = segment.namespace() {
        let symbols = segment.exports().map(|(name, _)| namespace::join(namespace, name));
        changed.terms.extend(symbols.map(|symbol| term::asks_symbol(&symbol)));
    }
}

fn all_members_of(segment: &Segment, changed: &mut ChangedTerms) {
    let names = candidates(segment).into_iter().map(|(name, _)| MemberName::new(segment.family(), name));
    changed.members.extend(names);
}

/// The members that may be meant by their names, by name.
fn candidates(segment: &Segment) -> Vec<(&str, u32)> {
    let rows = (0..segment.node_count()).filter(|row| is_candidate(segment, *row));
    let mut candidates: Vec<(&str, u32)> = rows.map(|row| (segment.name(row), row)).collect();
    candidates.sort_unstable();
    candidates
}

/// The references of a file that name bases of classes, by the rows of the classes.
fn bases(segment: &Segment) -> Vec<(u32, u32)> {
    let references = 0..segment.reference_count();
    let bases = references.filter(|reference| segment.reference_kind(*reference) == edge_kind::INHERITS);
    let mut bases: Vec<(u32, u32)> =
        bases.map(|reference| (segment.reference_source(reference), reference)).collect();
    bases.sort_unstable();
    bases
}

/// The part of a sorted list that stands under a key, taken off its beginning.
fn take_group<'l, K: PartialEq, T>(list: &mut &'l [(K, T)], key: &K) -> &'l [(K, T)] {
    let length = list.iter().take_while(|(other, _)| other == key).count();
    let (group, rest) = list.split_at_checked(length).unwrap_or_default();
    *list = rest;
    group
}

/// Whether two lists are of one length, and alike place by place.
fn are_alike<A: Copy, B: Copy>(
    one: impl IntoIterator<Item = A>,
    other: impl IntoIterator<Item = B>,
    is_alike: impl Fn(A, B) -> bool,
) -> bool {
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if is_alike(one, other) => {}
            _ => return false,
        }
    }
}

/// The keys under which two sorted lists differ.
fn differing<K: Ord + Copy, T>(
    mut before: &[(K, T)],
    mut after: &[(K, T)],
    is_alike: impl Fn(&T, &T) -> bool,
    mut found: impl FnMut(K),
) {
    while let Some(key) = before.first().into_iter().chain(after.first()).map(|(key, _)| *key).min() {
        let (one, other) = (take_group(&mut before, &key), take_group(&mut after, &key));
        if !are_alike(one, other, |(_, one), (_, other)| is_alike(one, other)) {
            found(key);
        }
    }
}

/// Two states of a file. Whatever is compared is first of the old state, then of the new one.
struct States<'s> {
    old: &'s Segment,
    new: &'s Segment,
    /// By row.
    old_bases: Vec<(u32, u32)>,
    new_bases: Vec<(u32, u32)>,
    /// Whether what else a name that the file does not bind depends on is the same.
    is_same_elsewhere: OnceCell<bool>,
}

impl<'s> States<'s> {
    fn new(old: &'s Segment, new: &'s Segment) -> Self {
        let (old_bases, new_bases) = (bases(old), bases(new));
        Self { old, new, old_bases, new_bases, is_same_elsewhere: OnceCell::new() }
    }

    fn compare(&self, changed: &mut ChangedTerms) {
        let (old, new) = (self.old, self.new);
        let (before, after) = (old.module(), new.module());
        if before != after || !self.is_same_module_node() {
            changed.terms.extend(before.iter().chain(&after).map(|module| term::asks_module(module.stem)));
            changed.terms.insert(term::asks_export(old.path(), ""));
        }
        // What a namespace has of the file stands under its stem, by its rank.
        let place = |segment: &'s Segment| segment.module().filter(|module| module.is_shared);
        let is_same_place = place(old).map(|module| (module.stem, module.rank))
            == place(new).map(|module| (module.stem, module.rank));
        if !is_same_place {
            all_symbols_of(old, changed);
            all_symbols_of(new, changed);
        }
        let (exports, new_exports): (Vec<_>, Vec<_>) = (old.exports().collect(), new.exports().collect());
        let is_same_export = |one: &ExportTarget, other: &ExportTarget| self.is_same_export(*one, *other);
        differing(&exports, &new_exports, is_same_export, |name| {
            changed.terms.insert(term::asks_export(old.path(), name));
            if let Some(namespace) = new.namespace().filter(|_| is_same_place) {
                changed.terms.insert(term::asks_symbol(&namespace::join(namespace, name)));
            }
        });
        for rows in rows_by_id(Some(old), Some(new)) {
            let (segment, row) = match rows {
                (Some(before), Some(after)) if self.is_same_node(before, after) => continue,
                (Some(before), _) => (old, before),
                (None, Some(after)) => (new, after),
                (None, None) => continue,
            };
            changed.terms.insert(term::asks_parts(&segment.id_parts(row)));
        }
        if old.family() != new.family() {
            all_members_of(old, changed);
            all_members_of(new, changed);
            return;
        }
        let is_same_member = |one: &u32, other: &u32| {
            let is_method = |segment: &Segment, row| segment.kind(row) == node_kind::METHOD;
            self.is_same_id(*one, *other) && is_method(old, *one) == is_method(new, *other)
        };
        differing(&candidates(old), &candidates(new), is_same_member, |name| {
            changed.members.insert(MemberName::new(old.family(), name));
        });
    }

    fn is_same_module_node(&self) -> bool {
        match (self.old.module_row(), self.new.module_row()) {
            (Some(one), Some(other)) => self.is_same_id(one, other),
            (one, other) => one == other,
        }
    }

    fn is_same_id(&self, one: u32, other: u32) -> bool {
        let (one, other) = (self.old.id_parts(one), self.new.id_parts(other));
        one == other || one.concat() == other.concat()
    }

    fn is_same_export(&self, one: ExportTarget, other: ExportTarget) -> bool {
        match (one, other) {
            (ExportTarget::Node(one), ExportTarget::Node(other)) => {
                self.is_same_id(one, other)
                    && self.old.kind(one) == self.new.kind(other)
                    && self.old.is_declaration(one) == self.new.is_declaration(other)
            }
            (ExportTarget::Import(one), ExportTarget::Import(other)) => self.is_same_import(one, other),
            _ => false,
        }
    }

    fn is_same_import(&self, one: u32, other: u32) -> bool {
        let (old, new) = (self.old, self.new);
        old.imported(one) == new.imported(other)
            && are_alike(old.candidates_of(one), new.candidates_of(other), |one, other| one == other)
    }

    /// Whether others find the same in two nodes of one id: the kind, the bases of a class, what is known of values.
    fn is_same_node(&self, one: u32, other: u32) -> bool {
        let (old, new) = (self.old, self.new);
        let is_same_base = |(_, one): &(u32, u32), (_, other): &(u32, u32)| {
            self.is_same_target(old.reference_target(*one), new.reference_target(*other))
        };
        old.kind(one) == new.kind(other)
            && are_alike(bases_of(&self.old_bases, one), bases_of(&self.new_bases, other), is_same_base)
            && are_alike(old.values_of(one), new.values_of(other), |(path, one), (other_path, other)| {
                path == other_path && self.is_same_target(one, other)
            })
            && stated_of(old, one) == stated_of(new, other)
    }

    /// Whether two targets are the same to other files: by ids and not by rows.
    fn is_same_target(&self, one: TargetView<'_>, other: TargetView<'_>) -> bool {
        use TargetView::{Free, Import, Local, Member, Node, NodePath, Receiver, Super, Within};
        match (one, other) {
            (Import(one, path), Import(other, other_path)) => {
                path == other_path && self.is_same_import(one, other)
            }
            (Node(one), Node(other)) => self.is_same_id(one, other),
            (NodePath(one, path), NodePath(other, other_path))
            | (Super(one, path), Super(other, other_path))
            | (Receiver(one, path), Receiver(other, other_path)) => {
                path == other_path && self.is_same_id(one, other)
            }
            (Within(one, path), Within(other, other_path)) => {
                path == other_path && self.is_same_id(one, other) && self.is_same_elsewhere()
            }
            (Free(one, path), Free(other, other_path)) => {
                one == other && path == other_path && self.is_same_elsewhere()
            }
            (Local(one), Local(other)) => one == other,
            // Nothing is said of either.
            (Member(_), Member(_)) => true,
            _ => false,
        }
    }

    fn is_same_elsewhere(&self) -> bool {
        *self
            .is_same_elsewhere
            .get_or_init(|| names_from_elsewhere(self.old) == names_from_elsewhere(self.new))
    }
}

/// The bases of the class of a row, among those of all rows.
fn bases_of(bases: &[(u32, u32)], row: u32) -> &[(u32, u32)] {
    let start = bases.partition_point(|(other, _)| *other < row);
    let rest = bases.get(start..).unwrap_or_default();
    rest.get(..rest.partition_point(|(other, _)| *other == row)).unwrap_or_default()
}

/// What attributes say of a node that linking others asks for.
fn stated_of(segment: &Segment, row: u32) -> (bool, Reach<'_>, bool, bool) {
    if !segment.has_attributes(row) {
        return (false, Reach::Everywhere, false, false);
    }
    (segment.is_alternative(row), segment.reach(row), segment.is_given(row), segment.is_static(row))
}

/// What else a name that the file does not bind depends on: the namespaces that it opens, the modules of which it imports
/// all.
fn names_from_elsewhere(segment: &Segment) -> String {
    match segment.namespace() {
        Some(own) => format!("{own} {:?}", namespace::opened(segment)),
        None => stars(segment).into_iter().map(|import| describe(&segment.import(import)) + ";").collect(),
    }
}

fn describe(import: &ImportView<'_>) -> String {
    format!("{:?} {} {:?}", import.candidates, import.module, import.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::{ChangedTerms, changed_terms};
    use crate::link::term::{self, Term};
    use crate::model::{
        Attributes, Export, ExportTarget, FileFacts, ModuleFacts, Node, Reference, Span, Target, edge_kind,
        node_kind,
    };
    use crate::segment::{PreparedFile, Segment};

    /// A file with a class that has a method, and a function.
    fn facts() -> FileFacts {
        let node = |id: &str, kind: &str| {
            let name = id.rsplit([':', '.']).next().unwrap_or(id);
            Node::new(id, name, kind, "a.py", Span::default())
        };
        let contains = |child| Reference {
            source: 0,
            kind: edge_kind::CONTAINS.into(),
            span: Span::default(),
            target: Target::Node(child),
            attributes: Attributes::default(),
        };
        FileFacts {
            path: "a.py".into(),
            family: "python".into(),
            module: Some(ModuleFacts { stem: "a".into(), ..ModuleFacts::default() }),
            nodes: vec![
                node("a.py::C", node_kind::CLASS),
                node("a.py::C.run", node_kind::METHOD),
                node("a.py::f", node_kind::FUNCTION),
            ],
            references: vec![contains(1)],
            exports: vec![
                Export { name: "C".into(), target: ExportTarget::Node(0) },
                Export { name: "f".into(), target: ExportTarget::Node(2) },
            ],
            ..FileFacts::default()
        }
    }

    fn segment(facts: &FileFacts) -> Arc<Segment> {
        Arc::clone(PreparedFile::new(facts).unwrap().segment())
    }

    fn compared(old: Option<&FileFacts>, new: Option<&FileFacts>) -> (BTreeSet<Term>, Vec<String>) {
        let mut changed = ChangedTerms::default();
        changed_terms(old.map(segment).as_deref(), new.map(segment).as_deref(), &mut changed);
        (changed.terms, changed.members.into_iter().map(|member| member.name).collect())
    }

    #[test]
    fn an_edit_that_only_moves_things_changes_no_question() {
        let mut moved = facts();
        for node in &mut moved.nodes {
            node.span = Span { start_line: 100, end_line: 101, ..Span::default() };
        }
        assert_eq!(compared(Some(&facts()), Some(&moved)), (BTreeSet::new(), vec![]));
    }

    #[test]
    fn what_became_something_else_is_asked_again_and_nothing_beside_it() {
        let mut other = facts();
        other.nodes[2].kind = node_kind::CLASS.into();
        let terms = BTreeSet::from([term::asks_id("a.py::f"), term::asks_export("a.py", "f")]);
        assert_eq!(compared(Some(&facts()), Some(&other)), (terms, vec![]));
    }

    #[test]
    fn a_member_that_goes_is_asked_for_by_its_name() {
        let mut other = facts();
        other.nodes.remove(1);
        other.references.clear();
        other.exports[1].target = ExportTarget::Node(1);
        let terms = BTreeSet::from([term::asks_id("a.py::C.run")]);
        assert_eq!(compared(Some(&facts()), Some(&other)), (terms, vec!["run".to_owned()]));
    }

    #[test]
    fn everything_is_asked_again_of_a_file_that_comes_or_goes() {
        let all = BTreeSet::from([
            term::asks_module("python:a"),
            term::asks_export("a.py", ""),
            term::asks_export("a.py", "C"),
            term::asks_export("a.py", "f"),
            term::asks_id("a.py::C"),
            term::asks_id("a.py::C.run"),
            term::asks_id("a.py::f"),
        ]);
        let expected = (all, vec!["run".to_owned()]);
        assert_eq!(compared(None, Some(&facts())), expected);
        assert_eq!(compared(Some(&facts()), None), expected);
    }
}
