//! codestrata as a contender, on any of its engines.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codestrata::{
    FileChanges, Graph, GraphStorage, OpenMode, PreparedFile, Queries, StorageConfig, StorageManager,
};
use tokio::runtime::Runtime;
// An engine is linked by being named.
use codestrata_measure::{Found, Question, answer, ask};
use {
    codestrata_backend_file as _, codestrata_backend_memory as _, codestrata_backend_redb as _,
    codestrata_backend_sled as _,
};

use crate::contender::Contender;
use crate::input::Version;
use crate::runtime::runtime;
use crate::{Outcome, Problem};

/// The id under which the graph is stored.
pub(crate) const REPOSITORY: &str = "bench";

/// An open store of codestrata, with the defaults of its configuration.
#[derive(Debug)]
pub(crate) struct Ours {
    storage: Arc<StorageManager>,
    queries: Queries,
    runtime: Runtime,
}

/// Where the store of an engine lies in a folder; only `memory` has none.
pub(crate) fn place(engine: &str, folder: &Path) -> PathBuf {
    folder.join(format!("store.{engine}"))
}

/// The configuration that names an engine and a place, and nothing else.
pub(crate) fn configuration(engine: &str, place: &Path) -> StorageConfig {
    match engine {
        "memory" => StorageConfig::in_memory(),
        engine => StorageConfig::new(engine).option("path", place.display().to_string()),
    }
}

impl Ours {
    /// Opens or makes a store.
    ///
    /// # Errors
    /// What the engine answers.
    pub(crate) fn open(engine: &str, place: &Path, mode: OpenMode) -> Outcome<Self> {
        let runtime = runtime()?;
        let opened = runtime.block_on(StorageManager::open_with(configuration(engine, place), mode));
        let storage = Arc::new(opened.map_err(|error| Problem::from(error.to_string()))?);
        Ok(Self { queries: storage.query(REPOSITORY), storage, runtime })
    }

    /// Stores a whole graph whose edges are stated.
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) fn store_graph(&self, graph: &Graph) -> Outcome<()> {
        self.runtime.block_on(self.storage.graph().store_graph(graph))?;
        Ok(())
    }

    /// Stores files in place of everything, and links them.
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) fn store_files(&self, replaced: Vec<PreparedFile>) -> Outcome<()> {
        let changes = FileChanges { replaced, replace_all: true, ..FileChanges::default() };
        self.runtime.block_on(self.storage.graph().update_files(REPOSITORY, changes))?;
        Ok(())
    }

    /// The store, for what only codestrata does.
    pub(crate) fn storage(&self) -> &Arc<StorageManager> {
        &self.storage
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Closes the store.
    ///
    /// # Errors
    /// What the engine answers.
    pub(crate) fn close(self) -> Outcome<()> {
        Ok(self.runtime.block_on(self.storage.close())?)
    }
}

impl Contender for Ours {
    fn ask(&self, question: &Question) -> Outcome<usize> {
        Ok(self.runtime.block_on(ask(&self.queries, question))?)
    }

    fn answer(&self, question: &Question) -> Outcome<Vec<Found>> {
        Ok(self.runtime.block_on(answer(&self.queries, question))?)
    }

    fn replace(&mut self, version: &Version) -> Outcome<()> {
        let file = PreparedFile::new(&version.facts)?;
        self.runtime.block_on(self.storage.graph().replace_file(REPOSITORY, file))?;
        Ok(())
    }

    fn load(&self) -> Outcome<Graph> {
        let graph = self.runtime.block_on(self.storage.graph().load_graph(REPOSITORY))?;
        graph.ok_or_else(|| "the store has no graph".into())
    }
}
