//! Small changes: some files replaced or removed, as one batch.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use codestrata_core::{Batch, Error, ErrorKind, Op, Precondition, Result};

use super::all_facts::defined_twice;
use super::engine::Engine;
use super::facts::{FetchedFacts, FileFactsAtHand};
use super::history::{self, Compared};
use super::plan::{ChangedFile, Plan, plan};
use super::storage::{FileChanges, UpdateSummary};
use super::view::{StoredFile, View};
use super::write::Writer;
use crate::adjacency::{GraphKey, LinkChange};
use crate::cache::Answered;
use crate::keyspace::{self, FileOrd, Slot};
use crate::limits::MAX_UPDATE_BYTES;
use crate::link::term;
use crate::link::{
    ChangedTerms, FactsView, Few, Lacking, LinkRecord, MemberName, Members, SlotTable, changed_terms,
    link_file, still_lacking,
};
use crate::model::{Attributes, MetadataUpdate};
use crate::records::Head;
use crate::segment::{Segment, rows_by_id};

/// Linking fetches what it lacks and runs again, at most so often. A chain of imports may be this long.
const MAX_LINK_ROUNDS: usize = 1_000;

/// What became of an attempt to commit a change as one batch.
pub(super) enum Outcome {
    Committed(UpdateSummary),
    /// It is too large for one batch and wants a new generation.
    TooLarge,
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
    let Written { relinked, compared, links, answers, stored } =
        link_and_write(view, plan, &mut head, &mut batch).await?;
    summary.relinked = relinked;
    summary.version = head.version;
    history::put(&mut batch, view.repo, &head, &summary, engine.history, compared)?;
    batch.add(Op::Put(keyspace::head(view.repo)?, head.encode()?.into()));
    if batch.byte_size() > MAX_UPDATE_BYTES {
        return Ok(Outcome::TooLarge);
    }
    engine.commit(batch, view.repo, &head).await?;
    engine.committed(view, head, links, answers, stored)?;
    Ok(Outcome::Committed(summary))
}

/// Puts the user's facts into a head, and says whether that changes anything.
pub(super) fn apply_metadata(head: &mut Head, update: &MetadataUpdate) -> bool {
    let before = (head.root.clone(), head.extractor.clone(), head.attributes.clone());
    head.root = update.root.clone().or_else(|| head.root.take());
    head.extractor = update.extractor.clone().or_else(|| head.extractor.take());
    if !update.attributes.is_empty() || update.replace_attributes {
        let mut attributes =
            if update.replace_attributes { Attributes::new() } else { head.parsed_attributes() };
        attributes.extend(update.attributes.clone());
        attributes.retain(|_, value| !value.is_null());
        head.attributes = serde_json::to_string(&attributes).unwrap_or_default();
    }
    before != (head.root.clone(), head.extractor.clone(), head.attributes.clone())
}

/// What of a change is known after it was written into a batch.
struct Written {
    /// How many files that did not change themselves are linked anew.
    relinked: u64,
    compared: Compared,
    /// The links that changed, if anybody wants to know.
    links: LinkChange,
    /// What of the cache the change makes wrong.
    answers: Vec<Answered>,
    /// The files that are written, as they will be.
    stored: Vec<StoredFile>,
}

/// Links the changed files and those that depend on them, and writes both.
async fn link_and_write(
    view: &View<'_>,
    plan: Plan<'_>,
    head: &mut Head,
    batch: &mut Batch,
) -> Result<Written> {
    let mut facts = FetchedFacts::after(
        view,
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
    let new_ids = new_ids(&plan.files)?;
    let changed = changed_by(&plan.files);
    // What both ask of the index, in one go.
    let asked = new_ids.keys().map(|id| term::defines(id)).chain(changed.terms.iter().copied());
    facts.fetch_terms(asked.collect()).await?;
    check_ids(new_ids, &mut facts).await?;
    let mut dependents = dependents(view, &plan.files, changed, &mut facts).await?;
    // One whose content changed and whose facts did not may have to be linked again as well.
    for file in &mut dependents {
        if let Some((_, hash)) = plan.rehashed.iter().find(|(other, _)| other.ordinal == file.ordinal) {
            *file = file.rehashed(hash);
        }
    }
    let mut to_link: Vec<ToLink> = Vec::new();
    for file in &plan.files {
        if let Some((_, segment, slots)) = &file.new {
            to_link.push(ToLink::new(file.ordinal, segment, slots));
        }
    }
    for file in &dependents {
        to_link.push(ToLink::new(file.ordinal, &file.segment, file.links.slots()));
    }
    let mut records = link(&mut facts, to_link).await?;
    let compared = match view.engine.history {
        0 => Compared::default(),
        _ => history::of_files(view, &plan.files, &dependents, &records).await?,
    };
    let mut links = LinkChange::default();
    let follows = view.engine.cache.resident().follows(GraphKey::of(view), view.head.commit);
    let mut writer = Writer { view, head, batch, changed: Vec::new(), stored: Vec::new() };
    for (file, hash) in plan.rehashed {
        writer.stored_entry(file.rehashed(&hash))?;
    }
    for file in plan.files {
        links.moves_files |= file.old.is_none() || file.new.is_none();
        if follows {
            links.files.insert(file.ordinal, records.get(&file.ordinal).map(|record| record.edges.clone()));
        }
        writer.changed(file, &mut records).await?;
    }
    let mut relinked = 0;
    for file in dependents {
        let Some(record) = records.remove(&file.ordinal) else { continue };
        if record != *file.links {
            relinked += 1;
            if follows {
                links.files.insert(file.ordinal, Some(record.edges.clone()));
            }
            writer.relinked(&file, &Arc::new(record))?;
        }
    }
    Ok(Written { relinked, compared, links, answers: writer.changed, stored: writer.stored })
}

/// Ids with the files that state them, and the paths of those.
type NewIds<'p> = HashMap<String, (FileOrd, &'p str)>;

/// The ids that files have which they did not have before.
fn new_ids<'p>(files: &[ChangedFile<'p>]) -> Result<NewIds<'p>> {
    let mut new_ids = NewIds::new();
    for file in files {
        let Some((prepared, segment, _)) = &file.new else { continue };
        let old = file.old.as_ref().map(|old| old.segment.as_ref());
        for (before, after) in rows_by_id(old, Some(segment)) {
            let Some(id) = after.filter(|_| before.is_none()).map(|row| segment.id(row)) else { continue };
            if let Some((_, other)) = new_ids.insert(id.clone(), (file.ordinal, prepared.path())) {
                return Err(defined_twice(&id, other, prepared.path()));
            }
        }
    }
    Ok(new_ids)
}

/// New ids must not be those of nodes elsewhere.
async fn check_ids(new_ids: NewIds<'_>, facts: &mut FetchedFacts<'_>) -> Result<()> {
    for (id, place) in facts.places_of(new_ids.keys().cloned().collect()).await? {
        let Some((own, path)) = new_ids.get(&id) else { continue };
        if let Some(other) = place.filter(|place| place != own) {
            let other = facts.segment(other).map(|segment| segment.path().to_owned()).unwrap_or_default();
            return Err(defined_twice(&id, &other, path));
        }
    }
    Ok(())
}

/// The questions whose answers some changed files may have altered.
fn changed_by(files: &[ChangedFile<'_>]) -> ChangedTerms {
    let mut changed = ChangedTerms::default();
    for file in files {
        let old = file.old.as_ref().map(|old| old.segment.as_ref());
        let new = file.new.as_ref().map(|(_, segment, _)| segment.as_ref());
        changed_terms(old, new, &mut changed);
    }
    changed
}

/// The stored files whose links asked something that has another answer now.
async fn dependents(
    view: &View<'_>,
    files: &[ChangedFile<'_>],
    mut changed: ChangedTerms,
    facts: &mut FetchedFacts<'_>,
) -> Result<Vec<StoredFile>> {
    let names: Vec<MemberName> = changed.members.into_iter().collect();
    let mut stored = FetchedFacts::stored(view);
    let before = stored.members_of(&names).await?;
    let after = facts.members_of(&names).await?;
    for ((name, before), after) in names.iter().zip(before).zip(after) {
        if by_slot(&stored, before) != by_slot(facts, after) {
            changed.terms.insert(term::asks_name(&name.family, &name.name));
        }
    }
    let own: BTreeSet<FileOrd> = files.iter().map(|file| file.ordinal).collect();
    let mut dependents = facts.stored_with_any(changed.terms.into_iter().collect()).await?;
    dependents.retain(|file| !own.contains(file));
    dependents.sort_unstable();
    dependents.dedup();
    view.files(&dependents).await
}

/// Members with rows, which move with every edit, told by slots, which do not.
fn by_slot(facts: &FetchedFacts<'_>, members: Members) -> Members {
    let few = |few: Few| match few {
        Few::One(file, row) => Few::One(file, facts.slot(file, row).unwrap_or(Slot::MAX)),
        other => other,
    };
    Members { methods: few(members.methods), all: few(members.all) }
}

/// A file that is to be linked.
struct ToLink {
    file: FileOrd,
    segment: Arc<Segment>,
    slots: SlotTable,
    /// Its links that lacked facts when they were tried last.
    lacking: Lacking,
}

impl ToLink {
    fn new(file: FileOrd, segment: &Arc<Segment>, slots: &SlotTable) -> Self {
        Self { file, segment: Arc::clone(segment), slots: slots.clone(), lacking: Lacking::default() }
    }

    /// Its links, if nothing is missing. Only what was missing is tried again, and the whole when that has everything.
    fn link(&mut self, facts: &FetchedFacts<'_>) -> Option<LinkRecord> {
        if !self.lacking.is_empty() {
            self.lacking = still_lacking(facts, self.file, &self.segment, &self.lacking);
            if !self.lacking.is_empty() {
                return None;
            }
        }
        match link_file(facts, self.file, &self.segment, &self.slots) {
            Ok(record) => Some(record),
            Err(lacking) => {
                self.lacking = lacking;
                None
            }
        }
    }
}

async fn link(facts: &mut FetchedFacts<'_>, mut files: Vec<ToLink>) -> Result<HashMap<FileOrd, LinkRecord>> {
    let mut records = HashMap::with_capacity(files.len());
    for _ in 0..MAX_LINK_ROUNDS {
        files.retain_mut(|file| match file.link(facts) {
            Some(record) => {
                records.insert(file.file, record);
                false
            }
            None => true,
        });
        if files.is_empty() {
            return Ok(records);
        }
        facts.fetch_missing().await?;
    }
    Err(Error::new(
        ErrorKind::Internal,
        format!("linking did not come to an end in {MAX_LINK_ROUNDS} rounds"),
    ))
}
