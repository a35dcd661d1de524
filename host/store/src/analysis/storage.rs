//! The trait that users of analysis results program against.

use async_trait::async_trait;
use codestrata_core::Result;

use super::{AnalysisCleanup, AnalysisQuery, AnalysisResult, AnalysisSummary, FoundAnalyses, Retention};

/// Stored results of analyses, whichever engine holds them. Object-safe, so that users can stand in a mock of their
/// own.
///
/// Every change of one result is one atomic commit. Several writers follow each other; none is lost. Results belong to
/// their repository: when its graph is deleted, they go with it.
///
/// Unless a method says otherwise, it fails with `InvalidArgument` for wrong input, and with what the engine answers.
#[async_trait]
pub trait AnalysisStorage: Send + Sync {
    /// Stores a result, and says under which id and time. One that has the same id is replaced, of whichever repository
    /// and type it was: readers see the old one or the new one, never a part of each.
    ///
    /// A result without a time of its own gets a later one than every such result of its repository before it, also
    /// when the clock goes back, so that the order of times is the order of storing.
    ///
    /// Cost: one commit with one flush.
    ///
    /// # Errors
    /// `NotFound` if the repository has no stored graph; `TooLarge` for data or metadata over their limits or those of
    /// the engine; `InvalidArgument` for an id or type of a wrong length, for a time before 1970, and for JSON that is
    /// nested too deep.
    async fn store_analysis(&self, result: AnalysisResult) -> Result<AnalysisSummary>;

    /// The result of this id, or none.
    async fn load_analysis(&self, id: &str) -> Result<Option<AnalysisResult>>;

    /// The results that are looked for, with their data. The answer is also cut after 64 MiB of data.
    ///
    /// # Errors
    /// `NotFound` if the repository has neither a graph nor results.
    async fn find_analysis(&self, query: &AnalysisQuery) -> Result<FoundAnalyses<AnalysisResult>>;

    /// The results that are looked for, without their data, which are not read.
    ///
    /// # Errors
    /// As [`find_analysis`](Self::find_analysis).
    async fn list_analysis(&self, query: &AnalysisQuery) -> Result<FoundAnalyses<AnalysisSummary>>;

    /// Removes a result, and says whether there was one.
    async fn delete_analysis(&self, id: &str) -> Result<bool>;

    /// Removes results that are too old or too many, in every repository, in batches of a bounded size. What fails
    /// leaves those removed that were removed, and may be repeated.
    ///
    /// Cost: one scan of the ids for a limit of number; only of what is removed for a limit of age.
    async fn cleanup_old_results(&self, retention: &Retention) -> Result<AnalysisCleanup>;
}
