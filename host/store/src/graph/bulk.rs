//! Large changes: a whole repository as a new generation.
//!
//! Segments and the new generation's tables go in first, in sorted batches that nobody refers to; one last batch
//! points the head at them. Until then readers see the old graph, and a crash leaves only what `sweep` removes.
//!
//! Where the files of the change are in memory, linking needs nothing of the engine, and writing segments nothing of the
//! links: so the engine writes segments while all cores link, and links as they are made. Files that are stored, because
//! they stay or were [written ahead](super::portions), are read again as linking comes to need them.

mod linking;
mod segments;
mod writing;

use std::collections::HashSet;
use std::sync::Arc;

use codestrata_core::{Batch, ErrorKind, Result};
use tokio::sync::mpsc;

use super::all_facts::{SegmentShelf, ordinal};
use super::engine::Engine;
use super::generation::{Begun, begin, finish};
use super::history::{self, Compared, NewFiles};
use super::notes;
use super::plan::by_path;
use super::storage::{FileChanges, UpdateSummary};
use super::update::apply_metadata;
use super::view::View;
use crate::blocking::both;
use crate::codec::ContentName;
use crate::keyspace::Space;
use crate::limits::{MAX_LINKED_STEPS, MAX_LINKING_BYTES};
use crate::model::Totals;
use crate::records::{Head, SCHEMA_VERSION, now_ms, random_id};
use crate::segment::PreparedFile;
use linking::{Generation, link_all};

pub(super) use linking::{BulkFile, Packing};
pub(super) use segments::StoredSegments;
pub(super) use writing::BatchWriter;

/// The files of a large change.
#[derive(Clone, Copy)]
pub(super) struct Incoming<'a> {
    /// What changes; of its files those that are in memory.
    pub(super) changes: &'a FileChanges,
    /// Files whose segments are stored already, sorted by path, and the marker under which they were.
    pub(super) ahead: Option<(&'a Arc<[BulkFile]>, &'a Begun<'a>)>,
}

/// Stores a repository as a new generation: what it has in the view, with the changes.
///
/// # Errors
/// `PreconditionFailed` when the repository is another by now, so that the caller reads again.
pub(super) async fn store_generation(
    engine: &Engine,
    repo_id: &str,
    base: Option<&View<'_>>,
    incoming: Incoming<'_>,
) -> Result<UpdateSummary> {
    let changes = incoming.changes;
    let mut summary = UpdateSummary::default();
    let Gathered { files, dropped, stored } = gather(base, incoming, &mut summary).await?;
    let notes = match base {
        None => Vec::new(),
        Some(base) => match notes::all_by_id(base).await {
            Err(error) if changes.rewrite && error.kind() == ErrorKind::Corruption => {
                tracing::warn!(%error, "the notes of analysers could not be read and are lost");
                Vec::new()
            }
            other => other?,
        },
    };
    let begun = begin(engine, repo_id, base).await?;
    let (repo, space) = (begun.repo, begun.space);
    let packing = Packing { compression: engine.compression, is_compared: base.is_some() };
    let new = new_segments(changes, &stored);
    let (to_write, linked) = mpsc::channel(MAX_LINKED_STEPS);
    let segments = StoredSegments { backend: Arc::clone(&engine.backend), repo, repo_id: repo_id.into() };
    let shelf = shelf(&files, changes)?;
    let linking = link_all(&files, shelf, &segments, packing, to_write);
    let mut writer = BatchWriter::new(&engine.backend, None);
    let writing = async {
        writer.segments(repo, new, packing).await?;
        writer.linked(space, linked).await
    };
    let (generation, written) = both(linking, writing).await;
    // Linking that finds nobody to write says no more than that.
    written?;
    let Generation { mut facts, totals, first, terms } = generation?;
    let mut head = new_head(repo_id, base, space)?;
    head.totals = totals;
    head.next_file = ordinal(files.len());
    head.bucket_bits = terms.bits();
    let compared = match (engine.history, base) {
        (0, _) => Compared::default(),
        (_, None) => first.compared(),
        (_, Some(base)) => {
            let ids = facts.take_ids();
            let new = NewFiles { stored: &segments, space, files: &files, shelf: &facts.shelf, ids };
            history::of_generation(base, &new).await?
        }
    };
    head.notes = writer.notes(space, &facts, notes).await?;
    // The index takes memory of its own.
    drop(facts);
    writer.index(space, &files, terms, packing).await?;
    apply_metadata(&mut head, &changes.metadata);
    summary.version = head.version;
    let mut batch = Batch::new();
    history::put(&mut batch, repo, &head, &summary, engine.history, compared)?;
    if let Some((_, marker)) = incoming.ahead {
        marker.end_with(&mut batch)?;
    }
    finish(engine, batch, &begun, base, &head, dropped).await?;
    Ok(summary)
}

/// The files whose segments are to be written, in the order of their keys.
fn new_segments(changes: &FileChanges, stored: &HashSet<ContentName>) -> Vec<PreparedFile> {
    let mut new: Vec<PreparedFile> =
        changes.replaced.iter().filter(|file| !stored.contains(&file.name())).cloned().collect();
    new.sort_by_key(PreparedFile::name);
    new
}

/// What the files of a generation say, as far as it is in memory.
fn shelf(files: &[BulkFile], changes: &FileChanges) -> Result<SegmentShelf> {
    let replaced = by_path(&changes.replaced)?;
    let segment = |file: &BulkFile| Some(Arc::clone(replaced.get(file.path.as_ref())?.segment()));
    Ok(SegmentShelf::new(files.iter().map(segment), MAX_LINKING_BYTES))
}

/// What a new generation is made of.
struct Gathered {
    /// Its files, sorted by path.
    files: Arc<[BulkFile]>,
    /// Segments that it no longer refers to.
    dropped: Vec<ContentName>,
    /// Segments that need not be written, because they are stored.
    stored: HashSet<ContentName>,
}

impl From<&PreparedFile> for BulkFile {
    fn from(file: &PreparedFile) -> Self {
        let nodes = file.segment().node_count();
        Self { path: file.path().into(), hash: file.hash().into(), name: file.name(), nodes }
    }
}

/// Gathers a new generation from what is stored and what changes.
async fn gather(
    base: Option<&View<'_>>,
    incoming: Incoming<'_>,
    summary: &mut UpdateSummary,
) -> Result<Gathered> {
    let changes = incoming.changes;
    let ahead = incoming.ahead.map(|(files, _)| files);
    let replaced = by_path(&changes.replaced)?;
    let removed: HashSet<&str> = changes.removed.iter().map(String::as_str).collect();
    let new = |path: &str| -> Option<(&str, ContentName)> {
        if let Some(file) = replaced.get(path) {
            return Some((file.hash(), file.name()));
        }
        let place = ahead?.binary_search_by(|file| file.path.as_ref().cmp(path)).ok()?;
        ahead?.get(place).map(|file| (file.hash.as_ref(), file.name))
    };
    let mut dropped = Vec::new();
    let mut stored = HashSet::new();
    let mut kept = Vec::new();
    let count = replaced.len() + ahead.map_or(0, |files| files.len());
    summary.added = u64::try_from(count).unwrap_or(u64::MAX);
    if let Some(base) = base {
        let entries = match base.all_entries().await {
            // What cannot be read is what a rewriting is asked for.
            Err(error) if changes.rewrite && error.kind() == ErrorKind::Corruption => Vec::new(),
            other => other?,
        };
        for (_, entry) in entries {
            let path = entry.path.as_str();
            if let Some((hash, name)) = new(path) {
                summary.added = summary.added.saturating_sub(1);
                if hash == entry.hash && name == entry.segment {
                    summary.unchanged += 1;
                } else {
                    summary.replaced += 1;
                }
                if name != entry.segment {
                    dropped.push(entry.segment);
                }
                stored.insert(entry.segment);
            } else if changes.replace_all || changes.rewrite || removed.contains(path) {
                summary.removed += 1;
                dropped.push(entry.segment);
                stored.insert(entry.segment);
            } else {
                let nodes = u32::try_from(entry.counts.nodes).unwrap_or_default();
                kept.push(BulkFile {
                    path: path.into(),
                    hash: entry.hash.into(),
                    name: entry.segment,
                    nodes,
                });
            }
        }
    }
    // A rewriting trusts nothing that is stored.
    if changes.rewrite {
        stored.clear();
    }
    let files = match ahead {
        Some(files) if kept.is_empty() && replaced.is_empty() => Arc::clone(files),
        _ => {
            let ahead = ahead.into_iter().flat_map(|files| files.iter().cloned());
            let mut files: Vec<BulkFile> = ahead.chain(kept).collect();
            files.extend(changes.replaced.iter().map(BulkFile::from));
            files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
            files.into()
        }
    };
    Ok(Gathered { files, dropped, stored })
}

fn new_head(repo_id: &str, base: Option<&View<'_>>, space: Space) -> Result<Head> {
    let mut head = match base {
        Some(base) => base.head.next()?,
        None => Head {
            repo_id: repo_id.to_owned(),
            version: 1,
            commit: random_id()?,
            schema: SCHEMA_VERSION,
            space,
            created_ms: now_ms(),
            updated_ms: now_ms(),
            totals: Totals::default(),
            root: None,
            extractor: None,
            attributes: "{}".to_owned(),
            next_file: 0,
            bucket_bits: 0,
            has_deltas: false,
            notes: 0,
        },
    };
    head.space = space;
    head.has_deltas = false;
    Ok(head)
}
