//! What the file backend takes, read into types.

use std::path::PathBuf;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, OpenMode, OpenRequest, OptionKind, OptionSpec, Result};

// What is used when the configuration says nothing; `OPTIONS` and `FileConfig` must agree, and a test sees to it.
const DEFAULT_LOG_FILE_BYTES: u64 = 64 * 1024 * 1024;
pub(crate) const DEFAULT_SNAPSHOT_MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// The smallest `log_file_size`: below it a store is mostly files, each of which is kept open.
pub const MIN_LOG_FILE_BYTES: u64 = 16 * 1024;

/// The largest `log_file_size`. The index has 32 bits for a place in a log file, and the last commit may run over
/// this size by as much as a commit can have.
pub const MAX_LOG_FILE_BYTES: u64 = 1024 * 1024 * 1024;

/// The options, as the descriptor declares them.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required(),
    OptionSpec::new(
        "log_file_size",
        OptionKind::ByteSize,
        "At what size a new log file is begun, between 16KiB and 1GiB. Every log file is kept open.",
    )
    .default_value("64MiB"),
    OptionSpec::new(
        "snapshot_max_age",
        OptionKind::Duration,
        "How long a snapshot may be read. Files that were compacted away take space while one sees them.",
    )
    .default_value("5m"),
];

/// The configuration of a file store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileConfig {
    /// The folder of the store.
    pub path: PathBuf,
    /// At what size a new log file is begun, in bytes.
    pub log_file_bytes: u64,
    /// How long a snapshot may be read.
    pub snapshot_max_age: Duration,
    /// How the store is to be opened.
    pub mode: OpenMode,
}

impl FileConfig {
    /// The configuration of a store in this folder, with the defaults.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            log_file_bytes: DEFAULT_LOG_FILE_BYTES,
            snapshot_max_age: DEFAULT_SNAPSHOT_MAX_AGE,
            mode: OpenMode::default(),
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// `InvalidConfig`, naming the option.
    pub fn from_request(request: &OpenRequest) -> Result<Self> {
        let options = request.options();
        let path = options.path("path")?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfig, "the option `path` is missing")
                .with_option("path")
                .with_help("name the folder of the store")
        })?;
        let log_file_bytes = options.byte_size("log_file_size")?.unwrap_or(DEFAULT_LOG_FILE_BYTES);
        if !(MIN_LOG_FILE_BYTES..=MAX_LOG_FILE_BYTES).contains(&log_file_bytes) {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                format!("a `log_file_size` of {log_file_bytes} bytes is not between 16KiB and 1GiB"),
            )
            .with_option("log_file_size")
            .with_help("leave it out, or name a size between the two"));
        }
        Ok(Self {
            log_file_bytes,
            snapshot_max_age: options.duration("snapshot_max_age")?.unwrap_or(DEFAULT_SNAPSHOT_MAX_AGE),
            mode: request.open_mode(),
            ..Self::new(request.resolve(path))
        })
    }
}
