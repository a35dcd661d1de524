//! The configuration of a store, from a file or from a program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use codestrata_core::{Durability, Error, OptionValue, Registry};

use crate::analysis_config::AnalysisConfig;
use crate::backend_config::BackendConfig;
use crate::cache_config::CacheConfig;
use crate::compression::Compression;
use crate::environment::Environment;
use crate::error::ConfigError;
use crate::units::ByteSize;
use crate::{check, parse, show, source_file};

/// The configuration of a store.
///
/// ```
/// use std::time::Duration;
/// use codestrata_config::{ByteSize, StorageConfig};
///
/// let config = StorageConfig::new("redb")
///     .option("path", "graph.redb")
///     .cache_capacity(ByteSize::mebibytes(256))
///     .analysis_retention(Duration::from_secs(30 * 86_400));
/// assert_eq!(config.storage().backend(), "redb");
/// assert!(config.analysis().store().is_none(), "analysis results share the store");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StorageConfig {
    pub(crate) storage: BackendConfig,
    pub(crate) analysis: AnalysisConfig,
    pub(crate) cache: CacheConfig,
    pub(crate) history: u32,
}

/// The most versions that a history of changes may be told to keep.
pub const MAX_HISTORY: u32 = 10_000;

impl StorageConfig {
    /// How many versions the history of changes keeps unless told otherwise.
    pub const DEFAULT_HISTORY: u32 = 20;

    /// Graphs in the engine of this name, without options, and everything else as it is by default.
    #[must_use]
    pub fn new(backend: impl Into<String>) -> Self {
        Self {
            storage: BackendConfig::new(backend),
            analysis: AnalysisConfig::default(),
            cache: CacheConfig::default(),
            history: Self::DEFAULT_HISTORY,
        }
    }

    /// Everything in memory, gone with the program.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new("memory")
    }

    /// Reads a configuration.
    ///
    /// The name stands in front of errors. Relative paths will be taken from `base_dir`.
    ///
    /// # Errors
    /// `InvalidConfig` for the first mistake. What the backend takes is not known here: see
    /// [`check`](Self::check).
    pub fn from_toml(
        text: &str,
        source_name: &str,
        base_dir: impl AsRef<Path>,
        environment: Environment,
    ) -> Result<Self, ConfigError> {
        parse::parse(text, source_name, base_dir.as_ref(), environment)
    }

    /// Reads a configuration file of at most [`MAX_FILE_BYTES`](crate::MAX_FILE_BYTES). Relative paths will be taken
    /// from its folder.
    ///
    /// # Errors
    /// `NotFound` if there is no such file, `Unavailable` if it cannot be read, and `InvalidConfig` if it is no
    /// regular file, too large, not UTF-8, or as [`from_toml`](Self::from_toml).
    pub fn load(path: impl AsRef<Path>, environment: Environment) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let text = source_file::read(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::from_toml(&text, &path.display().to_string(), folder, environment)
    }

    /// Sets an option of the engine that keeps the graphs.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        self.storage = self.storage.option(name, value);
        self
    }

    /// Says what an acknowledged commit must survive.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.storage = self.storage.with_durability(durability);
        self
    }

    /// Says how larger values are made smaller before the engine sees them.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.storage = self.storage.with_compression(compression);
        self
    }

    /// Ends each call to the engine that keeps the graphs after so long: see [`BackendConfig::with_timeout`].
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.storage = self.storage.with_timeout(timeout);
        self
    }

    /// Makes calls to the engine that keeps the graphs again where that is safe: see [`BackendConfig::with_retries`].
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.storage = self.storage.with_retries(retries);
        self
    }

    /// Says what relative paths are relative to, in every store. Without it, it is the current folder.
    #[must_use]
    pub fn base_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        self.analysis.store = self.analysis.store.map(|store| store.with_base_dir(folder.clone()));
        self.storage = self.storage.with_base_dir(folder);
        self
    }

    /// Gives analysis results a store of their own.
    #[must_use]
    pub fn analysis_store(mut self, store: BackendConfig) -> Self {
        self.analysis.store = Some(store);
        self
    }

    /// Deletes analysis results older than this.
    #[must_use]
    pub fn analysis_retention(mut self, age: Duration) -> Self {
        self.analysis.retention = Some(age);
        self
    }

    /// Keeps at most so many analysis results for each repository and type.
    #[must_use]
    pub fn analysis_max_results(mut self, count: u64) -> Self {
        self.analysis.max_results = Some(count);
        self
    }

    /// Says what the shared cache may hold; nothing turns it off.
    #[must_use]
    pub fn cache_capacity(mut self, capacity: impl Into<ByteSize>) -> Self {
        self.cache.capacity = capacity.into();
        self
    }

    /// Says how long an entry of the cache lives that has no lifetime of its own.
    #[must_use]
    pub fn cache_default_ttl(mut self, lifetime: Duration) -> Self {
        self.cache.default_ttl = Some(lifetime);
        self
    }

    /// Says how many versions of each graph the history of changes keeps, at most [`MAX_HISTORY`]; 0 keeps none.
    #[must_use]
    pub fn history(mut self, versions: u32) -> Self {
        self.history = versions;
        self
    }

    /// How many versions of each graph the history of changes keeps.
    #[must_use]
    pub fn history_versions(&self) -> u32 {
        self.history
    }

    /// Where graphs are kept.
    #[must_use]
    pub fn storage(&self) -> &BackendConfig {
        &self.storage
    }

    /// Where analysis results are kept, and for how long.
    #[must_use]
    pub fn analysis(&self) -> &AnalysisConfig {
        &self.analysis
    }

    /// The memory that every store shares.
    #[must_use]
    pub fn cache(&self) -> &CacheConfig {
        &self.cache
    }

    /// The name of the file it was read from; `None` for one made by a program.
    #[must_use]
    pub fn source_name(&self) -> Option<&str> {
        self.storage.origin.as_ref().map(|origin| origin.document.name())
    }

    /// Compares it with what the backends take. Opens nothing.
    ///
    /// # Errors
    /// `InvalidConfig` for the first backend that is unknown, option that is unknown, missing or of the wrong kind,
    /// and durability that the backend does not have, and for an analysis store that is the one of the graphs; in
    /// its place, where it came from a file.
    pub fn check(&self, registry: &Registry) -> Result<(), ConfigError> {
        check::limits(self)?;
        check::backend(&self.storage, registry)?;
        let Some(results) = self.analysis.store() else { return Ok(()) };
        check::backend(results, registry)?;
        check::separate(&self.storage, results)
    }

    /// Shows an error of opening `[storage]` in its place, where the error [names an option](Error::option) that
    /// came from a file. For a store of the analysis results, see [`BackendConfig::explain`].
    ///
    /// The registry says which options are secret.
    #[must_use]
    pub fn explain(&self, error: Error, registry: &Registry) -> ConfigError {
        self.storage.explain(error, registry)
    }

    /// The configuration in full, as a file would have it, with paths and sizes as they stand and variables
    /// replaced.
    ///
    /// With a registry it is fit to be shown: a secret becomes a comment, and so does every option of a backend that
    /// the registry does not know. Without one **nothing is hidden**. Where nothing is hidden, reading the text with
    /// the same base folder gives the same configuration.
    #[must_use]
    pub fn to_toml(&self, registry: Option<&Registry>) -> String {
        show::to_toml(self, registry)
    }
}
