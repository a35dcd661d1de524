//! JSON Lines: the neutral format in which graphs come in and go out.
//!
//! The first line is `{"metadata":{"repo_id":…,"schema_version":…}}`. Then for each file
//! `{"file":{"path":…,"hash":…}}`, its nodes as `{"node":{…}}` and its edges as `{"edge":{…}}`.
//!
//! What is written is canonical: files by path, nodes by id, edges by source, kind, target, span and attributes;
//! the version and the times are left out. The same graph gives the same bytes, whatever engine it lies in and
//! whatever happened to it before.

mod export;
mod import;
mod line;

pub use export::{ARCHIVE_LEVEL, ExportSummary, export_compressed, export_graph};
pub use import::{ImportSummary, ImportedGraph, read_graph};
