//! What the sled backend takes, read into types.

use std::path::PathBuf;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, OpenMode, OpenRequest, OptionKind, OptionSpec, Result};

const MIB: u64 = 1024 * 1024;

// What is used when the configuration says nothing; `OPTIONS` and `SledConfig` must agree, and a test sees to it.
const DEFAULT_CACHE: u64 = 32 * MIB;
const DEFAULT_FLUSH_EVERY: Duration = Duration::from_millis(500);

/// The smallest page cache, in bytes. Below it sled spends its time reading back what it has just written.
pub const MIN_CACHE: u64 = MIB;
/// The largest page cache, in bytes.
pub const MAX_CACHE: u64 = 1024 * 1024 * MIB;
/// The shortest time between two flushes in the background.
pub const MIN_FLUSH_EVERY: Duration = Duration::from_millis(10);
/// The longest time between two flushes in the background.
pub const MAX_FLUSH_EVERY: Duration = Duration::from_secs(60 * 60);

/// The options, as the descriptor declares them.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required(),
    OptionSpec::new("cache", OptionKind::ByteSize, "Memory for pages of the store, 1 MiB to 1 TiB.")
        .default_value("32MiB"),
    OptionSpec::new(
        "flush_every",
        OptionKind::Duration,
        "How often buffered batches are flushed and space is reclaimed in the background, 10 ms to 1 h.",
    )
    .default_value("500ms"),
];

/// The configuration of a sled store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SledConfig {
    /// The folder of the store.
    pub path: PathBuf,
    /// Memory for pages of the store, in bytes.
    pub cache_bytes: u64,
    /// How often buffered batches are flushed, and space is reclaimed, in the background.
    pub flush_every: Duration,
    /// How the store is to be opened.
    pub mode: OpenMode,
}

impl SledConfig {
    /// Reads a request.
    ///
    /// # Errors
    /// `InvalidConfig`, naming the option: one that is missing, or a figure outside its bounds.
    pub fn from_request(request: &OpenRequest) -> Result<Self> {
        let options = request.options();
        let path = options.path("path")?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfig, "the option `path` is missing")
                .with_option("path")
                .with_help("name the folder of the store")
        })?;
        let cache_bytes = options.byte_size("cache")?.unwrap_or(DEFAULT_CACHE);
        if !(MIN_CACHE..=MAX_CACHE).contains(&cache_bytes) {
            let message = format!("a `cache` of {cache_bytes} bytes is out of bounds");
            return Err(Error::new(ErrorKind::InvalidConfig, message)
                .with_option("cache")
                .with_help("choose 1MiB to 1TiB"));
        }
        let flush_every = options.duration("flush_every")?.unwrap_or(DEFAULT_FLUSH_EVERY);
        if !(MIN_FLUSH_EVERY..=MAX_FLUSH_EVERY).contains(&flush_every) {
            let message = format!("a `flush_every` of {flush_every:?} is out of bounds");
            return Err(Error::new(ErrorKind::InvalidConfig, message)
                .with_option("flush_every")
                .with_help("choose 10ms to 1h"));
        }
        Ok(Self { path: request.resolve(path), cache_bytes, flush_every, mode: request.open_mode() })
    }
}
