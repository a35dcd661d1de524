//! Looking names up in namespaces: modules to which any number of files contribute.
//!
//! A *symbol* is the stem of a namespace and a dotted name that a file exports in it, as one path: `java:com/foo/Bar/run`
//! is `run` of `Bar` in `com/foo`, and just as well `Bar.run` in `com/foo`. So it does not matter whether a file states
//! its namespace in its stem or in the names of its exports, and a method is found on its type wherever it stands.

use super::rule::{FactsView, Linker, Missing, Place};
use super::side::Side;
use super::symbol::qualified;
pub(super) use super::symbol::{
    Around, Symbol, around, first_and_rest, first_of_repeats, join, opened, path_of_node,
};
use super::term;
use crate::keyspace::FileOrd;
use crate::limits::MAX_LINK_DEPTH;
use crate::model::{ExportTarget, node_kind};
use crate::segment::{ImportView, ImportedView, Segment, TargetView, members};

/// The most parts of a name that are looked up together: `com.example.Type` in full.
const MOST_SPELT_OUT: u32 = 8;

/// The most definitions of one name that one file is looked through for.
const MOST_REPEATS: u32 = 64;

/// A namespace, as a position among those that a linker has met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamespaceRef(u32);

impl<V: FactsView> Linker<'_, V> {
    pub(super) fn namespace(&mut self, path: String) -> Place {
        if let Some(known) = self.namespace_numbers.get(&path) {
            return Place::Namespace(NamespaceRef(*known));
        }
        let number = u32::try_from(self.namespaces.len()).unwrap_or(u32::MAX);
        self.namespaces.push(path.clone());
        self.namespace_numbers.insert(path, number);
        Place::Namespace(NamespaceRef(number))
    }

    pub(super) fn path_of(&self, namespace: NamespaceRef) -> &str {
        self.namespaces.get(namespace.0 as usize).map_or("", String::as_str)
    }

    /// A name in a namespace: a definition, or else a namespace below it, whether there is one or not.
    pub(super) fn step(&mut self, namespace: NamespaceRef, name: &str) -> Result<Place, Missing> {
        let path = self.path_of(namespace).to_owned();
        match self.in_namespace(&path, name, 0)? {
            Place::Outside => Ok(self.namespace(join(&path, name))),
            found => Ok(found),
        }
    }

    /// What a namespace defines under a dotted name.
    pub(super) fn in_namespace(
        &mut self,
        namespace: &str,
        name: &str,
        depth: usize,
    ) -> Result<Place, Missing> {
        let symbol = join(namespace, name);
        if let Some(place) = self.symbols.get(&symbol) {
            return Ok(*place);
        }
        self.symbols.insert(symbol.clone(), Place::Outside);
        let place = self.in_namespace_anew(namespace, &symbol, name, depth)?;
        self.symbols.insert(symbol, place);
        Ok(place)
    }

    fn in_namespace_anew(
        &mut self,
        namespace: &str,
        symbol: &str,
        name: &str,
        depth: usize,
    ) -> Result<Place, Missing> {
        if depth > MAX_LINK_DEPTH {
            return Ok(Place::Outside);
        }
        if let Some(found) = self.symbol(symbol)? {
            match found.target {
                ExportTarget::Node(row) => return Ok(Place::Node(found.file, row)),
                ExportTarget::Import(import) => {
                    let place = self.import(found.file, import, depth + 1)?;
                    if place != Place::Outside {
                        return Ok(place);
                    }
                }
            }
        }
        // What the namespace exports of others as a whole.
        let Some(found) = self.symbol(&join(namespace, ""))? else { return Ok(Place::Outside) };
        let segment = self.facts(found.file)?;
        for target in segment.exports_named("") {
            let ExportTarget::Import(import) = target else { continue };
            for candidate in segment.import(import).candidates {
                let place = self.in_namespace(candidate, name, depth + 1)?;
                if place != Place::Outside {
                    return Ok(place);
                }
            }
        }
        Ok(Place::Outside)
    }

    fn symbol(&mut self, symbol: &str) -> Result<Option<Symbol>, Missing> {
        self.asked.push(term::asks_symbol(symbol));
        self.view.symbol(symbol)
    }

    /// What an import binds in a file of a family with namespaces.
    pub(super) fn import_shared(&mut self, import: &ImportView<'_>, depth: usize) -> Result<Place, Missing> {
        for candidate in &import.candidates {
            let place = match import.name {
                ImportedView::Name(name) => self.in_namespace(candidate, name, depth + 1)?,
                ImportedView::Module | ImportedView::Star => self.whole_namespace(candidate, depth)?,
            };
            if place != Place::Outside {
                return Ok(place);
            }
        }
        // It may have namespaces below it and nothing of its own.
        match (import.candidates.first(), import.name) {
            (None, _) => Ok(Place::Outside),
            (Some(first), ImportedView::Name(name)) => Ok(self.namespace(join(first, name))),
            (Some(first), _) => Ok(self.namespace((*first).to_owned())),
        }
    }

    /// The namespace of this path, if any file contributes to it by its stem or defines it; or the file of this path:
    /// what an `#include` names.
    fn whole_namespace(&mut self, path: &str, depth: usize) -> Result<Place, Missing> {
        let Some((_, file)) = path.split_once(':').filter(|(_, path)| !path.is_empty()) else {
            return Ok(self.namespace(path.to_owned()));
        };
        if self.module(path)?.is_some() {
            return Ok(self.namespace(path.to_owned()));
        }
        // Through what the namespace around it exports of others, too. A name with a dot is that of a file.
        let start = path.rfind('/').map_or(path.len() - file.len(), |slash| slash + 1);
        let (around, name) = path.split_at(start);
        if !name.contains('.') {
            let around = around.strip_suffix('/').unwrap_or(around);
            let place = self.in_namespace(around, name, depth + 1)?;
            if place != Place::Outside {
                return Ok(place);
            }
        }
        let id = format!("{file}::<module>");
        self.asked.push(term::asks_id(&id));
        let node = self.view.node(&id)?;
        Ok(node.map_or(Place::Outside, |(file, row)| Place::Node(file, row)))
    }

    /// A dotted name of which the file does not bind the first part: what is found of it, and what is left to walk.
    ///
    /// It is looked for in the file's own namespace, then in those that it opens, in their order. A first part that is
    /// no more than a namespace of others is known by what is below it.
    pub(super) fn free<'p>(
        &mut self,
        file: FileOrd,
        name: &str,
        path: &'p str,
    ) -> Result<(Place, &'p str), Missing> {
        let segment = self.facts(file)?;
        let Some(own) = segment.namespace() else { return Ok((self.star(file, name)?, path)) };
        let opened = if file == self.own { self.opened.clone() } else { opened(segment) };
        let around = || std::iter::once(own).chain(opened.iter().copied());
        let root = own.split_once(':').map_or("", |(family, _)| family).to_owned() + ":";
        let mut dotted = name.to_owned();
        let mut rest = path;
        for length in 1..=MOST_SPELT_OUT {
            let nearby = around().take(if length <= 2 { usize::MAX } else { 0 });
            for namespace in nearby.chain((length > 1).then_some(root.as_str())) {
                let place = self.in_namespace(namespace, &dotted, 0)?;
                if place != Place::Outside {
                    return Ok((place, rest));
                }
            }
            let Some(next) = members(rest).next() else { break };
            dotted = format!("{dotted}.{next}");
            rest = rest.get(next.len()..).unwrap_or_default().trim_start_matches('\0');
        }
        let namespaces: Vec<&str> = around().collect();
        self.extension_of_outside(&namespaces, name, path)
    }

    /// What has a dotted name of this file, where it is not this file that defines it.
    pub(super) fn elsewhere(&mut self, around: &Around) -> Result<Place, Missing> {
        match self.segment.namespace() {
            Some(namespace) => self.in_namespace(namespace, &around.name, 0),
            None => Ok(Place::Outside),
        }
    }

    /// What the bare name of a member means: the class, where the member is its constructor and has its name.
    pub(super) fn not_constructor(&mut self, found: Place, name: &str) -> Result<Place, Missing> {
        let Place::Node(file, row) = found else { return Ok(found) };
        let segment = self.facts(file)?;
        let Some(namespace) = segment.namespace() else { return Ok(found) };
        let id = segment.id(row);
        let holder = id.strip_suffix(name).and_then(|holder| holder.strip_suffix('.'));
        let Some(holder) = holder.filter(|_| segment.kind(row) == node_kind::METHOD) else {
            return Ok(found);
        };
        let class = qualified(segment, holder);
        if class.rsplit('.').next() != Some(name) {
            return Ok(found);
        }
        match self.in_namespace(namespace, class, 0)? {
            Place::Node(file, row) => Ok(Place::Node(file, row)),
            _ => Ok(segment.row_of(holder).map_or(found, |row| Place::Node(file, row))),
        }
    }

    /// A member of a node that is defined for it, in its own file or away from it, and not inherited.
    pub(super) fn own_member(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        name: &str,
        side: Side,
    ) -> Result<Option<Place>, Missing> {
        if let Some(namespace) = segment.namespace() {
            let id = segment.id(row);
            let holder = first_of_repeats(qualified(segment, &id));
            let place = self.in_namespace(namespace, &[holder, ".", name].concat(), 0)?;
            if place != Place::Outside {
                return Ok(Some(place));
            }
        }
        let [path, separator, text] = segment.id_parts(row);
        let id = [path, separator, text, ".", name].concat();
        self.asked.push(term::asks_id(&id));
        let found = segment.row_of(&id).filter(|found| !segment.is_given(*found));
        let found = found.and_then(|found| self.on_side(segment, &id, found, side));
        Ok(found.map(|row| Place::Node(file, row)))
    }

    /// A name in what a node stands in, from the node outwards, without what is inherited.
    fn own_member_around(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        name: &str,
    ) -> Result<Option<Place>, Missing> {
        for around in around(segment, row) {
            let place = match (segment.row_of(&around.id), segment.namespace()) {
                (Some(row), _) => {
                    self.own_member(file, segment, row, name, Side::Any)?.unwrap_or(Place::Outside)
                }
                (None, Some(namespace)) => {
                    self.in_namespace(namespace, &format!("{}.{name}", around.name), 0)?
                }
                (None, None) => Place::Outside,
            };
            if place != Place::Outside {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// A dotted name inside of something of a file, which may be any: what is found of it without asking what is
    /// inherited, and what is left to walk.
    pub(super) fn within_in<'p>(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
        path: &'p str,
    ) -> Result<(Place, &'p str), Missing> {
        let (first, rest) = first_and_rest(path);
        match self.own_member_around(file, segment, row, first)? {
            Some(place) => Ok((place, rest)),
            None => self.free(file, first, rest),
        }
    }

    /// What a base of a class is: looked up without asking what is inherited, so that no look-up needs itself.
    pub(super) fn shared_base(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        target: TargetView<'_>,
    ) -> Result<Place, Missing> {
        let (place, path) = match target {
            TargetView::Node(row) => (Place::Node(file, row), ""),
            TargetView::NodePath(row, path) => (Place::Node(file, row), path),
            TargetView::Import(import, path) => (self.import(file, import, 0)?, path),
            TargetView::Free(name, path) => self.free(file, name, path)?,
            TargetView::Within(row, path) => self.within_in(file, segment, row, path)?,
            _ => return Ok(Place::Outside),
        };
        let mut place = place;
        for name in members(path) {
            place = match place {
                Place::Namespace(namespace) => self.step(namespace, name)?,
                Place::Node(file, row) => {
                    let segment = self.facts(file)?;
                    self.own_member(file, segment, row, name, Side::Any)?.unwrap_or(Place::Outside)
                }
                Place::Module(_)
                | Place::Object(..)
                | Place::Part(_)
                | Place::Outside
                | Place::Container
                | Place::Opaque => {
                    return Ok(Place::Outside);
                }
            };
        }
        Ok(place)
    }

    /// The definition that fits how it is used, among those of one name in its file: a call means what can be called,
    /// anything else the field of that name. Says too whether several fit, so that which is meant is not certain.
    pub(super) fn fitting(&mut self, segment: &Segment, row: u32, is_call: bool) -> (u32, bool) {
        let id = segment.id(row);
        let start = id.len() - qualified(segment, &id).len();
        let first = start + first_of_repeats(id.get(start..).unwrap_or_default()).len();
        let first = id.get(..first).unwrap_or(&id);
        let mut fitting = Vec::new();
        for repeat in 1..=MOST_REPEATS {
            let other = if repeat == 1 { first.to_owned() } else { format!("{first}#{repeat}") };
            self.asked.push(term::asks_id(&other));
            let Some(row) = segment.row_of(&other) else { break };
            if (segment.kind(row) != node_kind::VARIABLE) == is_call {
                fitting.push(row);
            }
        }
        match fitting.as_slice() {
            [] => (row, false),
            [only] => (*only, false),
            [first, ..] => (*first, true),
        }
    }

    /// The parts of a class: in a namespace several files may each have one.
    pub(super) fn parts(&mut self, file: FileOrd, class: u32) -> Result<Vec<(FileOrd, u32)>, Missing> {
        let segment = self.facts(file)?;
        let own = (file, class);
        let Some(symbol) = path_of_node(segment, class) else { return Ok(vec![own]) };
        if self.symbol(&symbol)?.is_none_or(|found| found.is_only) {
            return Ok(vec![own]);
        }
        let parts = self.view.parts(&symbol)?;
        Ok(if parts.contains(&own) { parts } else { vec![own] })
    }

    /// Whether other files define the same thing as well as this one does.
    pub(super) fn is_contested(
        &mut self,
        file: FileOrd,
        segment: &Segment,
        row: u32,
    ) -> Result<bool, Missing> {
        let Some(symbol) = path_of_node(segment, row) else { return Ok(false) };
        let found = self.symbol(&symbol)?;
        Ok(found.is_some_and(|found| found.file == file && !found.is_only))
    }
}
