//! Reading a graph from JSON Lines that may be anything.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, Read};

use codestrata_core::{Error, ErrorKind, Result};
use rayon::prelude::*;
use serde::Serialize;

use super::line::{Line, LineTotals};
use crate::limits::MAX_LINE_BYTES;
use crate::model::{Attributes, Edge, FileFacts, MetadataUpdate, Text};
use crate::records::SCHEMA_VERSION;
use crate::segment::PreparedFile;
use crate::{FileChanges, GraphStorage, UpdateSummary};

/// What is said to have made the facts of an imported graph.
const EXTRACTOR: &str = "JSON Lines";

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// Files.
    pub files: u64,
    /// Nodes.
    pub nodes: u64,
    /// Edges.
    pub edges: u64,
}

/// A graph that was read, checked as far as one file's lines can be, and ready to be stored.
#[derive(Debug)]
pub struct ImportedGraph {
    /// The repository that the file names.
    pub repo_id: String,
    /// What was read.
    pub summary: ImportSummary,
    files: Vec<PreparedFile>,
    attributes: Attributes,
}

impl ImportedGraph {
    /// Stores the graph in place of what the repository has.
    ///
    /// # Errors
    /// As [`GraphStorage::store_graph`].
    pub async fn store(self, storage: &dyn GraphStorage, repo_id: &str) -> Result<UpdateSummary> {
        let metadata = MetadataUpdate {
            // Not what an indexer made, whatever the hashes of the files say: it shall read them again.
            extractor: Some(EXTRACTOR.to_owned()),
            attributes: self.attributes,
            replace_attributes: true,
            ..MetadataUpdate::default()
        };
        let changes =
            FileChanges { replaced: self.files, metadata, replace_all: true, ..FileChanges::default() };
        storage.update_files(repo_id, changes).await
    }
}

/// Reads a graph.
///
/// Cost: all of it in memory, encoded; a few hundred bytes a node and a few dozen an edge.
///
/// # Errors
/// `InvalidArgument` with the number of the line: not JSON, not one of the four kinds of line, an unknown key in a
/// node or edge, an id that stands twice, an edge whose source is no node, a line over
/// [`MAX_LINE_BYTES`], a missing or second metadata line. `Unsupported` for a newer schema.
pub fn read_graph(input: &mut dyn BufRead) -> Result<ImportedGraph> {
    let mut reader = Reader::default();
    let mut number = 0_u64;
    let mut line = Vec::new();
    loop {
        number += 1;
        line.clear();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let read = input.take(limit + 1).read_until(b'\n', &mut line);
        let read = read.map_err(|error| {
            Error::new(ErrorKind::Unavailable, format!("line {number} cannot be read: {error}"))
                .with_source(error)
        })?;
        if read == 0 {
            break;
        }
        if line.len() > MAX_LINE_BYTES {
            return Err(bad(number, &format!("it is longer than {MAX_LINE_BYTES} bytes")));
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        reader.line(number, &line)?;
    }
    reader.finish()
}

fn bad(line: u64, what: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("line {line}: {what}"))
        .with_help("nothing of the file was stored")
}

/// A file while its lines are read. Most tools write all of a file at once, so it is encoded, which takes a tenth of
/// the memory, as soon as the lines go on with another one; if more comes all the same, it stays open from then on.
enum FileState {
    Open(Box<FileFacts>),
    Sealed(PreparedFile),
}

#[derive(Default)]
struct Reader {
    repo_id: Option<String>,
    attributes: Attributes,
    /// What the metadata line says will follow.
    promised: Option<LineTotals>,
    files: BTreeMap<String, FileState>,
    /// The file that lines are being read of.
    current: Option<String>,
    /// Files that were opened again, and are not sealed before the end.
    reopened: HashSet<String>,
    /// For each id the file of its node and the line on which it stands.
    nodes: HashMap<Text, (Text, u64)>,
    /// Edges whose source has not come yet.
    waiting: Vec<(u64, Edge)>,
    summary: ImportSummary,
}

impl Reader {
    fn line(&mut self, number: u64, bytes: &[u8]) -> Result<()> {
        let line: Line = serde_json::from_slice(bytes).map_err(|error| {
            // The number within the line is always one, and what serde says of columns counts from there.
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or(&text).to_owned();
            bad(number, &format!("{what} (column {})", error.column())).with_source(error)
        })?;
        match line {
            Line::Metadata(metadata) => {
                if self.repo_id.is_some() {
                    return Err(bad(number, "there is a metadata line already"));
                }
                if metadata.schema_version > SCHEMA_VERSION {
                    return Err(Error::new(
                        ErrorKind::Unsupported,
                        format!(
                            "line {number}: the graph has schema version {}, and this program knows {SCHEMA_VERSION}",
                            metadata.schema_version
                        ),
                    )
                    .with_help("import it with the newer version of codestrata"));
                }
                if metadata.repo_id.is_empty() {
                    return Err(bad(number, "the repository id is empty"));
                }
                self.repo_id = Some(metadata.repo_id);
                self.promised = serde_json::from_value(metadata.totals).ok();
                self.attributes = metadata.attributes;
                return Ok(());
            }
            _ if self.repo_id.is_none() => {
                return Err(bad(
                    number,
                    "the first line must be the metadata: {\"metadata\":{\"repo_id\":…}}",
                ));
            }
            Line::File(file) => {
                if file.path.is_empty() {
                    return Err(bad(number, "the path is empty"));
                }
                self.file(&file.path)?.hash = file.hash;
            }
            Line::Node(node) => {
                if node.id.is_empty() || node.file.is_empty() {
                    return Err(bad(number, "a node needs an id and a file"));
                }
                let file = node.file.clone();
                let place = (file.clone(), number);
                if let Some((_, first)) = self.nodes.insert(node.id.clone(), place) {
                    return Err(bad(number, &format!("the id `{}` stands on line {first} already", node.id)));
                }
                self.summary.nodes += 1;
                self.file(&file)?.nodes.push(node);
            }
            Line::Edge(edge) => {
                if edge.target.is_empty() {
                    return Err(bad(number, "an edge needs a target"));
                }
                self.summary.edges += 1;
                match self.nodes.get(&edge.source) {
                    Some((file, _)) => {
                        let file = file.clone();
                        self.file(&file)?.edges.push(edge);
                    }
                    None => self.waiting.push((number, edge)),
                }
            }
        }
        Ok(())
    }

    /// The file with this path, open; the one before it is sealed.
    fn file(&mut self, path: &str) -> Result<&mut FileFacts> {
        if self.current.as_deref() != Some(path)
            && let Some(last) = self.current.replace(path.to_owned())
            && !self.reopened.contains(&last)
            && let Some(state) = self.files.get_mut(&last)
            && let FileState::Open(facts) = state
        {
            *state = FileState::Sealed(PreparedFile::new(facts)?);
        }
        if !self.files.contains_key(path) {
            self.summary.files += 1;
        }
        let state = self.files.entry(path.to_owned()).or_insert_with(|| {
            FileState::Open(Box::new(FileFacts { path: path.to_owned(), ..FileFacts::default() }))
        });
        if let FileState::Sealed(file) = state {
            let facts = file.to_facts();
            *state = FileState::Open(Box::new(facts));
            self.reopened.insert(path.to_owned());
        }
        match state {
            FileState::Open(facts) => Ok(facts),
            FileState::Sealed(_) => Err(Error::new(ErrorKind::Internal, "a file could not be opened again")),
        }
    }

    fn finish(mut self) -> Result<ImportedGraph> {
        let Some(repo_id) = self.repo_id.take() else {
            return Err(bad(1, "the file is empty; it must begin with a metadata line"));
        };
        for (number, edge) in std::mem::take(&mut self.waiting) {
            let Some((file, _)) = self.nodes.get(&edge.source) else {
                return Err(bad(
                    number,
                    &format!("the edge starts at `{}`, which is no node of the file", edge.source),
                ));
            };
            let file = file.clone();
            self.file(&file)?.edges.push(edge);
        }
        let ImportSummary { files, nodes, edges } = self.summary;
        let found = LineTotals { files, nodes, edges };
        if let Some(promised) = self.promised.filter(|promised| *promised != found) {
            let message = format!(
                "line 1: the metadata promises {} files, {} nodes and {} edges, and there are {files}, {nodes} and {edges}",
                promised.files, promised.nodes, promised.edges
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message).with_help(
                "the file was cut or changed: nothing of it was stored; export it again, or remove `totals`",
            ));
        }
        let files: Vec<FileState> = self.files.into_values().collect();
        let files: Result<Vec<PreparedFile>> = files
            .into_par_iter()
            .map(|state| match state {
                FileState::Open(facts) => PreparedFile::new(&facts),
                FileState::Sealed(file) => Ok(file),
            })
            .collect();
        Ok(ImportedGraph { repo_id, summary: self.summary, files: files?, attributes: self.attributes })
    }
}
