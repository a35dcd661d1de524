//! Storage for code graphs: what a code-intelligence tool has understood of a repository, kept across restarts,
//! updated file by file, and answered from in microseconds.
//!
//! [`StorageManager`] opens the engine that a configuration names. Above it are [`GraphStorage`], to store and
//! change graphs, [`Queries`], to ask about them, [`AnalysisStorage`], to keep what analyses found, and
//! [`SharedCache`], one memory budget for all of it.
//!
//! It is not an indexer (`codestrata-index` is), nor a database: engines are crates of their own, linked by the
//! program and found by their names. This crate names none of them, but for its default feature `memory`.
//!
//! To read it: [`model`] has the types; `graph` stores them above the seam; `segment` and `link` are what a file
//! says and what its references mean; `query` answers; `cache` and `adjacency` make it fast; `keyspace` and `codec`
//! are the bytes; [`analysis`] keeps results; [`jsonl`] goes in and out, and [`copy`](mod@copy) to
//! another store; [`layers`] stand between all of it and an engine;
//! [`limits`] has every bound.
//!
//! ```
//! use codestrata::{FileFacts, GraphStorage, Node, PreparedFile, Span, StorageManager};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
//! let storage = StorageManager::in_memory()?;
//! let mut facts = FileFacts { path: "app.py".into(), hash: "1".into(), ..FileFacts::default() };
//! facts.nodes.push(Node::new("app.py::main", "main", "function", "app.py", Span::default()));
//! storage.graph().replace_file("demo", PreparedFile::new(&facts)?).await?;
//!
//! let (version, totals) = storage.query("demo").totals().await?;
//! assert_eq!((version, totals.nodes), (1, 1));
//! # Ok(()) }
//! ```

mod adjacency;
pub mod analysis;
mod blocking;
pub mod cache;
mod codec;
pub mod copy;
pub mod graph;
pub mod jsonl;
mod keyspace;
pub mod layers;
pub mod limits;
mod link;
mod maintenance;
mod manager;
pub mod model;
#[cfg(feature = "pieces")]
#[doc(hidden)]
pub mod pieces;
mod postings;
pub mod query;
mod records;
mod segment;

pub use codestrata_config::{Compression, ConfigError, Environment, StorageConfig};
// For who implements the traits: in a mock, or over a store of their own.
pub use codestrata_core::async_trait;
pub use codestrata_core::{Error, ErrorKind, OpenMode, Result};

pub use analysis::{
    AnalysisCleanup, AnalysisQuery, AnalysisResult, AnalysisStorage, AnalysisStore, AnalysisSummary,
    FoundAnalyses, Retention,
};
pub use cache::{CacheStats, SharedCache};
pub use graph::history;
pub use graph::{
    FileChanges, FileState, FileUpdate, Finding, Findings, GraphStorage, GraphStore, ImportedModule, Subject,
    Unwatched, UpdateSummary, Verification, VerifyWatch,
};
pub use maintenance::{Compaction, MaintenanceReport, StoreMaintenance};
pub use manager::StorageManager;
pub use model::{
    Attributes, Edge, EdgeSelector, Export, ExportTarget, FileFacts, FileInfo, Graph, GraphMetadata, Import,
    ImportedName, MetadataUpdate, ModuleFacts, Node, Reach, Reference, Resolution, Root, SharedText, Span,
    Target, Text, Totals, ValueFact,
};
pub use query::{Answer, Queries};
pub use segment::PreparedFile;

/// The library guide, so that its code is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/library.md")]
struct LibraryGuide;
