//! Walks along members, through what variables hold and functions return.
//!
//! A walk that has come to a variable or function goes on with what its file says of the value: the target of that fact is
//! bound as that file would bind it. The node is asked for by its id before its value is read, so that who walked through
//! it is linked again when the fact changes.

use super::alternatives::LookUp;
use super::namespace::first_and_rest;
use super::rule::{FactsView, Linker, Missing, Place};
use super::side::Side;
use super::term;
use crate::keyspace::FileOrd;
use crate::limits::MAX_LINK_VALUES;
use crate::model::{Target, node_kind};
use crate::segment::{Segment, TargetView, members};

/// The class through which a walk came to a member.
pub(super) type Holder = Option<(FileOrd, u32)>;

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
            if name == Target::OBJECT {
                (place, left) = (self.object_of(place)?, rest);
                continue;
            }
            let is_call = name == Target::CALL;
            let next = match place {
                // What a function of the outside calls may be given things of the repository.
                Place::Outside if members(left).any(Target::is_argument) => return Ok(Place::Opaque),
                Place::Outside | Place::Opaque => return Ok(place),
                Place::Container if rest.is_empty() && !name.starts_with('[') => return Ok(Place::Outside),
                Place::Container => return Ok(Place::Opaque),
                Place::Module(_) | Place::Namespace(_) | Place::Object(..) if is_call => Place::Opaque,
                // Of these the facts of the node alone know.
                Place::Part(_) => Place::Opaque,
                Place::Node(..) | Place::Object(..) if is_made(name) => Place::Opaque,
                Place::Module(file) => self.export(file, name, 0)?,
                Place::Namespace(namespace) => self.step(namespace, name)?,
                Place::Node(file, row) if is_call && self.is_class(file, row)? => Place::Object(file, row),
                Place::Node(file, row) if is_call && self.is_type(file, row)? => {
                    // Another name of a class, or a type of its own.
                    values += 1;
                    match self.value(file, row, None, "")? {
                        Some((aliased, _)) if values <= MAX_LINK_VALUES => {
                            place = aliased;
                            continue;
                        }
                        Some(_) => return Ok(Place::Opaque),
                        None => Place::Object(file, row),
                    }
                }
                // A variable with the name of a type is what makes things of it, whatever else is said of it.
                Place::Node(file, row) if is_call => match self.merged_with_variable(file, row)? {
                    Some(class) => Place::Object(file, class),
                    None => Place::Opaque,
                },
                Place::Node(file, row) | Place::Object(file, row) => {
                    let mut found = self.member_of(place, file, row, name)?;
                    if found == Place::Outside {
                        found = self.extension(file, row, name)?;
                    }
                    if found != Place::Opaque {
                        holder = Some((file, row));
                    }
                    // What an indexer calls in brackets is no name that a class would have.
                    if found == Place::Outside && name.starts_with('[') { Place::Opaque } else { found }
                }
            };
            if next == Place::Opaque && !matches!(place, Place::Module(_) | Place::Namespace(_)) {
                values += 1;
                let value = if values > MAX_LINK_VALUES { None } else { self.value_of(place, holder, left)? };
                (place, left, holder) = match (value, place) {
                    (Some((value, behind)), _) => (value, behind, None),
                    (None, Place::Node(file, row)) => match self.merged_class(file, row)? {
                        Some(class) if is_call => (Place::Object(file, class), rest, None),
                        Some(class) if self.is_type(file, class)? => (Place::Object(file, class), left, None),
                        _ => return Ok(Place::Opaque),
                    },
                    (None, _) => return Ok(Place::Opaque),
                };
                continue;
            }
            (place, left) = (next, rest);
        }
        Ok(place)
    }

    /// The class, interface or type of which a variable or function is the other half: what is made by calling it.
    pub(super) fn merged_class(&mut self, file: FileOrd, row: u32) -> Result<Option<u32>, Missing> {
        let segment = self.facts(file)?;
        let others = self.repeats(file, segment, row);
        Ok(others.iter().copied().find(|other| {
            node_kind::has_members(segment.kind(*other)) || segment.kind(*other) == node_kind::TYPE
        }))
    }

    fn merged_with_variable(&mut self, file: FileOrd, row: u32) -> Result<Option<u32>, Missing> {
        let segment = self.facts(file)?;
        if segment.kind(row) == node_kind::VARIABLE { self.merged_class(file, row) } else { Ok(None) }
    }

    pub(super) fn is_class(&self, file: FileOrd, row: u32) -> Result<bool, Missing> {
        let segment = self.facts(file)?;
        Ok(node_kind::has_members(segment.kind(row)))
    }

    fn is_type(&self, file: FileOrd, row: u32) -> Result<bool, Missing> {
        let segment = self.facts(file)?;
        Ok(segment.kind(row) == node_kind::TYPE)
    }

    /// What a path leads to from a place of which facts know.
    fn value_of<'p>(
        &mut self,
        place: Place,
        holder: Holder,
        path: &'p str,
    ) -> Result<Option<(Place, &'p str)>, Missing> {
        match place {
            Place::Node(file, row) | Place::Object(file, row) => self.value(file, row, holder, path),
            Place::Part(part) => {
                let Some((file, row, whole)) = self.path_from_node(part, path) else { return Ok(None) };
                let found = self.value(file, row, None, &whole)?;
                // What is known of less than the part says nothing of its members.
                let behind = found.and_then(|(place, rest)| {
                    let consumed = path.len().checked_sub(rest.len())?;
                    Some((place, path.get(consumed..)?))
                });
                Ok(behind)
            }
            Place::Module(_) | Place::Namespace(_) | Place::Outside | Place::Container | Place::Opaque => {
                Ok(None)
            }
        }
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
    pub(super) fn value<'p>(
        &mut self,
        file: FileOrd,
        row: u32,
        holder: Holder,
        path: &'p str,
    ) -> Result<Option<(Place, &'p str)>, Missing> {
        let segment = self.facts(file)?;
        self.asked.push(term::asks_id(&segment.id(row)));
        self.along(file, segment, row, holder, path)
    }

    /// What a value fact leads to.
    pub(super) fn said(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        holder: Holder,
        known: &str,
        target: TargetView<'_>,
    ) -> Result<Option<Place>, Missing> {
        let key = (file, row, known.to_owned(), holder);
        if let Some(place) = self.values.get(&key) {
            self.doubts.recall(&LookUp::Value(&key));
            return Ok(Some(*place));
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
        Ok(Some(place))
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
                let place = self.inherited(file, row, first, Side::Any)?;
                return self.walk_through(place, holder.or(Some((file, row))), rest);
            }
            TargetView::Free(name, path) => self.free(file, name, path)?,
            TargetView::Within(row, path) => self.within_in(file, segment, row, path)?,
        };
        if let Place::Node(file, row) = place {
            // Whether it is a class decides what comes next.
            let segment = self.facts(file)?;
            self.asked.push(term::asks_id(&segment.id(row)));
        }
        self.walk(place, path)
    }
}

/// Whether an indexer made up a member: for what is passed to a function, or to name what has no name.
fn is_made(member: &str) -> bool {
    Target::is_argument(member) || member.starts_with('{')
}
