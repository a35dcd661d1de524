//! Which engine a store has, and what it is given.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codestrata_core::{Durability, OpenMode, OpenRequest, OptionValue, Options};

use crate::compression::Compression;
use crate::document::{Document, Span};

/// The most [`retries`](BackendConfig::with_retries): with the pauses between them they take most of a minute.
pub const MAX_RETRIES: u32 = 30;

/// The shortest [`timeout`](BackendConfig::with_timeout). Below it, a busy machine alone would fail calls.
pub const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// One store: its engine, the engine's options, how durable its commits are, how its values are compressed, and how its
/// calls are limited and repeated.
///
/// Two are equal when they mean the same, wherever they were written. `Debug` shows the names of the options and
/// not their values.
#[derive(Clone)]
pub struct BackendConfig {
    backend: String,
    options: Options,
    durability: Durability,
    compression: Option<Compression>,
    timeout: Option<Duration>,
    retries: Option<u32>,
    base_dir: PathBuf,
    pub(crate) origin: Option<Origin>,
}

/// Where the parts of a [`BackendConfig`] stand in its file.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) document: Arc<Document>,
    /// The name of the section, or that of its options where there are any.
    pub(crate) header: Span,
    pub(crate) backend: Span,
    pub(crate) durability: Option<Span>,
    pub(crate) options: BTreeMap<String, OptionPlace>,
}

#[derive(Clone)]
pub(crate) struct OptionPlace {
    pub(crate) name: Span,
    pub(crate) value: Span,
}

impl BackendConfig {
    /// The engine of this name, without options.
    #[must_use]
    pub fn new(backend: impl Into<String>) -> Self {
        Self {
            backend: backend.into(),
            options: Options::new(),
            durability: Durability::default(),
            compression: None,
            timeout: None,
            retries: None,
            base_dir: PathBuf::new(),
            origin: None,
        }
    }

    /// Sets an option of the engine.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        let name = name.into();
        if let Some(origin) = &mut self.origin {
            origin.options.remove(&name);
        }
        self.options.set(name, value);
        self
    }

    /// Says what an acknowledged commit must survive.
    #[must_use]
    pub fn with_durability(mut self, durability: Durability) -> Self {
        if let Some(origin) = &mut self.origin {
            origin.durability = None;
        }
        self.durability = durability;
        self
    }

    /// Says how larger values are made smaller before the engine sees them. Where nothing is said, the store decides by the
    /// engine: what outlives the process is compressed with LZ4.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    /// Ends each call to the engine after so long, at least [`MIN_TIMEOUT`]. One that reads is then `Unavailable`; a commit
    /// is of unknown outcome.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Makes a call again up to so many times, at most [`MAX_RETRIES`], where it failed with nothing applied and the cause
    /// may pass.
    #[must_use]
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Says what relative paths among the options are relative to. For a file it is the file's folder; otherwise
    /// it is the current folder.
    #[must_use]
    pub fn with_base_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.base_dir = folder.into();
        self
    }

    pub(crate) fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    pub(crate) fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The name of the engine.
    #[must_use]
    pub fn backend(&self) -> &str {
        &self.backend
    }

    /// What the engine is given. Only [`StorageConfig::check`](crate::StorageConfig::check) compares it with what
    /// the engine takes.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What an acknowledged commit must survive.
    #[must_use]
    pub fn durability(&self) -> Durability {
        self.durability
    }

    /// How larger values are made smaller before the engine sees them; `None` if that is left to the store.
    #[must_use]
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// How long a call to the engine may take; `None` for any time.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How often a call that failed for a passing reason is made again; `None` for never.
    #[must_use]
    pub fn retries(&self) -> Option<u32> {
        self.retries
    }

    /// What relative paths are relative to; empty for the current folder.
    #[must_use]
    pub fn base_dir(&self) -> &Path {
        &self.base_dir
    }

    /// What the engine is asked to open.
    #[must_use]
    pub fn open_request(&self, mode: OpenMode) -> OpenRequest {
        OpenRequest::new(self.options.clone()).mode(mode).base_dir(&self.base_dir)
    }
}

impl PartialEq for BackendConfig {
    fn eq(&self, other: &Self) -> bool {
        self.backend == other.backend
            && self.options == other.options
            && self.durability == other.durability
            && self.compression == other.compression
            && self.timeout == other.timeout
            && self.retries == other.retries
            && self.base_dir == other.base_dir
    }
}

impl fmt::Debug for BackendConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendConfig")
            .field("backend", &self.backend)
            .field("options", &self.options)
            .field("durability", &self.durability)
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .field("retries", &self.retries)
            .field("base_dir", &self.base_dir)
            .finish_non_exhaustive()
    }
}
