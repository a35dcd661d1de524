//! Names that stand for one import or another: `try: from fast import f` with `except ImportError: from slow import f`.
//!
//! A file exports such a name several times. What it leads to is the first that is found, and a link through it is
//! ambiguous, unless all lead to the same.

use std::collections::{HashMap, HashSet};
use std::mem;

use foldhash::fast::RandomState;

use super::rule::{FactsView, Linker, Missing, Place};
use super::value::ValueKey;
use crate::keyspace::FileOrd;
use crate::model::{Export, ExportTarget};
use crate::segment::Segment;

/// What was found by a name that stands for several things: kept beside what the look-ups have found.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Whether the link that is being made has come by such a name.
    pub(super) is_here: bool,
    imports: HashSet<u32, RandomState>,
    exports: HashSet<(FileOrd, String), RandomState>,
    values: HashSet<ValueKey, RandomState>,
}

/// A look-up whose answer is kept.
pub(super) enum LookUp<'k> {
    Import(u32),
    Export(&'k (FileOrd, String)),
    Value(&'k ValueKey),
}

impl Doubts {
    /// A look-up begins. What it answers is what was known before it.
    pub(super) fn begin(&mut self) -> bool {
        mem::take(&mut self.is_here)
    }

    /// It ends, and its answer is kept.
    pub(super) fn end(&mut self, before: bool, of: &LookUp<'_>) {
        if self.is_here {
            match of {
                LookUp::Import(import) => drop(self.imports.insert(*import)),
                LookUp::Export(key) => drop(self.exports.insert((*key).clone())),
                LookUp::Value(key) => drop(self.values.insert((*key).clone())),
            }
        }
        self.is_here |= before;
    }

    /// An answer that was kept is used again.
    pub(super) fn recall(&mut self, of: &LookUp<'_>) {
        self.is_here |= match of {
            LookUp::Import(import) => self.imports.contains(import),
            LookUp::Export(key) => self.exports.contains(*key),
            LookUp::Value(key) => self.values.contains(*key),
        };
    }
}

/// What the imports of a file share their names with.
pub(super) struct Alternatives {
    /// For each import that shares its name with others: all of them, the first one first.
    imports: HashMap<u32, Vec<u32>, RandomState>,
    /// The imports whose names may stand for something that has no node.
    doubtful: HashSet<u32, RandomState>,
}

pub(super) fn alternatives(segment: &Segment) -> Alternatives {
    let mut alternatives = HashMap::default();
    let mut doubtful = HashSet::default();
    let mut same: (&str, Vec<u32>) = ("", Vec::new());
    let mut note = |imports: &[u32]| {
        if imports.len() > 1 {
            alternatives.extend(imports.iter().map(|import| (*import, imports.to_vec())));
        }
    };
    // The exports of a name stand together.
    for (name, target) in segment.exports() {
        if let (Export::DOUBTFUL, ExportTarget::Import(import)) = (name, target) {
            doubtful.insert(import);
            continue;
        }
        if name != same.0 {
            note(&same.1);
            same = (name, Vec::new());
        }
        if let (ExportTarget::Import(import), false) = (target, name.is_empty()) {
            same.1.push(import);
        }
    }
    note(&same.1);
    Alternatives { imports: alternatives, doubtful }
}

impl<V: FactsView> Linker<'_, V> {
    /// What an import of this file binds, or another one of the same name where that one leads nowhere.
    pub(super) fn own_import(&mut self, import: u32) -> Result<Place, Missing> {
        let place = match self.alternatives.imports.get(&import).cloned() {
            Some(imports) => self.first_of(self.own, &imports, 0),
            None => self.import(self.own, import, 0),
        };
        self.doubts.is_here |= self.alternatives.doubtful.contains(&import);
        place
    }

    /// What the first of several imports of one name leads to that leads somewhere, and whether another leads elsewhere.
    pub(super) fn first_of(
        &mut self,
        file: FileOrd,
        imports: &[u32],
        depth: usize,
    ) -> Result<Place, Missing> {
        let mut found = Place::Outside;
        let mut differ = false;
        for (position, import) in imports.iter().enumerate() {
            let before = self.doubts.begin();
            let place = self.import(file, *import, depth)?;
            self.doubts.is_here |= before;
            differ |= position > 0 && place != found;
            if found == Place::Outside {
                found = place;
            }
        }
        self.doubts.is_here |= differ && found != Place::Outside;
        Ok(found)
    }
}
