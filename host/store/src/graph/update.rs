//! Small changes: some files replaced or removed, as one batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use codestrata_core::{Batch, Error, ErrorKind, Op, Precondition, Result};

use super::all_facts::defined_twice;
use super::engine::{Engine, encode_ordinal};
use super::facts::{FetchedFacts, FileFactsAtHand};
use super::notes;
use super::storage::{FileChanges, UpdateSummary};
use super::view::{StoredFile, View};
use crate::keyspace::{self, FileOrd, Slot};
use crate::limits::{MAX_FILES_PER_BATCH, MAX_UPDATE_BYTES};
use crate::link::term::{self, Term};
use crate::link::{
    ChangedTerms, FactsView, Few, LinkRecord, LinkTarget, Members, Missing, SlotTable, changed_terms,
    link_file,
};
use crate::model::{MetadataUpdate, Resolution, Totals};
use crate::postings::terms_of;
use crate::records::{FileEntry, Head, recount};
use crate::segment::{PreparedFile, Segment};

/// Linking fetches what it lacks and runs again, at most so often. A chain of imports may be this long.
const MAX_LINK_ROUNDS: usize = 1_000;

/// What became of an attempt to commit a change as one batch.
pub(super) enum Outcome {
    Committed(UpdateSummary),
    /// It is too large for one batch and wants a new generation.
    TooLarge,
}

/// One file that changes.
struct ChangedFile<'c> {
    ordinal: FileOrd,
    old: Option<StoredFile>,
    new: Option<(&'c PreparedFile, Arc<Segment>, SlotTable)>,
}

/// Commits the changes to a repository as it is in the view.
///
/// # Errors
/// `PreconditionFailed` when the repository is another by now, so that the caller reads again.
pub(super) async fn commit_files(engine: &Engine, view: &View<'_>, changes: &FileChanges) -> Result<Outcome> {
    let Some(plan) = plan(view, changes).await? else { return Ok(Outcome::TooLarge) };
    let mut summary = plan.summary;
    let mut head = view.head.next()?;
    let metadata_changes = apply_metadata(&mut head, &changes.metadata);
    if plan.files.is_empty() && plan.rehashed.is_empty() && !metadata_changes {
        summary.version = view.head.version;
        return Ok(Outcome::Committed(summary));
    }
    head.next_file = plan.next_file;
    let mut batch = Batch::new();
    batch.add_precondition(Precondition::Equals(keyspace::head(view.repo)?, view.head_bytes.clone()));
    summary.relinked = link_and_write(view, plan, &mut head, &mut batch).await?;
    summary.version = head.version;
    batch.add(Op::Put(keyspace::head(view.repo)?, head.encode()?.into()));
    if batch.byte_size() > MAX_UPDATE_BYTES {
        return Ok(Outcome::TooLarge);
    }
    engine.commit(batch, view.repo, &head).await?;
    Ok(Outcome::Committed(summary))
}

struct Plan<'c> {
    files: Vec<ChangedFile<'c>>,
    /// Files whose content changed and whose facts did not.
    rehashed: Vec<(StoredFile, String)>,
    summary: UpdateSummary,
    next_file: FileOrd,
}

/// Compares the changes with what is stored; none if they are too many for one batch.
async fn plan<'c>(view: &View<'_>, changes: &'c FileChanges) -> Result<Option<Plan<'c>>> {
    let replaced = by_path(&changes.replaced)?;
    let mut removed: BTreeSet<String> = changes.removed.iter().cloned().collect();
    if changes.replace_all {
        removed.extend(view.all_entries().await?.into_iter().map(|(_, entry)| entry.path));
    }
    removed.retain(|path| !replaced.contains_key(path.as_str()));
    let paths: Vec<&str> = replaced.keys().copied().chain(removed.iter().map(String::as_str)).collect();
    let ordinals = view.ordinals(&paths).await?;
    let known: Vec<FileOrd> = ordinals.iter().flatten().copied().collect();
    let stored: HashMap<FileOrd, FileEntry> = view.entries(&known).await?.into_iter().collect();
    for (path, ordinal) in paths.iter().zip(&ordinals) {
        if let Some(entry) = ordinal.and_then(|file| stored.get(&file))
            && entry.path != *path
        {
            return Err(view.damaged(&format!("the path `{path}` leads to `{}`", entry.path)));
        }
    }
    let is_same = |path: &str, ordinal: &Option<FileOrd>| {
        let (Some(new), Some(entry)) = (replaced.get(path), ordinal.and_then(|file| stored.get(&file)))
        else {
            return false;
        };
        new.name() == entry.segment && new.hash() == entry.hash
    };
    let changing: Vec<(&str, Option<FileOrd>)> = paths
        .iter()
        .zip(&ordinals)
        .filter(|(path, ordinal)| {
            !is_same(path, ordinal) && (ordinal.is_some() || replaced.contains_key(*path))
        })
        .map(|(path, ordinal)| (*path, *ordinal))
        .collect();
    // Linking everything costs less than half of what linking a quarter of it one by one does.
    let files = usize::try_from(view.head.totals.files).unwrap_or(usize::MAX);
    if changing.len() > MAX_FILES_PER_BATCH || (changing.len() > 64 && changing.len() > files / 4) {
        return Ok(None);
    }
    let old: Vec<FileOrd> = changing.iter().filter_map(|(_, ordinal)| *ordinal).collect();
    let mut old: HashMap<FileOrd, StoredFile> =
        view.files(&old).await?.into_iter().map(|file| (file.ordinal, file)).collect();
    let mut plan = Plan {
        files: Vec::new(),
        rehashed: Vec::new(),
        summary: UpdateSummary { unchanged: count(replaced.len()), ..UpdateSummary::default() },
        next_file: view.head.next_file,
    };
    for (path, ordinal) in changing {
        let old = ordinal.and_then(|file| old.remove(&file));
        plan.add(old, replaced.get(path).copied())?;
    }
    Ok(Some(plan))
}

impl<'c> Plan<'c> {
    fn add(&mut self, old: Option<StoredFile>, new: Option<&'c PreparedFile>) -> Result<()> {
        let counter = match (&old, new) {
            (None, Some(_)) => &mut self.summary.added,
            (Some(_), Some(_)) => &mut self.summary.replaced,
            _ => &mut self.summary.removed,
        };
        *counter += 1;
        if new.is_some() {
            self.summary.unchanged -= 1;
        }
        if let (Some(old), Some(new)) = (&old, new)
            && new.name() == old.entry.segment
        {
            self.rehashed.push((old.clone(), new.hash().to_owned()));
            return Ok(());
        }
        let ordinal = old.as_ref().map_or(self.next_file, |file| file.ordinal);
        if old.is_none() {
            self.next_file += 1;
        }
        let new = match new {
            None => None,
            Some(file) => {
                let segment = Arc::new(Segment::decode(file.bytes())?);
                let slots = match &old {
                    None => SlotTable::fresh(segment.node_count()),
                    Some(old) => SlotTable::carried_over(&old.segment, old.links.slots(), &segment),
                };
                Some((file, segment, slots))
            }
        };
        self.files.push(ChangedFile { ordinal, old, new });
        Ok(())
    }
}

/// The files by their paths.
///
/// # Errors
/// `InvalidArgument` if a path stands twice.
pub(super) fn by_path(files: &[PreparedFile]) -> Result<BTreeMap<&str, &PreparedFile>> {
    let mut by_path = BTreeMap::new();
    for file in files {
        if by_path.insert(file.path(), file).is_some() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("the file `{}` stands twice in one update", file.path()),
            ));
        }
    }
    Ok(by_path)
}

fn count(figure: usize) -> u64 {
    u64::try_from(figure).unwrap_or(u64::MAX)
}

/// Puts the user's facts into a head, and says whether that changes anything.
pub(super) fn apply_metadata(head: &mut Head, update: &MetadataUpdate) -> bool {
    let before = (head.root.clone(), head.extractor.clone(), head.attributes.clone());
    head.root = update.root.clone().or_else(|| head.root.take());
    head.extractor = update.extractor.clone().or_else(|| head.extractor.take());
    if !update.attributes.is_empty() {
        let mut attributes = head.parsed_attributes();
        for (name, value) in &update.attributes {
            if value.is_null() {
                attributes.remove(name);
            } else {
                attributes.insert(name.clone(), value.clone());
            }
        }
        head.attributes = serde_json::to_string(&attributes).unwrap_or_default();
    }
    before != (head.root.clone(), head.extractor.clone(), head.attributes.clone())
}

/// Links the changed files and those that depend on them, writes both, and says how many the latter were.
async fn link_and_write(view: &View<'_>, plan: Plan<'_>, head: &mut Head, batch: &mut Batch) -> Result<u64> {
    let mut facts = FetchedFacts::after(
        plan.files
            .iter()
            .map(|file| {
                let new = file.new.as_ref();
                let at_hand = new.map(|(_, segment, slots)| FileFactsAtHand {
                    segment: Arc::clone(segment),
                    slots: slots.clone(),
                });
                (file.ordinal, at_hand)
            })
            .collect(),
    );
    check_ids(view, &plan.files, &mut facts).await?;
    let dependents = dependents(view, &plan.files, &mut facts).await?;
    let mut to_link: Vec<(FileOrd, Arc<Segment>, SlotTable)> = Vec::new();
    for file in &plan.files {
        if let Some((_, segment, slots)) = &file.new {
            to_link.push((file.ordinal, Arc::clone(segment), slots.clone()));
        }
    }
    for file in &dependents {
        to_link.push((file.ordinal, Arc::clone(&file.segment), file.links.slots().clone()));
    }
    let mut records = link(view, &mut facts, to_link).await?;
    let mut writer = Writer { view, head, batch };
    for (file, hash) in plan.rehashed {
        writer.batch.add(Op::Put(
            keyspace::file(view.head.space, file.ordinal)?,
            FileEntry { hash, ..file.entry }.encode()?.into(),
        ));
    }
    for file in plan.files {
        writer.changed(file, &mut records).await?;
    }
    let mut relinked = 0;
    for file in dependents {
        let Some(record) = records.remove(&file.ordinal) else { continue };
        if record != *file.links {
            relinked += 1;
            writer.relinked(&file, &record)?;
        }
    }
    Ok(relinked)
}

/// New ids must not be those of nodes elsewhere.
async fn check_ids(view: &View<'_>, files: &[ChangedFile<'_>], facts: &mut FetchedFacts) -> Result<()> {
    let mut new_ids: HashMap<String, (FileOrd, &str)> = HashMap::new();
    for file in files {
        let Some((prepared, segment, _)) = &file.new else { continue };
        for row in 0..segment.node_count() {
            let id = segment.id(row);
            let was_there = file.old.as_ref().is_some_and(|old| old.segment.row_of(&id).is_some());
            if !was_there
                && let Some((_, other)) = new_ids.insert(id.clone(), (file.ordinal, prepared.path()))
            {
                return Err(defined_twice(&id, other, prepared.path()));
            }
        }
    }
    for (id, place) in facts.places_of(view, new_ids.keys().cloned().collect()).await? {
        let Some((own, path)) = new_ids.get(&id) else { continue };
        if let Some(other) = place.filter(|place| place != own) {
            let other = facts.segment(other).map(|segment| segment.path().to_owned()).unwrap_or_default();
            return Err(defined_twice(&id, &other, path));
        }
    }
    Ok(())
}

/// The stored files whose links asked something that has another answer now.
async fn dependents(
    view: &View<'_>,
    files: &[ChangedFile<'_>],
    facts: &mut FetchedFacts,
) -> Result<Vec<StoredFile>> {
    let mut changed = ChangedTerms::default();
    for file in files {
        let old = file.old.as_ref().map(|old| old.segment.as_ref());
        let new = file.new.as_ref().map(|(_, segment, _)| segment.as_ref());
        changed_terms(old, new, &mut changed);
    }
    let names: Vec<String> = changed.member_names.into_iter().collect();
    let mut stored = FetchedFacts::default();
    let before = stored.members_of(view, &names).await?;
    let after = facts.members_of(view, &names).await?;
    for ((name, before), after) in names.iter().zip(before).zip(after) {
        if by_slot(&stored, before) != by_slot(facts, after) {
            changed.terms.insert(term::asks_name(name));
        }
    }
    let terms: Vec<Term> = changed.terms.into_iter().collect();
    let own: BTreeSet<FileOrd> = files.iter().map(|file| file.ordinal).collect();
    let mut dependents: Vec<FileOrd> = view.lookup(&terms).await?.concat();
    dependents.retain(|file| !own.contains(file));
    dependents.sort_unstable();
    dependents.dedup();
    view.files(&dependents).await
}

/// Members with rows, which move with every edit, told by slots, which do not.
fn by_slot(facts: &FetchedFacts, members: Members) -> Members {
    let few = |few: Few| match few {
        Few::One(file, row) => Few::One(file, facts.slot(file, row).unwrap_or(Slot::MAX)),
        other => other,
    };
    Members { methods: few(members.methods), all: few(members.all) }
}

async fn link(
    view: &View<'_>,
    facts: &mut FetchedFacts,
    mut files: Vec<(FileOrd, Arc<Segment>, SlotTable)>,
) -> Result<HashMap<FileOrd, LinkRecord>> {
    let mut records = HashMap::with_capacity(files.len());
    for _ in 0..MAX_LINK_ROUNDS {
        files.retain(|(file, segment, slots)| match link_file(facts, *file, segment, slots) {
            Ok(record) => {
                records.insert(*file, record);
                false
            }
            Err(Missing) => true,
        });
        if files.is_empty() {
            return Ok(records);
        }
        facts.fetch_missing(view).await?;
    }
    Err(Error::new(
        ErrorKind::Internal,
        format!("linking did not come to an end in {MAX_LINK_ROUNDS} rounds"),
    ))
}

/// The counts of a file with these links.
pub(super) fn count_links(file: FileOrd, segment: &Segment, links: &LinkRecord) -> Totals {
    let mut totals = Totals {
        files: 1,
        nodes: u64::from(segment.node_count()),
        edges: count(links.len()),
        ..Totals::default()
    };
    for link in links.links(file) {
        match link.target {
            LinkTarget::Bound(..) => {}
            LinkTarget::Dangling => totals.dangling += 1,
            LinkTarget::Loose(Resolution::Ambiguous) => totals.ambiguous += 1,
            LinkTarget::Loose(_) => totals.unresolved += 1,
        }
    }
    totals
}

struct Writer<'w, 'e> {
    view: &'w View<'e>,
    head: &'w mut Head,
    batch: &'w mut Batch,
}

impl Writer<'_, '_> {
    async fn changed(
        &mut self,
        file: ChangedFile<'_>,
        records: &mut HashMap<FileOrd, LinkRecord>,
    ) -> Result<()> {
        let space = self.view.head.space;
        let old_terms = file.old.as_ref().map(|old| terms_of(&old.segment, &old.links)).unwrap_or_default();
        let record = records.remove(&file.ordinal);
        let mut new_terms = Vec::new();
        match (&file.new, &record) {
            (Some((prepared, segment, _)), Some(record)) => {
                new_terms = terms_of(segment, record);
                let key = keyspace::segment(self.view.repo, prepared.name())?;
                self.batch.add(Op::Put(key, prepared.bytes().to_vec().into()));
                self.batch.add(Op::Put(
                    keyspace::path(space, prepared.path())?,
                    encode_ordinal(file.ordinal)?.into(),
                ));
                let entry = FileEntry {
                    path: prepared.path().to_owned(),
                    hash: prepared.hash().to_owned(),
                    segment: prepared.name(),
                    links: 0,
                    counts: count_links(file.ordinal, segment, record),
                };
                let old = file.old.as_ref().map(|old| &old.entry.counts);
                recount(&mut self.head.totals, old, Some(&entry.counts));
                self.entry(file.ordinal, entry, record)?;
            }
            _ => {
                let Some(old) = &file.old else { return Ok(()) };
                self.batch.add(Op::Delete(keyspace::path(space, &old.entry.path)?));
                self.batch.add(Op::Delete(keyspace::file(space, file.ordinal)?));
                self.batch.add(Op::Delete(keyspace::links(space, file.ordinal)?));
                recount(&mut self.head.totals, Some(&old.entry.counts), None);
            }
        }
        if let Some(old) = &file.old {
            self.batch.add(Op::Delete(keyspace::segment(self.view.repo, old.entry.segment)?));
            let new = file.new.as_ref().map(|(_, segment, _)| segment.as_ref());
            notes::drop_vanished(self.view, self.head, self.batch, old, new).await?;
        }
        self.postings(file.ordinal, &old_terms, &new_terms)
    }

    fn relinked(&mut self, file: &StoredFile, record: &LinkRecord) -> Result<()> {
        let counts = count_links(file.ordinal, &file.segment, record);
        recount(&mut self.head.totals, Some(&file.entry.counts), Some(&counts));
        self.entry(file.ordinal, FileEntry { counts, ..file.entry.clone() }, record)?;
        self.postings(file.ordinal, &terms_of(&file.segment, &file.links), &terms_of(&file.segment, record))
    }

    fn entry(&mut self, file: FileOrd, entry: FileEntry, record: &LinkRecord) -> Result<()> {
        let space = self.view.head.space;
        let (links, bytes) = record.encode()?;
        self.batch.add(Op::Put(keyspace::links(space, file)?, bytes.into()));
        self.batch.add(Op::Put(keyspace::file(space, file)?, FileEntry { links, ..entry }.encode()?.into()));
        Ok(())
    }

    /// Adds the postings that are new, and takes back those that are gone where they are deltas.
    fn postings(&mut self, file: FileOrd, old: &[Term], new: &[Term]) -> Result<()> {
        let space = self.view.head.space;
        for term in old.iter().filter(|term| new.binary_search(term).is_err()) {
            if self.view.head.has_deltas {
                self.batch.add(Op::Delete(keyspace::delta(space, *term, file)?));
            }
        }
        for term in new.iter().filter(|term| old.binary_search(term).is_err()) {
            self.head.has_deltas = true;
            self.batch.add(Op::Put(keyspace::delta(space, *term, file)?, codestrata_core::Bytes::new()));
        }
        Ok(())
    }
}
