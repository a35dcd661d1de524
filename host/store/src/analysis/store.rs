//! The one implementation of [`AnalysisStorage`], above the seam and so for every engine.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use codestrata_core::{ErrorKind, Result};

use super::prepared::{PreparedResult, check_text};
use super::result::{
    AnalysisCleanup, AnalysisQuery, AnalysisResult, AnalysisSummary, FoundAnalyses, Retention,
};
use super::storage::AnalysisStorage;
use super::tables::visible_head;
use super::{change, find, retention};
use crate::blocking::blocking;
use crate::cache::{Clock, WallClock};
use crate::graph::{Attempts, Engine, moving};
use crate::keyspace::analysis as keys;
use crate::limits::MAX_READ_ATTEMPTS;

/// Results of analyses in a store.
///
/// ```
/// use codestrata::{AnalysisQuery, AnalysisResult, AnalysisStorage, Graph, GraphStorage, StorageManager};
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
/// let storage = StorageManager::in_memory()?;
/// storage.graph().store_graph(&Graph::new("owner/name")).await?;
///
/// let result = AnalysisResult::new("owner/name", "dead code", json!(["a.py::unused"]));
/// let id = storage.analysis().store_analysis(result).await?.id;
///
/// let query = AnalysisQuery::of("owner/name").of_type("dead code").limit(1);
/// let newest = storage.analysis().find_analysis(&query).await?.results;
/// assert_eq!(newest[0].id, id);
/// assert_eq!(newest[0].data, json!(["a.py::unused"]));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct AnalysisStore {
    engine: Arc<Engine>,
    retention: Retention,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for AnalysisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnalysisStore").field("retention", &self.retention).finish_non_exhaustive()
    }
}

impl AnalysisStore {
    pub(crate) fn new(engine: Arc<Engine>, retention: Retention) -> Self {
        Self { engine, retention, clock: Arc::new(WallClock) }
    }

    /// The same results, dated and judged by another clock, which shows the time since 1970.
    #[must_use]
    pub fn with_clock(&self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self.clone() }
    }

    /// Which results are kept, as configured.
    #[must_use]
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// The results whose ids begin with a text, of any repository, by id and without their data; at most `limit` of them.
    /// So people need not write a whole id.
    ///
    /// Cost: a scan of the records of those results; a look at the head of each repository that has one.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty text and one that is longer than an id may be, and what the engine answers.
    pub async fn beginning_with(&self, prefix: &str, limit: usize) -> Result<Vec<AnalysisSummary>> {
        check_text("id", prefix)?;
        find::beginning_with(&self.engine, prefix, limit).await
    }

    fn now_ms(&self) -> u64 {
        ms(self.clock.now())
    }
}

/// A span of time in whole milliseconds.
pub(super) fn ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait]
impl AnalysisStorage for AnalysisStore {
    async fn store_analysis(&self, result: AnalysisResult) -> Result<AnalysisSummary> {
        let engine = self.engine.as_ref();
        let part_bytes = engine.analyses.part_bytes();
        let prepared = blocking(move || PreparedResult::new(result, part_bytes)).await??;
        let mut attempts = Attempts::default();
        let _turn = engine.analyses.writing.lock().await;
        loop {
            match change::store(engine, &prepared, self.now_ms(), self.retention).await {
                Err(error) if attempts.may_go_on(&error) => {
                    let attempt = attempts.failed();
                    tracing::debug!(prepared.repository, attempt, %error, "another writer was first");
                }
                other => return attempts.answer(&prepared.repository, other),
            }
        }
    }

    async fn load_analysis(&self, id: &str) -> Result<Option<AnalysisResult>> {
        check_text("id", id)?;
        let (engine, tables) = (self.engine.as_ref(), &self.engine.analyses);
        for _ in 0..MAX_READ_ATTEMPTS {
            let reader = engine.analysis_reader().await?;
            let Some((record, bytes)) = tables.record(reader.as_ref(), id).await? else { return Ok(None) };
            let head = visible_head(engine, reader.as_ref(), &record.repo_id).await?;
            let loaded = match head {
                Some((head, _)) if head.scope == record.scope => {
                    tables.result(reader.as_ref(), record).await.map(Some)
                }
                _ => Ok(None),
            };
            // Without a snapshot, what others replaced meanwhile may look like damage.
            let is_live = !tables.backend.capabilities().snapshots();
            if is_live && tables.backend.get(&keys::result(id)?).await?.as_ref() != Some(&bytes) {
                continue;
            }
            return loaded.map_err(|error| match error.kind() {
                ErrorKind::Corruption => error.context(format!("analysis `{id}`")),
                _ => error,
            });
        }
        Err(moving(id))
    }

    async fn find_analysis(&self, query: &AnalysisQuery) -> Result<FoundAnalyses<AnalysisResult>> {
        find::results(&self.engine, query).await
    }

    async fn list_analysis(&self, query: &AnalysisQuery) -> Result<FoundAnalyses<AnalysisSummary>> {
        find::summaries(&self.engine, query).await
    }

    async fn delete_analysis(&self, id: &str) -> Result<bool> {
        check_text("id", id)?;
        let engine = self.engine.as_ref();
        let _turn = engine.analyses.writing.lock().await;
        let mut attempts = Attempts::default();
        loop {
            match change::delete(engine, id).await {
                // Of a batch of unknown outcome the next attempt sees whether the result is gone.
                Err(error) if attempts.may_go_on(&error) => {}
                Ok(was_there) => return Ok(was_there || attempts.has_unknown()),
                other => return attempts.answer(id, other),
            }
        }
    }

    async fn cleanup_old_results(&self, retention: &Retention) -> Result<AnalysisCleanup> {
        retention::clean_up(&self.engine, retention, self.now_ms()).await
    }
}
