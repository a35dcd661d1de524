//! Writing a generation in sorted batches.

use codestrata_core::{Batch, Bytes, Durability, Key, Op, Result};
use tokio::sync::mpsc::Receiver;

use super::linking::{Generation, LinkedFile, Packing, ordinal, stored_form};
use crate::blocking::blocking;
use crate::graph::engine::{Engine, encode_ordinal};
use crate::keyspace::{self, RepoOrd, Space};
use crate::limits::BULK_BATCH_BYTES;
use crate::link::FactsView;
use crate::segment::PreparedFile;

/// So many segments are brought into their stored form together.
const SEGMENTS_PER_STEP: usize = 512;

/// Collects puts into batches of a bounded size. Nothing waits for any of them to be durable: the commit does.
pub(super) struct BatchWriter<'e> {
    engine: &'e Engine,
    batch: Batch,
}

impl<'e> BatchWriter<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        Self { engine, batch: Batch::new().durability(Durability::Buffered) }
    }

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

    /// Writes the segments of files, which must be sorted by name.
    pub(super) async fn segments(
        &mut self,
        repo: RepoOrd,
        files: &[PreparedFile],
        packing: Packing,
    ) -> Result<()> {
        for step in files.chunks(SEGMENTS_PER_STEP) {
            let step = step.to_vec();
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

    /// Writes what leads to files: the inverted index and the paths.
    pub(super) async fn index(&mut self, space: Space, generation: &Generation) -> Result<()> {
        for (number, bytes) in &generation.buckets {
            self.put(keyspace::bucket(space, *number)?, bytes.clone()).await?;
        }
        for (position, file) in generation.files.iter().enumerate() {
            self.put(keyspace::path(space, &file.path)?, encode_ordinal(ordinal(position))?).await?;
        }
        Ok(())
    }

    /// Carries over the notes on nodes that are still there, after which nothing waits to be written, and says how many.
    pub(super) async fn notes(
        &mut self,
        space: Space,
        generation: &Generation,
        notes: Vec<(String, Vec<u8>, String)>,
    ) -> Result<u64> {
        let mut kept = 0;
        for (id, value, analyser) in notes {
            if let Ok(Some((file, row))) = generation.facts.node(&id) {
                self.put(keyspace::note(space, file, row, &analyser)?, value).await?;
                kept += 1;
            }
        }
        self.flush().await?;
        Ok(kept)
    }
}
