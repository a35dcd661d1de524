//! The facts that linking a few files needs, fetched as it comes to need them.
//!
//! Linking itself never waits. It runs over what is at hand, notes what was missing, and runs again when that has
//! been fetched, in as few round trips as the longest chain of imports has steps.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use codestrata_core::Result;

use super::view::View;
use crate::keyspace::{FileOrd, Slot};
use crate::limits::MAX_LINK_PARTS;
use crate::link::term::{self, Term};
use crate::link::{FactsView, MemberName, Members, Missing, Precedence, SlotTable, Symbol, part, symbol_in};
use crate::segment::Segment;

/// Files read at first to see which members have a name: two settle it, if they have such.
const FIRST_MEMBER_FILES: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    File(FileOrd),
    Module(String),
    Node(String),
    Symbol(String),
    Members(MemberName),
}

/// A file at hand.
#[derive(Clone, Debug)]
pub(super) struct FileFactsAtHand {
    pub(super) segment: Arc<Segment>,
    pub(super) slots: SlotTable,
}

/// What is under a symbol.
struct FetchedSymbol {
    first: Option<Symbol>,
    parts: Vec<(FileOrd, u32)>,
}

/// The facts of a repository as they will be after an update, as far as they have been fetched.
#[derive(Default)]
pub(super) struct FetchedFacts {
    /// Files that the update changes; none for one that it removes. They hide what is stored.
    changed: HashMap<FileOrd, Option<FileFactsAtHand>>,
    /// Stored files.
    files: HashMap<FileOrd, FileFactsAtHand>,
    modules: HashMap<String, Option<FileOrd>>,
    nodes: HashMap<String, Option<(FileOrd, u32)>>,
    symbols: HashMap<String, FetchedSymbol>,
    members: HashMap<MemberName, Members>,
    missing: Mutex<BTreeSet<Question>>,
}

impl FetchedFacts {
    /// The state after these changes.
    pub(super) fn after(changed: HashMap<FileOrd, Option<FileFactsAtHand>>) -> Self {
        Self { changed, ..Self::default() }
    }

    fn at_hand(&self, file: FileOrd) -> Option<&FileFactsAtHand> {
        match self.changed.get(&file) {
            Some(changed) => changed.as_ref(),
            None => self.files.get(&file),
        }
    }

    fn need<T>(&self, question: Question) -> Result<T, Missing> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(question);
        Err(Missing)
    }

    /// Makes these stored files be at hand.
    pub(super) async fn fetch_files(&mut self, view: &View<'_>, files: &[FileOrd]) -> Result<()> {
        let wanted: Vec<FileOrd> = files
            .iter()
            .copied()
            .filter(|file| !self.changed.contains_key(file) && !self.files.contains_key(file))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        for file in view.files(&wanted).await? {
            let facts =
                FileFactsAtHand { slots: file.links.slots().clone(), segment: Arc::clone(&file.segment) };
            self.files.insert(file.ordinal, facts);
        }
        Ok(())
    }

    /// The stored files that may have each term, and the changed ones, which the index does not know yet.
    async fn candidates(&self, view: &View<'_>, terms: &[Term]) -> Result<Vec<Vec<FileOrd>>> {
        let stored = view.lookup(terms).await?;
        let is_stored = |file: &FileOrd| !self.changed.contains_key(file);
        Ok(stored.iter().map(|files| files.iter().copied().filter(is_stored).collect()).collect())
    }

    fn changed_files(&self) -> impl Iterator<Item = (FileOrd, &Segment)> {
        self.changed.iter().filter_map(|(file, facts)| Some((*file, facts.as_ref()?.segment.as_ref())))
    }

    /// Fetches what the last pass of linking lacked.
    pub(super) async fn fetch_missing(&mut self, view: &View<'_>) -> Result<()> {
        let questions = std::mem::take(&mut *self.missing.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut files, mut modules, mut nodes) = (vec![], vec![], vec![]);
        let (mut symbols, mut names) = (vec![], vec![]);
        for question in questions {
            match question {
                Question::File(file) => files.push(file),
                Question::Module(stem) => modules.push(stem),
                Question::Node(id) => nodes.push(id),
                Question::Symbol(symbol) => symbols.push(symbol),
                Question::Members(name) => names.push(name),
            }
        }
        self.fetch_files(view, &files).await?;
        self.fetch_modules(view, modules).await?;
        self.fetch_nodes(view, nodes).await?;
        self.fetch_symbols(view, symbols).await?;
        self.fetch_members(view, names).await
    }

    async fn fetch_symbols(&mut self, view: &View<'_>, symbols: Vec<String>) -> Result<()> {
        let terms: Vec<Term> = symbols.iter().map(|symbol| term::exports_symbol(symbol)).collect();
        let candidates = self.candidates(view, &terms).await?;
        self.fetch_files(view, &candidates.concat()).await?;
        for (symbol, candidates) in symbols.into_iter().zip(candidates) {
            let stored =
                candidates.iter().filter_map(|file| Some((*file, self.at_hand(*file)?.segment.as_ref())));
            let mut found: Vec<((Precedence, &str), Symbol)> = Vec::new();
            for (file, segment) in stored.chain(self.changed_files()) {
                let Some(target) = symbol_in(segment, &symbol) else { continue };
                let Some(precedence) = Precedence::of(segment, target) else { continue };
                found.push(((precedence, segment.path()), Symbol { file, target, is_only: true }));
            }
            found.sort_unstable_by_key(|(place, _)| *place);
            let lowest = found.first().map(|((precedence, _), _)| *precedence);
            found.retain(|((precedence, _), _)| Some(*precedence) == lowest);
            let is_only = found.len() == 1 || lowest.is_some_and(|lowest| !lowest.is_contested());
            let first = found.first().map(|(_, first)| Symbol { is_only, ..*first });
            let parts = found.iter().filter_map(|(_, symbol)| part(symbol)).take(MAX_LINK_PARTS).collect();
            self.symbols.insert(symbol, FetchedSymbol { first, parts });
        }
        Ok(())
    }

    async fn fetch_modules(&mut self, view: &View<'_>, stems: Vec<String>) -> Result<()> {
        let terms: Vec<Term> = stems.iter().map(|stem| term::provides(stem)).collect();
        let candidates = self.candidates(view, &terms).await?;
        self.fetch_files(view, &candidates.concat()).await?;
        for (stem, candidates) in stems.into_iter().zip(candidates) {
            let stored =
                candidates.iter().filter_map(|file| Some((*file, self.at_hand(*file)?.segment.as_ref())));
            let best = stored
                .chain(self.changed_files())
                .filter_map(|(file, segment)| {
                    let module = segment.module()?;
                    (module.stem == stem).then(|| (module.rank, segment.path().to_owned(), file))
                })
                .min();
            self.modules.insert(stem, best.map(|(_, _, file)| file));
        }
        Ok(())
    }

    async fn fetch_nodes(&mut self, view: &View<'_>, ids: Vec<String>) -> Result<()> {
        let terms: Vec<Term> = ids.iter().map(|id| term::defines(id)).collect();
        let candidates = self.candidates(view, &terms).await?;
        self.fetch_files(view, &candidates.concat()).await?;
        for (id, candidates) in ids.into_iter().zip(candidates) {
            let stored =
                candidates.iter().filter_map(|file| Some((*file, self.at_hand(*file)?.segment.as_ref())));
            let found = stored
                .chain(self.changed_files())
                .find_map(|(file, segment)| Some((file, segment.row_of(&id)?)));
            self.nodes.insert(id, found);
        }
        Ok(())
    }

    async fn fetch_members(&mut self, view: &View<'_>, names: Vec<MemberName>) -> Result<()> {
        let terms: Vec<Term> = names.iter().map(|name| term::names(&name.name)).collect();
        let candidates = self.candidates(view, &terms).await?;
        let first: Vec<FileOrd> =
            candidates.iter().flat_map(|files| files.iter().take(FIRST_MEMBER_FILES).copied()).collect();
        self.fetch_files(view, &first).await?;
        for (name, candidates) in names.into_iter().zip(candidates) {
            let mut members = Members::default();
            for (file, segment) in self.changed_files() {
                members.add(file, segment, &name);
            }
            let mut step = FIRST_MEMBER_FILES;
            let mut rest = candidates.as_slice();
            while !rest.is_empty() && !members.is_settled() {
                let (now, later) = rest.split_at(step.min(rest.len()));
                self.fetch_files(view, now).await?;
                for file in now {
                    if let Some(facts) = self.at_hand(*file) {
                        members.add(*file, &facts.segment, &name);
                    }
                }
                (rest, step) = (later, step * 2);
            }
            self.members.insert(name, members);
        }
        Ok(())
    }

    /// Which members have these names; fetched if need be.
    pub(super) async fn members_of(&mut self, view: &View<'_>, names: &[MemberName]) -> Result<Vec<Members>> {
        let wanted = names.iter().filter(|name| !self.members.contains_key(*name)).cloned().collect();
        self.fetch_members(view, wanted).await?;
        Ok(names.iter().map(|name| self.members.get(name).copied().unwrap_or_default()).collect())
    }

    /// Where these ids are defined; fetched if need be.
    pub(super) async fn places_of(
        &mut self,
        view: &View<'_>,
        ids: Vec<String>,
    ) -> Result<Vec<(String, Option<FileOrd>)>> {
        self.fetch_nodes(view, ids.clone()).await?;
        Ok(ids
            .into_iter()
            .map(|id| {
                let file = self.nodes.get(&id).copied().flatten().map(|(file, _)| file);
                (id, file)
            })
            .collect())
    }
}

impl FactsView for FetchedFacts {
    fn segment(&self, file: FileOrd) -> Result<&Segment, Missing> {
        match self.at_hand(file) {
            Some(facts) => Ok(&facts.segment),
            None => self.need(Question::File(file)),
        }
    }

    fn slot(&self, file: FileOrd, row: u32) -> Result<Slot, Missing> {
        match self.at_hand(file) {
            Some(facts) => Ok(facts.slots.slot(row)),
            None => self.need(Question::File(file)),
        }
    }

    fn module(&self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        match self.modules.get(stem) {
            Some(file) => Ok(*file),
            None => self.need(Question::Module(stem.to_owned())),
        }
    }

    fn node(&self, id: &str) -> Result<Option<(FileOrd, u32)>, Missing> {
        match self.nodes.get(id) {
            Some(place) => Ok(*place),
            None => self.need(Question::Node(id.to_owned())),
        }
    }

    fn symbol(&self, symbol: &str) -> Result<Option<Symbol>, Missing> {
        match self.symbols.get(symbol) {
            Some(found) => Ok(found.first),
            None => self.need(Question::Symbol(symbol.to_owned())),
        }
    }

    fn parts(&self, symbol: &str) -> Result<Vec<(FileOrd, u32)>, Missing> {
        match self.symbols.get(symbol) {
            Some(found) => Ok(found.parts.clone()),
            None => self.need(Question::Symbol(symbol.to_owned())),
        }
    }

    fn members(&self, family: &str, name: &str) -> Result<Members, Missing> {
        let name = MemberName::new(family, name);
        match self.members.get(&name) {
            Some(members) => Ok(*members),
            None => self.need(Question::Members(name)),
        }
    }
}
