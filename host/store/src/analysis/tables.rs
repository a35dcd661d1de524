//! The tables of analysis results: how their records are read.

use std::sync::Arc;

use codestrata_core::{Backend, Batch, Bytes, Durability, Error, ErrorKind, Key, ReadView, Result};

use super::json::data_of;
use super::records::{AnalysisHead, ResultRecord, damaged, mendable};
use super::result::AnalysisResult;
use crate::blocking::blocking;
use crate::codec::{RecordKind, decode};
use crate::graph::{Engine, is_being_deleted};
use crate::keyspace::analysis as keys;
use crate::limits::ANALYSIS_PART_BYTES;
use crate::records::time_of;

/// Records that are read in one call, and parts of data.
const RECORDS_PER_READ: usize = 256;
const PARTS_PER_READ: usize = 64;

/// Data longer than this are decoded where they hold up nobody, in bytes.
const LONG_DATA_BYTES: u64 = 64 * 1024;

/// Room for the envelope of a part, in bytes.
const ENVELOPE_BYTES: usize = 64;

/// Where analysis results are kept.
pub(crate) struct AnalysisTables {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) durability: Durability,
    /// Whether they lie in the store of the graphs.
    pub(crate) is_shared: bool,
    /// Writers of this process take turns. Who waits for a turn among the writers of graphs too takes that one first.
    pub(super) writing: tokio::sync::Mutex<()>,
}

/// The head of a repository's results, and its bytes for a precondition.
pub(super) type StoredHead = (AnalysisHead, Bytes);

impl AnalysisTables {
    pub(crate) fn new(backend: Arc<dyn Backend>, durability: Durability, is_shared: bool) -> Self {
        Self { backend, durability, is_shared, writing: tokio::sync::Mutex::new(()) }
    }

    /// A turn among the writers of results of this process.
    pub(crate) async fn writing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    /// How long a part of data is at most.
    pub(super) fn part_bytes(&self) -> usize {
        let largest = self.backend.capabilities().max_value_bytes().saturating_sub(ENVELOPE_BYTES);
        largest.clamp(1, ANALYSIS_PART_BYTES)
    }

    /// The head of a repository's results as stored, also when the repository is being deleted.
    pub(super) async fn stored_head(
        &self,
        reader: &dyn ReadView,
        repo_id: &str,
    ) -> Result<Option<StoredHead>> {
        let Some(bytes) = reader.get(&keys::head(repo_id)?).await? else { return Ok(None) };
        let head = AnalysisHead::decode(&bytes)?;
        if head.repo_id != repo_id {
            let message = format!("the analysis head of `{repo_id}` is that of `{}`", head.repo_id);
            return Err(Error::new(ErrorKind::Corruption, message));
        }
        Ok(Some((head, bytes)))
    }

    /// The records under some keys, in their order, with their bytes.
    pub(super) async fn records(
        &self,
        reader: &dyn ReadView,
        wanted: &[Key],
    ) -> Result<Vec<Option<(ResultRecord, Bytes)>>> {
        let mut records = Vec::with_capacity(wanted.len());
        for wanted in wanted.chunks(RECORDS_PER_READ) {
            for bytes in reader.get_many(wanted).await? {
                records.push(bytes.map(|bytes| Ok((ResultRecord::decode(&bytes)?, bytes))).transpose());
            }
        }
        records.into_iter().collect()
    }

    /// The record of an id.
    pub(super) async fn record(
        &self,
        reader: &dyn ReadView,
        id: &str,
    ) -> Result<Option<(ResultRecord, Bytes)>> {
        let found = self.records(reader, &[keys::result(id)?]).await?.into_iter().next().flatten();
        match found {
            Some((record, _)) if record.id != id => {
                Err(damaged(&format!("`{id}` leads to the record of `{}`", record.id)))
            }
            found => Ok(found),
        }
    }

    /// A result with its data.
    pub(super) async fn result(&self, reader: &dyn ReadView, record: ResultRecord) -> Result<AnalysisResult> {
        let mut text = Vec::new();
        let numbers: Vec<u32> = (0..record.parts).collect();
        for numbers in numbers.chunks(PARTS_PER_READ) {
            let wanted: Result<Vec<Key>> =
                numbers.iter().map(|number| keys::part(record.data, *number)).collect();
            for part in reader.get_many(&wanted?).await? {
                let part = part.ok_or_else(|| damaged("a part of its data is missing"))?;
                let part: Vec<u8> = decode(RecordKind::AnalysisData, &part).map_err(mendable)?;
                text.extend_from_slice(&part);
            }
        }
        let name = record.data_name;
        let data = if record.data_bytes > LONG_DATA_BYTES {
            blocking(move || data_of(&text, name)).await??
        } else {
            data_of(&text, name)?
        };
        let summary = record.summary()?;
        Ok(AnalysisResult {
            id: record.id,
            repository: record.repo_id,
            analysis_type: record.analysis_type,
            timestamp: Some(time_of(record.at_ms)),
            data,
            metadata: summary.metadata,
        })
    }

    /// Commits a batch with the durability of these tables.
    pub(super) async fn apply(&self, batch: Batch) -> Result<()> {
        self.backend.apply(batch.durability(self.durability)).await
    }

    /// Removes what nobody sees any more, without anyone waiting for it to be durable.
    pub(super) async fn discard(&self, batch: Batch) -> Result<()> {
        self.backend.apply(batch.durability(Durability::Buffered)).await
    }
}

/// The head of a repository's results, unless the repository was deleted and only they are left.
pub(super) async fn visible_head(
    engine: &Engine,
    reader: &dyn ReadView,
    repo_id: &str,
) -> Result<Option<StoredHead>> {
    match engine.analyses.stored_head(reader, repo_id).await? {
        Some((head, _)) if is_being_deleted(engine, head.repo, repo_id).await? => Ok(None),
        found => Ok(found),
    }
}
