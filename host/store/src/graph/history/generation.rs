//! What a new generation changes: against the former one, or everything where there was none.
//!
//! Both generations are read as they are stored, some hundred files at a time, so that of neither more is in memory.

use std::collections::HashMap;
use std::sync::Arc;

use codestrata_core::{ErrorKind, Key, Result};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::Compared;
use super::change::{Change, Listing};
use super::collect::{Collector, NewState, NewStates, state_of};
use super::compare::{RawChange, State, compare};
use super::tally::FileTally;
use crate::codec::ContentName;
use crate::graph::all_facts::{SegmentShelf, ordinal};
use crate::graph::bulk::{BulkFile, StoredSegments};
use crate::graph::view::{StoredFile, View, damaged};
use crate::keyspace::{self, FileOrd, Slot, Space};
use crate::link::LinkRecord;
use crate::records::FileEntry;
use crate::segment::Segment;

/// Files of a generation that are read together.
pub(super) const FILES_PER_READ: usize = 256;

/// What a first generation adds: everything, in figures.
pub(in crate::graph) struct FirstFiles(Collector<State<'static>>);

impl Default for FirstFiles {
    fn default() -> Self {
        Self(Collector::new(Change { listing: Listing::Counted, ..Change::default() }))
    }
}

impl FirstFiles {
    /// Adds a file.
    pub(in crate::graph) fn add(&mut self, file: &FileTally) {
        self.0.add_tally(file);
    }

    pub(in crate::graph) fn compared(self) -> Compared {
        (self.0.figures(), None)
    }
}

/// The files of a new generation, which are stored and not committed. Their slots are their rows, and their places their
/// ordinals.
pub(in crate::graph) struct NewFiles<'g> {
    pub(in crate::graph) stored: &'g StoredSegments,
    pub(in crate::graph) space: Space,
    /// Sorted by path.
    pub(in crate::graph) files: &'g [BulkFile],
    /// Where some segments are at hand.
    pub(in crate::graph) shelf: &'g SegmentShelf,
    /// The hashes of the ids of each file, by row.
    pub(in crate::graph) ids: Vec<Vec<u128>>,
}

/// The new state of a file, held.
struct Held {
    file: FileOrd,
    segment: Arc<Segment>,
    links: Arc<LinkRecord>,
}

impl NewState for Held {
    fn state(&self) -> State<'_> {
        State { file: self.file, segment: &self.segment, links: &self.links }
    }
}

impl NewFiles<'_> {
    /// What some files say.
    pub(super) async fn segments(&self, files: &[FileOrd]) -> Result<Vec<Arc<Segment>>> {
        let mut segments: Vec<Option<Arc<Segment>>> =
            files.iter().map(|file| self.shelf.segment(*file).cloned()).collect();
        let unknown = files.iter().zip(&segments).filter(|(_, segment)| segment.is_none());
        let names: Vec<ContentName> =
            unknown.filter_map(|(file, _)| Some(self.files.get(*file as usize)?.name)).collect();
        let mut read = self.stored.read(&names).await?.into_iter();
        for segment in segments.iter_mut().filter(|segment| segment.is_none()) {
            *segment = read.next();
        }
        Ok(segments.into_iter().flatten().collect())
    }

    async fn read(&self, files: &[FileOrd]) -> Result<Vec<Held>> {
        let keys: Result<Vec<Key>> = files.iter().map(|file| keyspace::links(self.space, *file)).collect();
        let records = self.stored.backend.get_many(&keys?).await?;
        let segments = self.segments(files).await?;
        let held = files.par_iter().zip(segments).zip(records).map(|((file, segment), record)| {
            let record = record.ok_or_else(|| damaged(&self.stored.repo_id, "new links are missing"))?;
            Ok(Held { file: *file, segment, links: Arc::new(LinkRecord::decode(&record)?) })
        });
        held.collect()
    }

    fn number(&self, file: FileOrd, slot: Slot) -> u128 {
        self.ids.get(file as usize).and_then(|ids| ids.get(slot as usize)).copied().unwrap_or_default()
    }

    /// The place of a path.
    fn place(&self, path: &str) -> Option<FileOrd> {
        self.files.binary_search_by(|file| file.path.as_ref().cmp(path)).ok().map(ordinal)
    }
}

/// What a new generation changes against the former one.
///
/// Cost: the former one is read twice and the new one once, some hundred files at a time; of each node of both 16 bytes
/// are held.
pub(in crate::graph) async fn of_generation(base: &View<'_>, new: &NewFiles<'_>) -> Result<Compared> {
    match against(base, new).await {
        Err(error) if error.kind() == ErrorKind::Corruption => {
            tracing::warn!(%error, "the former graph could not be read; what changed against it is not known");
            Ok((Change { listing: Listing::NotCompared, ..Change::default() }, None))
        }
        other => other,
    }
}

async fn against(base: &View<'_>, new: &NewFiles<'_>) -> Result<Compared> {
    let mut entries = base.all_entries().await?;
    entries.sort_by(|a, b| a.1.path.cmp(&b.1.path));
    let mut old_ids: HashMap<FileOrd, Vec<u128>> = HashMap::with_capacity(entries.len());
    for chunk in entries.chunks(FILES_PER_READ) {
        let stored = base.files_of(chunk.to_vec()).await?;
        old_ids.par_extend(stored.par_iter().map(|file| (file.ordinal, id_hashes(&state_of(file)))));
    }
    let old_number = |file: FileOrd, slot: Slot| {
        old_ids.get(&file).and_then(|ids| ids.get(slot as usize)).copied().unwrap_or_default()
    };
    let mut collector = Collector::new(Change::default());
    let mut is_seen = vec![false; new.files.len()];
    for chunk in entries.chunks(FILES_PER_READ) {
        let places: Vec<FileOrd> = chunk.iter().filter_map(|(_, entry)| new.place(&entry.path)).collect();
        for place in &places {
            if let Some(is_seen) = is_seen.get_mut(*place as usize) {
                *is_seen = true;
            }
        }
        compare_some(base, new, (chunk, &places), &old_number, &mut collector).await?;
    }
    let rest = (0..).zip(is_seen).filter_map(|(file, is_seen)| (!is_seen).then_some(file));
    let rest: Vec<FileOrd> = rest.collect();
    for chunk in rest.chunks(FILES_PER_READ) {
        for held in new.read(chunk).await? {
            let raw = compare(None, Some((held.state(), &|file, slot| new.number(file, slot))), false);
            let path = held.segment.path().to_owned();
            collector.add(&path, None, Some(held), raw);
        }
    }
    collector.finish(base, NewStates::Generation(new)).await
}

/// Compares some files of the former generation with those of their paths.
async fn compare_some(
    base: &View<'_>,
    new: &NewFiles<'_>,
    (entries, places): (&[(FileOrd, FileEntry)], &[FileOrd]),
    old_number: &(dyn Fn(FileOrd, Slot) -> u128 + Sync),
    collector: &mut Collector<Held>,
) -> Result<()> {
    let stored = base.files_of(entries.to_vec()).await?;
    let mut held = new.read(places).await?.into_iter().peekable();
    let mut pairs: Vec<(StoredFile, Option<Held>)> = Vec::with_capacity(stored.len());
    for old in stored {
        // Both are in the order of their paths.
        let of_path = held.next_if(|held| held.segment.path() == old.entry.path);
        pairs.push((old, of_path));
    }
    let compared: Vec<RawChange> = pairs
        .par_iter()
        .map(|(old, held)| {
            let name = held.as_ref().and_then(|held| new.files.get(held.file as usize)).map(|file| file.name);
            let is_same = name == Some(old.entry.segment);
            let number = |file, slot| new.number(file, slot);
            let held = held.as_ref().map(|held| (held.state(), &number as _));
            compare(Some((state_of(old), old_number)), held, is_same)
        })
        .collect();
    for ((old, held), raw) in pairs.into_iter().zip(compared) {
        let path = old.entry.path.clone();
        collector.add(&path, Some(&old), held, raw);
    }
    Ok(())
}

/// Hashes of the ids of a file's nodes, by slot.
fn id_hashes(state: &State<'_>) -> Vec<u128> {
    let slots = state.links.slots();
    let mut hashes = vec![0; slots.end() as usize];
    for row in 0..state.segment.node_count() {
        if let Some(place) = hashes.get_mut(slots.slot(row) as usize) {
            *place = xxh3_128(state.segment.id(row).as_bytes());
        }
    }
    hashes
}
