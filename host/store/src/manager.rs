//! The store as users open it.

use std::sync::Arc;

use codestrata_config::{BackendConfig, Compression, ConfigError, StorageConfig};
use codestrata_core::{Backend, ErrorKind, OpenMode, Registry, Result};

use crate::analysis::{AbsentStore, AnalysisStore, Retention};
use crate::cache::{Clock, SharedCache};
use crate::graph::{Engine, GraphStore};
use crate::layers::{Layers, Packed, RetryPolicy, TimeLimits};
use crate::maintenance::{MaintenanceReport, maintain};
use crate::query::Queries;

/// An open store: a backend, chosen by configuration, behind one graph model and one cache. Results of analyses are in
/// the same one, or in another that the configuration names.
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
/// assert_eq!(answer.results[0].node.id(), "a.py::f");
/// storage.close().await
/// # }
/// ```
#[derive(Debug)]
pub struct StorageManager {
    graph: GraphStore,
    analysis: AnalysisStore,
    cache: Arc<SharedCache>,
    config: StorageConfig,
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
        let backend = open_backend(config.storage(), &registry, mode).await?;
        let analysis = match config.analysis().store() {
            None => None,
            Some(store) => match open_analyses(store, &registry, mode).await {
                Ok(analysis) => Some(analysis),
                Err(error) if mode == OpenMode::ReadOnly && error.kind() == ErrorKind::NotFound => {
                    Some(Arc::new(AbsentStore::new()) as Arc<dyn Backend>)
                }
                Err(error) => {
                    if let Err(error) = backend.close().await {
                        tracing::warn!(%error, "the store of the graphs could not be closed");
                    }
                    return Err(error);
                }
            },
        };
        let explained = config.clone();
        Self::assemble(config, backend, analysis).map_err(|error| explained.explain(error, &registry))
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
    /// asked for everything but the backend's options; its name of the backend stands in metrics and logs.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn from_backends(config: StorageConfig, backend: Arc<dyn Backend>) -> Result<Self> {
        Self::assemble(config, backend, None)
    }

    /// The same, with the results of analyses in a backend of their own. Its section is asked for
    /// the same.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn from_separate_backends(
        config: StorageConfig,
        backend: Arc<dyn Backend>,
        analysis: Arc<dyn Backend>,
    ) -> Result<Self> {
        Self::assemble(config, backend, Some(analysis))
    }

    fn assemble(
        config: StorageConfig,
        backend: Arc<dyn Backend>,
        analysis: Option<Arc<dyn Backend>>,
    ) -> Result<Self> {
        let cache = config.cache();
        let cache = Arc::new(SharedCache::new(cache.capacity().as_bytes(), cache.default_ttl()));
        let storage = config.storage();
        let compression = compression_of(storage, backend.as_ref());
        let backend = layered(backend, storage);
        let mut engine = Engine::new(backend, Arc::clone(&cache), storage.durability())?
            .with_history(config.history_versions())
            .with_compression(compression);
        if let Some(analysis) = analysis {
            // A program may give a backend for which its configuration has no section.
            let unnamed = BackendConfig::new("analysis");
            let store = config.analysis().store().unwrap_or(&unnamed);
            engine = engine.with_analyses(layered(analysis, store), store.durability());
        }
        let engine = Arc::new(engine);
        let retention = Retention {
            max_age: config.analysis().retention(),
            max_results: config.analysis().max_results(),
        };
        let analysis = AnalysisStore::new(Arc::clone(&engine), retention);
        Ok(Self { graph: GraphStore::new(engine), analysis, cache, config })
    }

    /// The same store, in which results of analyses are dated and judged by another clock, which shows the time since
    /// 1970: for tests.
    #[must_use]
    pub fn with_analysis_clock(mut self, clock: impl Clock) -> Self {
        self.analysis = self.analysis.with_clock(clock);
        self
    }

    /// The graphs: to store and change them.
    #[must_use]
    pub fn graph(&self) -> &GraphStore {
        &self.graph
    }

    /// The results of analyses.
    #[must_use]
    pub fn analysis(&self) -> &AnalysisStore {
        &self.analysis
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

    /// The backend below, whose values are read as they were put, however they are compressed.
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        self.graph.engine().backend.as_ref()
    }

    /// Removes what is too old, too many or left over, and lets the engines give space back. To be called now and
    /// then; other work goes on or waits meanwhile, and loses nothing.
    ///
    /// ```
    /// use codestrata::StorageManager;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> codestrata::Result<()> {
    /// let storage = StorageManager::in_memory()?;
    /// let report = storage.maintenance().await?;
    /// assert_eq!(report.analyses_by_age, 0);
    /// println!("{report}");
    /// # Ok(()) }
    /// ```
    ///
    /// Cost: one pass over the keys of the stores, and the engine's compaction.
    ///
    /// # Errors
    /// What the backends answer. What was removed until then stays removed, and the call may be repeated.
    pub async fn maintenance(&self) -> Result<MaintenanceReport> {
        maintain(self.graph.engine(), &self.analysis).await
    }

    /// Waits for what is under way, makes everything durable that the engines can, and releases files and locks.
    /// May be repeated; every other call fails with `Closed` afterwards.
    ///
    /// # Errors
    /// What the backends answer. Both are closed, also when one of them fails.
    pub async fn close(&self) -> Result<()> {
        let engine = self.graph.engine();
        let analysis = if engine.analyses.is_shared { Ok(()) } else { engine.analyses.backend.close().await };
        engine.backend.close().await.and(analysis)
    }
}

/// A backend with the layers that every store has, and those that its section asks for. Compression stands above all of
/// them: a batch is compressed once, however often it is sent.
fn layered(backend: Arc<dyn Backend>, store: &BackendConfig) -> Arc<dyn Backend> {
    let mut layers = Layers::named(store.backend()).traced().metered();
    if let Some(retries) = store.retries() {
        layers = layers.retries(RetryPolicy::retries(retries));
    }
    if let Some(timeout) = store.timeout() {
        layers = layers.time_limit(TimeLimits::of(timeout));
    }
    let compression = compression_of(store, backend.as_ref());
    Arc::new(Packed::new(layers.over(backend), compression))
}

/// How values are compressed where the configuration leaves it open. On a medium LZ4 costs less than writing what it saves;
/// in memory every read would pay for it, and nothing is written.
fn compression_of(store: &BackendConfig, backend: &dyn Backend) -> Compression {
    let by_engine = if backend.capabilities().persistent() { Compression::Lz4 } else { Compression::None };
    store.compression().unwrap_or(by_engine)
}

/// Opens the store of the analyses beside that of the graphs, which is there: one that was configured after the other was
/// made is made where the mode lets anything be written.
async fn open_analyses(
    store: &BackendConfig,
    registry: &Registry,
    mode: OpenMode,
) -> Result<Arc<dyn Backend>, ConfigError> {
    match open_backend(store, registry, mode).await {
        Err(error) if mode == OpenMode::Existing && error.kind() == ErrorKind::NotFound => {
            open_backend(store, registry, OpenMode::Create).await
        }
        opened => opened,
    }
}

/// Opens what one section of the configuration names.
async fn open_backend(
    store: &BackendConfig,
    registry: &Registry,
    mode: OpenMode,
) -> Result<Arc<dyn Backend>, ConfigError> {
    let opened = match registry.get(store.backend()) {
        Err(error) => Err(error),
        Ok(descriptor) => descriptor.open(store.open_request(mode)).await,
    };
    opened.map_err(|error| store.explain(error, registry))
}
