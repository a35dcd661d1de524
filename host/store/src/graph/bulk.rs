//! Large changes: a whole repository as a new generation.
//!
//! Segments and the new generation's tables go in first, in sorted batches that nobody refers to; one last batch
//! points the head at them. Until then readers see the old graph, and a crash leaves only what `sweep` removes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use codestrata_core::{Batch, Bytes, Durability, Error, ErrorKind, Key, Op, Result};
use rayon::prelude::*;

use super::all_facts::AllFacts;
use super::engine::{Engine, encode_ordinal};
use super::generation::{begin, finish};
use super::history::{self, Compared, NewFile};
use super::notes;
use super::plan::by_path;
use super::storage::{FileChanges, UpdateSummary};
use super::update::apply_metadata;
use super::view::View;
use super::write::count_links;
use crate::blocking::blocking;
use crate::codec::ContentName;
use crate::keyspace::{self, FileOrd, RepoOrd, Space};
use crate::limits::BULK_BATCH_BYTES;
use crate::link::term::Term;
use crate::link::{FactsView, LinkRecord, SlotTable, link_file};
use crate::model::Totals;
use crate::postings::{bits_for, buckets, terms_of};
use crate::records::{FileEntry, Head, SCHEMA_VERSION, now_ms, random_id, recount};
use crate::segment::{PreparedFile, Segment};

/// One file of the generation.
#[derive(Clone)]
struct BulkFile {
    path: String,
    hash: String,
    name: ContentName,
    segment: Arc<Segment>,
}

/// Everything of the generation but its segments.
struct Generation {
    files: Vec<BulkFile>,
    facts: AllFacts,
    records: Vec<LinkRecord>,
    postings: Vec<(Term, FileOrd)>,
}

impl Generation {
    fn new_files(&self) -> Vec<NewFile<'_>> {
        let files = self.files.iter().zip(&self.records);
        files.map(|(file, links)| NewFile { name: file.name, segment: &file.segment, links }).collect()
    }
}

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
    let generation = blocking(move || link_all(files)).await??;
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
    let mut writer = BatchWriter { engine, batch: Batch::new().durability(Durability::Buffered) };
    write_segments(&mut writer, repo, &stored, changes).await?;
    write_tables(&mut writer, space, &generation).await?;
    let kept_notes = write_notes(&mut writer, space, &generation, notes).await?;
    writer.flush().await?;
    let mut head = new_head(repo_id, base, space, &generation)?;
    head.notes = kept_notes;
    apply_metadata(&mut head, &changes.metadata);
    summary.version = head.version;
    let mut batch = Batch::new();
    let compared = match engine.history {
        0 => Compared::default(),
        _ => history::of_generation(base, &generation.new_files()).await?,
    };
    history::put(&mut batch, repo, &head, &summary, engine.history, compared)?;
    finish(engine, batch, &begun, base, &head, dropped).await?;
    Ok(summary)
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
    // Decoding all of a repository is too long for the executor's thread.
    let prepared = changes.replaced.clone();
    files.extend(blocking(move || decode_all(&prepared)).await??);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    // A rewriting trusts nothing that is stored.
    if changes.rewrite {
        stored.clear();
    }
    let stored = stored.into_values().map(|(_, name)| name).collect();
    Ok(Gathered { files, dropped, stored })
}

fn decode_all(prepared: &[PreparedFile]) -> Result<Vec<BulkFile>> {
    prepared
        .par_iter()
        .map(|file| {
            Ok(BulkFile {
                path: file.path().to_owned(),
                hash: file.hash().to_owned(),
                name: file.name(),
                segment: Arc::new(Segment::decode(file.bytes())?),
            })
        })
        .collect()
}

fn link_all(files: Vec<BulkFile>) -> Result<Generation> {
    let facts = AllFacts::new(files.iter().map(|file| Arc::clone(&file.segment)).collect())?;
    let linked: Result<Vec<(LinkRecord, Vec<Term>)>> = facts
        .segments()
        .par_iter()
        .enumerate()
        .map(|(file, segment)| {
            let slots = SlotTable::fresh(segment.node_count());
            let record = link_file(&facts, ordinal(file), segment, &slots).map_err(|_| {
                Error::new(ErrorKind::Internal, format!("`{}` could not be linked", segment.path()))
            })?;
            let terms = terms_of(segment, &record);
            Ok((record, terms))
        })
        .collect();
    let mut records = Vec::with_capacity(files.len());
    let mut postings = Vec::new();
    for (file, (record, terms)) in linked?.into_iter().enumerate() {
        records.push(record);
        postings.extend(terms.into_iter().map(|term| (term, ordinal(file))));
    }
    postings.par_sort_unstable();
    Ok(Generation { files, facts, records, postings })
}

fn ordinal(position: usize) -> FileOrd {
    FileOrd::try_from(position).unwrap_or(FileOrd::MAX)
}

/// Collects puts into batches of a bounded size.
struct BatchWriter<'e> {
    engine: &'e Engine,
    batch: Batch,
}

impl BatchWriter<'_> {
    async fn put(&mut self, key: Key, value: impl Into<Bytes>) -> Result<()> {
        self.batch.add(Op::Put(key, value.into()));
        if self.batch.byte_size() >= BULK_BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let batch = std::mem::replace(&mut self.batch, Batch::new().durability(Durability::Buffered));
        if batch.is_empty() { Ok(()) } else { self.engine.backend.apply(batch).await }
    }
}

async fn write_segments(
    writer: &mut BatchWriter<'_>,
    repo: RepoOrd,
    stored: &HashSet<ContentName>,
    changes: &FileChanges,
) -> Result<()> {
    let mut new: Vec<_> = changes.replaced.iter().collect();
    new.sort_by_key(|file| file.name());
    for file in new.into_iter().filter(|file| !stored.contains(&file.name())) {
        writer.put(keyspace::segment(repo, file.name())?, file.bytes().clone()).await?;
    }
    Ok(())
}

async fn write_tables(writer: &mut BatchWriter<'_>, space: Space, generation: &Generation) -> Result<()> {
    let mut entries = Vec::with_capacity(generation.files.len());
    let mut links = Vec::with_capacity(generation.files.len());
    for (position, (file, record)) in generation.files.iter().zip(&generation.records).enumerate() {
        let ordinal = ordinal(position);
        let (name, bytes) = record.encode()?;
        let entry = FileEntry {
            path: file.path.as_str().into(),
            hash: file.hash.clone(),
            segment: file.name,
            links: name,
            counts: count_links(ordinal, &file.segment, record),
        };
        entries.push((ordinal, entry.encode()?));
        links.push((ordinal, bytes));
    }
    // In the order of the tables' letters, so that the engine receives one sorted run.
    let bits = bits_for(generation.postings.len());
    for bucket in buckets(&generation.postings, bits) {
        let (number, bytes) = bucket?;
        writer.put(keyspace::bucket(space, number)?, bytes).await?;
    }
    for (file, bytes) in entries {
        writer.put(keyspace::file(space, file)?, bytes).await?;
    }
    for (file, bytes) in links {
        writer.put(keyspace::links(space, file)?, bytes).await?;
    }
    for (position, file) in generation.files.iter().enumerate() {
        writer.put(keyspace::path(space, &file.path)?, encode_ordinal(ordinal(position))?).await?;
    }
    Ok(())
}

/// Carries over the notes on nodes that are still there, and says how many.
async fn write_notes(
    writer: &mut BatchWriter<'_>,
    space: Space,
    generation: &Generation,
    notes: Vec<(String, Vec<u8>, String)>,
) -> Result<u64> {
    let mut kept = 0;
    for (id, value, analyser) in notes {
        if let Ok(Some((file, row))) = generation.facts.node(&id) {
            writer.put(keyspace::note(space, file, row, &analyser)?, value).await?;
            kept += 1;
        }
    }
    Ok(kept)
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
    head.totals = Totals::default();
    for (position, (file, record)) in generation.files.iter().zip(&generation.records).enumerate() {
        recount(&mut head.totals, None, Some(&count_links(ordinal(position), &file.segment, record)));
    }
    head.next_file = ordinal(generation.files.len());
    head.bucket_bits = bits_for(generation.postings.len());
    head.has_deltas = false;
    Ok(head)
}
