//! What a commit changes, worked out from the files that it writes, and put into its batch.

use std::collections::{HashMap, HashSet};

use codestrata_core::{Batch, ErrorKind, Op, Result};
use rayon::prelude::*;

use super::Compared;
use super::change::{Change, Listing};
use super::collect::{Collector, state_of};
use super::compare::{RawChange, State, compare, place_number};
use super::listed::encode_listed;
use super::tally::FileTally;
use crate::codec::{ContentName, RecordKind, encode};
use crate::graph::plan::ChangedFile;
use crate::graph::storage::UpdateSummary;
use crate::graph::view::{StoredFile, View};
use crate::keyspace::{self, FileOrd, RepoOrd, Slot};
use crate::limits::MAX_LISTED_BYTES;
use crate::link::LinkRecord;
use crate::records::Head;
use crate::segment::Segment;

use xxhash_rust::xxh3::xxh3_128;

/// Files of the former generation that are read together.
const FILES_PER_READ: usize = 256;

/// What is known of a version before anything is compared.
fn begun(head: &Head, summary: &UpdateSummary) -> Change {
    Change {
        version: head.version,
        time_ms: head.updated_ms,
        files_added: summary.added,
        files_replaced: summary.replaced,
        files_removed: summary.removed,
        files_relinked: summary.relinked,
        ..Change::default()
    }
}

/// What a commit of some files changes, from their old and new states and from those linked again.
pub(in crate::graph) async fn of_files(
    view: &View<'_>,
    files: &[ChangedFile<'_>],
    relinked: &[StoredFile],
    records: &HashMap<FileOrd, LinkRecord>,
) -> Result<Compared> {
    let mut new_states: HashMap<FileOrd, State<'_>> = HashMap::new();
    for file in files {
        if let (Some((_, segment, _)), Some(links)) = (&file.new, records.get(&file.ordinal)) {
            new_states.insert(file.ordinal, State { file: file.ordinal, segment, links });
        }
    }
    for file in relinked {
        if let Some(links) = records.get(&file.ordinal) {
            new_states.insert(file.ordinal, State { file: file.ordinal, segment: &file.segment, links });
        }
    }
    let mut collector = Collector::new(Change::default());
    let number = &place_number;
    for file in files {
        let new = new_states.get(&file.ordinal).copied();
        let old = file.old.as_ref();
        let path = old.map(|old| old.entry.path.as_str()).or(new.map(|new| new.segment.path()));
        let raw =
            compare(old.map(|old| (state_of(old), number as _)), new.map(|new| (new, number as _)), false);
        collector.add(path.unwrap_or_default(), old, new, raw);
    }
    for file in relinked {
        let Some(new) = new_states.get(&file.ordinal).copied() else { continue };
        if *new.links != *file.links {
            let raw = compare(Some((state_of(file), number)), Some((new, number)), true);
            collector.add(&file.entry.path, Some(file), Some(new), raw);
        }
    }
    collector.finish(view, |file| new_states.get(&file).copied()).await
}

/// One file of a new generation. Its slots are its rows, and its place among the files is its ordinal.
#[derive(Clone, Copy)]
pub(in crate::graph) struct NewFile<'n> {
    pub(in crate::graph) name: ContentName,
    pub(in crate::graph) segment: &'n Segment,
    pub(in crate::graph) links: &'n LinkRecord,
}

/// What a first generation adds: everything.
pub(in crate::graph) fn of_first(files: &[FileTally]) -> Compared {
    let mut collector = Collector::new(Change { listing: Listing::Counted, ..Change::default() });
    for file in files {
        collector.add_tally(file);
    }
    (collector.figures(), None)
}

/// What a new generation changes against the former one.
///
/// Cost: the former one is read twice, some hundred files at a time; of each of its nodes 16 bytes are held.
pub(in crate::graph) async fn of_generation(base: &View<'_>, files: &[NewFile<'_>]) -> Result<Compared> {
    match against(base, files).await {
        Err(error) if error.kind() == ErrorKind::Corruption => {
            tracing::warn!(%error, "the former graph could not be read; what changed against it is not known");
            Ok((Change { listing: Listing::NotCompared, ..Change::default() }, None))
        }
        other => other,
    }
}

async fn against(base: &View<'_>, files: &[NewFile<'_>]) -> Result<Compared> {
    let states: Vec<State<'_>> =
        (0..).zip(files).map(|(file, new)| State { file, segment: new.segment, links: new.links }).collect();
    let new_ids: Vec<Vec<u128>> = states.par_iter().map(id_hashes).collect();
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
    let new_number = |file: FileOrd, slot: Slot| {
        new_ids.get(file as usize).and_then(|ids| ids.get(slot as usize)).copied().unwrap_or_default()
    };
    let by_path: HashMap<&str, usize> =
        states.iter().enumerate().map(|(place, state)| (state.segment.path(), place)).collect();
    let mut collector = Collector::new(Change::default());
    let mut seen: HashSet<usize> = HashSet::with_capacity(entries.len());
    for chunk in entries.chunks(FILES_PER_READ) {
        let stored = base.files_of(chunk.to_vec()).await?;
        let compared: Vec<(Option<usize>, RawChange)> = stored
            .par_iter()
            .map(|old| {
                let place = by_path.get(old.entry.path.as_str()).copied();
                let new = place.and_then(|place| Some((states.get(place)?, files.get(place)?)));
                let is_same = new.is_some_and(|(_, file)| file.name == old.entry.segment);
                let new = new.map(|(state, _)| (*state, &new_number as _));
                (place, compare(Some((state_of(old), &old_number)), new, is_same))
            })
            .collect();
        for (old, (place, raw)) in stored.iter().zip(compared) {
            seen.extend(place);
            let new = place.and_then(|place| states.get(place)).copied();
            collector.add(&old.entry.path, Some(old), new, raw);
        }
    }
    for (place, state) in states.iter().enumerate().filter(|(place, _)| !seen.contains(place)) {
        let _ = place;
        let raw = compare(None, Some((*state, &new_number)), false);
        collector.add(state.segment.path(), None, Some(*state), raw);
    }
    collector.finish(base, |file| states.get(file as usize).copied()).await
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

/// Puts the record of a version into the batch that commits it, and takes out the oldest ones.
pub(in crate::graph) fn put(
    batch: &mut Batch,
    repo: RepoOrd,
    head: &Head,
    summary: &UpdateSummary,
    keep: u32,
    compared: Compared,
) -> Result<()> {
    let (found, difference) = compared;
    let mut change = Change {
        amounts: found.amounts,
        by_kind: found.by_kind,
        by_file: found.by_file,
        more_files: found.more_files,
        listing: found.listing,
        ..begun(head, summary)
    };
    if keep > 0 {
        if let Some(difference) = difference.filter(|difference| !difference.is_empty()) {
            let bytes = encode_listed(&difference)?;
            if bytes.len() <= MAX_LISTED_BYTES {
                batch.add(Op::Put(keyspace::listed_change(repo, head.version)?, bytes.into()));
            } else {
                change.listing = Listing::Counted;
            }
        }
        let bytes = encode(RecordKind::Change, &change)?;
        batch.add(Op::Put(keyspace::change(repo, head.version)?, bytes.into()));
    }
    let forgotten = head.version.saturating_sub(u64::from(keep));
    if forgotten > 0 {
        for range in keyspace::history(repo, 0..=forgotten) {
            batch.add(Op::DeleteRange(range));
        }
    }
    Ok(())
}
