//! Linking a whole repository: from files to everything of a generation that is written, in its stored form.

use std::sync::Arc;

use codestrata_config::Compression;
use codestrata_core::{Bytes, Error, ErrorKind, Result};
use rayon::prelude::*;
use tokio::sync::mpsc::UnboundedSender;

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
const FILES_PER_STEP: usize = 512;

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
/// `InvalidArgument` for an id that two files define.
pub(super) fn link_all(
    files: Vec<BulkFile>,
    packing: Packing,
    to_write: &UnboundedSender<Vec<LinkedFile>>,
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
        // Who writes may have failed, and says so.
        let _ = to_write.send(linked);
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
