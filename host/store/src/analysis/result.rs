//! Results of analyses as people see them, and what they are looked up and kept by.

use std::time::{Duration, SystemTime};

use codestrata_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::MAX_FOUND_ANALYSES;
use crate::model::Attributes;

/// What an analysis found in a repository: data of any shape, with a name, a type and a time.
///
/// ```
/// use codestrata::AnalysisResult;
/// use serde_json::json;
///
/// let result = AnalysisResult::new("owner/name", "complexity", json!({ "a.py::f": 7 }))
///     .with_id("complexity of 3f2a91c")
///     .with_metadata("tool", "measure 1.2");
/// assert_eq!(result.data_as::<std::collections::BTreeMap<String, u32>>()?["a.py::f"], 7);
/// # Ok::<(), codestrata::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisResult {
    /// What it is known by in the whole store, of any repository: any text of at most 65,536 bytes. An empty one is
    /// replaced by 32 random hexadecimal digits when the result is stored.
    #[serde(default)]
    pub id: String,
    /// The repository that was analysed; its graph must be stored.
    pub repository: String,
    /// The kind of analysis, `complexity` or `dead code`: any text of 1 to 65,536 bytes.
    #[serde(rename = "type")]
    pub analysis_type: String,
    /// When it was made, kept in whole milliseconds; without one, the time at which it is stored. In JSON,
    /// milliseconds since 1970.
    #[serde(default, with = "moment")]
    pub timestamp: Option<SystemTime>,
    /// What was found: any JSON, nested up to 127 deep, of up to 64 MiB as text. It comes back equal.
    pub data: Value,
    /// What lists show without loading the data: up to 64 KiB as JSON text.
    #[serde(default)]
    pub metadata: Attributes,
}

impl AnalysisResult {
    /// A result that gets its id and time when it is stored.
    #[must_use]
    pub fn new(repository: impl Into<String>, analysis_type: impl Into<String>, data: Value) -> Self {
        Self {
            id: String::new(),
            repository: repository.into(),
            analysis_type: analysis_type.into(),
            timestamp: None,
            data,
            metadata: Attributes::new(),
        }
    }

    /// A result with data of a type of one's own.
    ///
    /// # Errors
    /// `InvalidArgument` for data that JSON cannot hold: a map whose keys are no texts.
    pub fn of<T: Serialize>(
        repository: impl Into<String>,
        analysis_type: impl Into<String>,
        data: &T,
    ) -> Result<Self> {
        let data = serde_json::to_value(data).map_err(|error| {
            Error::new(ErrorKind::InvalidArgument, "the data of an analysis cannot be JSON")
                .with_source(error)
        })?;
        Ok(Self::new(repository, analysis_type, data))
    }

    /// Gives it a name.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Says when it was made.
    #[must_use]
    pub fn with_timestamp(mut self, at: SystemTime) -> Self {
        self.timestamp = Some(at);
        self
    }

    /// Sets one of its metadata.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// The data as a type of one's own.
    ///
    /// # Errors
    /// `InvalidArgument` where the data have another shape.
    pub fn data_as<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.data).map_err(|error| {
            let message = format!("the data of the analysis `{}` have another shape", self.id);
            Error::new(ErrorKind::InvalidArgument, message).with_source(error)
        })
    }
}

/// A stored result without its data: what lists have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisSummary {
    /// What it is known by.
    pub id: String,
    /// The repository that was analysed.
    pub repository: String,
    /// The kind of analysis.
    #[serde(rename = "type")]
    pub analysis_type: String,
    /// When it was made, in whole milliseconds. In JSON, milliseconds since 1970.
    #[serde(with = "required_moment")]
    pub timestamp: SystemTime,
    /// How long the data are as JSON text.
    pub data_bytes: u64,
    /// What was kept beside the data.
    pub metadata: Attributes,
}

/// Which results are looked for: those of one repository, newest first, and of one moment by their ids.
///
/// (Of ids longer than 900 bytes that begin alike, the order is fixed, but not that of their ends.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnalysisQuery {
    /// The repository.
    pub repository: String,
    /// Only those of this type.
    pub analysis_type: Option<String>,
    /// Only those made at this moment, in whole milliseconds, or later.
    pub since: Option<SystemTime>,
    /// At most so many, between 1 and [`MAX_FOUND_ANALYSES`]; a figure outside is brought inside.
    pub limit: usize,
    /// Only those after the result of this time and id, which need not be there any more: how an answer goes on.
    pub after: Option<(SystemTime, String)>,
}

impl AnalysisQuery {
    /// Every result of a repository, up to 100.
    #[must_use]
    pub fn of(repository: impl Into<String>) -> Self {
        Self { repository: repository.into(), analysis_type: None, since: None, limit: 100, after: None }
    }

    /// Only those of a type.
    #[must_use]
    pub fn of_type(mut self, analysis_type: impl Into<String>) -> Self {
        self.analysis_type = Some(analysis_type.into());
        self
    }

    /// Only those made at this moment or later.
    #[must_use]
    pub fn since(mut self, at: SystemTime) -> Self {
        self.since = Some(at);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, results: usize) -> Self {
        self.limit = results;
        self
    }

    /// The limit as it is kept to.
    pub(super) fn bounded_limit(&self) -> usize {
        self.limit.clamp(1, MAX_FOUND_ANALYSES)
    }
}

/// What was found, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundAnalyses<T> {
    /// The results, or their summaries.
    pub results: Vec<T>,
    /// What to ask for the rest, where a limit cut the answer; none where this is all. Results that are stored
    /// meanwhile are in the rest if they are older than the last one here.
    pub next: Option<AnalysisQuery>,
}

/// Which results are kept. Without limits, all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Results older than this are removed; one that is exactly so old is kept.
    pub max_age: Option<Duration>,
    /// Of each repository and type the newest so many are kept; of one moment, those whose ids come first.
    pub max_results: Option<u64>,
}

impl Retention {
    /// Keeps what is at most so old.
    #[must_use]
    pub fn by_age(max_age: Duration) -> Self {
        Self { max_age: Some(max_age), max_results: None }
    }

    /// Keeps the newest so many of each repository and type.
    #[must_use]
    pub fn by_count(max_results: u64) -> Self {
        Self { max_age: None, max_results: Some(max_results) }
    }
}

/// What a clean-up removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AnalysisCleanup {
    /// Results that were too old.
    pub by_age: u64,
    /// Results beyond the number that is kept.
    pub by_count: u64,
}

/// An optional time as milliseconds since 1970.
mod moment {
    use std::time::SystemTime;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::records::{ms_of, time_of};

    #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub(super) fn serialize<S: Serializer>(at: &Option<SystemTime>, to: S) -> Result<S::Ok, S::Error> {
        at.and_then(ms_of).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SystemTime>, D::Error> {
        Ok(Option::deserialize(from)?.map(time_of))
    }
}

/// A time as milliseconds since 1970.
mod required_moment {
    use std::time::SystemTime;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::records::{ms_of, time_of};

    pub(super) fn serialize<S: Serializer>(at: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
        ms_of(*at).unwrap_or_default().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
        u64::deserialize(from).map(time_of)
    }
}
