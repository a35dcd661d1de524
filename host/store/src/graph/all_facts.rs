//! The facts of every file at once, for linking a whole repository.

mod nodes;
mod shelf;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Result};
use rayon::prelude::*;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use self::nodes::NodeTable;
pub(super) use self::nodes::Twice;
pub(super) use self::shelf::SegmentShelf;
use crate::keyspace::{FileOrd, Slot};
use crate::limits::MAX_LINK_PARTS;
use crate::link::{FactsView, Members, Missing, Precedence, Symbol, is_candidate, part, symbols_of};
use crate::segment::Segment;

/// Facts of files that are numbered in the order of their paths, with every node's row as its slot.
///
/// What is looked up stands under 128 bits of a hash, so that no two are taken for one, and is hashed no further. The
/// tables know all files; what the files say may come and go between two steps of linking.
#[derive(Debug)]
pub(super) struct AllFacts {
    pub(super) shelf: SegmentShelf,
    /// With the rank.
    modules: Hashed<(u8, FileOrd)>,
    nodes: NodeTable,
    /// By family and name.
    members: Hashed<Members>,
    /// With the rank.
    symbols: Hashed<(Precedence, Symbol)>,
    /// Of symbols that several files define.
    parts: Hashed<Vec<(FileOrd, u32)>>,
    /// The hashes of the ids of each file, if they are kept.
    ids: Option<Vec<Vec<u128>>>,
}

/// What stands under hashes.
type Hashed<T> = HashMap<u128, T, BuildHasherDefault<AsItIs>>;

/// Takes a hash for what it is.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = (hash >> 64) as u64;
    }
}

/// What a file adds, hashed.
struct Hashes {
    /// Of the id of each row.
    ids: Vec<u128>,
    /// Of the names of members that a bare name may mean, with their rows.
    members: Vec<(u128, u32)>,
}

impl Hashes {
    fn of(segment: &Segment) -> Self {
        let mut text = Vec::new();
        let mut hashed = |parts: &[&str]| {
            text.clear();
            for part in parts {
                text.extend_from_slice(part.as_bytes());
            }
            xxh3_128(&text)
        };
        let rows = 0..segment.node_count();
        let family = segment.family();
        Self {
            ids: rows.clone().map(|row| hashed(&segment.id_parts(row))).collect(),
            members: rows
                .filter(|row| is_candidate(segment, *row))
                .map(|row| (hashed(&[family, "\0", segment.name(row)]), row))
                .collect(),
        }
    }
}

impl AllFacts {
    /// Indexes the segments, which must be sorted by path.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that two files define, naming both.
    pub(super) fn new(segments: &[Arc<Segment>]) -> Result<Self> {
        let nodes = segments.iter().map(|segment| segment.node_count() as usize).sum();
        let shelf = SegmentShelf::new(segments.iter().cloned().map(Some), 0);
        let mut facts = Self::over(shelf, nodes, false);
        facts.index(0..ordinal(segments.len()))?;
        match facts.settle() {
            None => Ok(facts),
            Some(twice) => Err(facts.defined_twice(twice)),
        }
    }

    /// Knows nothing yet of the files of a shelf, which have about so many nodes.
    pub(super) fn over(shelf: SegmentShelf, nodes: usize, keeps_ids: bool) -> Self {
        Self {
            shelf,
            modules: Hashed::default(),
            nodes: NodeTable::with_capacity(nodes),
            members: Hashed::default(),
            symbols: Hashed::default(),
            parts: Hashed::default(),
            ids: keeps_ids.then(Vec::new),
        }
    }

    /// Indexes some files, all of which must be on the shelf. All are indexed in their order, and then settled.
    ///
    /// # Errors
    /// `Internal` for one that is not there.
    pub(super) fn index(&mut self, files: Range<FileOrd>) -> Result<()> {
        let segments: Option<Vec<&Arc<Segment>>> =
            files.clone().map(|file| self.shelf.segment(file)).collect();
        let segments = segments
            .ok_or_else(|| Error::new(ErrorKind::Internal, "a file is to be indexed and not at hand"))?;
        let hashes: Vec<Hashes> = segments.par_iter().map(|segment| Hashes::of(segment)).collect();
        for ((file, segment), hashes) in files.zip(segments).zip(hashes) {
            if let Some(module) = segment.module() {
                // Files come in the order of their paths, so the first of a rank stays.
                let entry = self.modules.entry(xxh3_128(module.stem.as_bytes()));
                let entry = entry.or_insert((module.rank, file));
                if module.rank < entry.0 {
                    *entry = (module.rank, file);
                }
            }
            add_symbols(&mut self.symbols, &mut self.parts, file, segment);
            self.nodes.add(file, &hashes.ids);
            for (name, row) in hashes.members {
                let known = self.members.entry(name).or_default();
                if !known.is_settled() {
                    known.add_row(file, segment, row);
                }
            }
            if let Some(ids) = &mut self.ids {
                ids.push(hashes.ids);
            }
        }
        Ok(())
    }

    /// Ends indexing, and says which id is defined twice, if one is.
    pub(super) fn settle(&mut self) -> Option<Twice> {
        self.nodes.settle()
    }

    /// The error of an id that two files define, of which the second has to be at hand, and the first if it is to be named.
    pub(super) fn defined_twice(&self, twice: Twice) -> Error {
        let path = |file| self.shelf.segment(file).map_or("", |segment| segment.path());
        let id = self.shelf.segment(twice.second).map(|segment| segment.id(twice.row));
        defined_twice(&id.unwrap_or_default(), path(twice.first), path(twice.second))
    }

    /// The hashes of the ids of each file, by row, if they were to be kept.
    pub(super) fn take_ids(&mut self) -> Vec<Vec<u128>> {
        self.ids.take().unwrap_or_default()
    }

    /// The files that some files import at first hand, as far as they are modules of the repository.
    pub(super) fn imported_by(&self, files: Range<FileOrd>) -> Vec<FileOrd> {
        let mut imported: Vec<FileOrd> = files
            .filter_map(|file| self.shelf.segment(file))
            .flat_map(|segment| (0..segment.import_count()).flat_map(|import| segment.candidates_of(import)))
            .filter_map(|candidate| Some(self.modules.get(&xxh3_128(candidate.as_bytes()))?.1))
            .collect();
        imported.sort_unstable();
        imported.dedup();
        imported
    }
}

/// The number of a file by its place among all.
pub(super) fn ordinal(position: usize) -> FileOrd {
    FileOrd::try_from(position).unwrap_or(FileOrd::MAX)
}

fn add_symbols(
    symbols: &mut Hashed<(Precedence, Symbol)>,
    parts: &mut Hashed<Vec<(FileOrd, u32)>>,
    file: FileOrd,
    segment: &Segment,
) {
    for (symbol, target) in symbols_of(segment) {
        let Some(precedence) = Precedence::of(segment, target) else { continue };
        let key = xxh3_128(symbol.as_bytes());
        let found = (precedence, Symbol { file, target, is_only: true });
        // Files come in the order of their paths, so the first of a rank stays.
        let known = symbols.entry(key).or_insert(found);
        match precedence.cmp(&known.0) {
            Ordering::Less => {
                *known = found;
                parts.remove(&key);
            }
            Ordering::Equal if known.1.file != file && precedence.is_contested() => {
                known.1.is_only = false;
                let first = part(&known.1);
                let all = parts.entry(key).or_insert_with(|| first.into_iter().collect());
                all.extend(part(&found.1).filter(|_| all.len() < MAX_LINK_PARTS));
            }
            _ => {}
        }
    }
}

/// The error of an id that two files define.
pub(super) fn defined_twice(id: &str, first: &str, second: &str) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("the id `{id}` is defined in `{first}` and again in `{second}`"),
    )
    .with_help("ids must be unique in a repository")
}

impl FactsView for AllFacts {
    fn segment(&self, file: FileOrd) -> Result<&Segment, Missing> {
        self.shelf.get(file).ok_or(Missing)
    }

    fn slot(&self, _file: FileOrd, row: u32) -> Result<Slot, Missing> {
        Ok(row)
    }

    fn module(&self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        Ok(self.modules.get(&xxh3_128(stem.as_bytes())).map(|(_, file)| *file))
    }

    fn node(&self, id: &str) -> Result<Option<(FileOrd, u32)>, Missing> {
        Ok(self.nodes.get(xxh3_128(id.as_bytes())))
    }

    fn symbol(&self, symbol: &str) -> Result<Option<Symbol>, Missing> {
        Ok(self.symbols.get(&xxh3_128(symbol.as_bytes())).map(|(_, symbol)| *symbol))
    }

    fn parts(&self, symbol: &str) -> Result<Vec<(FileOrd, u32)>, Missing> {
        let key = xxh3_128(symbol.as_bytes());
        Ok(match self.parts.get(&key) {
            Some(parts) => parts.clone(),
            None => self.symbols.get(&key).and_then(|(_, symbol)| part(symbol)).into_iter().collect(),
        })
    }

    fn members(&self, family: &str, name: &str) -> Result<Members, Missing> {
        let key = xxh3_128([family, "\0", name].concat().as_bytes());
        Ok(self.members.get(&key).copied().unwrap_or_default())
    }
}
