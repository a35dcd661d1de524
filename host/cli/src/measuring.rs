//! Commands that measure sources: the run, and what is said of it.

use std::io::{self, Write};

use codestrata::{AnalysisStorage, Queries};
use codestrata_analyse::measurements::Measurements;
use codestrata_analyse::runs::{NewRun, keep, latest};
use codestrata_analyse::{Finding, LeftOut, Run};
use serde::Serialize;

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::interrupt::Stop;
use crate::moments::moment;
use crate::output::{FAINT, NOTE};
use crate::progress::Progress;
use crate::store::Store;
use crate::words::{Shown, counted, length};

/// How many files that were left out people are shown.
const MAX_LISTED: usize = 5;

/// A run, as answers name it.
#[derive(Debug, Serialize)]
pub(crate) struct RunName {
    /// The id of the result.
    pub(crate) id: String,
    /// The version of the graph that it is of.
    pub(crate) version: u64,
    time: Option<String>,
}

impl RunName {
    pub(crate) fn of<T>(run: &Run<T>) -> Self {
        Self { id: run.id.clone(), version: run.graph_version, time: moment(run.time) }
    }

    /// `version 12 of 2026-11-22T08:00:00.000Z`.
    pub(crate) fn shown(&self) -> String {
        match &self.time {
            Some(time) => format!("version {} of {time}", self.version),
            None => format!("version {}", self.version),
        }
    }
}

/// Measures a repository as it is indexed now, with a bar.
///
/// # Errors
/// When it cannot be measured, and when it was stopped.
pub(crate) async fn measure(
    settings: &Settings,
    store: &Store,
    queries: &Queries,
) -> Result<Measurements, Failure> {
    let progress = Progress::begin(settings.quiet || settings.is_logging);
    let measured = Measurements::bring_up_to_date(&store.storage, queries.repository(), &progress).await;
    progress.end();
    measured?.ok_or_else(|| Stop::failure("what is stored"))
}

/// The same, in a store that is only read: what was measured is not kept.
///
/// # Errors
/// As [`measure`].
pub(crate) async fn measure_only(
    settings: &Settings,
    store: &Store,
    queries: &Queries,
) -> Result<Measurements, Failure> {
    let progress = Progress::begin(settings.quiet || settings.is_logging);
    let measured = Measurements::current(&store.storage, queries.repository(), &progress).await;
    progress.end();
    measured?.ok_or_else(|| Stop::failure("what is stored"))
}

/// Keeps what was found in what was measured.
///
/// # Errors
/// When it cannot be stored.
pub(crate) async fn keep_run<T: Finding>(
    store: &Store,
    measured: &Measurements,
    parameters: serde_json::Value,
    finding: T,
) -> Result<Run<T>, Failure> {
    let run = NewRun {
        repository: measured.repository.clone(),
        graph_version: measured.graph_version,
        parameters,
        finding,
    };
    Ok(keep(store.storage.analysis(), run).await?.0)
}

/// The newest run that is stored.
///
/// # Errors
/// `not-found` with the command that makes one.
pub(crate) async fn stored_run<T: Finding>(
    store: &Store,
    queries: &Queries,
    command: &str,
) -> Result<Run<T>, Failure> {
    let analysis: &dyn AnalysisStorage = store.storage.analysis();
    latest(analysis, queries.repository()).await?.ok_or_else(|| {
        Failure::not_found(format!("no run of `{command}` of `{}` is kept", queries.repository()))
            .with_help(format!("`codestrata {command}` makes one"))
    })
}

/// Says which files were left out.
pub(crate) fn write_left_out(out: &mut dyn Write, left_out: &[LeftOut]) -> io::Result<()> {
    if left_out.is_empty() {
        return Ok(());
    }
    let files = counted(length(left_out), "file");
    writeln!(
        out,
        "{NOTE}nothing was measured of {files}{NOTE:#}; `codestrata index` reads what has changed"
    )?;
    for file in left_out.iter().take(MAX_LISTED) {
        writeln!(out, "  {FAINT}{} {}{FAINT:#}", Shown(&file.path), file.reason.as_str())?;
    }
    let more = left_out.len().saturating_sub(MAX_LISTED);
    if more > 0 {
        writeln!(out, "  {FAINT}… and {more} more; --json has all of them{FAINT:#}")?;
    }
    Ok(())
}
