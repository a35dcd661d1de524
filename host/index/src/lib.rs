//! Source trees to facts: what `codestrata index` feeds to the store.
//!
//! [`sources`] lists the source files of a folder, and [`extract`] says what one of them defines and refers to, as
//! [`FileFacts`](codestrata::model::FileFacts). Facts depend on a file's path and bytes and on nothing else: an
//! unchanged file need not be read again, and files can be read in any order and on any number of threads. What a
//! name means in *another* file is not decided here but by the store, which links the facts of all files.
//!
//! It is not a compiler: types are followed only where the source states them (an annotation, `x = Client()`,
//! `self.x = x`), and what is not certain is said to be uncertain.
//!
//! # A tour
//!
//! - [`language`](Language): one folder or file per language, with its kinds of syntax, its endings and its rules
//!   for modules. Its module documentation says how to add the next one.
//! - `extract`: the engine that all languages share. A language reads its tree into a *sketch* (scopes, names bound
//!   in them, names used); lowering then resolves each use by the scopes and turns the sketch into facts.
//! - `walk`: which files of a folder are sources; `dependencies`: which of those that others wrote.
//! - `repository`: a folder into a stored graph; `freshness`: whether files are still what was indexed. `scip` (a feature,
//!   on by default): an index of another tool into a stored graph.
//!
//! ```
//! use codestrata_index::{Language, extract};
//!
//! let source = b"class User:\n    def save(self): ...\n\nUser().save()\n";
//! let extraction = extract("app/user.py", source, Language::Python)?;
//! let ids: Vec<_> = extraction.facts.nodes.iter().map(|node| node.id.as_str()).collect();
//! assert_eq!(ids, ["app/user.py::<module>", "app/user.py::User", "app/user.py::User.save"]);
//! # Ok::<(), codestrata_index::Problem>(())
//! ```

mod dependencies;
mod extract;
mod freshness;
mod hash;
mod language;
mod repository;
#[cfg(feature = "scip")]
pub mod scip;
mod walk;

pub use dependencies::Dependencies;
pub use extract::{Extraction, NAMESPACE, Problem, Syntax, extract, parse_syntax};
pub use freshness::{
    Basis, FileState, Freshness, MAX_CHECKED_BYTES, MAX_CHECKED_FILES, StaleFile, freshness, tree_freshness,
};
pub use hash::content_hash;
pub use language::Language;
pub use repository::{
    EXTRACTOR, IndexOptions, IndexReport, Observer, Phase, TreeCheck, Unobserved, VerifyOptions,
    VerifyReport, has_common_file, index_repository, verify_repository,
};
pub use walk::{MAX_SOURCE_BYTES, Skipped, SourceFile, Sources, sources};
