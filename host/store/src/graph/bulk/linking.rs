//! Linking a whole repository: from files to everything of a generation that is written, in its stored form.

use std::sync::Arc;

use codestrata_config::Compression;
use codestrata_core::{Bytes, Error, ErrorKind, Result};
use rayon::prelude::*;
use tokio::sync::mpsc::Sender;

use crate::codec::{ContentName, pack};
use crate::graph::all_facts::AllFacts;
use crate::graph::history::{FileTally, NewFile};
use crate::graph::write::count_links;
use crate::keyspace::FileOrd;
use crate::link::term::Term;
use crate::link::{LinkRecord, SlotTable, link_file};
use crate::model::Totals;
use crate::postings::{encode_index, terms_of};
use crate::records::{FileEntry, recount};
use crate::segment::{PreparedFile, Segment};

/// So many files are linked together, and then handed over to be written.
pub(super) const FILES_PER_STEP: usize = 512;

/// One file of the generation.
#[derive(Clone)]
pub(super) struct BulkFile {
    pub(super) path: String,
    pub(super) hash: String,
    pub(super) name: ContentName,
    pub(super) segment: Arc<Segment>,
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
pub(super) struct Packing {
    /// How larger records are compressed.
    pub(super) compression: Compression,
    /// Whether the links themselves are kept: to be compared with those of the former generation.
    pub(super) keeps_records: bool,
}

/// Everything of the generation but its segments.
pub(super) struct Generation {
    pub(super) files: Vec<BulkFile>,
    pub(super) facts: AllFacts,
    pub(super) totals: Totals,
    /// What each file has, where nothing is compared.
    pub(super) tallies: Vec<FileTally>,
    records: Vec<LinkRecord>,
    /// By how many leading bits the inverted index is divided.
    pub(super) bucket_bits: u8,
    /// The buckets of the inverted index, as stored.
    pub(super) buckets: Vec<(u32, Bytes)>,
}

impl Generation {
    /// The files with their links, if they were kept.
    pub(super) fn new_files(&self) -> Vec<NewFile<'_>> {
        let files = self.files.iter().zip(&self.records);
        files.map(|(file, links)| NewFile { name: file.name, segment: &file.segment, links }).collect()
    }
}

/// Segments as they are stored, with their names.
pub(super) fn stored_form(files: &[PreparedFile], packing: Packing) -> Result<Vec<(ContentName, Bytes)>> {
    files.par_iter().map(|file| Ok((file.name(), file.record(packing.compression)?))).collect()
}

fn packed(record: Bytes, packing: Packing) -> Bytes {
    pack(&record, packing.compression).unwrap_or(record)
}

/// What one file adds to the generation.
struct Added {
    linked: LinkedFile,
    terms: Vec<Term>,
    record: Option<LinkRecord>,
    tally: Option<FileTally>,
}

/// Links all files, which must be sorted by path, and hands over what is to be written of them, in their order, as it goes
/// on.
///
/// # Errors
/// `InvalidArgument` for an id that two files define, `Internal` where nobody takes what is handed over.
pub(super) fn link_all(
    files: Vec<BulkFile>,
    packing: Packing,
    to_write: &Sender<Vec<LinkedFile>>,
) -> Result<Generation> {
    let facts = AllFacts::new(files.iter().map(|file| Arc::clone(&file.segment)).collect())?;
    let mut totals = Totals::default();
    let mut terms = Vec::with_capacity(files.len());
    let (mut records, mut tallies) = (Vec::new(), Vec::new());
    for (number, step) in files.chunks(FILES_PER_STEP).enumerate() {
        let first = number * FILES_PER_STEP;
        let added: Result<Vec<Added>> = step
            .par_iter()
            .enumerate()
            .map(|(place, file)| link_one(&facts, ordinal(first + place), file, packing))
            .collect();
        let mut linked = Vec::with_capacity(step.len());
        for added in added? {
            recount(&mut totals, None, Some(&added.linked.counts));
            linked.push(added.linked);
            terms.push(added.terms);
            records.extend(added.record);
            tallies.extend(added.tally);
        }
        // Waits for room. Whoever writes has failed if it is gone, and says why.
        to_write
            .blocking_send(linked)
            .map_err(|_| Error::new(ErrorKind::Internal, "what was linked is not written any more"))?;
    }
    let index = encode_index(&terms)?;
    let buckets = index.buckets.into_par_iter();
    let buckets = buckets.map(|(number, bucket)| (number, packed(bucket.into(), packing))).collect();
    let bucket_bits = index.bits;
    Ok(Generation { files, facts, totals, tallies, records, bucket_bits, buckets })
}

fn link_one(facts: &AllFacts, file: FileOrd, from: &BulkFile, packing: Packing) -> Result<Added> {
    let segment = &from.segment;
    let slots = SlotTable::fresh(segment.node_count());
    let record = link_file(facts, file, segment, &slots)
        .map_err(|_| Error::new(ErrorKind::Internal, format!("`{}` could not be linked", segment.path())))?;
    let terms = terms_of(segment, &record);
    let (links, bytes) = record.encode()?;
    let counts = count_links(file, segment, &record);
    let entry = FileEntry {
        path: from.path.as_str().into(),
        hash: from.hash.clone(),
        segment: from.name,
        links,
        counts,
    };
    let entry = entry.encode()?.into();
    let linked = LinkedFile { ordinal: file, entry, links: packed(bytes.into(), packing), counts };
    let tally = (!packing.keeps_records).then(|| FileTally::of(segment, &record));
    Ok(Added { linked, terms, tally, record: packing.keeps_records.then_some(record) })
}

pub(super) fn ordinal(position: usize) -> FileOrd {
    FileOrd::try_from(position).unwrap_or(FileOrd::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::FileFacts;

    fn files(count: usize) -> Vec<BulkFile> {
        let file = |number: usize| {
            let facts = FileFacts { path: format!("{number:05}.py"), ..FileFacts::default() };
            let prepared = PreparedFile::new(&facts).unwrap();
            let segment = Arc::clone(prepared.segment());
            BulkFile { path: facts.path, hash: String::new(), name: prepared.name(), segment }
        };
        (0..count).map(file).collect()
    }

    const PACKING: Packing = Packing { compression: Compression::None, keeps_records: false };

    #[test]
    fn linking_waits_for_who_writes_and_hands_over_everything() {
        let (to_write, mut linked) = mpsc::channel(1);
        let linking = std::thread::spawn(move || link_all(files(3 * FILES_PER_STEP + 1), PACKING, &to_write));
        let mut ordinals = Vec::new();
        while let Some(step) = linked.blocking_recv() {
            ordinals.extend(step.iter().map(|file| file.ordinal as usize));
        }
        assert_eq!(ordinals, (0..=3 * FILES_PER_STEP).collect::<Vec<_>>());
        assert_eq!(linking.join().unwrap().unwrap().files.len(), ordinals.len());
    }

    #[test]
    fn linking_ends_where_nobody_writes() {
        let (to_write, linked) = mpsc::channel(1);
        drop(linked);
        let stopped = link_all(files(1), PACKING, &to_write);
        assert_eq!(stopped.err().map(|error| error.kind()), Some(ErrorKind::Internal));
    }
}
