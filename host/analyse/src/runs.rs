//! Runs of analyses: stored, found again and compared, whatever they found.
//!
//! A run is an ordinary result of an analysis, with its data typed and these metadata: `graph_version`, the version of
//! the graph that it is of; `algorithm`, what made it, with a number that grows when it would find something else;
//! `parameters`; and `counts`, which lists show without loading the data. Results of other programs may have the same
//! type; they are told apart by the algorithm and passed over.

use std::collections::BTreeMap;
use std::time::SystemTime;

use codestrata::{AnalysisQuery, AnalysisResult, AnalysisStorage, AnalysisSummary, Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::limits::MAX_RUNS;

const GRAPH_VERSION: &str = "graph_version";
const ALGORITHM: &str = "algorithm";
const PARAMETERS: &str = "parameters";
const COUNTS: &str = "counts";

/// The count, of those that have it, of files of which a run says nothing.
const LEFT_OUT: &str = "left_out";

/// Summaries that are listed in one call.
const RUNS_PER_READ: usize = 256;

/// What one kind of analysis finds.
pub trait Finding: Serialize + DeserializeOwned + PartialEq + Send + Sync {
    /// The type under which its results are stored.
    const TYPE: &'static str;

    /// What makes it, with a number that grows whenever it would find something else in the same sources.
    const ALGORITHM: &'static str;

    /// How two of them differ.
    type Difference: Serialize;

    /// The figures that lists show.
    fn counts(&self) -> BTreeMap<&'static str, u64>;

    /// What is different in a later one.
    fn difference(&self, later: &Self) -> Self::Difference;
}

/// One run of an analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<T> {
    /// The id of the result.
    pub id: String,
    /// The repository.
    pub repository: String,
    /// The version of the graph that it is of.
    pub graph_version: u64,
    /// When it was stored, in whole milliseconds.
    pub time: SystemTime,
    /// What it was asked to do otherwise than usual.
    pub parameters: Value,
    /// What it found.
    pub finding: T,
}

/// A run that is to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun<T> {
    /// The repository.
    pub repository: String,
    /// The version of the graph that it is of.
    pub graph_version: u64,
    /// What it was asked to do otherwise than usual; `null` for nothing.
    pub parameters: Value,
    /// What it found.
    pub finding: T,
}

/// A moment in the history of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// A version of its graph.
    Version(u64),
    /// A time.
    Time(SystemTime),
}

/// Stores a run, unless the newest one of its kind is of the same version of the graph and found the same with the same
/// parameters. Says whether it was stored; the other one is returned if not.
///
/// Cost: the newest run is loaded; one commit.
///
/// # Errors
/// Those of [`AnalysisStorage::store_analysis`].
pub async fn keep<T: Finding>(storage: &dyn AnalysisStorage, run: NewRun<T>) -> Result<(Run<T>, bool)> {
    let newest = match latest::<T>(storage, &run.repository).await {
        // It says that it is of this kind and is not: no reason to keep nothing from now on.
        Err(error) if error.kind() == ErrorKind::InvalidArgument => None,
        newest => newest?,
    };
    if let Some(newest) = newest
        && newest.graph_version == run.graph_version
        && newest.parameters == run.parameters
        && newest.finding == run.finding
    {
        return Ok((newest, false));
    }
    let NewRun { repository, graph_version, parameters, finding } = run;
    let counts: BTreeMap<&str, u64> = finding.counts();
    let result = AnalysisResult::of(&repository, T::TYPE, &finding)?
        .with_metadata(GRAPH_VERSION, graph_version)
        .with_metadata(ALGORITHM, T::ALGORITHM)
        .with_metadata(COUNTS, serde_json::json!(counts));
    let result = match &parameters {
        Value::Null => result,
        parameters => result.with_metadata(PARAMETERS, parameters.clone()),
    };
    let AnalysisSummary { id, timestamp: time, .. } = storage.store_analysis(result).await?;
    Ok((Run { id, repository, graph_version, time, parameters, finding }, true))
}

/// The newest run of a kind, if there is one.
///
/// Cost: one list, and the result.
///
/// # Errors
/// What the engine answers.
pub async fn latest<T: Finding>(storage: &dyn AnalysisStorage, repository: &str) -> Result<Option<Run<T>>> {
    match first(storage, repository, T::TYPE, |summary| is_of::<T>(summary)).await? {
        Some(summary) => load(storage, &summary.id).await.map(Some),
        None => Ok(None),
    }
}

/// The newest run of a kind that was asked to do just this, if there is one.
///
/// Cost: a list of what is newer, and the result.
///
/// # Errors
/// What the engine answers.
pub async fn latest_asked<T: Finding>(
    storage: &dyn AnalysisStorage,
    repository: &str,
    parameters: &Value,
) -> Result<Option<Run<T>>> {
    let is_wanted = |summary: &AnalysisSummary| {
        is_of::<T>(summary) && summary.metadata.get(PARAMETERS).unwrap_or(&Value::Null) == parameters
    };
    match first(storage, repository, T::TYPE, is_wanted).await? {
        Some(summary) => load(storage, &summary.id).await.map(Some),
        None => Ok(None),
    }
}

/// The newest run of a kind that was made of this version of the graph or an earlier one, or until this time. Of several
/// runs of one version it is the one that left out the fewest files, and of those the newest: a file that was changed and
/// not indexed yet is missing in some, and what is compared should be the whole graph.
///
/// Cost: a list of what is newer and of those of the same version, and the result.
///
/// # Errors
/// `NotFound`, saying what the oldest one is, if there is none; and what the engine answers.
pub async fn as_of<T: Finding>(
    storage: &dyn AnalysisStorage,
    repository: &str,
    since: Since,
) -> Result<Run<T>> {
    let mut oldest = None;
    let mut best: Option<AnalysisSummary> = None;
    first(storage, repository, T::TYPE, |summary| {
        if !is_of::<T>(summary) {
            return false;
        }
        let version = graph_version(summary);
        oldest = Some(version);
        let is_wanted = match since {
            Since::Version(wanted) => version <= wanted,
            Since::Time(wanted) => summary.timestamp <= wanted,
        };
        if !is_wanted {
            return false;
        }
        if best.as_ref().is_some_and(|best| graph_version(best) != version) {
            return true;
        }
        if best.as_ref().is_none_or(|best| left_out(summary) < left_out(best)) {
            best = Some(summary.clone());
        }
        best.as_ref().is_some_and(|best| left_out(best) == 0)
    })
    .await?;
    if let Some(summary) = best {
        return load(storage, &summary.id).await;
    }
    let asked = match since {
        Since::Version(version) => format!("of version {version} or before"),
        Since::Time(_) => "of that time or before".to_owned(),
    };
    let error =
        Error::new(ErrorKind::NotFound, format!("no run of `{}` of `{repository}` {asked} is kept", T::TYPE));
    Err(match oldest {
        Some(version) => error.with_help(format!("the oldest one is of version {version}")),
        None => error.with_help("run it once, change something, and compare then"),
    })
}

/// The runs of a kind, the newest first, up to a number, without what they found.
///
/// # Errors
/// What the engine answers.
pub async fn list<T: Finding>(
    storage: &dyn AnalysisStorage,
    repository: &str,
    limit: usize,
) -> Result<Vec<AnalysisSummary>> {
    let mut found = Vec::new();
    first(storage, repository, T::TYPE, |summary| {
        if is_of::<T>(summary) {
            found.push(summary.clone());
        }
        found.len() >= limit
    })
    .await?;
    Ok(found)
}

/// The run that is stored under an id.
///
/// # Errors
/// `NotFound` if there is none, `InvalidArgument` if the result is none of this kind or has another shape.
pub async fn load<T: Finding>(storage: &dyn AnalysisStorage, id: &str) -> Result<Run<T>> {
    let result = storage.load_analysis(id).await?;
    let result = result.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("there is no result `{id}`"))
            .with_help("`codestrata analysis list` shows the results of a repository")
    })?;
    run_of(&result)
}

/// A stored result as a run of a kind.
///
/// # Errors
/// `InvalidArgument` if it is none of this kind or has another shape.
pub fn run_of<T: Finding>(result: &AnalysisResult) -> Result<Run<T>> {
    let made_by = result.metadata.get(ALGORITHM).and_then(Value::as_str);
    if result.analysis_type != T::TYPE || made_by != Some(T::ALGORITHM) {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!(
                "the result `{}` is one of `{}` by {}, and not of `{}` by {}",
                result.id,
                result.analysis_type,
                made_by.unwrap_or("another program"),
                T::TYPE,
                T::ALGORITHM
            ),
        )
        .with_help(format!("`codestrata analysis list --type \"{}\"` shows those that are", T::TYPE)));
    }
    Ok(Run {
        id: result.id.clone(),
        repository: result.repository.clone(),
        graph_version: result.metadata.get(GRAPH_VERSION).and_then(Value::as_u64).unwrap_or_default(),
        time: result.timestamp.unwrap_or(SystemTime::UNIX_EPOCH),
        parameters: result.metadata.get(PARAMETERS).cloned().unwrap_or_default(),
        finding: result.data_as()?,
    })
}

/// The version of the graph that a run is of.
pub fn graph_version(summary: &AnalysisSummary) -> u64 {
    summary.metadata.get(GRAPH_VERSION).and_then(Value::as_u64).unwrap_or_default()
}

/// How many files a run says that it left out.
fn left_out(summary: &AnalysisSummary) -> u64 {
    let count = summary.metadata.get(COUNTS).and_then(|counts| counts.get(LEFT_OUT));
    count.and_then(Value::as_u64).unwrap_or_default()
}

fn is_of<T: Finding>(summary: &AnalysisSummary) -> bool {
    summary.metadata.get(ALGORITHM).and_then(Value::as_str) == Some(T::ALGORITHM)
}

/// The newest result of a type that is wanted.
async fn first(
    storage: &dyn AnalysisStorage,
    repository: &str,
    analysis_type: &str,
    mut is_wanted: impl FnMut(&AnalysisSummary) -> bool,
) -> Result<Option<AnalysisSummary>> {
    let mut next = Some(AnalysisQuery::of(repository).of_type(analysis_type).limit(RUNS_PER_READ));
    let mut seen = 0;
    while let Some(query) = next.filter(|_| seen < MAX_RUNS) {
        let found = storage.list_analysis(&query).await?;
        seen += found.results.len();
        if let Some(wanted) = found.results.into_iter().find(|summary| is_wanted(summary)) {
            return Ok(Some(wanted));
        }
        next = found.next;
    }
    Ok(None)
}
