//! Looking things up beyond a file: modules, exports, members of classes and of their bases.
//!
//! Every question is recorded before it is answered, so that a link is derived again when an answer changes.

use std::borrow::Cow;
use std::mem;
use std::rc::Rc;

use super::alternatives::LookUp;
use super::rule::{FactsView, Linker, Missing, Place};
use super::side::Side;
use super::{namespace, term};
use crate::keyspace::FileOrd;
use crate::limits::{MAX_LINK_DEPTH, MAX_LINK_MERGED};
use crate::model::{Export, ExportTarget, edge_kind, node_kind};
use crate::segment::{ImportedView, Segment};

/// The kind of the nodes for namespaces that are not the stem of their file.
const NAMESPACE: &str = "namespace";

impl<V: FactsView> Linker<'_, V> {
    /// The node of a place: of a module, that of the file as a whole.
    pub(super) fn as_node(&mut self, place: Place) -> Result<Option<(FileOrd, u32)>, Missing> {
        match place {
            Place::Node(file, row) => Ok(Some((file, row))),
            Place::Module(file) => {
                let segment = self.facts(file)?;
                Ok(segment.module_row().map(|row| (file, row)))
            }
            // Of a namespace the first file stands for all.
            Place::Namespace(namespace) => {
                let path = self.path_of(namespace).to_owned();
                match self.module(&path)? {
                    Some(file) => self.as_node(Place::Module(file)),
                    None => Ok(None),
                }
            }
            Place::Object(..) | Place::Part(_) | Place::Outside | Place::Container | Place::Opaque => {
                Ok(None)
            }
        }
    }

    pub(super) fn module(&mut self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        self.asked.push(term::asks_module(stem));
        self.view.module(stem)
    }

    /// What an import of a file binds.
    pub(super) fn import(&mut self, file: FileOrd, import: u32, depth: usize) -> Result<Place, Missing> {
        if file == self.own
            && let Some(place) = self.imports.get(&import)
        {
            self.doubts.recall(&LookUp::Import(import));
            return Ok(*place);
        }
        let before = self.doubts.begin();
        let place = self.import_anew(file, import, depth)?;
        if file == self.own {
            self.doubts.end(before, &LookUp::Import(import));
            self.imports.insert(import, place);
        } else {
            self.doubts.is_here |= before;
        }
        Ok(place)
    }

    fn import_anew(&mut self, file: FileOrd, import: u32, depth: usize) -> Result<Place, Missing> {
        let segment = self.facts(file)?;
        let import = segment.import(import);
        if segment.namespace().is_some() {
            return self.import_shared(&import, depth);
        }
        for (position, candidate) in import.candidates.iter().enumerate() {
            let Some(candidate) = self.stem_of(candidate)? else { continue };
            let found = self.module(&candidate)?;
            match (found, import.name) {
                (Some(module), ImportedView::Name(name)) => return self.export(module, name, depth + 1),
                (Some(module), _) => return Ok(Place::Module(module)),
                // A folder without a file of its own can still hold the module that is imported from it.
                (None, ImportedView::Name(name)) if position == 0 => {
                    if let Some(module) = self.module(&submodule(&candidate, name))? {
                        return Ok(Place::Module(module));
                    }
                }
                (None, _) => {}
            }
        }
        Ok(Place::Outside)
    }

    /// The stem that a candidate means. `a//b/c` means `a/b/c`, unless `a` is a package: from inside of packages
    /// nothing is imported without saying so.
    fn stem_of<'c>(&mut self, candidate: &'c str) -> Result<Option<Cow<'c, str>>, Missing> {
        let Some((folder, inside)) = candidate.split_once("//") else {
            return Ok(Some(Cow::Borrowed(candidate)));
        };
        if let Some(file) = self.module(folder)? {
            let segment = self.facts(file)?;
            if segment.module().is_some_and(|module| module.is_package) {
                return Ok(None);
            }
        }
        Ok(Some(Cow::Owned(format!("{folder}/{inside}"))))
    }

    /// What a module exports under a name.
    pub(super) fn export(&mut self, file: FileOrd, name: &str, depth: usize) -> Result<Place, Missing> {
        let key = (file, name.to_owned());
        if let Some(place) = self.exports.get(&key) {
            self.doubts.recall(&LookUp::Export(&key));
            return Ok(*place);
        }
        self.exports.insert(key.clone(), Place::Outside);
        let before = self.doubts.begin();
        let place = self.export_anew(file, name, depth)?;
        self.doubts.end(before, &LookUp::Export(&key));
        self.exports.insert(key, place);
        Ok(place)
    }

    fn export_anew(&mut self, file: FileOrd, name: &str, depth: usize) -> Result<Place, Missing> {
        let segment = self.facts(file)?;
        self.asked.push(term::asks_export(segment.path(), name));
        if depth > MAX_LINK_DEPTH {
            return Ok(Place::Outside);
        }
        let mut imports = Vec::new();
        let mut targets = segment.exports_named(name).peekable();
        while let Some(target) = targets.next() {
            let place = match target {
                ExportTarget::Node(row) => Place::Node(file, row),
                ExportTarget::Import(import) => {
                    imports.push(import);
                    if matches!(targets.peek(), Some(ExportTarget::Import(_))) {
                        continue;
                    }
                    self.first_of(file, &mem::take(&mut imports), depth + 1)?
                }
            };
            if place != Place::Outside {
                return Ok(place);
            }
        }
        self.asked.push(term::asks_export(segment.path(), ""));
        for target in segment.exports_named("") {
            if let ExportTarget::Import(import) = target
                && let Place::Module(module) = self.import(file, import, depth + 1)?
                && self.is_public(module, name)? != Some(false)
            {
                let place = self.export(module, name, depth + 1)?;
                if place != Place::Outside {
                    return Ok(place);
                }
            }
        }
        if let Some(package) = segment.module().filter(|module| module.is_package)
            && let Some(module) = self.module(&submodule(package.stem, name))?
        {
            return Ok(Place::Module(module));
        }
        Ok(Place::Outside)
    }

    /// A name that nothing in a file binds: perhaps an `import *` does.
    pub(super) fn star(&mut self, file: FileOrd, name: &str) -> Result<Place, Missing> {
        let stars = if file == self.own { self.stars.clone() } else { stars(self.view.segment(file)?) };
        for import in stars.into_iter().rev() {
            // `import *` leaves out what begins with an underscore, and the last one of a name is the one that stays.
            if let Place::Module(module) = self.import(file, import, 0)?
                && self.is_public(module, name)?.unwrap_or(!name.starts_with('_'))
            {
                let place = self.export(module, name, 1)?;
                if place != Place::Outside {
                    return Ok(place);
                }
            }
        }
        Ok(Place::Outside)
    }

    /// Whether a module says that it gives a name to who imports all of it; none where it says nothing of it.
    fn is_public(&mut self, file: FileOrd, name: &str) -> Result<Option<bool>, Missing> {
        let segment = self.facts(file)?;
        self.asked.push(term::asks_export(segment.path(), Export::STAR));
        if segment.exports_named(Export::STAR).next().is_none() {
            return Ok(None);
        }
        let marked = format!("{}{name}", Export::STAR);
        self.asked.push(term::asks_export(segment.path(), &marked));
        Ok(Some(segment.exports_named(&marked).next().is_some()))
    }

    /// A member of a class, its own or inherited.
    pub(super) fn member(
        &mut self,
        file: FileOrd,
        row: u32,
        name: &str,
        side: Side,
    ) -> Result<Place, Missing> {
        let segment = self.facts(file)?;
        if segment.kind(row) == NAMESPACE
            && let Some(path) = namespace::path_of_node(segment, row)
            && let Place::Namespace(namespace) = self.namespace(path)
        {
            return self.step(namespace, name);
        }
        let has_members = node_kind::has_members(segment.kind(row));
        // Elsewhere than in such languages functions have none: `Outer.Inner` would be a local class.
        let holds = matches!(segment.kind(row), node_kind::VARIABLE | node_kind::TYPE | NAMESPACE);
        if (has_members || holds || segment.namespace().is_some())
            && let Some(found) = self.own_member(file, segment, row, name, side)?
        {
            return Ok(found);
        }
        for other in self.merged(file, segment, row) {
            if let Some(found) = self.own_member(file, segment, other, name, side)? {
                return Ok(found);
            }
            if node_kind::has_members(segment.kind(other)) {
                let found = self.inherited(file, other, name, side)?;
                if found != Place::Outside {
                    return Ok(found);
                }
            }
        }
        if has_members { self.inherited(file, row, name, side) } else { Ok(Place::Opaque) }
    }

    /// The other declarations of a name in its file that are one thing with it, where the file shares no namespace: an
    /// interface or namespace adds to what has its name, and what has the name of an interface is of it.
    pub(super) fn merged(&mut self, file: FileOrd, segment: &Segment, row: u32) -> Vec<u32> {
        let merges = |kind: &str| matches!(kind, node_kind::INTERFACE | node_kind::TYPE | NAMESPACE);
        let others = self.repeats(file, segment, row);
        let others = others.iter().copied();
        others.filter(|other| merges(segment.kind(*other)) || merges(segment.kind(row))).collect()
    }

    /// The other definitions of the name of a node in its file, where the file shares no namespace.
    pub(super) fn repeats(&mut self, file: FileOrd, segment: &Segment, row: u32) -> Rc<[u32]> {
        if let Some(known) = self.repeats.get(&(file, row)) {
            return Rc::clone(known);
        }
        let others: Rc<[u32]> = self.repeats_anew(segment, row).into();
        self.repeats.insert((file, row), Rc::clone(&others));
        others
    }

    fn repeats_anew(&mut self, segment: &Segment, row: u32) -> Vec<u32> {
        let mut others = Vec::new();
        if segment.namespace().is_some() || segment.kind(row) == node_kind::MODULE {
            return others;
        }
        let id = segment.id(row);
        let first = namespace::first_of_repeats(&id);
        for repeat in 1..=MAX_LINK_MERGED {
            let other = if repeat == 1 { first.to_owned() } else { format!("{first}#{repeat}") };
            self.asked.push(term::asks_id(&other));
            let Some(found) = segment.row_of(&other) else { break };
            if found != row {
                others.push(found);
            }
        }
        others
    }

    /// A bare name inside of something of this file: a member, own or inherited, of the innermost class or namespace
    /// around that has one. The thing may be a method that stands away from its class.
    ///
    /// Where a type is meant, a property of its name is not it.
    pub(super) fn within(&mut self, row: u32, name: &str, kind: &str) -> Result<Place, Missing> {
        let is_type = matches!(kind, edge_kind::USES_TYPE | edge_kind::INHERITS | edge_kind::INSTANTIATES);
        for around in namespace::around(self.segment, row) {
            let holder = match self.segment.row_of(&around.id) {
                Some(row) => Place::Node(self.own, row),
                None => self.elsewhere(&around)?,
            };
            let place = match holder {
                Place::Node(file, row) => self.member(file, row, name, Side::Any)?,
                _ => continue,
            };
            let is_other = is_type && self.is_variable(place)?;
            // A namespace that nobody defines is no find: what is meant may stand further out.
            if !is_other && !matches!(place, Place::Outside | Place::Opaque | Place::Namespace(_)) {
                return Ok(place);
            }
        }
        Ok(Place::Outside)
    }

    fn is_variable(&self, place: Place) -> Result<bool, Missing> {
        let Place::Node(file, row) = place else { return Ok(false) };
        let segment = self.facts(file)?;
        Ok(segment.kind(row) == node_kind::VARIABLE)
    }
}

/// The imports of a file that bring all that their modules export.
pub(super) fn stars(segment: &Segment) -> Vec<u32> {
    (0..segment.import_count()).filter(|import| segment.imported(*import).1 == ImportedView::Star).collect()
}

/// The stem of a module in a package, which may be the root itself.
fn submodule(package: &str, name: &str) -> String {
    let is_root = package.ends_with(':');
    if is_root { format!("{package}{name}") } else { format!("{package}/{name}") }
}
