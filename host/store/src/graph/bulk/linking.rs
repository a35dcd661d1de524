//! Linking a whole repository: from files to everything of a generation that is written, in its stored form.
//!
//! It is done in steps of some hundred files. A step brings the segments that it needs and that are not at hand, links on
//! all cores, and brings what was missing then, as many times as chains of imports lead to files that are not at hand. So
//! linking itself never waits, and what is in memory is bounded whatever the repository is.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use codestrata_config::Compression;
use codestrata_core::{Bytes, Error, ErrorKind, Result};
use rayon::prelude::*;
use tokio::sync::mpsc::Sender;

use super::segments::StoredSegments;
use crate::blocking::blocking;
use crate::codec::{ContentName, pack};
use crate::graph::all_facts::{AllFacts, SegmentShelf, ordinal};
use crate::graph::history::{FileTally, FirstFiles};
use crate::graph::write::count_links;
use crate::keyspace::FileOrd;
use crate::link::term::Term;
use crate::link::{SlotTable, link_file};
use crate::model::Totals;
use crate::postings::{TermsOfFiles, terms_of};
use crate::records::{FileEntry, recount};

/// So many files are linked together, and then handed over to be written.
const FILES_PER_STEP: usize = 512;

/// A step ends before it has more nodes than this, unless one file has.
const NODES_PER_STEP: usize = 64 * 1024;

/// A step brings what it lacks at most so often. A chain of imports may be this long.
const MAX_ROUNDS: usize = 1_000;

/// One file of the generation.
#[derive(Clone, Debug)]
pub(in crate::graph) struct BulkFile {
    pub(in crate::graph) path: Arc<str>,
    pub(in crate::graph) hash: Arc<str>,
    pub(in crate::graph) name: ContentName,
    pub(in crate::graph) nodes: u32,
}

/// One file of the generation, linked.
pub(super) struct LinkedFile {
    pub(super) ordinal: FileOrd,
    /// The file entry, as stored.
    pub(super) entry: Bytes,
    /// The link record, as stored.
    pub(super) links: Bytes,
    counts: Totals,
}

/// How what is linked is kept.
#[derive(Clone, Copy)]
pub(in crate::graph) struct Packing {
    /// How larger records are compressed.
    pub(in crate::graph) compression: Compression,
    /// Whether the generation follows another one, with which it is to be compared.
    pub(in crate::graph) is_compared: bool,
}

/// Everything of the generation but its segments.
pub(super) struct Generation {
    pub(super) facts: AllFacts,
    pub(super) totals: Totals,
    /// What the files have, where nothing is compared.
    pub(super) first: FirstFiles,
    /// What leads to each file.
    pub(super) terms: TermsOfFiles,
}

pub(super) fn packed(record: Bytes, packing: Packing) -> Bytes {
    pack(&record, packing.compression).unwrap_or(record)
}

/// What one file adds to the generation.
struct Added {
    linked: LinkedFile,
    terms: Vec<Term>,
    tally: Option<FileTally>,
}

/// Links all files, which must be sorted by path, and hands over what is to be written of them, in their order, as it goes
/// on. Those of which the segment is not on the shelf must be stored.
///
/// # Errors
/// `InvalidArgument` for an id that two files define, `Internal` where nobody takes what is handed over, and what reading
/// segments answers.
pub(super) async fn link_all(
    files: &Arc<[BulkFile]>,
    shelf: SegmentShelf,
    stored: &StoredSegments,
    packing: Packing,
    to_write: Sender<Vec<LinkedFile>>,
) -> Result<Generation> {
    let facts = index_all(files, shelf, stored, packing).await?;
    let mut linking = Linking {
        files: Arc::clone(files),
        packing,
        made: Generation {
            facts,
            totals: Totals::default(),
            first: FirstFiles::default(),
            terms: TermsOfFiles::default(),
        },
    };
    for step in steps(files) {
        if !linking.made.facts.shelf.is_whole() {
            stored.bring(&mut linking.made.facts, files, step.clone().collect()).await?;
            let imported = linking.made.facts.imported_by(step.clone());
            stored.bring(&mut linking.made.facts, files, imported).await?;
        }
        let linked;
        (linking, linked) = linking.step(step, stored).await?;
        // Waits for room. Whoever writes has failed if it is gone, and says why.
        to_write
            .send(linked)
            .await
            .map_err(|_| Error::new(ErrorKind::Internal, "what was linked is not written any more"))?;
        linking.made.facts.shelf.tidy();
    }
    Ok(linking.made)
}

/// The tables of all files.
async fn index_all(
    files: &[BulkFile],
    shelf: SegmentShelf,
    stored: &StoredSegments,
    packing: Packing,
) -> Result<AllFacts> {
    let nodes = files.iter().map(|file| file.nodes as usize).sum();
    let mut facts = AllFacts::over(shelf, nodes, packing.is_compared);
    for step in steps(files) {
        stored.bring(&mut facts, files, step.clone().collect()).await?;
        facts = blocking(move || facts.index(step).map(|()| facts)).await??;
        facts.shelf.tidy();
    }
    let twice;
    (facts, twice) = blocking(move || {
        let twice = facts.settle();
        (facts, twice)
    })
    .await?;
    if let Some(twice) = twice {
        stored.bring(&mut facts, files, vec![twice.first, twice.second]).await?;
        return Err(facts.defined_twice(twice));
    }
    Ok(facts)
}

/// All files, some at a time.
fn steps(files: &[BulkFile]) -> Vec<Range<FileOrd>> {
    let mut steps = Vec::new();
    let (mut first, mut nodes) = (0, 0);
    for (file, next) in files.iter().enumerate() {
        let more = nodes + next.nodes as usize;
        if file > first && (file - first >= FILES_PER_STEP || more > NODES_PER_STEP) {
            steps.push(ordinal(first)..ordinal(file));
            (first, nodes) = (file, 0);
        }
        nodes += next.nodes as usize;
    }
    if first < files.len() {
        steps.push(ordinal(first)..ordinal(files.len()));
    }
    steps
}

/// A generation that is being linked.
struct Linking {
    files: Arc<[BulkFile]>,
    packing: Packing,
    made: Generation,
}

impl Linking {
    /// Links some files, and brings what they turn out to need.
    async fn step(
        mut self,
        step: Range<FileOrd>,
        stored: &StoredSegments,
    ) -> Result<(Self, Vec<LinkedFile>)> {
        let mut added: Vec<Option<Added>> = step.clone().map(|_| None).collect();
        for _ in 0..MAX_ROUNDS {
            let first = step.start;
            (self, added) = blocking(move || self.round(first, added).map(|added| (self, added))).await??;
            let missed = self.made.facts.shelf.take_missed();
            if added.iter().all(Option::is_some) {
                let linked = added.into_iter().flatten().map(|added| self.made.add(added)).collect();
                return Ok((self, linked));
            }
            if missed.is_empty() {
                break;
            }
            stored.bring(&mut self.made.facts, &self.files, missed).await?;
        }
        let file = step.zip(added).find(|(_, added)| added.is_none()).map_or(0, |(file, _)| file);
        let path = self.files.get(file as usize).map_or("", |file| &file.path);
        Err(Error::new(ErrorKind::Internal, format!("`{path}` could not be linked")))
    }

    /// Links those of some files that are not linked yet and lack nothing, on all cores.
    fn round(&self, first: FileOrd, mut added: Vec<Option<Added>>) -> Result<Vec<Option<Added>>> {
        let files = self.files.get(first as usize..).unwrap_or_default();
        added
            .par_iter_mut()
            .zip(files)
            .enumerate()
            .filter(|(_, (added, _))| added.is_none())
            .try_for_each(|(place, (added, file))| {
                *added = self.link_one(first + ordinal(place), file)?;
                Ok(())
            })
            .map(|()| added)
    }

    fn link_one(&self, file: FileOrd, from: &BulkFile) -> Result<Option<Added>> {
        let facts = &self.made.facts;
        let Some(segment) = facts.shelf.segment(file) else {
            return Err(Error::new(ErrorKind::Internal, format!("`{}` is not at hand", from.path)));
        };
        let slots = SlotTable::fresh(segment.node_count());
        let Ok(record) = link_file(facts, file, segment, &slots) else { return Ok(None) };
        let terms = terms_of(segment, &record);
        let (links, bytes) = record.encode()?;
        let counts = count_links(file, segment, &record);
        let entry = FileEntry {
            path: from.path.as_ref().into(),
            hash: from.hash.as_ref().to_owned(),
            segment: from.name,
            links,
            counts,
        };
        let entry = entry.encode()?.into();
        let links = packed(bytes.into(), self.packing);
        let tally = (!self.packing.is_compared).then(|| FileTally::of(segment, &record));
        Ok(Some(Added { linked: LinkedFile { ordinal: file, entry, links, counts }, terms, tally }))
    }
}

impl Generation {
    fn add(&mut self, added: Added) -> LinkedFile {
        recount(&mut self.totals, None, Some(&added.linked.counts));
        self.terms.push(&added.terms);
        if let Some(tally) = &added.tally {
            self.first.add(tally);
        }
        added.linked
    }
}
