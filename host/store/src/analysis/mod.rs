//! Results of analyses: what was found in a repository, kept with a time, found again by type, and removed by age and
//! number.
//!
//! They lie in the store of the graphs, or in one of their own, in the same tables. Each repository has an *analysis
//! head*; every change of its results has the old head as a precondition and puts a new one, so changes of one
//! repository follow each other on every engine. Data are JSON text, cut into parts of which each is a value.
//!
//! Results are not cached: they are read seldom and can be large, and one would push thousands of records out that
//! queries need.
//!
//! To read it: [`AnalysisStorage`] is what there is, [`AnalysisStore`] does it for every engine. `prepared` makes a
//! result into bytes, `records` are those; `tables` reads them; `change` commits; `find` lists; `retention` removes
//! what is old; `repository` removes what belongs to a deleted repository.

mod absent;
mod change;
mod copy;
mod find;
mod json;
mod prepared;
mod records;
mod repository;
mod result;
mod retention;
mod storage;
mod store;
mod tables;

pub use result::{AnalysisCleanup, AnalysisQuery, AnalysisResult, AnalysisSummary, FoundAnalyses, Retention};
pub use storage::AnalysisStorage;
pub use store::AnalysisStore;

pub(crate) use absent::AbsentStore;
pub(crate) use copy::{CopiedResults, Entry as CopiedEntry, TargetResults, abandon, has_scope, results_of};
pub(crate) use repository::{collect, forget, hold};
pub(crate) use tables::AnalysisTables;
