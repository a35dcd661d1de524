//! The store as users open it.

use std::sync::Arc;

use codestrata_config::{ConfigError, StorageConfig};
use codestrata_core::{Backend, OpenMode, Registry, Result};

use crate::cache::SharedCache;
use crate::graph::{Engine, GraphStore};
use crate::query::Queries;

/// An open store: a backend, chosen by configuration, behind one graph model and one cache.
///
/// ```
/// use codestrata::{Graph, GraphStorage, Node, Span, StorageManager};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
/// let storage = StorageManager::in_memory()?;
/// let mut graph = Graph::new("owner/name");
/// graph.nodes.push(Node::new("a.py::f", "f", "function", "a.py", Span::default()));
/// storage.graph().store_graph(&graph).await?;
///
/// let answer = storage.query("owner/name").resolve("f").await?;
/// assert_eq!(answer.results[0].node.id, "a.py::f");
/// storage.close().await
/// # }
/// ```
#[derive(Debug)]
pub struct StorageManager {
    graph: GraphStore,
    cache: Arc<SharedCache>,
    config: StorageConfig,
    backend: BackendHandle,
}

/// A backend, which has no debug text of its own.
struct BackendHandle(Arc<dyn Backend>);

impl std::fmt::Debug for BackendHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Backend").field(self.0.capabilities()).finish()
    }
}

impl StorageManager {
    /// Opens the store that a configuration names, to read and write; it is made when it is not there.
    ///
    /// # Errors
    /// What is wrong with the configuration, with its place, and what the backend answers: `Locked` when another
    /// process has it, `Corruption` when it is damaged or is no store.
    pub async fn open(config: StorageConfig) -> Result<Self, ConfigError> {
        Self::open_with(config, OpenMode::Create).await
    }

    /// Opens it as the mode says: with [`OpenMode::ReadOnly`] nothing is changed, and another process may be
    /// writing where the engine allows it.
    ///
    /// # Errors
    /// As [`open`](Self::open), and `NotFound` when it is not there and the mode does not make it.
    pub async fn open_with(config: StorageConfig, mode: OpenMode) -> Result<Self, ConfigError> {
        let registry = Registry::linked().map_err(|error| config.explain(error, &Registry::empty()))?;
        config.check(&registry)?;
        let opened = match registry.get(config.storage().backend()) {
            Err(error) => Err(error),
            Ok(descriptor) => descriptor.open(config.storage().open_request(mode)).await,
        };
        let backend = opened.map_err(|error| config.explain(error, &registry))?;
        let explained = config.clone();
        Self::from_backends(config, backend).map_err(|error| explained.explain(error, &registry))
    }

    /// A store in memory, gone with the process.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    #[cfg(feature = "memory")]
    pub fn in_memory() -> Result<Self> {
        Self::from_backends(
            StorageConfig::in_memory(),
            Arc::new(codestrata_backend_memory::backend::MemoryBackend::new()),
        )
    }

    /// A store over a backend that was opened otherwise: in tests, or by a host of one's own. The configuration is
    /// asked for durability and cache only.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn from_backends(config: StorageConfig, backend: Arc<dyn Backend>) -> Result<Self> {
        let cache = config.cache();
        let cache = Arc::new(SharedCache::new(cache.capacity().as_bytes(), cache.default_ttl()));
        let engine = Engine::new(Arc::clone(&backend), Arc::clone(&cache), config.storage().durability())?;
        Ok(Self { graph: GraphStore::new(Arc::new(engine)), cache, config, backend: BackendHandle(backend) })
    }

    /// The graphs: to store and change them.
    #[must_use]
    pub fn graph(&self) -> &GraphStore {
        &self.graph
    }

    /// Questions about one repository.
    #[must_use]
    pub fn query(&self, repo_id: &str) -> Queries {
        Queries::new(self.graph.clone(), repo_id)
    }

    /// The cache that everything here shares.
    #[must_use]
    pub fn cache(&self) -> &SharedCache {
        &self.cache
    }

    /// What the store was opened with.
    #[must_use]
    pub fn config(&self) -> &StorageConfig {
        &self.config
    }

    /// The backend below.
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        self.backend.0.as_ref()
    }

    /// Waits for what is under way, makes everything durable that the engine can, and releases files and locks.
    /// May be repeated; every other call fails with `Closed` afterwards.
    ///
    /// # Errors
    /// What the backend answers.
    pub async fn close(&self) -> Result<()> {
        self.backend.0.close().await
    }
}
