//! What a class inherits: its bases, those of its bases, and their members.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::rule::{FactsView, Linker, Missing, Place};
use super::side::Side;
use super::term;
use crate::keyspace::FileOrd;
use crate::limits::MAX_LINK_BASES;
use crate::model::edge_kind;
use crate::segment::{TargetView, members};

/// The classes that a class inherits from, in the order in which they are asked for members.
pub(super) type Ancestors = Rc<[(FileOrd, u32)]>;

impl<V: FactsView> Linker<'_, V> {
    /// A member of the bases of a class, nearest first. Every base is visited once, so cycles end.
    pub(super) fn inherited(
        &mut self,
        file: FileOrd,
        row: u32,
        name: &str,
        side: Side,
    ) -> Result<Place, Missing> {
        let key = (file, row, name.to_owned(), side);
        if let Some(place) = self.inherited.get(&key) {
            return Ok(*place);
        }
        let place = self.inherited_anew(file, row, name, side)?;
        self.inherited.insert(key, place);
        Ok(place)
    }

    fn inherited_anew(&mut self, file: FileOrd, row: u32, name: &str, side: Side) -> Result<Place, Missing> {
        let mut class = (file, row);
        let mut visited = BTreeSet::from([class]);
        // As long as there is one way only, what lies further up is not asked for.
        while let [base] = self.bases(class.0, class.1)?.as_slice()
            && visited.len() < MAX_LINK_BASES
            && visited.insert(*base)
        {
            class = *base;
            if let Some(found) = self.own_member_of(class, name, side)? {
                return Ok(found);
            }
        }
        for ancestor in self.ancestors(class.0, class.1)?.iter() {
            if visited.insert(*ancestor)
                && let Some(found) = self.own_member_of(*ancestor, name, side)?
            {
                return Ok(found);
            }
        }
        Ok(Place::Outside)
    }

    fn own_member_of(
        &mut self,
        class: (FileOrd, u32),
        name: &str,
        side: Side,
    ) -> Result<Option<Place>, Missing> {
        let (file, row) = class;
        let segment = self.facts(file)?;
        self.own_member(file, segment, row, name, side)
    }

    /// What a class inherits from: each before its own bases, so that of two ways to one base the member that overrides
    /// it counts; else in the order in which the bases are named. Each is visited once, so cycles end.
    pub(super) fn ancestors(&mut self, file: FileOrd, row: u32) -> Result<Ancestors, Missing> {
        if let Some(known) = self.ancestors.get(&(file, row)) {
            return Ok(Rc::clone(known));
        }
        let mut visited = BTreeSet::from([(file, row)]);
        let mut finished = Vec::new();
        // A class is left behind its bases, the last of which is entered first; so all in reverse is the order.
        let mut open = vec![((file, row), self.bases(file, row)?)];
        while let Some((class, left)) = open.last_mut() {
            let Some(base) = left.pop() else {
                finished.push(*class);
                open.pop();
                continue;
            };
            if visited.len() < MAX_LINK_BASES && visited.insert(base) {
                let bases = self.bases(base.0, base.1)?;
                open.push((base, bases));
            }
        }
        finished.pop();
        let ancestors: Ancestors = finished.into_iter().rev().collect();
        self.ancestors.insert((file, row), Rc::clone(&ancestors));
        Ok(ancestors)
    }

    /// The bases of a class that are in the repository, in the order in which it names them.
    fn bases(&mut self, file: FileOrd, class: u32) -> Result<Vec<(FileOrd, u32)>, Missing> {
        if let Some(bases) = self.bases.get(&(file, class)) {
            return Ok(bases.clone());
        }
        // A class that is a base of itself, through the value of a variable.
        self.bases.insert((file, class), Vec::new());
        // That a base may be another class is said where it is named.
        let before = self.doubts.begin();
        let bases = self.bases_anew(file, class)?;
        self.doubts.is_here = before;
        self.bases.insert((file, class), bases.clone());
        Ok(bases)
    }

    fn bases_anew(&mut self, file: FileOrd, class: u32) -> Result<Vec<(FileOrd, u32)>, Missing> {
        let mut bases = Vec::new();
        for (file, class) in self.parts(file, class)? {
            for base in self.bases_named_in(file, class)? {
                if !bases.contains(&base) {
                    bases.push(base);
                }
            }
        }
        Ok(bases)
    }

    /// The bases that one part of a class names.
    fn bases_named_in(&mut self, file: FileOrd, class: u32) -> Result<Vec<(FileOrd, u32)>, Missing> {
        let segment = self.facts(file)?;
        self.asked.push(term::asks_id(&segment.id(class)));
        let mut bases = Vec::new();
        for reference in segment.references_in(class) {
            if segment.reference_kind(reference) != edge_kind::INHERITS {
                continue;
            }
            let place = match segment.reference_target(reference) {
                target if segment.namespace().is_some() => self.shared_base(file, segment, target)?,
                TargetView::Node(row) | TargetView::NodePath(row, "") => Place::Node(file, row),
                TargetView::Import(import, path) => {
                    let place = self.import(file, import, 0)?;
                    self.walk_exports(place, path)?
                }
                TargetView::NodePath(row, path) => {
                    let id = format!("{}.{}", segment.id(row), path.replace('\0', "."));
                    segment.row_of(&id).map_or(Place::Outside, |row| Place::Node(file, row))
                }
                TargetView::Free(name, path) => {
                    let place = self.star(file, name)?;
                    self.walk_exports(place, path)?
                }
                _ => Place::Outside,
            };
            if let Place::Node(file, row) = self.settled(place)? {
                bases.push((file, row));
            }
        }
        Ok(bases)
    }

    /// A walk through modules only: a base is never looked up as a member of a class that has bases itself.
    fn walk_exports(&mut self, from: Place, path: &str) -> Result<Place, Missing> {
        let mut place = from;
        for name in members(path) {
            let Place::Module(file) = place else { return Ok(Place::Outside) };
            place = self.export(file, name, 0)?;
        }
        Ok(place)
    }
}
