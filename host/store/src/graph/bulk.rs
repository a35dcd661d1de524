//! Large changes: a whole repository as a new generation.
//!
//! Segments and the new generation's tables go in first, in sorted batches that nobody refers to; one last batch
//! points the head at them. Until then readers see the old graph, and a crash leaves only what `sweep` removes.
//!
//! Linking needs nothing of the engine, and writing segments nothing of the links: so the engine writes segments while
//! all cores link, and links as they are made. They are encoded and compressed where they are made, file by file.

mod linking;
mod writing;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use codestrata_core::{Batch, ErrorKind, Result};
use tokio::sync::mpsc;

use super::engine::Engine;
use super::generation::{begin, finish};
use super::history::{self, Compared};
use super::notes;
use super::plan::by_path;
use super::storage::{FileChanges, UpdateSummary};
use super::update::apply_metadata;
use super::view::View;
use crate::blocking::{begin_blocking, begins_beside};
use crate::codec::ContentName;
use crate::keyspace::Space;
use crate::limits::MAX_LINKED_STEPS;
use crate::model::Totals;
use crate::records::{Head, SCHEMA_VERSION, now_ms, random_id};
use crate::segment::PreparedFile;
use linking::{BulkFile, FILES_PER_STEP, Generation, Packing, link_all, ordinal};
use writing::BatchWriter;

/// Stores a repository as a new generation: what it has in the view, with the changes.
///
/// # Errors
/// `PreconditionFailed` when the repository is another by now, so that the caller reads again.
pub(super) async fn store_generation(
    engine: &Engine,
    repo_id: &str,
    base: Option<&View<'_>>,
    changes: &FileChanges,
) -> Result<UpdateSummary> {
    let mut summary = UpdateSummary::default();
    let Gathered { files, dropped, stored } = gather(base, changes, &mut summary).await?;
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
    let packing = Packing { compression: engine.compression, keeps_records: base.is_some() };
    let new = new_segments(changes, &stored);
    // Linking that is done before the writing begins has to have room for everything.
    let steps = files.len().div_ceil(FILES_PER_STEP).max(1);
    let (to_write, linked) = mpsc::channel(if begins_beside() { steps.min(MAX_LINKED_STEPS) } else { steps });
    let linking = begin_blocking(move || link_all(files, packing, &to_write));
    let mut writer = BatchWriter::new(engine);
    let written = async {
        writer.segments(repo, &new, packing).await?;
        writer.linked(space, linked).await
    };
    let written = written.await;
    // Before anything is answered: linking holds all cores and much memory.
    let generation = linking.await?;
    written?;
    let generation = generation?;
    let mut head = new_head(repo_id, base, space, &generation)?;
    let compared = match (engine.history, base) {
        (0, _) => Compared::default(),
        (_, None) => history::of_first(&generation.tallies),
        (_, Some(base)) => history::of_generation(base, &generation.new_files()).await?,
    };
    writer.index(space, &generation).await?;
    head.notes = writer.notes(space, &generation, notes).await?;
    apply_metadata(&mut head, &changes.metadata);
    summary.version = head.version;
    let mut batch = Batch::new();
    history::put(&mut batch, repo, &head, &summary, engine.history, compared)?;
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

/// What a new generation is made of.
struct Gathered {
    /// Its files, sorted by path.
    files: Vec<BulkFile>,
    /// Segments that it no longer refers to.
    dropped: Vec<ContentName>,
    /// Segments that need not be written, because they are stored.
    stored: HashSet<ContentName>,
}

/// Gathers a new generation from what is stored and what changes.
async fn gather(
    base: Option<&View<'_>>,
    changes: &FileChanges,
    summary: &mut UpdateSummary,
) -> Result<Gathered> {
    let replaced = by_path(&changes.replaced)?;
    let removed: HashSet<&str> = changes.removed.iter().map(String::as_str).collect();
    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    let mut stored = HashMap::new();
    if let Some(base) = base {
        let entries = match base.all_entries().await {
            // What cannot be read is what a rewriting is asked for.
            Err(error) if changes.rewrite && error.kind() == ErrorKind::Corruption => Vec::new(),
            other => other?,
        };
        for (_, entry) in entries {
            let path = entry.path.as_str();
            let is_kept = !replaced.contains_key(path)
                && !changes.replace_all
                && !changes.rewrite
                && !removed.contains(path);
            if is_kept {
                kept.push(entry);
            } else {
                if !replaced.contains_key(path) {
                    summary.removed += 1;
                }
                stored.insert(entry.path, (entry.hash, entry.segment));
            }
        }
    }
    let mut files = Vec::with_capacity(kept.len() + replaced.len());
    if let Some(base) = base {
        let names: Vec<ContentName> = kept.iter().map(|entry| entry.segment).collect();
        for (entry, segment) in kept.into_iter().zip(base.segments(&names).await?) {
            files.push(BulkFile { path: entry.path.into(), hash: entry.hash, name: entry.segment, segment });
        }
    }
    for file in replaced.values() {
        match stored.get(file.path()) {
            None => summary.added += 1,
            Some((hash, name)) if hash == file.hash() && *name == file.name() => summary.unchanged += 1,
            Some(_) => summary.replaced += 1,
        }
    }
    for (path, (_, name)) in &stored {
        if replaced.get(path.as_str()).is_none_or(|file| file.name() != *name) {
            dropped.push(*name);
        }
    }
    files.extend(changes.replaced.iter().map(|file| BulkFile {
        path: file.path().to_owned(),
        hash: file.hash().to_owned(),
        name: file.name(),
        segment: Arc::clone(file.segment()),
    }));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    // A rewriting trusts nothing that is stored.
    if changes.rewrite {
        stored.clear();
    }
    let stored = stored.into_values().map(|(_, name)| name).collect();
    Ok(Gathered { files, dropped, stored })
}

fn new_head(repo_id: &str, base: Option<&View<'_>>, space: Space, generation: &Generation) -> Result<Head> {
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
    head.totals = generation.totals;
    head.next_file = ordinal(generation.files.len());
    head.bucket_bits = generation.bucket_bits;
    head.has_deltas = false;
    Ok(head)
}
