//! What a commit changes, worked out from the files that it writes, and put into its batch.

use std::collections::HashMap;

use codestrata_core::{Batch, Op, Result};

use super::Compared;
use super::change::{Change, Listing};
use super::collect::{Collector, NewStates, state_of};
use super::compare::{State, compare, place_number};
use super::listed::encode_listed;
use crate::codec::{RecordKind, encode};
use crate::graph::plan::ChangedFile;
use crate::graph::storage::UpdateSummary;
use crate::graph::view::{StoredFile, View};
use crate::keyspace::{self, FileOrd, RepoOrd};
use crate::limits::MAX_LISTED_BYTES;
use crate::link::LinkRecord;
use crate::records::Head;

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
    collector.finish(view, NewStates::Changed(&new_states)).await
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
