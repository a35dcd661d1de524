//! Writing a generation in sorted batches.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Bytes, Durability, ErrorKind, Key, Op, Precondition, Result};
use rayon::prelude::*;
use tokio::sync::mpsc::Receiver;

use super::linking::{BulkFile, LinkedFile, Packing, packed};
use crate::blocking::blocking;
use crate::codec::ContentName;
use crate::graph::all_facts::{AllFacts, ordinal};
use crate::graph::engine::{Attempts, encode_ordinal};
use crate::keyspace::{self, RepoOrd, Space};
use crate::limits::BULK_BATCH_BYTES;
use crate::link::FactsView;
use crate::postings::{IndexParts, TermsOfFiles};
use crate::segment::PreparedFile;

/// So many segments are brought into their stored form together.
const SEGMENTS_PER_STEP: usize = 512;

/// Collects puts into batches of a bounded size. Nothing waits for any of them to be durable: the commit does.
pub(in crate::graph) struct BatchWriter {
    backend: Arc<dyn Backend>,
    /// What has to hold for any of them to be written.
    condition: Option<Precondition>,
    batch: Batch,
}

impl BatchWriter {
    pub(in crate::graph) fn new(backend: &Arc<dyn Backend>, condition: Option<Precondition>) -> Self {
        let batch = Batch::new().durability(Durability::Buffered);
        Self { backend: Arc::clone(backend), condition, batch }
    }

    async fn put(&mut self, key: Key, value: impl Into<Bytes>) -> Result<()> {
        self.batch.add(Op::Put(key, value.into()));
        if self.batch.byte_size() >= BULK_BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let mut batch = std::mem::replace(&mut self.batch, Batch::new().durability(Durability::Buffered));
        if batch.is_empty() {
            return Ok(());
        }
        let Some(condition) = &self.condition else { return self.backend.apply(batch).await };
        batch.add_precondition(condition.clone());
        // Nobody begins anew what is written ahead, and to write it twice is the same.
        let mut attempts = Attempts::default();
        loop {
            match self.backend.apply(batch.clone()).await {
                Err(error) if error.kind() != ErrorKind::PreconditionFailed && attempts.may_go_on(&error) => {
                }
                // Nothing of it can be seen, whatever became of it.
                other => return other,
            }
        }
    }

    /// Writes the segments of files, which must be sorted by name.
    pub(in crate::graph) async fn segments(
        &mut self,
        repo: RepoOrd,
        files: Vec<PreparedFile>,
        packing: Packing,
    ) -> Result<()> {
        let mut files = files.into_iter().peekable();
        while files.peek().is_some() {
            let step: Vec<PreparedFile> = files.by_ref().take(SEGMENTS_PER_STEP).collect();
            for (name, bytes) in blocking(move || stored_form(&step, packing)).await?? {
                self.put(keyspace::segment(repo, name)?, bytes).await?;
            }
        }
        self.flush().await
    }

    /// Writes the entries and links of files, in the order in which they come.
    pub(super) async fn linked(&mut self, space: Space, mut linked: Receiver<Vec<LinkedFile>>) -> Result<()> {
        while let Some(files) = linked.recv().await {
            for file in &files {
                self.put(keyspace::file(space, file.ordinal)?, file.entry.clone()).await?;
            }
            for file in files {
                self.put(keyspace::links(space, file.ordinal)?, file.links).await?;
            }
        }
        self.flush().await
    }

    /// Writes what leads to files: the inverted index, some buckets after the other, and the paths. Then nothing waits to
    /// be written.
    pub(super) async fn index(
        &mut self,
        space: Space,
        files: &[BulkFile],
        terms: TermsOfFiles,
        packing: Packing,
    ) -> Result<()> {
        let mut parts = terms.into_parts();
        loop {
            let stored;
            (parts, stored) = blocking(move || {
                let stored = stored_buckets(&mut parts, packing);
                (parts, stored)
            })
            .await?;
            let Some(stored) = stored else { break };
            for (number, bytes) in stored? {
                self.put(keyspace::bucket(space, number)?, bytes).await?;
            }
        }
        for (position, file) in files.iter().enumerate() {
            self.put(keyspace::path(space, &file.path)?, encode_ordinal(ordinal(position))?).await?;
        }
        self.flush().await
    }

    /// Carries over the notes on nodes that are still there, and says how many.
    pub(super) async fn notes(
        &mut self,
        space: Space,
        facts: &AllFacts,
        notes: Vec<(String, Vec<u8>, String)>,
    ) -> Result<u64> {
        let mut kept = 0;
        for (id, value, analyser) in notes {
            if let Ok(Some((file, row))) = facts.node(&id) {
                self.put(keyspace::note(space, file, row, &analyser)?, value).await?;
                kept += 1;
            }
        }
        Ok(kept)
    }
}

/// Segments as they are stored, with their names.
fn stored_form(files: &[PreparedFile], packing: Packing) -> Result<Vec<(ContentName, Bytes)>> {
    files.par_iter().map(|file| Ok((file.name(), file.record(packing.compression)?))).collect()
}

/// The next buckets of the index as they are stored, with their numbers; none at the end.
fn stored_buckets(parts: &mut IndexParts, packing: Packing) -> Option<Result<Vec<(u32, Bytes)>>> {
    let stored = |buckets: Vec<(u32, Vec<u8>)>| {
        let buckets = buckets.into_par_iter();
        buckets.map(|(number, bucket)| (number, packed(bucket.into(), packing))).collect()
    };
    Some(parts.next_part()?.map(stored))
}
