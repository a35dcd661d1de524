//! Members of a class itself and those of its objects, where a language tells them apart.
//!
//! One name may be both, `static ok()` beside `ok()`: then they are repeats of one id, and a member of the other side is no
//! candidate.

use super::rule::{FactsView, Linker, Missing, Place};
use super::{builtin, term};
use crate::keyspace::FileOrd;
use crate::limits::{MAX_LINK_MERGED, MAX_LINK_VALUES};
use crate::model::node_kind;
use crate::segment::Segment;

/// Of what a member is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// It is not known, or makes no difference.
    Any,
    Class,
    Object,
}

impl<V: FactsView> Linker<'_, V> {
    /// The definition of an id, or one that repeats it, that is of this side.
    pub(super) fn on_side(&mut self, segment: &Segment, id: &str, first: u32, side: Side) -> Option<u32> {
        let is_wanted = |row: u32| side == Side::Any || segment.is_static(row) == (side == Side::Class);
        if is_wanted(first) {
            return Some(first);
        }
        for repeat in 2..=MAX_LINK_MERGED {
            let other = format!("{id}#{repeat}");
            self.asked.push(term::asks_id(&other));
            let row = segment.row_of(&other)?;
            if is_wanted(row) {
                return Some(row);
            }
        }
        None
    }

    /// A member of what a walk has come to.
    pub(super) fn member_of(
        &mut self,
        place: Place,
        file: FileOrd,
        row: u32,
        name: &str,
    ) -> Result<Place, Missing> {
        if matches!(place, Place::Object(..)) {
            return self.member(file, row, name, Side::Object);
        }
        let segment = self.facts(file)?;
        if segment.kind(row) == node_kind::CLASS && builtin::tells_statics(segment.family()) {
            let found = self.member(file, row, name, Side::Class)?;
            if found != Place::Outside {
                return Ok(found);
            }
        }
        // Not every path says that an object is meant.
        self.member(file, row, name, Side::Any)
    }

    /// A member of the bases of a class of this file, asked for by `super` in one of its members.
    pub(super) fn inherited_by(&mut self, class: u32, name: &str) -> Result<Place, Missing> {
        let mut member = self.source();
        while let Some(around) = self.segment.parent(member).filter(|around| *around != class) {
            member = around;
        }
        let side = if self.segment.is_static(member) { Side::Class } else { Side::Object };
        self.inherited(self.own, class, name, side)
    }

    /// An object of what a path has come to, if that is a class or another name of one; else the same place.
    pub(super) fn object_of(&mut self, place: Place) -> Result<Place, Missing> {
        let mut here = place;
        for _ in 0..=MAX_LINK_VALUES {
            let Place::Node(file, row) = here else { return Ok(place) };
            if self.is_class(file, row)? {
                return Ok(Place::Object(file, row));
            }
            let may_be_alias = match self.facts(file)?.kind(row) {
                node_kind::TYPE => true,
                // With the name of a type it is another thing than that.
                node_kind::VARIABLE => self.merged_class(file, row)?.is_none(),
                _ => false,
            };
            if !may_be_alias {
                return Ok(place);
            }
            match self.value(file, row, None, "")? {
                Some((aliased, _)) => here = aliased,
                None => return Ok(place),
            }
        }
        Ok(place)
    }
}
