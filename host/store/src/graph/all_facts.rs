//! The facts of every file at once, in memory, for linking a whole repository.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, Result};
use xxhash_rust::xxh3::xxh3_128;

use crate::keyspace::{FileOrd, Slot};
use crate::limits::MAX_LINK_PARTS;
use crate::link::{
    FactsView, MemberName, Members, Missing, Precedence, Symbol, is_candidate, part, symbols_of,
};
use crate::segment::Segment;

/// Facts of files that are numbered in the order of their paths, with every node's row as its slot.
pub(super) struct AllFacts {
    segments: Vec<Arc<Segment>>,
    modules: HashMap<String, FileOrd>,
    /// By a hash of the id: 128 bits, so that no two are taken for one.
    nodes: HashMap<u128, (FileOrd, u32)>,
    members: HashMap<MemberName, Members>,
    /// By a hash of the symbol, with the rank.
    symbols: HashMap<u128, (Precedence, Symbol)>,
    /// Of symbols that several files define.
    parts: HashMap<u128, Vec<(FileOrd, u32)>>,
}

impl AllFacts {
    /// Indexes the segments, which must be sorted by path.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that two files define, naming both.
    pub(super) fn new(segments: Vec<Arc<Segment>>) -> Result<Self> {
        let mut modules: HashMap<String, (u8, FileOrd)> = HashMap::new();
        let mut nodes = HashMap::new();
        let mut members: HashMap<MemberName, Members> = HashMap::new();
        let (mut symbols, mut parts) = (HashMap::new(), HashMap::new());
        for (file, segment) in (0..).zip(&segments) {
            if let Some(module) = segment.module() {
                // Files come in the order of their paths, so the first of a rank stays.
                let entry = modules.entry(module.stem.to_owned()).or_insert((module.rank, file));
                if module.rank < entry.0 {
                    *entry = (module.rank, file);
                }
            }
            add_symbols(&mut symbols, &mut parts, file, segment);
            for row in 0..segment.node_count() {
                let id = segment.id(row);
                if let Some((other, _)) = nodes.insert(xxh3_128(id.as_bytes()), (file, row)) {
                    let other = segments.get(other as usize).map_or("", |segment| segment.path());
                    return Err(defined_twice(&id, other, segment.path()));
                }
                if is_candidate(segment, row) {
                    let name = MemberName::new(segment.family(), segment.name(row));
                    let known = members.entry(name).or_default();
                    if !known.is_settled() {
                        known.add_row(file, segment, row);
                    }
                }
            }
        }
        let modules = modules.into_iter().map(|(stem, (_, file))| (stem, file)).collect();
        Ok(Self { segments, modules, nodes, members, symbols, parts })
    }

    pub(super) fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }
}

fn add_symbols(
    symbols: &mut HashMap<u128, (Precedence, Symbol)>,
    parts: &mut HashMap<u128, Vec<(FileOrd, u32)>>,
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
    fn segment(&self, file: FileOrd) -> Result<Arc<Segment>, Missing> {
        self.segments.get(file as usize).map(Arc::clone).ok_or(Missing)
    }

    fn slot(&self, _file: FileOrd, row: u32) -> Result<Slot, Missing> {
        Ok(row)
    }

    fn module(&self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        Ok(self.modules.get(stem).copied())
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

    fn members(&self, name: &MemberName) -> Result<Members, Missing> {
        Ok(self.members.get(name).copied().unwrap_or_default())
    }
}
