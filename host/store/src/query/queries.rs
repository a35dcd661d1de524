//! The entrance to questions: one repository, one method a question.

use std::collections::BTreeMap;

use codestrata_core::{Error, ErrorKind, Result};

use super::answer::{
    Answer, CallHit, FindFilter, ImpactHit, NodeHit, PathEnd, PathOptions, PathStep, SymbolMatch, UnboundHit,
};
use super::functions::{self, CallCount, FileFunctions};
use super::{callers, find, impact, path};
use crate::adjacency::Adjacency;
use crate::graph::{GraphStore, View, overview, read};
use crate::limits::{MAX_DEPTH, MAX_READ_ATTEMPTS, MAX_RESULTS, MAX_VISITED};
use crate::model::{Edge, GraphMetadata, Node, Totals};

/// Questions about one repository.
///
/// Each method fails with `NotFound` for a repository that is not stored, and reads one consistent version.
/// Limits are brought inside [`MAX_RESULTS`] and [`MAX_DEPTH`].
#[derive(Clone, Debug)]
pub struct Queries {
    store: GraphStore,
    repo_id: String,
}

/// Runs a question over a consistent view.
macro_rules! ask {
    ($self:expr, |$view:ident| $body:expr) => {{
        let answer = read!($self.store.engine(), &$self.repo_id, |$view| $body)?;
        answer.ok_or_else(|| $self.no_repository())
    }};
}

impl Queries {
    pub(crate) fn new(store: GraphStore, repo_id: &str) -> Self {
        Self { store, repo_id: repo_id.to_owned() }
    }

    /// The repository that is asked.
    pub fn repository(&self) -> &str {
        &self.repo_id
    }

    fn no_repository(&self) -> Error {
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

    /// Nodes whose names contain a text, or begin with it. Case counts if the text has a capital letter. Exact
    /// names come first, then beginnings, then the rest; within each by name and id.
    ///
    /// Cost: one pass over the segments; [`resolve`](Self::resolve) finds an exact name at the cost of its definitions.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn find(&self, text: &str, filter: &FindFilter, limit: usize) -> Result<Answer<NodeHit>> {
        ask!(self, |view| find::find(&view, text, filter, limit.min(MAX_RESULTS)).await)
    }

    /// The nodes that a symbol may mean: the one with that id, else those with that name, or with that end of a
    /// qualified name (`Class.method`); sorted by id.
    ///
    /// Cost: the definitions of the name.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn resolve(&self, symbol: &str) -> Result<Answer<SymbolMatch>> {
        ask!(self, |view| find::resolve(&view, symbol).await)
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

    /// A node with everything that analysers keep beside it, and the edges that start at it.
    ///
    /// Cost: its file, and the files its edges lead to.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn show(&self, id: &str) -> Result<Option<(Node, Vec<Edge>)>> {
        ask!(self, |view| find::show(&view, id).await)
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

    /// How often each node is called, or made objects of: by how many others, and at how many places; by id. Nodes
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

    /// A way from one node to another with the fewest edges, both ends included; one node alone when both are the
    /// same. Of several shortest ways it is the one whose ids come first, compared step by step from the start. How
    /// the search ended tells that there is none from that a limit was hit.
    ///
    /// `ambiguous` and `unresolved` count the references met on the search that could not be bound: a way over one
    /// of them would not be found.
    ///
    /// Cost: the link records of the files that are visited, one round trip a step; then the files of the nodes on
    /// shortest ways.
    ///
    /// # Errors
    /// Those of the type, `NotFound` naming an end that is not stored, and what the engine answers.
    pub async fn path(
        &self,
        from: &str,
        to: &str,
        options: &PathOptions,
    ) -> Result<(Answer<PathStep>, PathEnd)> {
        let options = PathOptions {
            kinds: options.kinds.clone(),
            depth: options.depth.min(MAX_DEPTH),
            visited: options.visited.min(MAX_VISITED),
        };
        ask!(self, |view| path::path(&view, from, to, &options).await)
    }

    /// Reads what traversals such as [`impact`](Self::impact) need of the whole graph into the cache, if it fits.
    ///
    /// Cost: one scan of the link records.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn warm(&self) -> Result<()> {
        ask!(self, |view| Adjacency::of(&view).await.map(|_| ()))
    }

    /// What a change of the node, or of what is in it, may reach: everything from which a chain of edges other
    /// than `contains` leads to it. Each node once, nearest first, with its least depth and the node before it.
    ///
    /// Only bound references are followed; `ambiguous` and `unresolved` count those of the node's own name.
    ///
    /// Cost: when the neighbour lists are not cached one scan of the link records; then the nodes reached.
    ///
    /// # Errors
    /// Those of the type, and what the engine answers.
    pub async fn impact(&self, id: &str, depth: u32, limit: usize) -> Result<Answer<ImpactHit>> {
        ask!(self, |view| impact::impact(&view, id, depth.min(MAX_DEPTH), limit.min(MAX_RESULTS)).await)
    }
}

impl<T> Answer<T> {
    pub(crate) fn of(view: &View<'_>) -> Self {
        Self {
            repository: view.head.repo_id.clone(),
            version: view.head.version,
            results: Vec::new(),
            truncated: false,
            ambiguous: 0,
            unresolved: 0,
        }
    }
}

/// The error of an id that is not stored.
pub(super) fn no_node(view: &View<'_>, id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("repository `{}` has no node `{id}`", view.head.repo_id))
}
