//! What dead code reads of one file: of each definition, by what its language and its makers say.

use std::collections::{BTreeSet, HashSet};

use super::DeadFilter;
use super::conventions::{
    family_of, fits, is_blank, is_entry, is_for_including, is_registered, is_special, is_structural, is_test,
    is_test_file, is_visible,
};
use super::facts::flag;
use crate::model::{ExportTarget, Node, node_kind};
use crate::segment::Segment;

/// Which roots and kinds of a question mean something.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub(super) roots: BTreeSet<String>,
    pub(super) kinds: BTreeSet<String>,
}

/// What is the same for all nodes of a file.
pub(super) struct Reading<'a> {
    pub(super) family: &'a str,
    segment: &'a Segment,
    /// Whether what is `static` in it is a part of other files.
    is_included: bool,
    filter: &'a DeadFilter,
    is_asked: bool,
    /// Whether everything in it is used: it is a root, or holds tests.
    is_root: bool,
    /// The rows that other files can import; none where everything can be.
    exported: Option<HashSet<u32>>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(segment: &'a Segment, filter: &'a DeadFilter, is_included: bool) -> Self {
        let path = segment.path();
        let family = family_of(segment.family(), path);
        let is_own_module = segment.module().is_some() && segment.namespace().is_none();
        let exported: HashSet<u32> = segment
            .exports()
            .filter_map(|(_, target)| match target {
                ExportTarget::Node(row) => Some(row),
                ExportTarget::Import(_) => None,
            })
            .collect();
        let is_anything_exported = segment.exports().next().is_some();
        Self {
            family,
            segment,
            is_included: is_included || is_for_including(family, path),
            filter,
            is_asked: filter.file.as_ref().is_none_or(|part| path.contains(part.as_str())),
            is_root: filter.roots.iter().any(|pattern| fits(pattern, path))
                || filter.tests && is_test_file(path),
            // A script that exports nothing shares its names with every other one.
            exported: (is_own_module && is_anything_exported).then_some(exported),
        }
    }

    /// Notes which roots mean the file as a whole.
    pub(super) fn note_met(&self, met: &mut Met) {
        let path = self.segment.path();
        met.roots.extend(self.filter.roots.iter().filter(|pattern| fits(pattern, path)).cloned());
    }

    /// The names that a node is said to use in another way than by references, and patterns for such names.
    pub(super) fn mentions(&self, row: u32) -> Vec<String> {
        let kind = self.segment.kind(row);
        if !matches!(kind, node_kind::MODULE | node_kind::FUNCTION | node_kind::VARIABLE) {
            return Vec::new();
        }
        let attributes = self.segment.node_attributes(row);
        let names = attributes.get(Node::MENTIONS).and_then(|names| names.as_array());
        names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn flags(&self, row: u32, met: &mut Met) -> u32 {
        let segment = self.segment;
        let (kind, name, family) = (segment.kind(row), segment.name(row), self.family);
        let attributes = segment.node_attributes(row);
        let parent = segment.parent(row);
        let holder = parent.map_or("", |parent| segment.kind(parent));
        let is_held_promise = matches!(holder, node_kind::INTERFACE | node_kind::TRAIT | node_kind::TYPE);
        // A method of a function is one of the object that it returns.
        let is_returned =
            kind == node_kind::METHOD && matches!(holder, node_kind::FUNCTION | node_kind::METHOD);
        let is_value = kind == node_kind::VARIABLE || holder == node_kind::VARIABLE || is_returned;
        let is_special = is_special(family, name, parent.map_or("", |parent| segment.name(parent)));
        let is_main = !self.filter.only_roots && kind != node_kind::VARIABLE && is_entry(name);
        let is_loaded = !self.filter.only_roots && kind == node_kind::MODULE;
        let is_test = self.filter.tests && is_test(family, &attributes);
        let is_named = self.note_roots(row, met);
        let is_of_base = attributes.contains_key(Node::IMPLEMENTS);
        let mut flags = 0;
        let mut set = |is: bool, flag: u32| flags |= if is { flag } else { 0 };
        let is_listed = self.is_asked && !is_blank(family, name);
        let is_asked = is_listed && self.is_asked_kind(kind) && !segment.is_declaration(row);
        if is_asked && self.filter.kinds.contains(kind) && !met.kinds.contains(kind) {
            met.kinds.insert(kind.to_owned());
        }
        set(is_asked, flag::ASKED);
        set(self.is_exported(row), flag::EXPORTED);
        set(is_test || self.is_root || is_main || is_loaded || is_named, flag::ROOT);
        let is_handed_on = is_registered(family, &attributes);
        // C has no functions in functions: it is what a macro looks like.
        let is_nested = family == "c" && matches!(holder, node_kind::FUNCTION | node_kind::METHOD);
        set(
            is_nested || is_special || is_value || is_held_promise || is_of_base || is_handed_on,
            flag::WITH_HOLDER,
        );
        set(kind == node_kind::METHOD, flag::METHOD);
        let is_member = node_kind::has_members(holder);
        set(is_member && is_visible(family, name, &attributes, true, self.is_included), flag::OPEN);
        set(is_member && (kind == node_kind::METHOD || kind == node_kind::VARIABLE), flag::MEMBER);
        set(kind == node_kind::FUNCTION, flag::FUNCTION);
        set(kind == node_kind::VARIABLE, flag::VALUE);
        set(node_kind::has_members(kind), flag::CLASS);
        set(matches!(kind, node_kind::INTERFACE | node_kind::TRAIT), flag::INTERFACE);
        set(kind == node_kind::MODULE, flag::MODULE);
        set(is_structural(family), flag::STRUCTURAL);
        set(attributes.contains_key(Node::MENTIONED), flag::MENTIONED);
        set(family == "rust" && !is_of_base, flag::OWN);
        flags
    }

    /// Whether a root means a row; each that does is noted.
    fn note_roots(&self, row: u32, met: &mut Met) -> bool {
        let mut is_named = false;
        for pattern in self.filter.roots.iter().filter(|pattern| self.fits(pattern, row)) {
            is_named = true;
            if !met.roots.contains(pattern) {
                met.roots.insert(pattern.clone());
            }
        }
        is_named
    }

    fn is_asked_kind(&self, kind: &str) -> bool {
        if self.filter.kinds.is_empty() {
            let is_code = matches!(kind, node_kind::FUNCTION | node_kind::METHOD);
            return is_code || (node_kind::has_members(kind) && kind != node_kind::INTERFACE);
        }
        self.filter.kinds.contains(kind)
    }

    /// Whether others may name it: it, and everything that it stands in.
    fn is_exported(&self, row: u32) -> bool {
        let segment = self.segment;
        let mut at = row;
        // No deeper than there are rows, so that a row that holds itself ends.
        for _ in 0..=segment.node_count() {
            let attributes = segment.node_attributes(at);
            let parent = segment.parent(at);
            let is_member = parent.is_some_and(|parent| node_kind::has_members(segment.kind(parent)));
            let is_visible =
                is_visible(self.family, segment.name(at), &attributes, is_member, self.is_included);
            match parent.map(|parent| segment.kind(parent)) {
                None | Some(node_kind::MODULE) => {
                    // Where exports are stated they count, and not how a name is spelled.
                    let is_stated = self.family == "javascript" && self.exported.is_some();
                    let is_among = self.exported.as_ref().is_none_or(|exported| exported.contains(&at));
                    return is_among && (is_visible || is_stated);
                }
                Some(_) if !is_visible => return false,
                // What stands in a function is seen by nobody else.
                Some(node_kind::FUNCTION | node_kind::METHOD) => return false,
                Some(_) => at = parent.unwrap_or(at),
            }
        }
        false
    }

    /// Whether a pattern means a row: its id, or the qualified name in it.
    fn fits(&self, pattern: &str, row: u32) -> bool {
        let id = self.segment.id(row);
        let qualified = id.rsplit_once("::").map_or(id.as_str(), |(_, qualified)| qualified);
        fits(pattern, &id) || fits(pattern, qualified) || fits(pattern, self.segment.name(row))
    }

    /// The class around a row, else the module.
    pub(super) fn holder_of(&self, row: u32) -> u32 {
        let mut at = row;
        for _ in 0..=self.segment.node_count() {
            if node_kind::has_members(self.segment.kind(at)) {
                return at;
            }
            match self.segment.parent(at) {
                Some(parent) => at = parent,
                None => return at,
            }
        }
        row
    }
}
