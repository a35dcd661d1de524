//! How fast codestrata is, beside what somebody would write instead.
//!
//! The program `codestrata-bench` takes a real source tree, or a graph as JSON Lines, and asks the same of codestrata on
//! each engine and of its references, in turns, in one run:
//!
//! - **SQLite**, as a good engineer would use it for a graph ([`sqlite`]); it must be the fast version;
//! - **redb** used directly, for what the seam costs (`seam`);
//! - **`quick_cache`** used directly and an exact LRU, for the shared cache (`cache`).
//!
//! Figures are ratios of medians of repetitions that take turns. Absolute times are of one machine at one moment. Before
//! anything is measured, the answers of all contenders are compared: a benchmark of different answers is worth nothing.
//!
//! It is not a test: nothing here fails because it is slow. The `report` says which goals are met.
//!
//! [`pieces`] are measured by themselves: `cargo bench -p codestrata-bench` times them, and `.ci/instructions` counts their
//! instructions.
//!
//! # A tour
//!
//! [`Input`] is the graph and [`Workload`] what is asked of it; a [`Contender`] answers. [`plan`] runs the groups of
//! measurements: `storing`, `cold` (fresh processes, started by [`child`]), `queries`, `updates`, `indexing`, `startup`,
//! `growth`, `seam` and `cache`. [`Samples`] are figures of one kind, and [`Report`] shows them as a table and as charts.

pub mod arguments;
mod cache;
mod chart;
pub mod child;
mod cold;
mod contender;
mod goals;
mod growth;
mod indexing;
mod input;
mod ours;
mod page_cache;
pub mod pieces;
pub mod plan;
mod queries;
mod replicas;
mod report;
mod runtime;
mod seam;
pub mod sqlite;
mod startup;
mod storing;
mod updates;
mod workload;

pub use codestrata_measure::{Found, Question, Samples};
pub use contender::Contender;
pub use input::Input;
pub use report::Report;
pub use workload::Workload;

/// Why nothing could be measured: what, where, and what to do.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// What a measurement answers.
pub type Outcome<T> = Result<T, Problem>;
