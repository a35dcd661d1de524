//! Walks along members, through what variables hold and functions return.
//!
//! A walk that has come to a variable or function goes on with what its file says of the value: the target of that fact is
//! bound as that file would bind it. The node is asked for by its id before its value is read, so that who walked through
//! it is linked again when the fact changes.

use super::alternatives::LookUp;
use super::namespace::first_and_rest;
use super::rule::{FactsView, Linker, Missing, Place};
use super::term;
use crate::keyspace::FileOrd;
use crate::limits::MAX_LINK_VALUES;
use crate::model::{Target, node_kind};
use crate::segment::{Segment, TargetView, members};

/// The class through which a walk came to a member.
type Holder = Option<(FileOrd, u32)>;

/// A value fact, by its node and its path, as seen through a class.
pub(super) type ValueKey = (FileOrd, u32, String, Holder);

impl<V: FactsView> Linker<'_, V> {
    pub(super) fn walk(&mut self, from: Place, path: &str) -> Result<Place, Missing> {
        self.walk_through(from, None, path)
    }

    /// Walks from a member that was found through a class.
    pub(super) fn walk_through(&mut self, from: Place, holder: Holder, path: &str) -> Result<Place, Missing> {
        let (mut place, mut holder, mut left) = (from, holder, path);
        // A walk past more values than follow each other is none either.
        let mut values = 0;
        while !left.is_empty() {
            let (name, rest) = first_and_rest(left);
            let is_call = name == Target::CALL;
            let next = match place {
                // What a function of the outside calls may be given things of the repository.
                Place::Outside if members(left).any(Target::is_argument) => return Ok(Place::Opaque),
                Place::Outside | Place::Opaque => return Ok(place),
                Place::Container if rest.is_empty() && !name.starts_with('[') => return Ok(Place::Outside),
                Place::Container => return Ok(Place::Opaque),
                Place::Module(_) | Place::Namespace(_) | Place::Object(..) if is_call => Place::Opaque,
                Place::Module(file) => self.export(file, name, 0)?,
                Place::Namespace(namespace) => self.step(namespace, name)?,
                Place::Node(file, row) if is_call && self.is_class(file, row)? => Place::Object(file, row),
                Place::Node(_, _) if is_call => Place::Opaque,
                Place::Node(file, row) | Place::Object(file, row) => {
                    let found = self.member(file, row, name)?;
                    if found != Place::Opaque {
                        holder = Some((file, row));
                    }
                    // What an indexer calls in brackets is no name that a class would have.
                    if found == Place::Outside && name.starts_with('[') { Place::Opaque } else { found }
                }
            };
            if let (Place::Opaque, Place::Node(file, row)) = (next, place) {
                values += 1;
                let value =
                    if values > MAX_LINK_VALUES { None } else { self.value(file, row, holder, left)? };
                (place, left, holder) = match value {
                    Some((value, behind)) => (value, behind, None),
                    None if is_call => match self.merged_class(file, row)? {
                        Some(class) => (Place::Object(file, class), rest, None),
                        None => return Ok(Place::Opaque),
                    },
                    None => return Ok(Place::Opaque),
                };
                continue;
            }
            (place, left) = (next, rest);
        }
        Ok(place)
    }

    /// The class or interface of which a variable or function is the other half: what is made by calling it.
    fn merged_class(&mut self, file: FileOrd, row: u32) -> Result<Option<u32>, Missing> {
        let facts = self.facts(file)?;
        let segment = facts.as_deref().unwrap_or(self.segment);
        let others = self.merged(segment, row);
        Ok(others.into_iter().find(|other| node_kind::has_members(segment.kind(*other))))
    }

    fn is_class(&self, file: FileOrd, row: u32) -> Result<bool, Missing> {
        let facts = self.facts(file)?;
        let segment = facts.as_deref().unwrap_or(self.segment);
        Ok(node_kind::has_members(segment.kind(row)))
    }

    /// What the value of a variable is, when a class is asked for; anything else is what it is.
    pub(super) fn settled(&mut self, place: Place) -> Result<Place, Missing> {
        let Place::Node(file, row) = place else { return Ok(place) };
        if self.is_class(file, row)? {
            return Ok(place);
        }
        Ok(self.value(file, row, None, "")?.map_or(place, |(value, _)| value))
    }

    /// What a path leads to from a node without members, along the longest beginning of it of which the node's file says
    /// so, and the rest of the path.
    fn value<'p>(
        &mut self,
        file: FileOrd,
        row: u32,
        holder: Holder,
        path: &'p str,
    ) -> Result<Option<(Place, &'p str)>, Missing> {
        let facts = self.facts(file)?;
        let segment = facts.as_deref().unwrap_or(self.segment);
        self.asked.push(term::asks_id(&segment.id(row)));
        let fitting = segment.values_of(row).filter_map(|(known, target)| {
            let rest = path.strip_prefix(known)?;
            let rest = if known.is_empty() || rest.is_empty() { rest } else { rest.strip_prefix('\0')? };
            Some((known, target, rest))
        });
        let Some((known, target, rest)) = fitting.max_by_key(|(known, ..)| known.len()) else {
            return Ok(None);
        };
        let key = (file, row, known.to_owned(), holder);
        if let Some(place) = self.values.get(&key) {
            self.doubts.recall(&LookUp::Value(&key));
            return Ok(Some((*place, rest)));
        }
        // What is being looked for is not known to itself.
        self.values.insert(key.clone(), Place::Opaque);
        if self.following >= MAX_LINK_VALUES {
            return Ok(None);
        }
        self.following += 1;
        let before = self.doubts.begin();
        let place = self.bound_in(file, segment, holder, target);
        self.following -= 1;
        let place = place?;
        self.doubts.end(before, &LookUp::Value(&key));
        self.values.insert(key, place);
        Ok(Some((place, rest)))
    }

    /// What a target says in the file that states it, which may be any.
    fn bound_in(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        holder: Holder,
        target: TargetView<'_>,
    ) -> Result<Place, Missing> {
        let (place, path) = match target {
            TargetView::Local(Target::PLAIN) => return Ok(Place::Outside),
            TargetView::Local(Target::CONTAINER) => return Ok(Place::Container),
            TargetView::Member(_) | TargetView::Local(_) => return Ok(Place::Opaque),
            TargetView::Node(row) => (Place::Node(file, row), ""),
            TargetView::NodePath(row, path) => (Place::Node(file, row), path),
            TargetView::Import(import, path) => (self.import(file, import, 0)?, path),
            TargetView::Receiver(row, path) => {
                let (file, row) = holder.unwrap_or((file, row));
                (Place::Object(file, row), path)
            }
            TargetView::Super(row, path) => {
                let (first, rest) = first_and_rest(path);
                let place = self.inherited(file, row, first)?;
                return self.walk_through(place, holder.or(Some((file, row))), rest);
            }
            TargetView::Free(name, path) => self.free(file, name, path)?,
            TargetView::Within(row, path) => self.within_in(file, segment, row, path)?,
        };
        if let Place::Node(file, row) = place {
            // Whether it is a class decides what comes next.
            let facts = self.facts(file)?;
            let segment = facts.as_deref().unwrap_or(self.segment);
            self.asked.push(term::asks_id(&segment.id(row)));
        }
        self.walk(place, path)
    }
}
