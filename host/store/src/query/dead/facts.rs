//! What dead code needs to know of every node, in a few bytes each.

use std::collections::{HashMap, HashSet};

use codestrata_core::Result;

use super::DeadFilter;
use super::conventions::{
    fits, is_entry, is_registered, is_special, is_test_file, is_visible, reads_by_name,
};
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::{StoredFile, View};
use crate::link::{LinkTarget, final_name};
use crate::model::{ExportTarget, Resolution, edge_kind, node_kind};
use crate::segment::{Segment, TargetView};

/// Files read together.
const FILES_PER_READ: usize = 512;

/// A name in a family of languages.
pub(super) type Name = u32;

/// What is known of a node, as bits.
pub(super) mod flag {
    /// It is asked for: of a kind and in a file that are wanted.
    pub(crate) const ASKED: u16 = 1;
    /// Others may name it.
    pub(crate) const EXPORTED: u16 = 1 << 1;
    /// It is used, by declaration or by convention.
    pub(crate) const ROOT: u16 = 1 << 2;
    /// It is used where what holds it is.
    pub(crate) const WITH_HOLDER: u16 = 1 << 3;
    /// It is a class that inherits from something outside of the repository.
    pub(crate) const OUTSIDE_BASE: u16 = 1 << 4;
    /// It is a class or module that reads things by names that it makes.
    pub(crate) const BY_NAME: u16 = 1 << 5;
    /// It is a method.
    pub(crate) const METHOD: u16 = 1 << 6;
    /// It has members that can be inherited.
    pub(crate) const CLASS: u16 = 1 << 7;
    /// It is an interface or trait: a promise, and no code.
    pub(crate) const INTERFACE: u16 = 1 << 8;
    /// It is a file as a whole.
    pub(crate) const MODULE: u16 = 1 << 9;
    /// It is in a family whose classes fit interfaces without naming them.
    pub(crate) const STRUCTURAL: u16 = 1 << 10;
    /// It is a function that belongs to no class.
    pub(crate) const FUNCTION: u16 = 1 << 11;
    /// It is a variable or constant.
    pub(crate) const VALUE: u16 = 1 << 12;
    /// It is a member that who has an object of its class may use, wherever the class may be named.
    pub(crate) const OPEN: u16 = 1 << 13;
    /// It is a member of a class: what is inherited and overridden.
    pub(crate) const MEMBER: u16 = 1 << 14;
}

/// Stands for no node.
const NONE: Ordinal = Ordinal::MAX;

/// The facts of all nodes, by ordinal.
#[derive(Debug, Default)]
pub(super) struct Facts {
    flags: Vec<u16>,
    names: Vec<Name>,
    parents: Vec<Ordinal>,
    /// Holder, name and member, sorted.
    members: Vec<(Ordinal, Name, Ordinal)>,
    /// Name and node, sorted.
    named: Vec<(Name, Ordinal)>,
    /// Node, and the name of a reference in it that leads nowhere, sorted.
    loose: Vec<(Ordinal, Name)>,
    /// Node, and what a path in it begins at whose end leads nowhere, sorted: that much of the path is known.
    begun: Vec<(Ordinal, Ordinal)>,
    numbers: HashMap<String, Name>,
}

impl Facts {
    /// Reads them from every file.
    pub(super) async fn gather(view: &View<'_>, adjacency: &Adjacency, filter: &DeadFilter) -> Result<Self> {
        let nodes = adjacency.len();
        let mut this = Self {
            flags: vec![0; nodes],
            names: vec![0; nodes],
            parents: vec![NONE; nodes],
            ..Self::default()
        };
        let mut entries = view.all_entries().await?;
        while !entries.is_empty() {
            let rest = entries.len().saturating_sub(FILES_PER_READ);
            for file in view.files_of(entries.split_off(rest)).await? {
                this.add(&file, adjacency, filter);
            }
        }
        this.members.sort_unstable();
        this.named.sort_unstable();
        this.loose.sort_unstable();
        this.loose.dedup();
        this.begun.sort_unstable();
        Ok(this)
    }

    fn add(&mut self, file: &StoredFile, adjacency: &Adjacency, filter: &DeadFilter) {
        let segment = &file.segment;
        let reading = Reading::of(segment, filter);
        let ordinal = |row| adjacency.numbering().ordinal_of_row(file.ordinal, row);
        for row in 0..segment.node_count() {
            let Some(node) = ordinal(row) else { continue };
            let name = self.name(segment.family(), segment.name(row));
            let parent = segment.parent(row).and_then(ordinal);
            let place = node as usize;
            if let (Some(flags), Some(own), Some(holder)) =
                (self.flags.get_mut(place), self.names.get_mut(place), self.parents.get_mut(place))
            {
                (*flags, *own, *holder) = (reading.flags(row), name, parent.unwrap_or(NONE));
            }
            self.named.push((name, node));
            self.members.extend(parent.map(|parent| (parent, name, node)));
        }
        for (position, link) in (0..).zip(file.links.links(file.ordinal)) {
            let Some(row) = file.links.slots().row(link.source, segment.node_count()) else { continue };
            let Some(source) = ordinal(row) else { continue };
            let is_base = file.links.kind(&link) == edge_kind::INHERITS;
            // One that leads to the first of several may mean another one of them.
            let is_loose = match link.target {
                LinkTarget::Bound(_, _, how) => how == Some(Resolution::Ambiguous),
                LinkTarget::Loose(_) | LinkTarget::Dangling => true,
            };
            if !is_loose || position >= segment.reference_count() {
                continue;
            }
            let target = segment.reference_target(position);
            if let TargetView::NodePath(root, _) = target {
                self.begun.extend(ordinal(root).map(|root| (source, root)));
            }
            let Some(text) = final_name(segment, target) else { continue };
            if is_base {
                self.set(source, flag::OUTSIDE_BASE);
            }
            if reads_by_name(&text) {
                self.set(ordinal(reading.holder_of(row)).unwrap_or(source), flag::BY_NAME);
                self.set(source, flag::BY_NAME);
            }
            let name = self.name(segment.family(), &text);
            self.loose.push((source, name));
        }
    }

    fn name(&mut self, family: &str, name: &str) -> Name {
        let next = Name::try_from(self.numbers.len()).unwrap_or(Name::MAX);
        *self.numbers.entry(format!("{family}:{name}")).or_insert(next)
    }

    fn set(&mut self, node: Ordinal, flag: u16) {
        if let Some(flags) = self.flags.get_mut(node as usize) {
            *flags |= flag;
        }
    }

    /// Whether a node has all of these flags.
    pub(super) fn is(&self, node: Ordinal, flag: u16) -> bool {
        self.flags.get(node as usize).is_some_and(|flags| flags & flag == flag)
    }

    /// The nodes that are asked for, in order.
    pub(super) fn asked_for(&self) -> impl Iterator<Item = Ordinal> + '_ {
        self.all().filter(|node| self.is(*node, flag::ASKED))
    }

    /// Every node, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = Ordinal> + use<> {
        0..Ordinal::try_from(self.flags.len()).unwrap_or(NONE)
    }

    pub(super) fn name_of(&self, node: Ordinal) -> Name {
        self.names.get(node as usize).copied().unwrap_or(Name::MAX)
    }

    /// What holds a node.
    pub(super) fn parent(&self, node: Ordinal) -> Option<Ordinal> {
        self.parents.get(node as usize).copied().filter(|parent| *parent != NONE)
    }

    /// What a node holds.
    pub(super) fn children(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        let start = self.members.partition_point(|(holder, ..)| *holder < node);
        let all = self.members.iter().skip(start).take_while(move |(holder, ..)| *holder == node);
        all.map(|(_, _, member)| *member)
    }

    /// The members of a node that have a name.
    pub(super) fn members_named(&self, node: Ordinal, name: Name) -> impl Iterator<Item = Ordinal> + '_ {
        let start = self.members.partition_point(|(holder, own, _)| (*holder, *own) < (node, name));
        let rest = self.members.iter().skip(start);
        rest.take_while(move |(holder, own, _)| (*holder, *own) == (node, name)).map(|(_, _, member)| *member)
    }

    /// The node, and all that have its name in what holds it.
    pub(super) fn same(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        let holder = self.parent(node);
        let alone = holder.is_none().then_some(node);
        let held = holder.map(|holder| self.members_named(holder, self.name_of(node)));
        held.into_iter().flatten().chain(alone)
    }

    /// Every node of a name.
    pub(super) fn named(&self, name: Name) -> impl Iterator<Item = Ordinal> + '_ {
        let start = self.named.partition_point(|(own, _)| *own < name);
        self.named.iter().skip(start).take_while(move |(own, _)| *own == name).map(|(_, node)| *node)
    }

    /// The names of the references of a node that lead nowhere, or to one of several.
    pub(super) fn loose(&self, node: Ordinal) -> impl Iterator<Item = Name> + '_ {
        let start = self.loose.partition_point(|(source, _)| *source < node);
        self.loose.iter().skip(start).take_while(move |(source, _)| *source == node).map(|(_, name)| *name)
    }

    /// What the paths of a node begin at whose ends lead nowhere.
    pub(super) fn begun(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        let start = self.begun.partition_point(|(source, _)| *source < node);
        self.begun.iter().skip(start).take_while(move |(source, _)| *source == node).map(|(_, root)| *root)
    }

    /// Every node with the name of a reference in it that leads nowhere.
    pub(super) fn all_loose(&self) -> &[(Ordinal, Name)] {
        &self.loose
    }
}

/// What is the same for all nodes of a file.
struct Reading<'a> {
    segment: &'a Segment,
    filter: &'a DeadFilter,
    is_test: bool,
    is_asked: bool,
    is_root: bool,
    /// The rows that other files can import; none where everything can be.
    exported: Option<HashSet<u32>>,
}

impl<'a> Reading<'a> {
    fn of(segment: &'a Segment, filter: &'a DeadFilter) -> Self {
        let path = segment.path();
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
            segment,
            filter,
            is_test: filter.tests && is_test_file(path),
            is_asked: filter.file.as_ref().is_none_or(|part| path.contains(part.as_str())),
            is_root: filter.roots.iter().any(|pattern| fits(pattern, path)),
            // A script that exports nothing shares its names with every other one.
            exported: (is_own_module && is_anything_exported).then_some(exported),
        }
    }

    fn flags(&self, row: u32) -> u16 {
        let segment = self.segment;
        let (kind, name, family) = (segment.kind(row), segment.name(row), segment.family());
        let attributes = segment.node(row).attributes;
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
        let is_named = || self.filter.roots.iter().any(|pattern| self.fits(pattern, row));
        let mut flags = 0;
        let mut set = |is: bool, flag: u16| flags |= if is { flag } else { 0 };
        set(self.is_asked && self.is_asked_kind(kind) && !segment.is_declaration(row), flag::ASKED);
        set(self.is_exported(row), flag::EXPORTED);
        set(self.is_test || self.is_root || is_main || is_loaded || is_named(), flag::ROOT);
        set(is_special || is_value || is_held_promise || is_registered(&attributes), flag::WITH_HOLDER);
        set(kind == node_kind::METHOD, flag::METHOD);
        let is_member = node_kind::has_members(holder);
        set(is_member && is_visible(family, name, &attributes), flag::OPEN);
        set(is_member && (kind == node_kind::METHOD || kind == node_kind::VARIABLE), flag::MEMBER);
        set(kind == node_kind::FUNCTION, flag::FUNCTION);
        set(kind == node_kind::VARIABLE, flag::VALUE);
        set(node_kind::has_members(kind), flag::CLASS);
        set(matches!(kind, node_kind::INTERFACE | node_kind::TRAIT), flag::INTERFACE);
        set(kind == node_kind::MODULE, flag::MODULE);
        set(super::conventions::is_structural(family), flag::STRUCTURAL);
        flags
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
            let attributes = segment.node(at).attributes;
            let is_visible = is_visible(segment.family(), segment.name(at), &attributes);
            let parent = segment.parent(at);
            match parent.map(|parent| segment.kind(parent)) {
                None | Some(node_kind::MODULE) => {
                    // Where exports are stated they count, and not how a name is spelled.
                    let is_stated = segment.family() == "javascript" && self.exported.is_some();
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
    fn holder_of(&self, row: u32) -> u32 {
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
