//! What was measured of every function of a repository, kept so that only changed files are parsed again.
//!
//! One parse of a file serves every analysis. What comes of it is kept in one result of the type `measurements`. A file
//! with the same content, of which the graph has the same, is not read again. It is a cache and no history: each run replaces it, and one that is lost is made again.

use std::collections::BTreeMap;

use codestrata::query::FileFunctions;
use codestrata::{AnalysisResult, AnalysisStorage, Error, ErrorKind, Result, StorageManager};
use codestrata_index::{FileState, Language, Observer, Phase, StaleFile, parse_syntax, tree_freshness};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::limits::MAX_KEPT_BYTES;
use crate::sources::SourceFolder;
use crate::syntax::{FunctionSyntax, measure};

pub(crate) mod record;

use record::Record;

/// The type of the result that keeps them.
pub const TYPE: &str = "measurements";

/// What makes them. A record of another one is passed over.
const ALGORITHM: &str = "codestrata measurements 1";

/// Why nothing of a file was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is another one than was indexed: index again.
    Changed,
    /// It is not there, or is no file that may be read.
    Unreadable,
    /// The graph has no hash of it, so nobody can say whether it is the same.
    WithoutHash,
    /// It is of no language that is measured.
    UnknownLanguage,
    /// Its syntax cannot be read.
    Unparsable,
}

impl Reason {
    /// The reason in words, as the end of a sentence that begins with the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "has changed since it was indexed",
            Self::Unreadable => "is not there or cannot be read",
            Self::WithoutHash => "was stored without the hash of its content",
            Self::UnknownLanguage => "is of no language that is measured",
            Self::Unparsable => "cannot be parsed",
        }
    }
}

/// A file of which nothing was measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: Reason,
}

/// What was measured of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionMeasure {
    pub(crate) id: String,
    pub(crate) line: u32,
    pub(crate) end_line: u32,
    pub(crate) syntax: FunctionSyntax,
}

/// What was measured of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileMeasure {
    /// The name of its content and of what the graph has of it.
    pub(crate) state: String,
    /// In their order in the file.
    pub(crate) functions: Vec<FunctionMeasure>,
}

/// What was measured of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurements {
    /// The repository.
    pub repository: String,
    /// The version of its graph that they are of.
    pub graph_version: u64,
    /// How many files were parsed now; the others were known.
    pub parsed: u64,
    /// Files of which nothing could be measured, by path.
    pub left_out: Vec<LeftOut>,
    /// By path.
    pub(crate) files: BTreeMap<String, FileMeasure>,
}

impl Measurements {
    /// Measures what is not known yet, and keeps it. Returns none if the observer stopped it.
    ///
    /// Cost: one record a file, a parse of each file that is not known, and one commit if there are any. It
    /// works on all cores, and on the thread of the caller until it is done.
    ///
    /// # Errors
    /// `NotFound` for a repository that is not stored or has no folder, and what the engine answers.
    pub async fn bring_up_to_date(
        storage: &StorageManager,
        repository: &str,
        observer: &dyn Observer,
    ) -> Result<Option<Self>> {
        let Some((this, is_changed)) = Self::measure(storage, repository, observer).await? else {
            return Ok(None);
        };
        if is_changed {
            this.store(storage).await?;
        }
        Ok(Some(this))
    }

    /// The same, without keeping anything: for a store that may only be read.
    ///
    /// # Errors
    /// As [`bring_up_to_date`](Self::bring_up_to_date).
    pub async fn current(
        storage: &StorageManager,
        repository: &str,
        observer: &dyn Observer,
    ) -> Result<Option<Self>> {
        Ok(Self::measure(storage, repository, observer).await?.map(|(this, _)| this))
    }

    /// Measures what is not known yet, and says whether that is anything.
    async fn measure(
        storage: &StorageManager,
        repository: &str,
        observer: &dyn Observer,
    ) -> Result<Option<(Self, bool)>> {
        let queries = storage.query(repository);
        let folder = SourceFolder::of(&queries.overview().await?)?;
        let kept = load(storage, repository).await?;
        let known = kept.iter().map(|(path, file)| (path.clone(), file.state.clone())).collect();
        let answer = queries.functions(&known).await?;
        // What is known of a file was true of what was indexed, and is worth nothing of one that is another by now.
        let on_disk = tree_freshness(&queries, usize::MAX, u64::MAX).await?;
        let Some(mut measured) = measured(&folder, answer.results, kept, observer) else { return Ok(None) };
        measured.leave_out(on_disk.stale);
        let this = Self {
            repository: repository.to_owned(),
            graph_version: answer.version,
            parsed: measured.parsed,
            left_out: measured.left_out,
            files: measured.files,
        };
        tracing::info!(
            repository,
            version = this.graph_version,
            parsed = this.parsed,
            files = this.files.len(),
            left_out = this.left_out.len(),
            "measured"
        );
        Ok(Some((this, measured.is_changed)))
    }

    /// Every function, by file and in its order there.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&str, &FunctionMeasure)> {
        self.files
            .iter()
            .flat_map(|(path, file)| file.functions.iter().map(move |function| (path.as_str(), function)))
    }

    async fn store(&self, storage: &StorageManager) -> Result<()> {
        let record = Record::of(&self.files, MAX_KEPT_BYTES);
        let result = AnalysisResult::of(&self.repository, TYPE, &record)?
            .with_id(record_id(&self.repository))
            .with_metadata("algorithm", ALGORITHM)
            .with_metadata("graph_version", self.graph_version);
        storage.analysis().store_analysis(result).await.map(|_| ())
    }
}

/// The id under which the measurements of a repository are kept: of a fixed length, whatever the repository is called.
fn record_id(repository: &str) -> String {
    format!("measurements-{:032x}", xxh3_128(repository.as_bytes()))
}

/// What is kept of earlier runs; nothing if that was made otherwise.
async fn load(storage: &StorageManager, repository: &str) -> Result<BTreeMap<String, FileMeasure>> {
    let Some(result) = storage.analysis().load_analysis(&record_id(repository)).await? else {
        return Ok(BTreeMap::new());
    };
    let is_ours = result.repository == repository
        && result.analysis_type == TYPE
        && result.metadata.get("algorithm").and_then(|name| name.as_str()) == Some(ALGORITHM);
    if !is_ours {
        return Ok(BTreeMap::new());
    }
    result.data_as::<Record>()?.into_files().ok_or_else(|| {
        let message = format!("the measurements of `{repository}` are not as they were stored");
        Error::new(ErrorKind::Corruption, message).with_help("delete the result; they are made again")
    })
}

/// What came of measuring.
struct Measured {
    files: BTreeMap<String, FileMeasure>,
    left_out: Vec<LeftOut>,
    parsed: u64,
    /// Whether what is kept has to be replaced.
    is_changed: bool,
}

impl Measured {
    /// Takes files out that are no longer what was indexed. What is kept of them stays, until something else is measured:
    /// it may be true again.
    fn leave_out(&mut self, stale: Vec<StaleFile>) {
        for StaleFile { path, state } in stale {
            let reason = match state {
                FileState::Changed => Reason::Changed,
                FileState::Vanished => Reason::Unreadable,
            };
            if self.files.remove(&path).is_some_and(|file| !file.functions.is_empty()) {
                self.left_out.push(LeftOut { path, reason });
            }
        }
        self.left_out.sort();
    }
}

/// Measures the files that are not kept; none if that was stopped.
fn measured(
    folder: &SourceFolder,
    found: Vec<FileFunctions>,
    mut kept: BTreeMap<String, FileMeasure>,
    observer: &dyn Observer,
) -> Option<Measured> {
    let before = kept.len();
    let (unknown, known): (Vec<_>, Vec<_>) = found.into_iter().partition(|file| file.functions.is_some());
    let mut files: BTreeMap<String, FileMeasure> =
        known.into_iter().filter_map(|file| kept.remove_entry(&file.path)).collect();
    let is_less = files.len() < before;
    observer.began(Phase::Reading, u64::try_from(unknown.len()).unwrap_or(u64::MAX));
    let measured: Vec<(String, Result<FileMeasure, Reason>)> = unknown
        .into_par_iter()
        .map(|file| {
            if observer.is_stopped() {
                return None;
            }
            let measured = measure_file(folder, &file);
            observer.stepped();
            Some((file.path, measured))
        })
        .collect::<Option<_>>()?;
    let mut left_out = Vec::new();
    let mut parsed = 0;
    for (path, file) in measured {
        match file {
            Ok(file) => {
                parsed += u64::from(!file.functions.is_empty());
                files.insert(path, file);
            }
            Err(reason) => left_out.push(LeftOut { path, reason }),
        }
    }
    left_out.sort();
    let is_changed = is_less || files.len() != before || parsed > 0;
    Some(Measured { files, left_out, parsed, is_changed })
}

fn measure_file(folder: &SourceFolder, file: &FileFunctions) -> Result<FileMeasure, Reason> {
    let places = file.functions.as_deref().unwrap_or_default();
    let state = file.state.clone();
    if places.is_empty() {
        return Ok(FileMeasure { state, functions: Vec::new() });
    }
    let language = Language::of_path(&file.path).ok_or(Reason::UnknownLanguage)?;
    let source = folder.read(&file.path, &file.hash)?;
    let syntax = parse_syntax(&file.path, &source, language).map_err(|_| Reason::Unparsable)?;
    let measured = measure(&source, &syntax, places).into_iter().zip(places);
    let functions = measured.map(|(syntax, place)| FunctionMeasure {
        id: place.id.clone(),
        line: place.span.start_line,
        end_line: place.span.end_line,
        syntax,
    });
    Ok(FileMeasure { state, functions: functions.collect() })
}
