//! What the redb backend takes, read into types.

use std::path::PathBuf;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, OpenMode, OpenRequest, OptionKind, OptionSpec, Result};

// What is used when the configuration says nothing; `OPTIONS` and `RedbConfig` must agree, and a test sees to it.
const DEFAULT_CACHE: u64 = 8 * 1024 * 1024;
const DEFAULT_JOURNAL: u64 = 16 * 1024 * 1024;
/// The most room for a journal: it is written once before it is used, and read as a whole after a crash.
pub const MAX_JOURNAL_BYTES: u64 = 1024 * 1024 * 1024;
pub(crate) const DEFAULT_SNAPSHOT_MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// The options, as the descriptor declares them.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The file of the store.").required(),
    OptionSpec::new("cache", OptionKind::ByteSize, "Memory for pages of the file.").default_value("8MiB"),
    OptionSpec::new(
        "journal",
        OptionKind::ByteSize,
        "Room at the end of the file for small commits while it is open for writing; 0 for none.",
    )
    .default_value("16MiB"),
    OptionSpec::new(
        "snapshot_max_age",
        OptionKind::Duration,
        "How long a snapshot may be read. The file cannot reuse what a snapshot still sees.",
    )
    .default_value("5m"),
];

/// The configuration of a redb store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedbConfig {
    /// The file of the store.
    pub path: PathBuf,
    /// Memory for pages of the file, in bytes.
    pub cache_bytes: usize,
    /// Room for a journal at the end of the file, in bytes. It is taken when there are several small commits, in parts, and
    /// given back when the store is closed.
    pub journal_bytes: u64,
    /// How long a snapshot may be read.
    pub snapshot_max_age: Duration,
    /// How the store is to be opened.
    pub mode: OpenMode,
}

impl RedbConfig {
    /// Reads a request.
    ///
    /// # Errors
    /// `InvalidConfig`, naming the option.
    pub fn from_request(request: &OpenRequest) -> Result<Self> {
        let options = request.options();
        let path = options.path("path")?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfig, "the option `path` is missing")
                .with_option("path")
                .with_help("name the file of the store")
        })?;
        let cache = options.byte_size("cache")?.unwrap_or(DEFAULT_CACHE);
        let cache_bytes = usize::try_from(cache).map_err(|error| {
            Error::new(
                ErrorKind::InvalidConfig,
                format!("a `cache` of {cache} bytes is over this machine's memory"),
            )
            .with_option("cache")
            .with_source(error)
        })?;
        let journal_bytes = options.byte_size("journal")?.unwrap_or(DEFAULT_JOURNAL);
        if journal_bytes > MAX_JOURNAL_BYTES {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                format!(
                    "a `journal` of {journal_bytes} bytes is over the {MAX_JOURNAL_BYTES} that it may have"
                ),
            )
            .with_option("journal")
            .with_help("a few megabytes do; `0` goes without one"));
        }
        Ok(Self {
            path: request.resolve(path),
            cache_bytes,
            journal_bytes,
            snapshot_max_age: options.duration("snapshot_max_age")?.unwrap_or(DEFAULT_SNAPSHOT_MAX_AGE),
            mode: request.open_mode(),
        })
    }
}
