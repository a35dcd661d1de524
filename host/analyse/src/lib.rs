//! Analyses over codestrata graphs that last: each run is kept as a result, with the version of the graph and the
//! algorithm that it is of, and can be listed, compared with another one, and left to expire.
//!
//! - [`metrics`]: how complex each function is, and how that changes.
//! - [`duplicates`]: functions that are copies of each other, by fingerprints of their tokens.
//! - [`hot`]: what is both complex and called a lot.
//! - [`dead`]: runs of the question which definitions nothing uses.
//! - [`patterns`]: what somebody recognised in the code, as typed records.
//! - [`compatibility`]: which component supports which protocol.
//!
//! Each kind of finding is a [`Finding`]; [`runs`] stores, finds and compares all of them alike, over any
//! [`AnalysisStorage`](codestrata::AnalysisStorage). The first two read sources: [`measurements`] says which, and keeps
//! what it measured, so that only changed files are parsed again. `syntax` has what each language's syntax means to the
//! figures, [`limits`] every bound.
//!
//! It is no linter and has no opinion: it has no thresholds of good and bad, and says what it left out.

pub mod compatibility;
pub mod dead;
pub mod duplicates;
pub mod hot;
pub mod limits;
pub mod measurements;
pub mod metrics;
pub mod patterns;
pub mod runs;

mod fingerprints;
mod input;
mod score;
mod sources;
mod syntax;

pub use measurements::{LeftOut, Reason};
pub use runs::{Finding, NewRun, Run, Since};
pub use score::Score;

/// The guide, so that its code is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/analyses.md")]
struct AnalysesGuide;
