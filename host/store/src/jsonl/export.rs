//! Writing a graph as JSON Lines, in canonical order.

use std::io::{BufWriter, Write};

use codestrata_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::line::{FileLine, Line, LineTotals, MetadataLine};
use crate::graph::{FileReader, GraphStore, View, moving};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExportSummary {
    /// The version that was written.
    pub version: u64,
    /// Files.
    pub files: u64,
    /// Nodes.
    pub nodes: u64,
    /// Edges.
    pub edges: u64,
}

/// Writes a repository to `out`.
///
/// Cost: one pass over the repository, a few hundred files in memory at a time.
///
/// # Errors
/// `NotFound` if the repository is not stored, `Unavailable` with the source if `out` cannot be written to, and
/// `Conflict` if a store without snapshots was changed while it was read: `out` is then to be thrown away.
pub async fn export_graph(
    store: &GraphStore,
    repo_id: &str,
    out: &mut (dyn Write + Send),
) -> Result<ExportSummary> {
    let view = View::existing(store.engine(), repo_id).await?;
    let mut summary = ExportSummary { version: view.head.version, ..ExportSummary::default() };
    let metadata = MetadataLine {
        repo_id: view.head.repo_id.clone(),
        schema_version: view.head.schema,
        totals: serde_json::to_value(LineTotals {
            files: view.head.totals.files,
            nodes: view.head.totals.nodes,
            edges: view.head.totals.edges,
        })
        .unwrap_or_default(),
        attributes: view.head.parsed_attributes(),
    };
    write(out, &Line::Metadata(metadata))?;
    let mut files = FileReader::new(&view).await?;
    while let Some(file) = files.next().await? {
        summary.files += 1;
        summary.nodes += file.info.nodes;
        summary.edges += file.info.edges;
        write(out, &Line::File(FileLine { path: file.info.path, hash: file.info.hash }))?;
        for node in file.nodes {
            write(out, &Line::Node(node))?;
        }
        for edge in file.edges {
            write(out, &Line::Edge(edge))?;
        }
    }
    if !view.is_consistent().await? {
        return Err(moving(repo_id));
    }
    out.flush().map_err(cannot_write)?;
    Ok(summary)
}

/// The level for an archive that is to be small, and not made quickly.
pub const ARCHIVE_LEVEL: i32 = 15;

/// A repeated text is found again within 16 MiB, which is about what the edges of one folder take.
const WINDOW_LOG: u32 = 24;

/// Writes a repository to `out` as [`export_graph`] does, compressed as zstd at a level of 1 to 19, with a checksum.
///
/// Cost: that of [`export_graph`], and of the compression, which holds some ten megabytes, and more at higher levels.
///
/// # Errors
/// As [`export_graph`].
pub async fn export_compressed(
    store: &GraphStore,
    repo_id: &str,
    out: &mut (dyn Write + Send),
    level: i32,
) -> Result<ExportSummary> {
    let encoder = || -> std::io::Result<zstd::Encoder<'static, _>> {
        let mut encoder = zstd::Encoder::new(out, level)?;
        encoder.include_checksum(true)?;
        encoder.long_distance_matching(true)?;
        encoder.window_log(WINDOW_LOG)?;
        Ok(encoder)
    };
    let mut out = BufWriter::with_capacity(1 << 16, encoder().map_err(cannot_write)?);
    let summary = export_graph(store, repo_id, &mut out).await?;
    let encoder = out.into_inner().map_err(|error| cannot_write(error.into_error()))?;
    encoder.finish().and_then(Write::flush).map_err(cannot_write)?;
    Ok(summary)
}

fn write(out: &mut (dyn Write + Send), line: &Line) -> Result<()> {
    let mut text = serde_json::to_vec(line).map_err(|error| {
        Error::new(ErrorKind::Internal, "a line cannot be written as JSON").with_source(error)
    })?;
    text.push(b'\n');
    out.write_all(&text).map_err(cannot_write)
}

fn cannot_write(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the export cannot be written: {error}")).with_source(error)
}
