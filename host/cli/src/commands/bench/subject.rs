//! What is measured: a configuration, whose stores are made in folders of the benchmark's own.

use std::path::{Path, PathBuf};

use codestrata::StorageConfig;
use codestrata_config::BackendConfig;
use codestrata_core::{BackendDescriptor, OptionKind, Registry};
use serde::{Deserialize, Serialize};

use crate::failure::{Code, Failure};
use crate::location::{Location, Source};

/// The option of an engine that says where its store is.
const PLACE: &str = "path";

/// The engine that comes first where nothing is named, so that the others are compared with it.
const FIRST: &str = "redb";

/// Where a configuration comes from, for another process to read it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Origin {
    /// An engine with its defaults.
    Engine(String),
    /// A file.
    File(PathBuf),
}

/// A configuration under measurement.
#[derive(Debug)]
pub(super) struct Subject {
    /// What it is called in answers; no other one has the name.
    pub(super) name: String,
    pub(super) origin: Origin,
    /// Whether its store outlives a process.
    pub(super) keeps: bool,
    location: Location,
}

impl Subject {
    /// A configuration as it is given.
    ///
    /// # Errors
    /// What is wrong with the file, and an engine that this program lacks or that keeps its stores elsewhere than in a
    /// folder that can be chosen.
    pub(super) fn of(origin: Origin) -> Result<Self, Failure> {
        let (name, location) = match &origin {
            Origin::Engine(engine) => {
                let config = StorageConfig::new(engine.as_str());
                (engine.clone(), Location { config, source: Source::BuiltIn(PathBuf::new()) })
            }
            Origin::File(path) => (path.display().to_string(), Location::named(path)?),
        };
        let registry = Registry::linked()?;
        let subject = Self { name, origin, keeps: true, location };
        // A store that is nowhere yet: what is wrong with the rest of the configuration is said before anything is made.
        let config = subject.config_in(Path::new(PLACE));
        config.check(&registry).map_err(|error| subject.location.failure(error))?;
        let stores = [Some(config.storage()), config.analysis().store()];
        for store in stores.into_iter().flatten() {
            let descriptor = registry.get(store.backend())?;
            if !can_be_placed(descriptor) {
                return Err(elsewhere(store.backend()));
            }
        }
        let keeps = registry.get(config.storage().backend())?.declared_capabilities().persistent();
        Ok(Self { keeps, ..subject })
    }

    /// Every engine of this program that needs nothing but a place.
    ///
    /// # Errors
    /// When the program has no engine at all.
    pub(super) fn all_engines() -> Result<Vec<Self>, Failure> {
        let registry = Registry::linked()?;
        let is_ready = |engine: &&BackendDescriptor| {
            let mut demanded = engine.option_specs().iter().filter(|option| option.is_required());
            can_be_placed(engine) && demanded.all(|option| option.name() == PLACE)
        };
        let mut names: Vec<&str> = registry.iter().filter(is_ready).map(BackendDescriptor::name).collect();
        names.sort_by_key(|name| *name != FIRST);
        if names.is_empty() {
            let message = "this program has no engine that can be measured without a configuration";
            return Err(Failure::new(Code::Configuration, "invalid-configuration", message)
                .with_help("name configurations with --config; `codestrata backends` lists the engines"));
        }
        names.into_iter().map(|name| Self::of(Origin::Engine(name.to_owned()))).collect()
    }

    /// The engine.
    pub(super) fn backend(&self) -> &str {
        self.location.config.storage().backend()
    }

    /// The file, if there is one.
    pub(super) fn file(&self) -> Option<&Path> {
        self.location.file()
    }

    /// The configuration with its stores in a folder; everything else counts as it stands.
    pub(super) fn config_in(&self, folder: &Path) -> StorageConfig {
        let config = self.location.config.clone();
        let analysis = config.analysis().store().map(|store| placed(store, folder, "analysis"));
        let config = match place(config.storage(), folder, "graph") {
            Some(place) => config.option(PLACE, place),
            None => config,
        };
        match analysis {
            Some(store) => config.analysis_store(store),
            None => config,
        }
    }

    /// What is said of an error that opening it answers.
    pub(super) fn failure(&self, error: codestrata::ConfigError) -> Failure {
        self.location.failure(error)
    }
}

/// Whether a store of the engine can be made where it is told to, or is nowhere at all.
fn can_be_placed(engine: &BackendDescriptor) -> bool {
    !engine.declared_capabilities().persistent() || takes_place(engine)
}

fn takes_place(engine: &BackendDescriptor) -> bool {
    engine.option_specs().iter().any(|option| option.name() == PLACE && option.kind() == OptionKind::Path)
}

/// The place of a store in a folder, for an engine that takes one.
fn place(store: &BackendConfig, folder: &Path, name: &str) -> Option<String> {
    let registry = Registry::linked().ok()?;
    let takes = registry.get(store.backend()).is_ok_and(takes_place);
    takes.then(|| folder.join(name).display().to_string())
}

fn placed(store: &BackendConfig, folder: &Path, name: &str) -> BackendConfig {
    match place(store, folder, name) {
        Some(place) => store.clone().option(PLACE, place),
        None => store.clone(),
    }
}

fn elsewhere(backend: &str) -> Failure {
    let message = format!(
        "the backend `{backend}` keeps its stores where its options say, and a benchmark makes stores of its own in a folder"
    );
    Failure::new(Code::Usage, "unsupported", message)
        .with_help(format!("leave it out; an engine that takes `{PLACE}` can be measured"))
}
