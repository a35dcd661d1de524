//! What the backend takes, read into types.

use std::path::PathBuf;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, OpenMode, OpenRequest, OptionKind, OptionSpec, Result};

// What is used when the configuration says nothing; `OPTIONS` and `SqliteConfig` must agree, and a test sees to it.
const DEFAULT_CACHE: u64 = 4 * 1024 * 1024;
const DEFAULT_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
pub(crate) const DEFAULT_SNAPSHOT_MAX_AGE: Duration = Duration::from_secs(5 * 60);

// SQLite counts the milliseconds and the KiB in 32 bits with a sign.
const MOST_CACHE: u64 = 1 << 40;
const MOST_BUSY_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// The options, as the descriptor declares them.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The file of the store.").required(),
    OptionSpec::new(
        "cache",
        OptionKind::ByteSize,
        "Memory for pages of the file, for each connection: one that writes, some that read, one for each snapshot.",
    )
    .default_value("4MiB"),
    OptionSpec::new(
        "busy_timeout",
        OptionKind::Duration,
        "How long a batch waits while another process writes, before it is refused.",
    )
    .default_value("5s"),
    OptionSpec::new(
        "snapshot_max_age",
        OptionKind::Duration,
        "How long a snapshot may be read. The log beside the file grows while a snapshot needs what it has.",
    )
    .default_value("5m"),
];

/// The configuration of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The file of the store.
    pub path: PathBuf,
    /// Memory for pages of the file, in bytes, for each connection.
    pub cache_bytes: u64,
    /// How long a batch waits for another process that writes.
    pub busy_timeout: Duration,
    /// How long a snapshot may be read.
    pub snapshot_max_age: Duration,
    /// How the store is to be opened.
    pub mode: OpenMode,
}

impl SqliteConfig {
    /// Reads a request.
    ///
    /// # Errors
    /// `InvalidConfig`, naming the option.
    pub fn from_request(request: &OpenRequest) -> Result<Self> {
        let options = request.options();
        let path = options.path("path")?.ok_or_else(|| {
            refused("path", "the option `path` is missing").with_help("name the file of the store")
        })?;
        let cache_bytes = options.byte_size("cache")?.unwrap_or(DEFAULT_CACHE);
        if cache_bytes > MOST_CACHE {
            return Err(refused(
                "cache",
                format!("a `cache` of {cache_bytes} bytes is over SQLite's limit of 1TiB"),
            ));
        }
        let busy_timeout = options.duration("busy_timeout")?.unwrap_or(DEFAULT_BUSY_TIMEOUT);
        if busy_timeout > MOST_BUSY_TIMEOUT {
            return Err(refused("busy_timeout", "a `busy_timeout` of more than a day is no timeout"));
        }
        Ok(Self {
            path: request.resolve(path),
            cache_bytes,
            busy_timeout,
            snapshot_max_age: options.duration("snapshot_max_age")?.unwrap_or(DEFAULT_SNAPSHOT_MAX_AGE),
            mode: request.open_mode(),
        })
    }
}

fn refused(option: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfig, message).with_option(option)
}
