//! The history of single functions over the runs that are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use codestrata::{AnalysisStorage, ErrorKind, Result};

use super::{Figures, Metrics};
use crate::runs::{list, load};

/// The figures of a function from one run on, until the next entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The version of the graph that the first run with these figures is of.
    pub graph_version: u64,
    /// When that was stored.
    pub time: SystemTime,
    /// The figures; none where the function was not there, or its file could not be measured.
    pub figures: Option<Figures>,
}

/// The figures of some functions in the newest runs, up to a number, the oldest first. Of runs in a row with the same
/// figures the first stands for all.
///
/// Cost: every one of these runs is loaded, one after the other.
///
/// # Errors
/// What the engine answers.
pub async fn history(
    storage: &dyn AnalysisStorage,
    repository: &str,
    ids: &BTreeSet<String>,
    runs: usize,
) -> Result<BTreeMap<String, Vec<HistoryEntry>>> {
    let mut histories: BTreeMap<String, Vec<HistoryEntry>> =
        ids.iter().map(|id| (id.clone(), Vec::new())).collect();
    for summary in list::<Metrics>(storage, repository, runs).await?.into_iter().rev() {
        let run = match load::<Metrics>(storage, &summary.id).await {
            Ok(run) => run,
            // It may have expired since it was listed.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let figures: BTreeMap<&str, Figures> = run
            .finding
            .functions
            .iter()
            .filter(|function| ids.contains(&function.id))
            .map(|function| (function.id.as_str(), function.figures))
            .collect();
        for (id, entries) in &mut histories {
            let figures = figures.get(id.as_str()).copied();
            let is_first = entries.last().map_or(figures.is_some(), |last| last.figures != figures);
            if is_first {
                entries.push(HistoryEntry { graph_version: run.graph_version, time: run.time, figures });
            }
        }
    }
    Ok(histories)
}
