//! The facts of every file at once, in memory, for linking a whole repository.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Result};
use rayon::prelude::*;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::keyspace::{FileOrd, Slot};
use crate::limits::MAX_LINK_PARTS;
use crate::link::{FactsView, Members, Missing, Precedence, Symbol, is_candidate, part, symbols_of};
use crate::segment::Segment;

/// Facts of files that are numbered in the order of their paths, with every node's row as its slot.
///
/// What is looked up stands under 128 bits of a hash, so that no two are taken for one, and is hashed no further.
pub(super) struct AllFacts {
    segments: Vec<Arc<Segment>>,
    modules: Hashed<FileOrd>,
    nodes: Hashed<(FileOrd, u32)>,
    /// By family and name.
    members: Hashed<Members>,
    /// With the rank.
    symbols: Hashed<(Precedence, Symbol)>,
    /// Of symbols that several files define.
    parts: Hashed<Vec<(FileOrd, u32)>>,
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
    pub(super) fn new(segments: Vec<Arc<Segment>>) -> Result<Self> {
        let hashes: Vec<Hashes> = segments.par_iter().map(|segment| Hashes::of(segment)).collect();
        let mut modules: Hashed<(u8, FileOrd)> = Hashed::default();
        let mut nodes = Hashed::default();
        nodes.reserve(hashes.iter().map(|hashes| hashes.ids.len()).sum());
        let mut members: Hashed<Members> = Hashed::default();
        let (mut symbols, mut parts) = (Hashed::default(), Hashed::default());
        for ((file, segment), hashes) in (0..).zip(&segments).zip(hashes) {
            if let Some(module) = segment.module() {
                // Files come in the order of their paths, so the first of a rank stays.
                let entry = modules.entry(xxh3_128(module.stem.as_bytes())).or_insert((module.rank, file));
                if module.rank < entry.0 {
                    *entry = (module.rank, file);
                }
            }
            add_symbols(&mut symbols, &mut parts, file, segment);
            for (row, id) in (0..).zip(hashes.ids) {
                if let Some((other, _)) = nodes.insert(id, (file, row)) {
                    let other = segments.get(other as usize).map_or("", |segment| segment.path());
                    return Err(defined_twice(&segment.id(row), other, segment.path()));
                }
            }
            for (name, row) in hashes.members {
                let known = members.entry(name).or_default();
                if !known.is_settled() {
                    known.add_row(file, segment, row);
                }
            }
        }
        let modules = modules.into_iter().map(|(stem, (_, file))| (stem, file)).collect();
        Ok(Self { segments, modules, nodes, members, symbols, parts })
    }
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
        self.segments.get(file as usize).map(AsRef::as_ref).ok_or(Missing)
    }

    fn slot(&self, _file: FileOrd, row: u32) -> Result<Slot, Missing> {
        Ok(row)
    }

    fn module(&self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        Ok(self.modules.get(&xxh3_128(stem.as_bytes())).copied())
    }

    fn node(&self, id: &str) -> Result<Option<(FileOrd, u32)>, Missing> {
        Ok(self.nodes.get(&xxh3_128(id.as_bytes())).copied())
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
