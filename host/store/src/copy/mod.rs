//! Repositories from one store to another, whichever engines hold them.
//!
//! A copy takes the records as they are, page by page, under keys with new ordinals, so nothing is parsed or linked
//! again, and however large a graph is, a page and a batch are in memory. It goes to an ordinal and a space of its own,
//! of which nobody knows: readers see what the repository had, or nothing, until everything has been compared with the
//! source. Then one batch makes it the repository.
//!
//! How far it is stands in a record that each batch moves. So a copy that was interrupted goes on where it was, if the
//! source is still the same; if not, it begins again. A copy that nobody takes up again is swept like any other
//! generation that was given up.
//!
//! - `record` is that record, and what becomes of a copy that is given up.
//! - `source` reads a repository that may change meanwhile; `transfer` copies its tables; `figure` reads
//!   both sides again, and `digest` makes one figure of each, to be compared.
//! - `repository` puts these together for one repository, and commits.
//!
//! ```
//! use codestrata::copy::{CopyOptions, Unwatched, copy};
//! use codestrata::{Graph, GraphStorage, StorageManager};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! let (from, to) = (StorageManager::in_memory()?, StorageManager::in_memory()?);
//! from.graph().store_graph(&Graph::new("owner/name")).await?;
//!
//! let report = copy(&from, &to, &CopyOptions::default(), &Unwatched).await?;
//! assert_eq!(report.map(|report| report.repositories.len()), Some(1));
//! assert!(to.graph().graph_exists("owner/name").await?);
//! # Ok(()) }
//! ```

mod digest;
mod figure;
mod record;
mod repository;
mod source;
mod transfer;

use codestrata_core::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::graph::{Engine, View};
use crate::{GraphStorage, StorageManager};

pub(crate) use digest::Digest;
pub(crate) use record::sweep_abandoned;

/// What is to be copied, and how.
#[derive(Clone, Debug, Default)]
pub struct CopyOptions {
    /// The repositories; none means all that the source has.
    pub repositories: Vec<String>,
    /// Whether repositories of the same ids in the target are replaced, with the results of their analyses.
    pub replace: bool,
}

/// What a copy is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyStep {
    /// Reading from the source and writing to the target.
    Copying,
    /// Reading both again.
    Comparing,
}

/// Someone who watches a copy and may stop it.
pub trait CopyWatch: Send + Sync {
    /// A step of a repository begins.
    fn began(&self, repo_id: &str, step: CopyStep) {
        let _ = (repo_id, step);
    }

    /// So many records and bytes of the repository have been copied so far.
    fn copied(&self, records: u64, bytes: u64) {
        let _ = (records, bytes);
    }

    /// Whether to stop. Asked between batches: what was copied stays, unseen, and the next copy goes on from there.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Watches nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl CopyWatch for Unwatched {}

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CopyReport {
    /// Each repository, in the order of their ids.
    pub repositories: Vec<CopiedRepository>,
}

/// What was copied of one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CopiedRepository {
    /// The repository.
    pub repository: String,
    /// Its version, which is that of the source.
    pub version: u64,
    /// Records of its graph and of the results of its analyses.
    pub records: u64,
    /// Their bytes, before any compression.
    pub bytes: u64,
    /// Results of analyses.
    pub analyses: u64,
    /// The digest of all of it, the same in both stores: XXH3 of 128 bits, as 32 hexadecimal digits.
    pub digest: String,
    /// Whether a copy that was interrupted before was gone on with.
    pub resumed: bool,
    /// Whether the target had a repository of this id, which was replaced.
    pub replaced: bool,
    /// Whether the target had the very same already, so that nothing was copied.
    pub was_there: bool,
}

/// Copies repositories. Returns none if the watch stopped it.
///
/// Each repository is there wholly or not at all, and is compared with the source before it is; those that were copied
/// before an error stay, and the next copy finds them the same. The source is only read; a store that changes meanwhile is copied as it is at one commit, or
/// again.
///
/// Cost: the records twice read from the source, once written to the target and once read from it. Memory: a page and a
/// batch, a few MiB, unless a record is larger.
///
/// # Errors
/// `NotFound` for a repository that the source has not. `InvalidArgument`, before anything is copied, if the target has
/// others of these ids that are not to be replaced, and for the id of an analysis result that belongs to another
/// repository there. `Conflict` if the source keeps changing or another copy of the same repository is under way.
/// `TooLarge` for a record that the target's engine does not take. `Corruption` if what was written does not read the
/// same. And what the engines answer.
pub async fn copy(
    from: &StorageManager,
    to: &StorageManager,
    options: &CopyOptions,
    watch: &dyn CopyWatch,
) -> Result<Option<CopyReport>> {
    let ids = wanted(from, options).await?;
    let (source, target) = (from.graph().engine(), to.graph().engine());
    let Some(present) = present(source, target, &ids, options.replace, watch).await? else { return Ok(None) };
    let mut report = CopyReport::default();
    for id in ids {
        if let Some(copied) = present.iter().find(|copied| copied.repository == id) {
            report.repositories.push(copied.clone());
            continue;
        }
        match repository::copy(source, target, &id, options.replace, watch).await {
            Ok(Some(copied)) => report.repositories.push(copied),
            Ok(None) => return Ok(None),
            Err(error) => return Err(error.context(format!("copying `{id}`"))),
        }
    }
    Ok(Some(report))
}

/// The repositories to copy, each once, sorted.
async fn wanted(from: &StorageManager, options: &CopyOptions) -> Result<Vec<String>> {
    let stored = from.graph().list_repositories().await?;
    if options.repositories.is_empty() {
        return Ok(stored);
    }
    let mut ids = options.repositories.clone();
    ids.sort();
    ids.dedup();
    match ids.iter().find(|id| !stored.contains(id)) {
        Some(missing) => {
            Err(Error::new(ErrorKind::NotFound, format!("the source has no repository `{missing}`"))
                .with_help("see `codestrata repos` for what it has"))
        }
        None => Ok(ids),
    }
}

/// How many ids an error lists.
const MAX_LISTED: usize = 10;

/// The repositories that the target has already, the same as the source: the copies of a command that was interrupted
/// after them. None if the watch stopped it.
///
/// # Errors
/// `InvalidArgument` if it has others that are not to be replaced.
async fn present(
    source: &Engine,
    target: &Engine,
    ids: &[String],
    replace: bool,
    watch: &dyn CopyWatch,
) -> Result<Option<Vec<CopiedRepository>>> {
    let (mut same, mut others) = (Vec::new(), Vec::new());
    for id in ids {
        let is_there = View::open(target, id).await?.is_some();
        // One of which only the results of analyses are missing is ours to complete.
        if !is_there || record::is_finishing(target, id).await? {
            continue;
        }
        match repository::compare(source, target, id, watch).await? {
            Some(copied) => same.push(copied),
            None if watch.is_stopped() => return Ok(None),
            None => others.push(format!("`{id}`")),
        }
    }
    if others.is_empty() || replace {
        return Ok(Some(same));
    }
    let more = others.len().saturating_sub(MAX_LISTED);
    others.truncate(MAX_LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = format!("the target has {}{more} already, and not as the source", others.join(", "));
    Err(Error::new(ErrorKind::InvalidArgument, what)
        .with_help("nothing was copied; say that they are to be replaced (--force), or copy others (--repo)"))
}
