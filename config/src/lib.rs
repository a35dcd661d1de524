//! The configuration of codestrata: a TOML file, or the same built by a program.
//!
//! A [`StorageConfig`] says which engine keeps the graphs, where the results of analyses go and for how long, and
//! how much memory the shared cache may have. Every mistake in a file is a [`ConfigError`] with its line and column
//! and the nearest right word; what a backend itself takes is compared with what it declares
//! ([`StorageConfig::check`]), and what it says when it is opened can be shown at its line too
//! ([`StorageConfig::explain`]).
//!
//! It is not a store and opens none, it knows no engine by name, and it is not a general configuration library:
//! there is one file, one [`schema`], and no merging of layers.
//!
//! Files come from strangers, so reading one is bounded in size and depth, a file that was only
//! [found](find) may not read the environment, and no error, `Debug` text or [shown](StorageConfig::to_toml)
//! configuration holds the value of an option that its backend declares secret.
//!
//! To read it: [`schema`] has every key; `parse.rs` and `read.rs` turn text into types, `document.rs` keeps the
//! places, `check.rs` compares with the backends, `show.rs` writes it out again.
//!
//! ```
//! use codestrata_config::{Environment, StorageConfig};
//! use codestrata_core::OpenMode;
//!
//! let text = r#"
//! [storage]
//! backend = "redb"
//!
//! [storage.options]
//! path = ".codestrata/graph.redb"
//!
//! [analysis]
//! retention = "30d"
//! "#;
//! let config = StorageConfig::from_toml(text, "codestrata.toml", "/src/app", Environment::Ignore)?;
//! assert_eq!(config.cache().capacity().to_string(), "128MiB");
//!
//! let request = config.storage().open_request(OpenMode::ReadOnly);
//! let path = request.options().path("path").unwrap().unwrap();
//! assert_eq!(request.resolve(&path), std::path::Path::new("/src/app/.codestrata/graph.redb"));
//! # Ok::<(), codestrata_config::ConfigError>(())
//! ```

mod analysis_config;
mod backend_config;
mod cache_config;
mod check;
mod compression;
mod document;
mod environment;
mod error;
mod nesting;
mod parse;
mod presets;
mod read;
pub mod schema;
mod show;
mod source_file;
mod storage_config;
mod units;

pub use analysis_config::AnalysisConfig;
pub use backend_config::{BackendConfig, MAX_RETRIES, MIN_TIMEOUT};
pub use cache_config::CacheConfig;
pub use compression::Compression;
pub use environment::Environment;
pub use error::{ConfigError, Report};
pub use presets::PRESETS;
pub use schema::{KEYS, KeyKind, KeySpec};
pub use source_file::{FILE_NAME, MAX_FILE_BYTES, find};
pub use storage_config::{MAX_HISTORY, StorageConfig};
pub use units::ByteSize;
