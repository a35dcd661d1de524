//! Whether a stored graph is what it must be: everything is read, compared with its checksum and name, counted again, and
//! linked again from what the files say.
//!
//! Facts of a file depend on the file alone, and links on the facts of all files. So the comparison with a clean build
//! has two parts that stand by themselves: here every link is derived anew from the stored facts; and
//! [`compare_files`](crate::GraphStore::compare_files) compares the facts with those of the files as they are now.
//! A file that has changed since it was indexed makes the second impossible for itself, and for no other.
//!
//! Damage beneath the records, in the engine's own files, takes away what lies there and nothing else: [`reading`] goes
//! on beside it, and [`store`] says which other repositories it touches.

mod beside;
mod files;
mod index;
mod links;
mod reading;
mod report;
mod store;
mod tables;

use std::sync::Arc;

use codestrata_core::{Backend, Error, ErrorKind, Result};

pub use files::FileState;
pub use report::{Finding, Findings, Subject, Unwatched, Verification, VerifyWatch};

pub(super) use files::compare;

use super::engine::{Engine, no_repository};
use super::store::moving;
use super::view::View;
use crate::blocking::blocking;
use crate::limits::MAX_READ_ATTEMPTS;
use reading::Reading;
pub(super) use store::unreadable;

/// Verifies a repository; none if the watcher stopped it.
pub(super) async fn verify(
    engine: &Engine,
    repo_id: &str,
    watch: &Arc<dyn VerifyWatch>,
) -> Result<Option<Verification>> {
    let mut report = Verification::default();
    report.engine_checked = match verify_engine(engine.backend.as_ref()).await {
        Ok(checked) => checked,
        Err(error) if error.kind() == ErrorKind::Corruption => {
            report.findings.add(None, Subject::Engine, error.to_string());
            true
        }
        Err(error) => return Err(error),
    };
    for _ in 0..MAX_READ_ATTEMPTS {
        let mut report = report.clone();
        let view = match View::open(engine, repo_id).await {
            Ok(Some(view)) => view,
            Ok(None) => return Err(no_repository(repo_id)),
            Err(error) if is_damage(&error) => {
                report.findings.add(None, Subject::Head, error.to_string());
                store::others(engine, Some(repo_id), &mut report.findings).await?;
                return Ok(Some(report));
            }
            Err(error) => return Err(error),
        };
        report.version = view.head.version;
        let mut reading = Reading::of_view(&view).await?;
        let is_done = verify_view(&view, &mut reading, &mut report, watch).await?;
        if !is_done {
            return Ok(None);
        }
        // A store without snapshots that moved meanwhile looks damaged and is not.
        if reading.is_consistent(&view).await? {
            if !reading.is_whole() {
                store::others(engine, Some(repo_id), &mut report.findings).await?;
            }
            return Ok(Some(report));
        }
    }
    Err(moving(repo_id))
}

/// Whether what an error says is about the stored bytes.
fn is_damage(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Corruption | ErrorKind::Unsupported)
}

/// Lets the engine check itself, and says whether it can.
async fn verify_engine(backend: &dyn Backend) -> Result<bool> {
    match backend.verify().await {
        Ok(()) => Ok(true),
        // Some can do it only where they may write.
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::ReadOnly) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Everything of one version; `false` if the watcher stopped it.
async fn verify_view(
    view: &View<'_>,
    reading: &mut Reading<'_>,
    report: &mut Verification,
    watch: &Arc<dyn VerifyWatch>,
) -> Result<bool> {
    let Some(files) = tables::read(view, reading, report, watch.as_ref()).await? else { return Ok(false) };
    tables::totals(view, &files, report);
    index::check(view, reading, &files, report).await?;
    beside::notes(view, reading, &files, report).await?;
    beside::strays(view, reading, &files, report).await?;
    beside::history(view, reading, report).await?;
    beside::numbers(view, reading, report).await?;
    beside::spaces(view, reading, report).await?;
    if !files.are_whole {
        return Ok(true);
    }
    report.links_compared = true;
    let watch = Arc::clone(watch);
    let Some(findings) = blocking(move || links::compare(&files.stored, watch.as_ref())).await? else {
        return Ok(false);
    };
    for (file, message) in findings {
        report.findings.add(file.as_deref(), Subject::Links, message);
    }
    Ok(true)
}
