//! Following what is alive, and what may be.

use std::collections::{HashMap, HashSet};

use super::facts::{Facts, Name, flag};
use super::{DeadFilter, Doubt};
use crate::adjacency::{Adjacency, Ordinal};
use crate::model::{Resolution, edge_kind};

/// How sure it is that a node is used. What is used by something is as sure as that, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    #[default]
    Dead,
    Unknown,
    Alive,
}

/// What is alive, and what of that only because somebody else may use it.
pub(super) struct Liveness<'a> {
    adjacency: &'a Adjacency,
    pub(super) facts: &'a Facts,
    /// By the number of a kind whether it leads from what contains to what is contained, or from a class to its base.
    contains: Vec<bool>,
    inherits: Vec<bool>,
    pub(super) only_roots: bool,
    levels: Vec<Level>,
    doubts: Vec<Option<Doubt>>,
    /// Nodes to which something leads from outside of them.
    pub(super) used: Vec<bool>,
    /// Names of references that could not be bound, each with a node that has one, sorted.
    pub(super) loose: Vec<(Name, Ordinal)>,
    /// Of each class that was looked at, those whose methods may stand in for its own.
    around: HashMap<Ordinal, Vec<Ordinal>>,
    waiting: Vec<Ordinal>,
}

impl<'a> Liveness<'a> {
    /// Follows everything from the roots.
    ///
    /// The outcome does not depend on the order, because levels only rise: it is the least one that fits all rules.
    pub(super) fn of(adjacency: &'a Adjacency, facts: &'a Facts, filter: &DeadFilter) -> Self {
        let nodes = adjacency.len();
        let numbering = adjacency.numbering();
        let mut loose: Vec<(Name, Ordinal)> =
            facts.all_loose().iter().map(|(node, name)| (*name, *node)).collect();
        loose.sort_unstable();
        let mut this = Self {
            adjacency,
            facts,
            contains: numbering.kinds_wanted(|kind| kind == edge_kind::CONTAINS),
            inherits: numbering.kinds_wanted(|kind| kind == edge_kind::INHERITS),
            only_roots: filter.only_roots,
            levels: vec![Level::Dead; nodes],
            doubts: vec![None; nodes],
            used: vec![false; nodes],
            loose,
            around: HashMap::new(),
            waiting: Vec::new(),
        };
        this.note_uses();
        for node in facts.all().filter(|node| facts.is(*node, flag::ROOT)) {
            this.raise(node, Level::Alive, None);
        }
        if !filter.only_roots {
            // What others may name they may use.
            for node in facts.all().filter(|node| facts.is(*node, flag::EXPORTED)) {
                this.raise(node, Level::Alive, None);
            }
        }
        for node in facts.all().filter(|node| facts.is(*node, flag::MENTIONED)) {
            this.raise(node, Level::Unknown, Some(Doubt::NameIsUsed));
        }
        while let Some(node) = this.waiting.pop() {
            this.follow(node);
        }
        this
    }

    pub(super) fn level(&self, node: Ordinal) -> Level {
        self.levels.get(node as usize).copied().unwrap_or_default()
    }

    pub(super) fn doubt(&self, node: Ordinal) -> Option<Doubt> {
        self.doubts.get(node as usize).copied().flatten()
    }

    /// Notes for each node whether an edge from outside of it leads to it, or to what is in it.
    fn note_uses(&mut self) {
        for source in self.facts.all() {
            let edges = self.adjacency.outgoing(source);
            let bound = edges.filter(|edge| self.contains.get(edge.kind as usize) != Some(&true));
            let ends: Vec<Ordinal> = bound.map(|edge| edge.node).chain(self.facts.begun(source)).collect();
            for end in ends {
                let (mut at, mut steps) = (Some(end), 0);
                // Once the source is inside of a node, it is inside of what holds that.
                while let Some(node) = at.filter(|node| !self.is_inside(source, *node)) {
                    if let Some(used) = self.used.get_mut(node as usize) {
                        *used = true;
                    }
                    steps += 1;
                    at = self.facts.parent(node).filter(|_| steps < MAX_NESTING);
                }
            }
        }
    }

    /// Whether a node is another one, or stands in it.
    pub(super) fn is_inside(&self, node: Ordinal, other: Ordinal) -> bool {
        let mut at = Some(node);
        let mut steps = 0;
        while let Some(here) = at {
            if here == other {
                return true;
            }
            steps += 1;
            at = self.facts.parent(here).filter(|_| steps < MAX_NESTING);
        }
        false
    }

    fn raise(&mut self, node: Ordinal, level: Level, doubt: Option<Doubt>) {
        let place = node as usize;
        let (Some(own), Some(reason)) = (self.levels.get_mut(place), self.doubts.get_mut(place)) else {
            return;
        };
        if level == Level::Unknown && *own == Level::Unknown {
            // The first of the reasons, so that it does not depend on the order.
            *reason = (*reason).min(doubt);
        }
        if level > *own {
            *own = level;
            *reason = doubt.filter(|_| level == Level::Unknown);
            self.waiting.push(node);
        }
    }

    /// Raises what a node leads to, to its own level at most.
    fn follow(&mut self, node: Ordinal) {
        let level = self.level(node);
        let through = (level == Level::Unknown).then_some(Doubt::UsedByUnknown);
        let (adjacency, facts) = (self.adjacency, self.facts);
        for edge in adjacency.outgoing(node) {
            if self.contains.get(edge.kind as usize) != Some(&true) {
                self.raise(edge.node, level, through);
            }
            if edge.resolution == Some(Resolution::Ambiguous) {
                self.raise_named(facts.name_of(edge.node), false, Doubt::NameIsUsed);
            }
        }
        for root in facts.begun(node) {
            self.raise(root, level, through);
        }
        for name in facts.loose(node) {
            self.raise_named(name, false, Doubt::NameIsUsed);
        }
        if let Some(holder) = facts.parent(node) {
            self.raise(holder, level, through);
        }
        // Which of several definitions of a name is the one that runs is a matter of control flow.
        for same in facts.same(node).chain(facts.cousins(node)) {
            self.raise(same, level, through);
        }
        for child in facts.children(node) {
            let is_open = !self.only_roots && facts.is(child, flag::OPEN);
            if is_open || facts.is(child, flag::WITH_HOLDER) {
                self.raise(child, level, through);
            }
        }
        self.follow_doubts(node);
        if facts.is(node, flag::CLASS) {
            self.follow_class(node, level, through);
        }
        if facts.is(node, flag::MEMBER) {
            self.follow_member(node, level, through);
        }
    }

    /// Members of a class that somebody may use whom the graph does not know.
    fn follow_doubts(&mut self, node: Ordinal) {
        let facts = self.facts;
        let is_class = facts.is(node, flag::CLASS);
        let classes = if is_class { self.bases(node) } else { Vec::new() };
        let any = |flag| classes.iter().chain([&node]).any(|class| facts.is(*class, flag));
        let outside = (is_class && any(flag::OUTSIDE_BASE)).then_some(Doubt::OutsideBase);
        let by_name = any(flag::BY_NAME).then_some(Doubt::ReadByName);
        let Some(doubt) = outside.or(by_name) else { return };
        for child in facts.children(node) {
            let of_child = if facts.is(child, flag::OWN) { by_name } else { Some(doubt) };
            let is_asked = facts.is(child, flag::METHOD) || (!is_class && facts.is(child, flag::FUNCTION));
            if let (true, Some(doubt)) = (is_asked, of_child) {
                self.raise(child, Level::Unknown, Some(doubt));
            }
            // A function of the file may be given an object of any of its classes.
            if !is_class && facts.is(child, flag::CLASS) {
                for member in facts.children(child).filter(|member| facts.is(*member, flag::METHOD)) {
                    self.raise(member, Level::Unknown, Some(doubt));
                }
            }
        }
    }

    /// A method of a name may be any of those that the class and its bases have, so that one that is used is no surer used
    /// than the others: which one runs depends on the order of all bases.
    fn follow_class(&mut self, class: Ordinal, level: Level, through: Option<Doubt>) {
        let facts = self.facts;
        let mut members: Vec<(Name, Ordinal)> = Vec::new();
        for class in self.bases(class).into_iter().chain([class]) {
            let methods = facts.children(class).filter(|member| facts.is(*member, flag::MEMBER));
            members.extend(methods.map(|member| (facts.name_of(member), member)));
        }
        members.sort_unstable();
        for same in members.chunk_by(|a, b| a.0 == b.0) {
            let used = same.iter().map(|(_, member)| self.level(*member)).max().unwrap_or_default();
            if used > Level::Dead {
                for (_, member) in same {
                    self.raise(*member, used.min(level), through.or(Some(Doubt::UsedByUnknown)));
                }
            }
        }
    }

    /// What a method overrides is a promise that it keeps. What overrides it is called where it is; and so is what stands
    /// beside it among the bases of a class.
    fn follow_member(&mut self, method: Ordinal, level: Level, through: Option<Doubt>) {
        let facts = self.facts;
        let name = facts.name_of(method);
        for base in self.overrides(method).collect::<Vec<_>>() {
            self.raise(base, level, through);
        }
        let Some(class) = facts.parent(method) else { return };
        if !self.around.contains_key(&class) {
            let around = self.around(class);
            self.around.insert(class, around);
        }
        let around = self.around.remove(&class).unwrap_or_default();
        for other in &around {
            let reached = self.level(*other).min(level);
            for member in facts.members_named(*other, name) {
                self.raise(member, reached, through.or(Some(Doubt::UsedByUnknown)));
            }
        }
        self.around.insert(class, around);
        if facts.is(class, flag::INTERFACE | flag::STRUCTURAL) {
            self.raise_named(name, true, Doubt::FitsInterface);
        }
    }

    /// Everything of a name may be meant.
    fn raise_named(&mut self, name: Name, methods_only: bool, doubt: Doubt) {
        let facts = self.facts;
        for node in facts.named(name) {
            if !methods_only || facts.is(node, flag::METHOD) {
                self.raise(node, Level::Unknown, Some(doubt));
            }
        }
    }

    /// The members of its name in the bases of a method's class.
    pub(super) fn overrides(&self, method: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        let (facts, name) = (self.facts, self.facts.name_of(method));
        let class = facts.parent(method).filter(|_| facts.is(method, flag::MEMBER));
        let bases = class.map(|class| self.bases(class)).unwrap_or_default();
        bases.into_iter().flat_map(move |base| facts.members_named(base, name))
    }

    /// All bases of a class in the repository, without itself.
    pub(super) fn bases(&self, class: Ordinal) -> Vec<Ordinal> {
        relatives(class, |node| {
            let edges = self.adjacency.outgoing(node);
            edges
                .filter(|edge| self.inherits.get(edge.kind as usize) == Some(&true))
                .map(|edge| edge.node)
                .collect()
        })
    }

    /// The classes whose methods may stand in for those of a class: all that have it as a base, and all bases of these.
    pub(super) fn around(&self, class: Ordinal) -> Vec<Ordinal> {
        let subclasses = relatives(class, |node| {
            let edges = self.adjacency.incoming(node);
            edges
                .filter(|edge| self.inherits.get(edge.kind as usize) == Some(&true))
                .map(|edge| edge.node)
                .collect()
        });
        let mut seen: HashSet<Ordinal> = subclasses.iter().copied().collect();
        let mut waiting = subclasses.clone();
        let mut found = subclasses;
        while let Some(other) = waiting.pop() {
            for edge in self.adjacency.outgoing(other) {
                if self.inherits.get(edge.kind as usize) == Some(&true) && seen.insert(edge.node) {
                    found.push(edge.node);
                    waiting.push(edge.node);
                }
            }
        }
        found
    }
}

/// What a class leads to, step by step, without itself.
fn relatives(class: Ordinal, next: impl Fn(Ordinal) -> Vec<Ordinal>) -> Vec<Ordinal> {
    let mut seen = HashSet::from([class]);
    let mut found = Vec::new();
    let mut waiting = next(class);
    while let Some(other) = waiting.pop() {
        if seen.insert(other) {
            found.push(other);
            waiting.extend(next(other));
        }
    }
    found
}

/// How deep definitions are nested at most, as far as it is looked at: a node that holds itself has no end.
const MAX_NESTING: u32 = 1_000;
