//! What a file says of a path from a node: the longest beginning of it that is known, and what that leads to.
//!
//! A value fact may say less than a class: that something has this one member, that it is one of several types, that it
//! holds things of a type. Such a thing has no node, and is known by the node and the path that lead to it, a *part* of
//! the node.

use super::alternatives::LookUp;
use super::builtin::{self, AWAITED, EACH, Through};
use super::namespace::first_and_rest;
use super::rule::{FactsView, Linker, Missing, Place};
use super::value::Holder;
use crate::keyspace::FileOrd;
use crate::limits::MAX_LINK_VALUES;
use crate::model::Target;
use crate::segment::{Segment, TargetView};

/// A node and a path from it.
pub(super) type PartKey = (FileOrd, u32, String);

/// A part of a node, as a position among those that a linker has met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartRef(u32);

/// How the longest known beginning of a path is known.
#[derive(Clone, Copy)]
enum How<'s> {
    /// A fact says what it is.
    Is(&'s str, TargetView<'s>),
    /// It is all of several types, `&0` and so on behind it, or one of several, `|0` and so on.
    Several,
    /// It is what is at the end of this path: what a container holds, or a container of the same things.
    Same(&'s str),
}

/// The longest known beginning of a path: how long what is left is, and how the beginning is known.
struct Known<'s> {
    left: usize,
    how: How<'s>,
    /// The path of the fact that says it, without what stands for several types or for what a container holds.
    at: &'s str,
}

/// How much of a path is known.
enum Longest<'s> {
    Nothing,
    /// All of it, as the beginning of what is said of its members.
    Whole,
    Known(Known<'s>),
}

/// The member that begins an alternative, all of which are meant.
const ALL: char = '&';

/// The member that begins an alternative, one of which is meant.
const ONE: char = '|';

impl<V: FactsView> Linker<'_, V> {
    fn part(&mut self, file: FileOrd, row: u32, path: &str) -> Place {
        let key = (file, row, path.to_owned());
        if let Some(known) = self.part_numbers.get(&key) {
            return Place::Part(PartRef(*known));
        }
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.parts.push(key.clone());
        self.part_numbers.insert(key, number);
        Place::Part(PartRef(number))
    }

    /// The node of a part, and the path to it joined with another.
    pub(super) fn path_from_node(&self, part: PartRef, path: &str) -> Option<(FileOrd, u32, String)> {
        let (file, row, start) = self.parts.get(part.0 as usize)?;
        let separator = if path.is_empty() { "" } else { "\0" };
        Some((*file, *row, format!("{start}{separator}{path}")))
    }

    /// What a path leads to from a node, along the longest beginning of it of which the node's file says something, and
    /// the rest of the path.
    pub(super) fn along<'p>(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        holder: Holder,
        path: &'p str,
    ) -> Result<Option<(Place, &'p str)>, Missing> {
        let known = match longest(segment, row, path) {
            Longest::Nothing => return Ok(None),
            Longest::Whole => return Ok(Some((self.part(file, row, path), ""))),
            Longest::Known(known) => known,
        };
        let rest = path.get(path.len() - known.left..).unwrap_or_default();
        match known.how {
            How::Is(said, target) => {
                let place = self.said(file, segment, row, holder, said, target)?;
                Ok(place.map(|place| (place, rest)))
            }
            How::Same(same) if rest.is_empty() && !same.is_empty() => {
                let found = self.along(file, segment, row, holder, same)?;
                Ok(found.map(|(place, _)| (place, "")))
            }
            How::Same("") => Ok(Some((Place::Node(file, row), rest))),
            How::Same(same) => Ok(Some((self.part(file, row, same), rest))),
            How::Several if rest.is_empty() && known.at.is_empty() => Ok(None),
            How::Several if rest.is_empty() => Ok(Some((self.part(file, row, known.at), ""))),
            How::Several => {
                let place = self.several(file, segment, row, known.at, rest)?;
                Ok(Some((place, "")))
            }
        }
    }

    /// What a path leads to from something of several types.
    fn several(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        at: &str,
        path: &str,
    ) -> Result<Place, Missing> {
        let key = (file, row, format!("{at}\0{ONE}\0{path}"), None);
        if let Some(place) = self.values.get(&key) {
            self.doubts.recall(&LookUp::Value(&key));
            return Ok(*place);
        }
        // A type that is one of its own alternatives ends here.
        self.values.insert(key.clone(), Place::Opaque);
        if self.following >= MAX_LINK_VALUES {
            return Ok(Place::Opaque);
        }
        self.following += 1;
        let before = self.doubts.begin();
        let place = self.agreed(file, segment, row, at, path);
        self.following -= 1;
        let place = place?;
        self.doubts.end(before, &LookUp::Value(&key));
        self.values.insert(key, place);
        Ok(place)
    }

    /// What all types lead to that have the path, or the first of them where the thing is of all of them.
    fn agreed(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        at: &str,
        path: &str,
    ) -> Result<Place, Missing> {
        let is_argument = Target::is_argument(first_and_rest(path).0);
        let mut found = Place::Outside;
        let mut may_be_outside = false;
        for (said, target) in segment.values_of(row) {
            let Some((_, sign)) = alternative(said).filter(|(before, _)| *before == at) else { continue };
            let whole = self.said(file, segment, row, None, said, target)?.unwrap_or(Place::Opaque);
            let place = self.walk(whole, path)?;
            match (sign, place) {
                (ALL, Place::Outside) => {}
                (ALL, Place::Opaque) => found = Place::Opaque,
                (ALL, _) => return Ok(place),
                // What is passed is a function, so the type that takes functions is meant.
                (_, Place::Outside | Place::Opaque) if is_argument => {}
                // A class that has no such member is not the one that is meant.
                (_, Place::Outside) if whole != Place::Outside => {}
                (_, Place::Outside) => may_be_outside = true,
                (_, Place::Opaque) => return Ok(Place::Opaque),
                _ if found == Place::Outside || found == place => found = place,
                _ => return Ok(Place::Opaque),
            }
        }
        // One of them is not of the repository, and may be the one that is meant.
        Ok(if may_be_outside && found != Place::Outside { Place::Opaque } else { found })
    }
}

/// The longest beginning of a path of which something is said.
fn longest<'s>(segment: &'s Segment, row: u32, path: &str) -> Longest<'s> {
    let mut best: Option<Known<'s>> = None;
    for (said, target) in segment.values_of(row) {
        if !path.is_empty() && said.len() > path.len() && rest_behind(path, said).is_some() {
            return Longest::Whole;
        }
        let found = match rest_behind(said, path) {
            Some(rest) => Some(Known { left: rest.len(), how: How::Is(said, target), at: said }),
            None => beyond(segment.family(), said, path),
        };
        if let Some(found) = found
            && best.as_ref().is_none_or(|best| found.left < best.left)
        {
            best = Some(found);
        }
    }
    best.map_or(Longest::Nothing, Longest::Known)
}

/// A beginning of the path that is known by one of several types, or by what a container holds.
fn beyond<'s>(family: &str, said: &'s str, path: &str) -> Option<Known<'s>> {
    if let Some((before, _)) = alternative(said) {
        let rest = rest_behind(before, path)?;
        return Some(Known { left: rest.len(), how: How::Several, at: before });
    }
    let (before, last) = said.rsplit_once('\0').unwrap_or(("", said));
    if last != EACH && last != AWAITED {
        return None;
    }
    let rest = rest_behind(before, path)?;
    let (through, rest) = builtin::through(family, last, rest)?;
    let how = match through {
        Through::Held => How::Same(said),
        Through::Container => How::Same(before),
    };
    Some(Known { left: rest.len(), how, at: before })
}

/// What is left of a path behind a beginning of it.
fn rest_behind<'p>(start: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(start)?;
    if start.is_empty() || rest.is_empty() { Some(rest) } else { rest.strip_prefix('\0') }
}

/// The path to something of several types, of which a fact says one, and whether it is all of them or one.
fn alternative(said: &str) -> Option<(&str, char)> {
    let (before, last) = said.rsplit_once('\0').unwrap_or(("", said));
    let sign = last.chars().next().filter(|sign| [ALL, ONE].contains(sign))?;
    Some((before, sign))
}
