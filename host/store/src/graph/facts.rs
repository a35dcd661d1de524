//! The facts that linking a few files needs: at hand in the cache, or fetched as it comes to need them.
//!
//! Linking itself never waits. What it asks is answered at once where all that the answer takes is in the cache, so that
//! files whose surroundings were read lately are linked in one pass. What is not there is noted, and fetched together with
//! all else that was missing, before linking goes on: in as few round trips as the longest chain of imports has steps.

mod shelf;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::mem;
use std::sync::Arc;

use codestrata_core::Result;
use foldhash::fast::RandomState;

use self::shelf::Shelf;
use super::view::{StoredFile, View};
use crate::cache::FileList;
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

impl Question {
    /// The term that leads to the files which know the answer.
    fn term(&self) -> Option<Term> {
        Some(match self {
            Self::File(_) => return None,
            Self::Module(stem) => term::provides(stem),
            Self::Node(id) => term::defines(id),
            Self::Symbol(symbol) => term::exports_symbol(symbol),
            Self::Members(name) => term::names(&name.name),
        })
    }
}

/// A file that changes.
#[derive(Clone, Debug)]
pub(super) struct FileFactsAtHand {
    pub(super) segment: Arc<Segment>,
    pub(super) slots: SlotTable,
}

/// What is under a symbol.
struct FoundSymbol {
    first: Option<Symbol>,
    parts: Vec<(FileOrd, u32)>,
}

/// What was found so far.
type Found<K, T> = RefCell<HashMap<K, T, RandomState>>;

/// The facts of a repository as they will be after an update, as far as they are at hand.
pub(super) struct FetchedFacts<'v> {
    view: &'v View<'v>,
    /// Files that the update changes; none for one that it removes. They hide what is stored.
    changed: HashMap<FileOrd, Option<FileFactsAtHand>, RandomState>,
    /// Stored files; none for one that is gone, to which the index may still lead.
    files: Shelf<Option<StoredFile>>,
    /// The stored files that may have a term.
    terms: Found<Term, FileList>,
    modules: Found<String, Option<FileOrd>>,
    nodes: Found<String, Option<(FileOrd, u32)>>,
    symbols: Found<String, Arc<FoundSymbol>>,
    members: Found<MemberName, Members>,
    missing: RefCell<BTreeSet<Question>>,
}

impl<'v> FetchedFacts<'v> {
    /// What is stored.
    pub(super) fn stored(view: &'v View<'v>) -> Self {
        Self::after(view, HashMap::default())
    }

    /// The state after these changes.
    pub(super) fn after(
        view: &'v View<'v>,
        changed: HashMap<FileOrd, Option<FileFactsAtHand>, RandomState>,
    ) -> Self {
        Self {
            view,
            changed,
            files: Shelf::default(),
            terms: RefCell::default(),
            modules: RefCell::default(),
            nodes: RefCell::default(),
            symbols: RefCell::default(),
            members: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// What a file says, and the numbers of its nodes, unless it is gone.
    fn file(&self, file: FileOrd) -> Result<Option<(&Segment, &SlotTable)>, Missing> {
        if let Some(changed) = self.changed.get(&file) {
            return Ok(changed.as_ref().map(|facts| (facts.segment.as_ref(), &facts.slots)));
        }
        if self.files.get(file).is_none() {
            self.files.put(file, Some(self.view.file_at_hand(file).ok_or(Missing)?));
        }
        let stored = self.files.get(file).and_then(Option::as_ref);
        Ok(stored.map(|stored| (stored.segment.as_ref(), stored.links.slots())))
    }

    /// The stored files that may have a term.
    fn stored_with(&self, term: Term) -> Result<FileList, Missing> {
        if let Some(files) = self.terms.borrow().get(&term) {
            return Ok(files.clone());
        }
        let files = self.view.files_with_at_hand(term).ok_or(Missing)?;
        self.terms.borrow_mut().insert(term, files.clone());
        Ok(files)
    }

    /// What the files say that may have a term: those stored, and the changed ones, which the index does not know yet.
    fn candidates(&self, term: Term) -> Result<Vec<(FileOrd, &Segment)>, Missing> {
        let stored = self.stored_with(term)?;
        let mut candidates = Vec::with_capacity(stored.len() + self.changed.len());
        for file in stored.iter().filter(|file| !self.changed.contains_key(file)) {
            candidates.extend(self.file(*file)?.map(|(segment, _)| (*file, segment)));
        }
        candidates.extend(self.changed_files());
        Ok(candidates)
    }

    fn changed_files(&self) -> impl Iterator<Item = (FileOrd, &Segment)> {
        self.changed.iter().filter_map(|(file, facts)| Some((*file, facts.as_ref()?.segment.as_ref())))
    }

    /// The answer to a question as it was found before, or is found now; or a note of what is missing.
    fn answer<Q, T: Clone>(
        &self,
        known: &Found<Q::Owned, T>,
        key: &Q,
        find: impl FnOnce() -> Result<T, Missing>,
        question: fn(Q::Owned) -> Question,
    ) -> Result<T, Missing>
    where
        Q: Hash + Eq + ToOwned + ?Sized,
        Q::Owned: Hash + Eq,
    {
        if let Some(known) = known.borrow().get(key) {
            return Ok(known.clone());
        }
        match find() {
            Ok(found) => {
                known.borrow_mut().insert(key.to_owned(), found.clone());
                Ok(found)
            }
            Err(Missing) => self.need(question(key.to_owned())),
        }
    }

    fn find_module(&self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        let modules = self.candidates(term::provides(stem))?.into_iter().filter_map(|(file, segment)| {
            let module = segment.module().filter(|module| module.stem == stem)?;
            Some((module.rank, segment.path(), file))
        });
        Ok(modules.min().map(|(_, _, file)| file))
    }

    fn find_node(&self, id: &str) -> Result<Option<(FileOrd, u32)>, Missing> {
        let candidates = self.candidates(term::defines(id))?;
        Ok(candidates.into_iter().find_map(|(file, segment)| Some((file, segment.row_of(id)?))))
    }

    fn find_symbol(&self, symbol: &str) -> Result<FoundSymbol, Missing> {
        let mut found: Vec<((Precedence, &str), Symbol)> = Vec::new();
        for (file, segment) in self.candidates(term::exports_symbol(symbol))? {
            let Some(target) = symbol_in(segment, symbol) else { continue };
            let Some(precedence) = Precedence::of(segment, target) else { continue };
            found.push(((precedence, segment.path()), Symbol { file, target, is_only: true }));
        }
        found.sort_unstable_by_key(|(place, _)| *place);
        let lowest = found.first().map(|((precedence, _), _)| *precedence);
        found.retain(|((precedence, _), _)| Some(*precedence) == lowest);
        let is_only = found.len() == 1 || lowest.is_some_and(|lowest| !lowest.is_contested());
        let first = found.first().map(|(_, first)| Symbol { is_only, ..*first });
        let parts = found.iter().filter_map(|(_, symbol)| part(symbol)).take(MAX_LINK_PARTS).collect();
        Ok(FoundSymbol { first, parts })
    }

    fn find_members(&self, name: &MemberName) -> Result<Members, Missing> {
        let mut members = Members::default();
        for (file, segment) in self.changed_files() {
            members.add(file, segment, name);
        }
        for file in self.stored_with(term::names(&name.name))?.iter() {
            if members.is_settled() {
                break;
            }
            if !self.changed.contains_key(file)
                && let Some((segment, _)) = self.file(*file)?
            {
                members.add(*file, segment, name);
            }
        }
        Ok(members)
    }

    fn symbol_and_parts(&self, symbol: &str) -> Result<Arc<FoundSymbol>, Missing> {
        let find = || self.find_symbol(symbol).map(Arc::new);
        self.answer(&self.symbols, symbol, find, Question::Symbol)
    }

    fn need<T>(&self, question: Question) -> Result<T, Missing> {
        self.missing.borrow_mut().insert(question);
        Err(Missing)
    }

    /// Asks again. What is still missing is noted again.
    fn ask(&self, question: &Question) {
        match question {
            // It was fetched, or is gone.
            Question::File(_) => {}
            Question::Module(stem) => drop(self.module(stem)),
            Question::Node(id) => drop(self.node(id)),
            Question::Symbol(symbol) => drop(self.symbol(symbol)),
            Question::Members(name) => drop(self.members_named(name)),
        }
    }

    fn members_named(&self, name: &MemberName) -> Result<Members, Missing> {
        self.answer(&self.members, name, || self.find_members(name), Question::Members)
    }

    /// Fetches what was missing, until every question that was asked has its answer.
    pub(super) async fn fetch_missing(&mut self) -> Result<()> {
        loop {
            let questions = mem::take(self.missing.get_mut());
            if questions.is_empty() {
                return Ok(());
            }
            self.fetch_terms(questions.iter().filter_map(Question::term).collect()).await?;
            self.fetch_files(questions.iter().flat_map(|question| self.lacked_by(question)).collect())
                .await?;
            for question in &questions {
                self.ask(question);
            }
        }
    }

    /// Makes the stored files that may have these terms be known.
    pub(super) async fn fetch_terms(&mut self, mut terms: Vec<Term>) -> Result<()> {
        let known = self.terms.get_mut();
        terms.retain(|term| !known.contains_key(term));
        if !terms.is_empty() {
            let found = self.view.lookup(&terms).await?;
            self.terms.get_mut().extend(terms.into_iter().zip(found));
        }
        Ok(())
    }

    async fn fetch_files(&mut self, files: BTreeSet<FileOrd>) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let wanted: Vec<FileOrd> = files.into_iter().collect();
        for file in self.view.files(&wanted).await? {
            self.files.put(file.ordinal, Some(file));
        }
        // Those that were not read are gone.
        for file in wanted {
            self.files.put(file, None);
        }
        Ok(())
    }

    /// The files that are to be fetched next to answer a question.
    fn lacked_by(&self, question: &Question) -> Vec<FileOrd> {
        let stored = match question {
            Question::File(file) => vec![*file].into(),
            other => other.term().and_then(|term| self.stored_with(term).ok()).unwrap_or_default(),
        };
        let is_lacking = |file: &FileOrd| self.file(*file).is_err();
        let lacking = stored.iter().copied().filter(is_lacking);
        match question {
            // Of files with a member of a name, twice as many each time: few are needed, if they have what is meant.
            Question::Members(_) => {
                let at_hand = stored.iter().take_while(|file| !is_lacking(file)).count();
                lacking.take(at_hand.max(FIRST_MEMBER_FILES)).collect()
            }
            _ => lacking.collect(),
        }
    }

    /// The stored files that may have any of these terms; fetched if need be.
    pub(super) async fn stored_with_any(&mut self, terms: Vec<Term>) -> Result<Vec<FileOrd>> {
        self.fetch_terms(terms.clone()).await?;
        let known = self.terms.get_mut();
        let files = terms.iter().filter_map(|term| known.get(term));
        Ok(files.flat_map(|files| files.iter().copied()).collect())
    }

    /// Which members have these names; fetched if need be.
    pub(super) async fn members_of(&mut self, names: &[MemberName]) -> Result<Vec<Members>> {
        for name in names {
            drop(self.members_named(name));
        }
        self.fetch_missing().await?;
        Ok(names.iter().map(|name| self.members_named(name).unwrap_or_default()).collect())
    }

    /// Where these ids are defined; fetched if need be.
    pub(super) async fn places_of(&mut self, ids: Vec<String>) -> Result<Vec<(String, Option<FileOrd>)>> {
        for id in &ids {
            drop(self.node(id));
        }
        self.fetch_missing().await?;
        let place = |id: String| {
            let file = self.node(&id).ok().flatten().map(|(file, _)| file);
            (id, file)
        };
        Ok(ids.into_iter().map(place).collect())
    }
}

impl FactsView for FetchedFacts<'_> {
    fn segment(&self, file: FileOrd) -> Result<&Segment, Missing> {
        match self.file(file) {
            Ok(Some((segment, _))) => Ok(segment),
            _ => self.need(Question::File(file)),
        }
    }

    fn slot(&self, file: FileOrd, row: u32) -> Result<Slot, Missing> {
        match self.file(file) {
            Ok(Some((_, slots))) => Ok(slots.slot(row)),
            _ => self.need(Question::File(file)),
        }
    }

    fn module(&self, stem: &str) -> Result<Option<FileOrd>, Missing> {
        self.answer(&self.modules, stem, || self.find_module(stem), Question::Module)
    }

    fn node(&self, id: &str) -> Result<Option<(FileOrd, u32)>, Missing> {
        self.answer(&self.nodes, id, || self.find_node(id), Question::Node)
    }

    fn symbol(&self, symbol: &str) -> Result<Option<Symbol>, Missing> {
        Ok(self.symbol_and_parts(symbol)?.first)
    }

    fn parts(&self, symbol: &str) -> Result<Vec<(FileOrd, u32)>, Missing> {
        Ok(self.symbol_and_parts(symbol)?.parts.clone())
    }

    fn members(&self, family: &str, name: &str) -> Result<Members, Missing> {
        self.members_named(&MemberName::new(family, name))
    }
}
