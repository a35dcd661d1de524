//! Writing changed files into a batch: entries, segments, links and postings.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use codestrata_core::{Batch, Bytes, Op, Result};

use super::engine::encode_ordinal;
use super::notes;
use super::plan::ChangedFile;
use super::view::{FileParts, StoredFile, View};
use crate::cache::Answered;
use crate::keyspace::{self, FileOrd};
use crate::link::term::Term;
use crate::link::{LinkRecord, LinkTarget};
use crate::model::{Resolution, Totals};
use crate::postings::terms_of;
use crate::records::{FileEntry, Head, recount};
use crate::segment::Segment;

/// The counts of a file with these links.
pub(super) fn count_links(file: FileOrd, segment: &Segment, links: &LinkRecord) -> Totals {
    let mut totals = Totals {
        files: 1,
        nodes: u64::from(segment.node_count()),
        edges: u64::try_from(links.len()).unwrap_or(u64::MAX),
        ..Totals::default()
    };
    for link in links.links(file) {
        match link.target {
            LinkTarget::Bound(_, _, Some(Resolution::Ambiguous))
            | LinkTarget::Loose(Resolution::Ambiguous) => totals.ambiguous += 1,
            LinkTarget::Bound(..) => {}
            LinkTarget::Dangling => totals.dangling += 1,
            LinkTarget::Loose(_) => totals.unresolved += 1,
        }
    }
    totals
}

/// Collects what a change writes.
pub(super) struct Writer<'w, 'e> {
    pub(super) view: &'w View<'e>,
    pub(super) head: &'w mut Head,
    pub(super) batch: &'w mut Batch,
    /// What of the cache the change makes wrong.
    pub(super) changed: Vec<Answered>,
    /// The files as they will be, to be at hand for whoever asks next.
    pub(super) stored: Vec<StoredFile>,
}

impl Writer<'_, '_> {
    pub(super) async fn changed(
        &mut self,
        file: ChangedFile<'_>,
        records: &mut HashMap<FileOrd, LinkRecord>,
    ) -> Result<()> {
        let space = self.view.head.space;
        let old_terms = file.old.as_ref().map(|old| terms_of(&old.segment, &old.links)).unwrap_or_default();
        let record = records.remove(&file.ordinal).map(Arc::new);
        let mut new_terms = Vec::new();
        match (&file.new, &record) {
            (Some((prepared, segment, _)), Some(record)) => {
                new_terms = terms_of(segment, record);
                let key = keyspace::segment(self.view.repo, prepared.name())?;
                self.batch.add(Op::Put(key, prepared.record(self.view.engine.compression)?));
                // A file that was there is led to already.
                if file.old.is_none() {
                    self.batch.add(Op::Put(
                        keyspace::path(space, prepared.path())?,
                        encode_ordinal(file.ordinal)?.into(),
                    ));
                }
                let entry = FileEntry {
                    path: prepared.path().into(),
                    hash: prepared.hash().to_owned(),
                    segment: prepared.name(),
                    links: 0,
                    counts: count_links(file.ordinal, segment, record),
                };
                let old = file.old.as_ref().map(|old| &old.entry.counts);
                recount(&mut self.head.totals, old, Some(&entry.counts));
                self.entry(file.ordinal, entry, segment, record)?;
            }
            _ => {
                let Some(old) = &file.old else { return Ok(()) };
                self.batch.add(Op::Delete(keyspace::path(space, &old.entry.path)?));
                self.batch.add(Op::Delete(keyspace::file(space, file.ordinal)?));
                self.changed.push(Answered::Entry(file.ordinal));
                self.batch.add(Op::Delete(keyspace::links(space, file.ordinal)?));
                recount(&mut self.head.totals, Some(&old.entry.counts), None);
            }
        }
        if let Some(old) = &file.old {
            self.batch.add(Op::Delete(keyspace::segment(self.view.repo, old.entry.segment)?));
            let new = file.new.as_ref().map(|(_, segment, _)| segment.as_ref());
            notes::drop_vanished(self.view, self.head, self.batch, old, new).await?;
        }
        let nothing = LinkRecord::default();
        let old = file.old.as_ref().map_or(&nothing, |old| &old.links);
        let differing = old.differently_loose(record.as_deref().unwrap_or(&nothing));
        self.changed.extend(differing.map(Answered::Loose));
        self.postings(file.ordinal, &old_terms, &new_terms)
    }

    pub(super) fn relinked(&mut self, file: &StoredFile, record: &Arc<LinkRecord>) -> Result<()> {
        let counts = count_links(file.ordinal, &file.segment, record);
        recount(&mut self.head.totals, Some(&file.entry.counts), Some(&counts));
        self.changed.extend(file.links.differently_loose(record).map(Answered::Loose));
        let entry = FileEntry { counts, ..file.entry.as_ref().clone() };
        self.entry(file.ordinal, entry, &file.segment, record)?;
        self.postings(file.ordinal, &terms_of(&file.segment, &file.links), &terms_of(&file.segment, record))
    }

    fn entry(
        &mut self,
        file: FileOrd,
        entry: FileEntry,
        segment: &Arc<Segment>,
        record: &Arc<LinkRecord>,
    ) -> Result<()> {
        let (links, bytes) = record.encode()?;
        self.batch.add(Op::Put(keyspace::links(self.view.head.space, file)?, bytes.into()));
        let entry = Arc::new(FileEntry { links, ..entry });
        let (segment, links) = (Arc::clone(segment), Arc::clone(record));
        let parts =
            FileParts { ordinal: file, entry, segment, links, has_links: true, listing: OnceLock::new() };
        self.stored_entry(StoredFile::from(parts))
    }

    /// Writes the entry of a file whose facts and links are written, or stay.
    pub(super) fn stored_entry(&mut self, file: StoredFile) -> Result<()> {
        self.changed.push(Answered::Entry(file.ordinal));
        let key = keyspace::file(self.view.head.space, file.ordinal)?;
        self.batch.add(Op::Put(key, file.entry.encode()?.into()));
        self.stored.push(file);
        Ok(())
    }

    /// Adds the postings that are new, and takes back those that are gone where they are deltas.
    fn postings(&mut self, file: FileOrd, old: &[Term], new: &[Term]) -> Result<()> {
        let space = self.view.head.space;
        for term in old.iter().filter(|term| new.binary_search(term).is_err()) {
            self.changed.push(Answered::Files(*term));
            if self.view.head.has_deltas {
                self.batch.add(Op::Delete(keyspace::delta(space, *term, file)?));
            }
        }
        for term in new.iter().filter(|term| old.binary_search(term).is_err()) {
            self.changed.push(Answered::Files(*term));
            self.head.has_deltas = true;
            self.batch.add(Op::Put(keyspace::delta(space, *term, file)?, Bytes::new()));
        }
        Ok(())
    }
}
