//! Which store is meant: that of a configuration file, or the one in `.codestrata`.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use codestrata::{Environment, StorageConfig};
use serde::Serialize;

use crate::arguments::Settings;
use crate::engines;
use crate::failure::{Code, Failure};

/// The folder of a store for which nothing was configured.
const FOLDER: &str = ".codestrata";
/// The file in it.
const FILE: &str = "graph.redb";

/// A store, and how it was found.
#[derive(Debug)]
pub(crate) struct Location {
    pub(crate) config: StorageConfig,
    pub(crate) source: Source,
}

/// How a store was found.
#[derive(Debug)]
pub(crate) enum Source {
    /// `--config` names the file.
    Named(PathBuf),
    /// The file is the nearest `codestrata.toml`.
    Found(PathBuf),
    /// There is none, so the store is in this `.codestrata`.
    BuiltIn(PathBuf),
}

/// A store, as answers name it.
#[derive(Debug, Serialize)]
pub(crate) struct StoreName {
    /// The backend.
    pub(crate) backend: String,
    /// The file or folder, for backends that have one.
    pub(crate) path: Option<String>,
    /// The configuration file, if there is one.
    pub(crate) config: Option<String>,
}

impl Location {
    /// Finds the store.
    ///
    /// # Errors
    /// What is wrong with the configuration file.
    pub(crate) fn find(settings: &Settings) -> Result<Self, Failure> {
        if let Some(path) = &settings.config {
            return Self::load(path, Environment::Expand, Source::Named(path.clone()));
        }
        if let Some(path) = codestrata_config::find("") {
            return Self::load(&path, Environment::Ignore, Source::Found(path.clone()));
        }
        let here = std::env::current_dir().map_err(|error| {
            Failure::new(Code::Store, "unavailable", format!("the current folder cannot be read: {error}"))
        })?;
        let folder = here
            .ancestors()
            .map(|folder| folder.join(FOLDER))
            .find(|folder| is_folder(folder))
            .unwrap_or_else(|| here.join(FOLDER));
        let config = StorageConfig::new("redb").option("path", FILE).base_dir(&folder);
        Ok(Self { config, source: Source::BuiltIn(folder) })
    }

    /// A configuration file that was named.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn named(path: &Path) -> Result<Self, Failure> {
        Self::load(path, Environment::Expand, Source::Named(path.to_owned()))
    }

    fn load(path: &Path, environment: Environment, source: Source) -> Result<Self, Failure> {
        let config = StorageConfig::load(path, environment)
            .map_err(|error| Failure::configuration(Code::Configuration, error))?;
        Ok(Self { config, source })
    }

    /// The configuration file, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.source {
            Source::Named(path) | Source::Found(path) => Some(path),
            Source::BuiltIn(_) => None,
        }
    }

    /// What is said of an error that opening it answers.
    pub(crate) fn failure(&self, error: codestrata::ConfigError) -> Failure {
        Failure::configuration(self.code_of(&error), engines::explain(&self.config, error))
    }

    fn code_of(&self, error: &codestrata::ConfigError) -> Code {
        match (error.kind(), &self.source) {
            (codestrata::ErrorKind::InvalidConfig, Source::Named(_) | Source::Found(_)) => {
                Code::Configuration
            }
            _ => Code::Store,
        }
    }

    /// What to type to fill it.
    pub(crate) fn index_command(&self) -> String {
        match &self.source {
            Source::Named(path) => format!("codestrata --config {} index .", path.display()),
            Source::Found(_) | Source::BuiltIn(_) => "codestrata index .".to_owned(),
        }
    }

    /// Makes the folder of a store that is about to be made: private, and ignored by git.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn prepare(&self) -> Result<(), Failure> {
        let Source::BuiltIn(folder) = &self.source else { return Ok(()) };
        let failed = |error: io::Error| {
            let message = format!("the folder of the store, {}, cannot be made: {error}", folder.display());
            Failure::new(Code::Store, "unavailable", message)
                .with_help("work in a folder that you may write to, or name another store with --config")
        };
        match DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => {}
            Err(there) if there.kind() == io::ErrorKind::AlreadyExists && is_folder(folder) => {}
            Err(error) => return Err(failed(error)),
        }
        if folder.join(FILE).exists() {
            return Ok(());
        }
        let ignore = folder.join(".gitignore");
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(ignore) {
            Ok(mut file) => file.write_all(b"*\n").map_err(failed),
            Err(there) if there.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// The store in words.
    pub(crate) fn name(&self) -> StoreName {
        let storage = self.config.storage();
        let path = storage.options().path("path").ok().flatten();
        StoreName {
            backend: storage.backend().to_owned(),
            path: path.map(|path| storage.base_dir().join(path).display().to_string()),
            config: self.file().map(|file| file.display().to_string()),
        }
    }
}

/// A folder, and no link to one: a source tree must not lead the store elsewhere.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|about| about.is_dir())
}
