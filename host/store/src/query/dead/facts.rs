//! What dead code needs to know of every node, in a few bytes each.

use std::collections::HashMap;

use codestrata_core::Result;

use super::DeadFilter;
use super::conventions::reads_by_name;
use super::reading::{Met, Reading};
use crate::adjacency::{Adjacency, Neighbour, Ordinal};
use crate::graph::{StoredFile, View};
use crate::link::{LinkTarget, final_name, loose_name_of_target};
use crate::model::{Resolution, edge_kind};
use crate::segment::{Segment, TargetView, members};

/// Files read together.
const FILES_PER_READ: usize = 512;

/// A name in a family of languages.
pub(super) type Name = u32;

/// What is known of a node, as bits.
pub(super) mod flag {
    /// It is asked for: of a kind and in a file that are wanted.
    pub(crate) const ASKED: u32 = 1;
    /// Others may name it.
    pub(crate) const EXPORTED: u32 = 1 << 1;
    /// It is used, by declaration or by convention.
    pub(crate) const ROOT: u32 = 1 << 2;
    /// It is used where what holds it is.
    pub(crate) const WITH_HOLDER: u32 = 1 << 3;
    /// It is a class that inherits from something outside of the repository.
    pub(crate) const OUTSIDE_BASE: u32 = 1 << 4;
    /// It is a class or module that reads things by names that it makes.
    pub(crate) const BY_NAME: u32 = 1 << 5;
    /// It is a method.
    pub(crate) const METHOD: u32 = 1 << 6;
    /// It has members that can be inherited.
    pub(crate) const CLASS: u32 = 1 << 7;
    /// It is an interface or trait: a promise, and no code.
    pub(crate) const INTERFACE: u32 = 1 << 8;
    /// It is a file as a whole.
    pub(crate) const MODULE: u32 = 1 << 9;
    /// It is in a family whose classes fit interfaces without naming them.
    pub(crate) const STRUCTURAL: u32 = 1 << 10;
    /// It is a function that belongs to no class.
    pub(crate) const FUNCTION: u32 = 1 << 11;
    /// It is a variable or constant.
    pub(crate) const VALUE: u32 = 1 << 12;
    /// It is a member that who has an object of its class may use, wherever the class may be named.
    pub(crate) const OPEN: u32 = 1 << 13;
    /// It is a member of a class: what is inherited and overridden.
    pub(crate) const MEMBER: u32 = 1 << 14;
    /// Its name stands in its file where no reference says that it is meant.
    pub(crate) const MENTIONED: u32 = 1 << 15;
    /// Whoever made the graph of its file states edges, and says nothing of what could not be bound.
    pub(crate) const STATED: u32 = 1 << 16;
    /// It is a method for which it is known whether it belongs to a base.
    pub(crate) const OWN: u32 = 1 << 17;
}

/// Stands for no node.
const NONE: Ordinal = Ordinal::MAX;

/// The facts of all nodes, by ordinal.
#[derive(Debug, Default)]
pub(super) struct Facts {
    flags: Vec<u32>,
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
    /// What names begin and end with that a node may make, and the node. The beginning has the family in front.
    patterns: Vec<(String, String, Ordinal)>,
    met: Met,
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
        this.doubt_bases(adjacency);
        this.settle_patterns();
        this.members.sort_unstable();
        this.named.sort_unstable();
        this.loose.sort_unstable();
        this.loose.dedup();
        this.begun.sort_unstable();
        Ok(this)
    }

    fn add(&mut self, file: &StoredFile, adjacency: &Adjacency, filter: &DeadFilter) {
        let segment = &file.segment;
        let ordinal = |row| adjacency.numbering().ordinal_of_row(file.ordinal, row);
        let module = segment.module_row().and_then(ordinal);
        let imports = adjacency.numbering().kinds_wanted(|kind| kind == edge_kind::IMPORTS);
        let is_import = |edge: &Neighbour| imports.get(edge.kind as usize) == Some(&true);
        let is_included =
            module.is_some_and(|module| adjacency.incoming(module).any(|edge| is_import(&edge)));
        let reading = Reading::of(segment, filter, is_included);
        reading.note_met(&mut self.met);
        let stated = if is_stated(file) { flag::STATED } else { 0 };
        for row in 0..segment.node_count() {
            let Some(node) = ordinal(row) else { continue };
            let name = self.name(reading.family, segment.name(row));
            let parent = segment.parent(row).and_then(ordinal);
            let place = node as usize;
            if let (Some(flags), Some(own), Some(holder)) =
                (self.flags.get_mut(place), self.names.get_mut(place), self.parents.get_mut(place))
            {
                *flags = reading.flags(row, &mut self.met) | stated;
                (*own, *holder) = (name, parent.unwrap_or(NONE));
            }
            self.named.push((name, node));
            self.members.extend(parent.map(|parent| (parent, name, node)));
            for mention in reading.mentions(row) {
                match mention.split_once('*') {
                    None => {
                        let name = self.name(reading.family, &mention);
                        self.loose.push((node, name));
                    }
                    Some((before, after)) => {
                        let before = format!("{}:{before}", reading.family);
                        self.patterns.push((before, after.to_owned(), node));
                    }
                }
            }
        }
        self.add_loose(file, &reading, adjacency);
    }

    /// Notes what the references of a file name that lead nowhere, or to one of several.
    fn add_loose(&mut self, file: &StoredFile, reading: &Reading<'_>, adjacency: &Adjacency) {
        let segment = &file.segment;
        let ordinal = |row| adjacency.numbering().ordinal_of_row(file.ordinal, row);
        for (position, link) in (0..).zip(file.links.links(file.ordinal)) {
            let Some(row) = file.links.slots().row(link.source, segment.node_count()) else { continue };
            let Some(source) = ordinal(row) else { continue };
            let is_base = file.links.kind(&link) == edge_kind::INHERITS;
            if position < segment.reference_count() {
                for middle in names_before_last(segment.reference_target(position)) {
                    let name = self.name(reading.family, middle);
                    self.loose.push((source, name));
                }
            }
            // One that leads to the first of several may mean another one of them.
            let how = match link.target {
                LinkTarget::Bound(_, _, Some(Resolution::Ambiguous)) => Resolution::Ambiguous,
                // A class whose base is bound to itself has another one of its name, and not here.
                LinkTarget::Bound(into, slot, _) => {
                    if is_base && into == file.ordinal && slot == link.source {
                        self.set(source, flag::OUTSIDE_BASE);
                    }
                    continue;
                }
                LinkTarget::Loose(how) => how,
                LinkTarget::Dangling => Resolution::Unresolved,
            };
            if is_base {
                self.set(source, flag::OUTSIDE_BASE);
            }
            let Some(text) = self.name_of_loose(segment, position, how, source, &ordinal) else { continue };
            if reads_by_name(&text) {
                self.set(ordinal(reading.holder_of(row)).unwrap_or(source), flag::BY_NAME);
                self.set(source, flag::BY_NAME);
            }
            let name = self.name(reading.family, &text);
            self.loose.push((source, name));
        }
    }

    /// The last name of a reference or a stated edge that leads nowhere. What a path begins at is noted.
    fn name_of_loose(
        &mut self,
        segment: &Segment,
        position: u32,
        how: Resolution,
        source: Ordinal,
        ordinal: &dyn Fn(u32) -> Option<Ordinal>,
    ) -> Option<String> {
        if let Some(edge) = position.checked_sub(segment.reference_count()) {
            return loose_name_of_target(segment.edge_target(edge), how).map(str::to_owned);
        }
        let target = segment.reference_target(position);
        if let TargetView::NodePath(root, _) = target {
            self.begun.extend(ordinal(root).map(|root| (source, root)));
        }
        final_name(segment, target)
    }

    /// What a base stands for that is no class, such as a constant, is not known: it may be anything from outside.
    fn doubt_bases(&mut self, adjacency: &Adjacency) {
        let inherits = adjacency.numbering().kinds_wanted(|kind| kind == edge_kind::INHERITS);
        for node in self.all() {
            let mut bases =
                adjacency.outgoing(node).filter(|edge| inherits.get(edge.kind as usize) == Some(&true));
            if bases.any(|edge| !self.is(edge.node, flag::CLASS)) {
                self.set(node, flag::OUTSIDE_BASE);
            }
        }
    }

    /// Lets patterns of names stand for all names that fit them.
    fn settle_patterns(&mut self) {
        self.patterns.sort_unstable();
        self.patterns.dedup();
        for (before, after, node) in std::mem::take(&mut self.patterns) {
            let fitting = self.numbers.iter().filter(|(name, _)| {
                name.strip_prefix(before.as_str()).is_some_and(|rest| rest.ends_with(after.as_str()))
            });
            self.loose.extend(fitting.map(|(_, name)| (node, *name)));
        }
    }

    /// Which roots and kinds of a question mean nothing.
    pub(super) fn unmatched(&self, filter: &DeadFilter) -> (Vec<String>, Vec<String>) {
        let roots = filter.roots.iter().filter(|root| !self.met.roots.contains(*root)).cloned();
        let kinds = filter.kinds.iter().filter(|kind| !self.met.kinds.contains(*kind)).cloned();
        (roots.collect(), kinds.collect())
    }

    fn name(&mut self, family: &str, name: &str) -> Name {
        let next = Name::try_from(self.numbers.len()).unwrap_or(Name::MAX);
        *self.numbers.entry(format!("{family}:{name}")).or_insert(next)
    }

    fn set(&mut self, node: Ordinal, flag: u32) {
        if let Some(flags) = self.flags.get_mut(node as usize) {
            *flags |= flag;
        }
    }

    /// Whether a node has all of these flags.
    pub(super) fn is(&self, node: Ordinal, flag: u32) -> bool {
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

    /// All that have the name of a node in what stands beside its holder under the same name: which of several modules or
    /// classes of a name there is may be a matter of how a program is built.
    pub(super) fn cousins(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        let name = self.name_of(node);
        let holder = self.parent(node);
        let beside = holder.into_iter().flat_map(move |holder| {
            let around = self.parent(holder).into_iter();
            let same = around.flat_map(move |around| self.members_named(around, self.name_of(holder)));
            same.filter(move |other| *other != holder)
        });
        beside.flat_map(move |other| self.members_named(other, name))
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

/// The names in a path before its last one, where no reference of their own says what they are: those of paths that begin
/// at a name that their file does not bind.
fn names_before_last(target: TargetView<'_>) -> impl Iterator<Item = &str> {
    let (first, path) = match target {
        TargetView::Free(name, path) => (Some(name), path),
        TargetView::Within(_, path) => (None, path),
        _ => (None, ""),
    };
    let mut names: Vec<&str> = first.into_iter().chain(members(path)).collect();
    names.pop();
    // What stands for a call, an item or the like is no name.
    names.into_iter().filter(|name| !name.starts_with(['(', '[', '{', '|']))
}

/// Whether a file says of no edge how sure it is: then nothing is known of what its maker could not bind.
fn is_stated(file: &StoredFile) -> bool {
    let segment = &file.segment;
    let is_labelled = |target| matches!(target, LinkTarget::Bound(_, _, Some(_)) | LinkTarget::Loose(_));
    segment.reference_count() == 0
        && segment.edge_count() > 0
        && !file.links.links(file.ordinal).any(|link| is_labelled(link.target))
}
