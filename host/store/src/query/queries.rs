//! The entrance to questions: one repository, one method a question.

use std::collections::BTreeMap;

use codestrata_core::{Error, ErrorKind, Result};

use super::answer::{Answer, CallHit, NodeHit, SymbolMatch, UnboundHit};
use super::find::FindFilter;
use super::functions::{self, CallCount, FileFunctions};
use super::resolve::SourcePlace;
use super::{callers, find, resolve};
use crate::graph::{GraphStore, View, file_info, overview, read};
use crate::limits::{MAX_READ_ATTEMPTS, MAX_RESULTS};
use crate::model::{Edge, FileInfo, GraphMetadata, Node, Text, Totals};

/// Questions about one repository.
///
/// Each method fails with `NotFound` for a repository that is not stored, and reads one consistent version.
/// Limits are brought inside [`MAX_RESULTS`], [`MAX_DEPTH`](crate::limits::MAX_DEPTH) and
/// [`MAX_VISITED`](crate::limits::MAX_VISITED).
#[derive(Clone, Debug)]
pub struct Queries {
    pub(super) store: GraphStore,
    pub(super) repo_id: String,
}

/// Runs a question over a consistent view.
macro_rules! ask {
    ($self:expr, |$view:ident| $body:expr) => {{
        let answer = read!($self.store.engine(), &$self.repo_id, |$view| $body)?;
        answer.ok_or_else(|| $self.no_repository())
    }};
}
pub(super) use ask;

impl Queries {
    pub(crate) fn new(store: GraphStore, repo_id: &str) -> Self {
        Self { store, repo_id: repo_id.to_owned() }
    }

    /// The repository that is asked.
    pub fn repository(&self) -> &str {
        &self.repo_id
    }

    pub(super) fn no_repository(&self) -> Error {
        Error::new(ErrorKind::NotFound, format!("there is no repository `{}` in this store", self.repo_id))
            .with_help("index it first")
    }

    /// The version and the totals of the graph.
    ///
    /// Cost: one record.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn totals(&self) -> Result<(u64, Totals)> {
        ask!(self, |view| Ok((view.head.version, view.head.totals)))
    }

    /// Facts about the repository, without the hashes of its files (`file_hashes` is empty).
    ///
    /// Cost: one record.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn overview(&self) -> Result<GraphMetadata> {
        ask!(self, |view| Ok(overview(&view)))
    }

    /// Nodes whose names contain a text, or begin with it, and that have all that the filter asks for; with an empty
    /// text all of those. Case counts if the text has a capital letter. Exact names come first, then beginnings, then the
    /// rest; within each by name and id.
    ///
    /// Cost: one pass over the segments of the files that the filter leaves; [`resolve`](Self::resolve) finds an exact
    /// name at the cost of its definitions.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn find(&self, text: &str, filter: &FindFilter, limit: usize) -> Result<Answer<NodeHit>> {
        ask!(self, |view| find::find(&view, text, filter, limit.min(MAX_RESULTS)).await)
    }

    /// The nodes that a symbol may mean: the one with that id, else those with that name, or with that end of a
    /// qualified name (`Class.method`), else the innermost ones at that place (`file:line`, see
    /// [`definitions_at`](Self::definitions_at)); sorted by id.
    ///
    /// Cost: the definitions of the name, or those of the place.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn resolve(&self, symbol: &str) -> Result<Answer<SymbolMatch>> {
        ask!(self, |view| resolve::resolve(&view, symbol).await)
    }

    /// The nodes at a place in a file that have no other one inside them there, sorted by id. Without a column, what
    /// stands on any part of the line counts, and what a function sets on it is not meant, but the function. Where no
    /// file has the path, all files are asked whose path ends so.
    ///
    /// Cost: the file; where it is not there by its whole path, a scan of the files' entries and those that fit.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn definitions_at(&self, place: &SourcePlace) -> Result<Answer<SymbolMatch>> {
        ask!(self, |view| resolve::definitions_at(&view, place).await)
    }

    /// What is stored about these files, in their order; one that is not in the graph is left out.
    ///
    /// Cost: two records a file.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn files(&self, paths: &[&str]) -> Result<Vec<FileInfo>> {
        ask!(self, |view| {
            let files: Vec<_> = view.ordinals(paths).await?.into_iter().flatten().collect();
            let entries = view.entries(&files).await?;
            Ok(entries.iter().map(|(_, entry)| file_info(entry)).collect())
        })
    }

    /// What is stored about every file, by path.
    ///
    /// Cost: one record a file.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn all_files(&self) -> Result<Vec<FileInfo>> {
        ask!(self, |view| {
            let entries = view.all_entries().await?;
            let mut files: Vec<FileInfo> = entries.iter().map(|(_, entry)| file_info(entry)).collect();
            files.sort_by(|a, b| a.path.cmp(&b.path));
            Ok(files)
        })
    }

    /// Names like this one, nearest first.
    ///
    /// Cost: one pass over the segments.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn similar_names(&self, name: &str, limit: usize) -> Result<Vec<String>> {
        ask!(self, |view| find::similar(&view, name, limit.min(MAX_RESULTS)).await)
    }

    /// The node with this id, with the notes of other analysers; none if there is none.
    ///
    /// Cost: the index, and the node's file.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn node(&self, id: &str) -> Result<Option<Node>> {
        ask!(self, |view| resolve::node(&view, id).await)
    }

    /// A node with everything that analysers keep beside it, and the edges that start at it.
    ///
    /// Cost: its file, and the files its edges lead to.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn show(&self, id: &str) -> Result<Option<(Node, Vec<Edge>)>> {
        ask!(self, |view| resolve::show(&view, id).await)
    }

    /// Every file, by path, with the functions and methods that it defines, in their order in the file; without them
    /// for a file whose state is the one that `known` has for its path. Functions that are only declared are
    /// left out.
    ///
    /// Cost: one record a file, and the segments of the files that are not known.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn functions(&self, known: &BTreeMap<String, String>) -> Result<Answer<FileFunctions>> {
        ask!(self, |view| functions::functions(&view, known).await)
    }

    /// How often each node is called, or made objects of: by how many others, and at how many places, and apart from
    /// these how often by guess; by id. Nodes
    /// that nothing bound calls are left out.
    ///
    /// Cost: one pass over the link records, and the segments of the files that are called.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn call_counts(&self) -> Result<Answer<CallCount>> {
        ask!(self, |view| functions::call_counts(&view).await)
    }

    /// Who calls the node, or makes objects of it, sorted by file and line, with every call site.
    ///
    /// `ambiguous` counts calls that may mean it by name, `unresolved` those that end in its name and were not
    /// found to mean anything in the repository.
    ///
    /// Cost: the files that refer to it, up to the limit, and the link records of those that use its name.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn callers(&self, id: &str, limit: usize) -> Result<Answer<CallHit>> {
        ask!(self, |view| callers::callers(&view, id, limit.min(MAX_RESULTS)).await)
    }

    /// What the node calls, in the order of the calls, with every call site; and the calls that lead to no node of
    /// the repository.
    ///
    /// Cost: its file, and the files its calls lead to.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn callees(&self, id: &str, limit: usize) -> Result<(Answer<CallHit>, Vec<UnboundHit>)> {
        ask!(self, |view| callers::callees(&view, id, limit.min(MAX_RESULTS)).await)
    }
}

impl<T> Answer<T> {
    pub(crate) fn of(view: &View<'_>) -> Self {
        Self {
            repository: Text::new(&view.head.repo_id),
            version: view.head.version,
            results: Vec::new(),
            truncated: false,
            cut: Vec::new(),
            ambiguous: 0,
            unresolved: 0,
        }
    }
}

/// The error of an id that is not stored.
pub(super) fn no_node(view: &View<'_>, id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("repository `{}` has no node `{id}`", view.head.repo_id))
}
