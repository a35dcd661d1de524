//! The trait that users of graphs program against.

use std::collections::BTreeMap;

use async_trait::async_trait;
use codestrata_core::Result;
use serde::Serialize;

use crate::model::{Attributes, Edge, EdgeSelector, FileInfo, Graph, GraphMetadata, MetadataUpdate, Node};
use crate::segment::PreparedFile;

/// Files to store and to remove, as one step.
#[derive(Clone, Debug, Default)]
pub struct FileChanges {
    /// Files that are new or replace their former state.
    pub replaced: Vec<PreparedFile>,
    /// Paths of files that are no longer there. One that is not stored is passed over.
    pub removed: Vec<String>,
    /// What else changes with the commit.
    pub metadata: MetadataUpdate,
    /// Whether files that are not named are removed too: the changes are then the whole repository.
    pub replace_all: bool,
    /// Whether everything is written again, also what is stored just so: the way to mend what was damaged. The
    /// changes are then the whole repository too.
    pub rewrite: bool,
}

/// A module that a file imports, or something of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportedModule {
    /// The module, as it is written: `a.b` or `./util`.
    pub module: String,
    /// The name that is imported from it; none for the module itself and for everything in it.
    pub name: Option<String>,
}

/// What an update did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateSummary {
    /// The version of the graph now.
    pub version: u64,
    /// Files that were new.
    pub added: u64,
    /// Files that replaced another state.
    pub replaced: u64,
    /// Files that were removed.
    pub removed: u64,
    /// Files that were given, and were the same as those stored.
    pub unchanged: u64,
    /// Other files that were linked again because something they refer to changed.
    pub relinked: u64,
}

/// An update whose files come in portions, so that not all of them need be in memory at once: what an indexer of a large
/// tree feeds. Nothing of it can be seen before its commit. Other writers go on meanwhile.
///
/// What is over [`MAX_HELD_BYTES`](crate::limits::MAX_HELD_BYTES) is written ahead. One that is dropped leaves that for the
/// next writer to remove, as a crash does.
#[async_trait]
pub trait FileUpdate: Send {
    /// Adds files that are new or replace their former state.
    ///
    /// # Errors
    /// What the engine answers.
    async fn add(&mut self, files: Vec<PreparedFile>) -> Result<()>;

    /// Makes the update, of all files that were added and what else changes: as
    /// [`update_files`](GraphStorage::update_files) with all of them.
    ///
    /// # Errors
    /// As [`update_files`](GraphStorage::update_files), and `Conflict` if the graph was deleted meanwhile, or another
    /// writer replaced a file that had been written ahead.
    async fn commit(self: Box<Self>, changes: FileChanges) -> Result<UpdateSummary>;

    /// Gives the update up, and removes what was written ahead.
    async fn abandon(self: Box<Self>) -> Result<()>;
}

/// Stored graphs, whichever engine holds them. Object-safe, so that users can stand in a mock of their own.
///
/// Every change is one atomic commit: it is there wholly once the call returns, or not at all if it fails, and
/// moves the version, the totals and the time of the last update. Changes of one repository by several writers
/// follow each other; none is lost.
///
/// Unless a method says otherwise, it fails with `NotFound` for a repository that is not stored, with
/// `InvalidArgument` for wrong input, and with what the engine answers. Repository ids are any text of 1 to
/// 65,536 bytes.
#[async_trait]
pub trait GraphStorage: Send + Sync {
    /// Stores a whole graph in place of what its repository had. Notes of other analysers stay with the nodes
    /// whose ids stay.
    ///
    /// Cost: one pass over the graph, written in sorted batches; the old graph stays visible until the last.
    ///
    /// # Errors
    /// `InvalidArgument` for an id that stands twice and for an edge whose source is not among the nodes.
    async fn store_graph(&self, graph: &Graph) -> Result<UpdateSummary>;

    /// The whole graph of a repository, or none if it is not stored.
    ///
    /// Cost: all of it in memory; ask a query where a part is enough.
    async fn load_graph(&self, repo_id: &str) -> Result<Option<Graph>>;

    /// Adds nodes, or replaces those of the same ids. Their files are made when they are new.
    async fn update_nodes(&self, repo_id: &str, nodes: &[Node]) -> Result<UpdateSummary>;

    /// Adds edges, or replaces those of the same source, target, kind and span.
    ///
    /// # Errors
    /// `NotFound` if the source is not a node, naming the edge. A target need not be one.
    async fn update_edges(&self, repo_id: &str, edges: &[Edge]) -> Result<UpdateSummary>;

    /// Removes nodes, the edges that start at them, and the stated edges that point to them. References by name
    /// from elsewhere are linked again.
    ///
    /// # Errors
    /// `NotFound` naming the first id that is not stored; nothing is removed then.
    async fn delete_nodes(&self, repo_id: &str, ids: &[String]) -> Result<UpdateSummary>;

    /// Removes stated edges.
    ///
    /// # Errors
    /// `NotFound` naming the first selector that no stated edge matches; nothing is removed then. Edges that
    /// linking made cannot be removed but by changing their file.
    async fn delete_edges(&self, repo_id: &str, edges: &[EdgeSelector]) -> Result<UpdateSummary>;

    /// Stores and removes files as one step: what an indexer calls. A repository that is not stored yet is made.
    ///
    /// Cost: the files and the references to the names that change with them, not the repository; one commit
    /// with one flush. Very large changes are stored as a new generation.
    async fn update_files(&self, repo_id: &str, changes: FileChanges) -> Result<UpdateSummary>;

    /// Begins an update whose files come in portions.
    ///
    /// Cost: none before files come.
    async fn begin_update(&self, repo_id: &str) -> Result<Box<dyn FileUpdate + '_>>;

    /// Stores one file in place of its former state. Edges from other files stay, and bind again.
    async fn replace_file(&self, repo_id: &str, file: PreparedFile) -> Result<UpdateSummary> {
        self.update_files(repo_id, FileChanges { replaced: vec![file], ..FileChanges::default() }).await
    }

    /// Removes one file with its nodes and the edges that start in it.
    ///
    /// # Errors
    /// `NotFound` if the file is not stored.
    async fn remove_file(&self, repo_id: &str, path: &str) -> Result<UpdateSummary>;

    /// Sets attributes of a node on behalf of an analyser other than the one that made it; they are seen as
    /// `analyser.key`, and stay while a node with that id exists, however often its file is indexed. A value of
    /// `null` removes one.
    ///
    /// # Errors
    /// `NotFound` if there is no such node.
    async fn annotate(
        &self,
        repo_id: &str,
        node_id: &str,
        analyser: &str,
        attributes: &Attributes,
    ) -> Result<()>;

    /// Facts about a repository, or none if it is not stored.
    ///
    /// Cost: one record a file, for the hashes.
    async fn graph_metadata(&self, repo_id: &str) -> Result<Option<GraphMetadata>>;

    /// Changes the facts that are the user's to set.
    async fn update_graph_metadata(&self, repo_id: &str, update: &MetadataUpdate) -> Result<()>;

    /// The files of a repository, sorted by path.
    async fn list_files(&self, repo_id: &str) -> Result<Vec<FileInfo>>;

    /// What files import, as they write it, sorted and each once, by the path of each file. A path that is not stored
    /// is left out.
    ///
    /// Cost: the segments of these files.
    async fn imported_modules(
        &self,
        repo_id: &str,
        paths: &[String],
    ) -> Result<BTreeMap<String, Vec<ImportedModule>>>;

    /// The ids of the stored repositories, sorted.
    async fn list_repositories(&self) -> Result<Vec<String>>;

    /// Removes a repository with the results of its analyses, and says whether there was one.
    async fn delete_graph(&self, repo_id: &str) -> Result<bool>;

    /// Whether a repository is stored.
    async fn graph_exists(&self, repo_id: &str) -> Result<bool>;
}
