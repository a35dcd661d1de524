//! What is done to a store now and then, by a host or a person: removing what is old or left over, and giving space
//! back.

use std::fmt;

use codestrata_core::{Backend, ErrorKind, Result};
use serde::Serialize;

use crate::analysis::{AnalysisStorage, AnalysisStore};
use crate::graph::{Engine, sweep_everything};

/// What [`maintenance`](crate::StorageManager::maintenance) did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MaintenanceReport {
    /// Results of analyses that were older than the configured retention.
    pub analyses_by_age: u64,
    /// Results of analyses beyond the configured number for each repository and type.
    pub analyses_by_count: u64,
    /// Results of analyses of deleted repositories that had been left by a crash.
    pub analyses_left: u64,
    /// Generations of graphs that had been replaced, deleted or abandoned.
    pub generations: u64,
    /// Segments that no file referred to.
    pub segments: u64,
    /// Each store and what became of its size: that of the graphs, and that of the analyses where it is another one.
    pub stores: Vec<StoreMaintenance>,
}

/// What was done to one store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreMaintenance {
    /// `storage` or `analysis`, as in the configuration.
    pub store: &'static str,
    /// Whether space was given back.
    pub compaction: Compaction,
    /// Bytes on the medium before anything was removed; none where the engine does not say.
    pub bytes_before: Option<u64>,
    /// Bytes on the medium afterwards.
    pub bytes_after: Option<u64>,
}

/// What became of a compaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "reason")]
pub enum Compaction {
    /// It was done.
    Done,
    /// The engine gives space back by itself, or never does.
    Unsupported,
    /// It was not possible now, for this reason; another time it may be.
    Postponed(String),
}

/// Maintains the stores of an engine. Cost: one pass over the keys, and what the engine takes to compact.
///
/// # Errors
/// What the backends answer; what was removed until then stays removed, and it may be repeated.
pub(crate) async fn maintain(engine: &Engine, analyses: &AnalysisStore) -> Result<MaintenanceReport> {
    let mut stores = vec![("storage", engine.backend.as_ref())];
    if !engine.analyses.is_shared {
        stores.push(("analysis", engine.analyses.backend.as_ref()));
    }
    let mut before = Vec::new();
    for (_, backend) in &stores {
        before.push(disk_bytes(*backend).await?);
    }
    let swept = sweep_everything(engine).await?;
    let cleanup = analyses.cleanup_old_results(&analyses.retention()).await?;
    let mut report = MaintenanceReport {
        analyses_by_age: cleanup.by_age,
        analyses_by_count: cleanup.by_count,
        analyses_left: swept.analyses,
        generations: swept.generations,
        segments: swept.segments,
        stores: Vec::new(),
    };
    for ((store, backend), bytes_before) in stores.into_iter().zip(before) {
        let compaction = compact(backend).await?;
        let bytes_after = disk_bytes(backend).await?;
        report.stores.push(StoreMaintenance { store, compaction, bytes_before, bytes_after });
    }
    Ok(report)
}

async fn compact(backend: &dyn Backend) -> Result<Compaction> {
    match backend.compact().await {
        Ok(()) => Ok(Compaction::Done),
        Err(error) => match error.kind() {
            ErrorKind::Unsupported => Ok(Compaction::Unsupported),
            // A reader, in another process perhaps: nothing was changed.
            ErrorKind::Unavailable | ErrorKind::Conflict => Ok(Compaction::Postponed(error.to_string())),
            _ => Err(error),
        },
    }
}

async fn disk_bytes(backend: &dyn Backend) -> Result<Option<u64>> {
    Ok(backend.stats().await?.disk_bytes)
}

impl fmt::Display for MaintenanceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "analyses removed: {} by age, {} by number, {} of deleted repositories",
            self.analyses_by_age, self.analyses_by_count, self.analyses_left
        )?;
        write!(f, "graphs: {} generations and {} segments removed", self.generations, self.segments)?;
        for store in &self.stores {
            write!(f, "\n{store}")?;
        }
        Ok(())
    }
}

impl fmt::Display for StoreMaintenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] ", self.store)?;
        match &self.compaction {
            Compaction::Done => write!(f, "compacted")?,
            Compaction::Unsupported => write!(f, "not compacted: the engine has no compaction on demand")?,
            Compaction::Postponed(reason) => write!(f, "not compacted now: {reason}")?,
        }
        match (self.bytes_before, self.bytes_after) {
            (Some(before), Some(after)) => write!(f, ", {before} bytes before, {after} after"),
            _ => Ok(()),
        }
    }
}
