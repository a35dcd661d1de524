//! What is said of a definition, by what is alive: that it is used, dead, exported and unused, or that nobody knows.

use super::facts::{Name, flag};
use super::liveness::{Level, Liveness};
use super::{Doubt, Verdict};
use crate::adjacency::Ordinal;

impl Liveness<'_> {
    /// What is known of a node that is not used for certain; none of one that is.
    pub(super) fn verdict(&self, node: Ordinal) -> Option<(Verdict, Option<Doubt>)> {
        // What is in something that is listed is not listed again.
        let holder = self.facts.parent(node);
        if holder.is_some_and(|holder| !self.facts.is(holder, flag::MODULE) && self.is_listed(holder)) {
            return None;
        }
        self.own_verdict(node)
    }

    fn is_listed(&self, node: Ordinal) -> bool {
        self.facts.is(node, flag::ASKED) && self.own_verdict(node).is_some()
    }

    fn own_verdict(&self, node: Ordinal) -> Option<(Verdict, Option<Doubt>)> {
        let found = self.verdict_by_use(node)?;
        // That nothing is bound to it says less where it is not known what else is named.
        let is_doubtful = found.0 == Verdict::Dead || self.facts.is(node, flag::METHOD);
        if found.0 != Verdict::Unknown && is_doubtful && self.facts.is(node, flag::STATED) {
            return Some((Verdict::Unknown, Some(Doubt::OnlyStated)));
        }
        Some(found)
    }

    fn verdict_by_use(&self, node: Ordinal) -> Option<(Verdict, Option<Doubt>)> {
        let is_open = |node| self.facts.is(node, flag::EXPORTED) || self.facts.is(node, flag::OPEN);
        let is_exported = self.facts.same(node).any(is_open);
        if self.facts.is(node, flag::VALUE) {
            return self.verdict_of_value(node, is_exported);
        }
        match self.level(node) {
            Level::Dead if is_exported => Some((Verdict::ExportedUnused, None)),
            Level::Dead => Some((Verdict::Dead, None)),
            Level::Unknown => Some((Verdict::Unknown, self.doubt(node))),
            Level::Alive if self.only_roots || !is_exported || self.is_used(node) => None,
            Level::Alive => Some(match self.doubt_by_name_or_base(node) {
                Some(doubt) => (Verdict::Unknown, Some(doubt)),
                None => (Verdict::ExportedUnused, None),
            }),
        }
    }

    /// What makes a variable runs with what holds it, so it counts whether anything reads or sets it.
    fn verdict_of_value(&self, node: Ordinal, is_exported: bool) -> Option<(Verdict, Option<Doubt>)> {
        if self.facts.is(node, flag::ROOT) || self.is_read_or_stands_in(node) {
            return None;
        }
        Some(match self.doubt_by_name_or_base(node) {
            Some(doubt) => (Verdict::Unknown, Some(doubt)),
            None if is_exported => (Verdict::ExportedUnused, None),
            None => (Verdict::Dead, None),
        })
    }

    /// Whether something leads to a variable, or to what it stands in for: a member of its name in a base of its class, in a
    /// class below that, or in a base of one.
    fn is_read_or_stands_in(&self, node: Ordinal) -> bool {
        let is_used = |other: Ordinal| self.used.get(other as usize) == Some(&true);
        is_used(node) || self.overrides(node).any(is_used) || self.members_beside(node).any(is_used)
    }

    /// Whether something exported is used by more than its name being there for others.
    fn is_used(&self, node: Ordinal) -> bool {
        [flag::ROOT, flag::WITH_HOLDER, flag::MODULE].iter().any(|flag| self.facts.is(node, *flag))
            || self.facts.same(node).any(|same| self.used.get(same as usize) == Some(&true))
            || self.overrides(node).next().is_some()
            || self.is_beside_another(node)
    }

    /// Whether a class beside it, or one that inherits from it, has a member of its name: who uses that may use this.
    fn is_beside_another(&self, node: Ordinal) -> bool {
        self.members_beside(node).any(|other| other != node)
    }

    /// The members of its name in the classes whose members may stand in for those of its own.
    fn members_beside(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> + '_ {
        let class = self.facts.parent(node).filter(|_| self.facts.is(node, flag::MEMBER));
        let name = self.facts.name_of(node);
        let around = class.map(|class| self.around(class)).unwrap_or_default();
        around.into_iter().flat_map(move |other| self.facts.members_named(other, name))
    }

    /// Why something exported that nothing is bound to may be used all the same.
    fn doubt_by_name_or_base(&self, node: Ordinal) -> Option<Doubt> {
        let name = self.facts.name_of(node);
        let holder = self.facts.parent(node);
        let class = holder.filter(|_| self.facts.is(node, flag::MEMBER));
        let mut classes = class.into_iter().flat_map(|class| self.bases(class).into_iter().chain([class]));
        let is_own = self.facts.is(node, flag::OWN);
        if !is_own && classes.any(|class| self.facts.is(class, flag::OUTSIDE_BASE)) {
            return Some(Doubt::OutsideBase);
        }
        let mut readers = class.into_iter().flat_map(|class| self.bases(class).into_iter().chain([class]));
        if readers.any(|class| self.facts.is(class, flag::BY_NAME)) {
            return Some(Doubt::ReadByName);
        }
        let is_mentioned = self.facts.is(node, flag::MENTIONED);
        if is_mentioned || self.leaving_unbound(name).any(|source| !self.is_inside(source, node)) {
            return Some(Doubt::NameIsUsed);
        }
        self.fits_interface(node).then_some(Doubt::FitsInterface)
    }

    /// Whether an interface that its class need not name has a method of its name.
    fn fits_interface(&self, node: Ordinal) -> bool {
        let facts = self.facts;
        let is_promise = |other: Ordinal| {
            facts.parent(other).is_some_and(|holder| facts.is(holder, flag::INTERFACE | flag::STRUCTURAL))
        };
        facts.is(node, flag::METHOD | flag::STRUCTURAL)
            && facts.named(facts.name_of(node)).any(|other| other != node && is_promise(other))
    }

    fn leaving_unbound(&self, name: Name) -> impl Iterator<Item = Ordinal> + '_ {
        let start = self.loose.partition_point(|(other, _)| *other < name);
        self.loose.iter().skip(start).take_while(move |(other, _)| *other == name).map(|(_, node)| *node)
    }
}
