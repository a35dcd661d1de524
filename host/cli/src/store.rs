//! Opening the store that is meant.

use codestrata::{ErrorKind, OpenMode, StorageManager};
use codestrata_core::Registry;

use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::location::{Location, StoreName};
use crate::output;

/// An open store.
pub(crate) struct Store {
    pub(crate) storage: StorageManager,
    pub(crate) location: Location,
}

impl Store {
    /// Opens it to ask: nothing is made or changed, and another process may be writing to it.
    ///
    /// # Errors
    /// What is wrong with the configuration or the store, and plainly if there is none yet.
    pub(crate) async fn open_to_read(settings: &Settings) -> Result<Self, Failure> {
        Self::open_existing(settings, OpenMode::ReadOnly).await
    }

    async fn open_existing(settings: &Settings, mode: OpenMode) -> Result<Self, Failure> {
        Self::open_at(Location::find(settings)?, mode).await
    }

    /// Opens a store that keeps what is stored.
    ///
    /// # Errors
    /// As [`open_to_read`](Self::open_to_read).
    pub(crate) async fn open_at(location: Location, mode: OpenMode) -> Result<Self, Failure> {
        if !keeps(&location) {
            let backend = location.config.storage().backend();
            let message = format!("the backend `{backend}` keeps nothing from one command to the next");
            let file = location.file().map(|file| format!(" in {}", file.display())).unwrap_or_default();
            return Err(Failure::new(Code::Store, "not-found", message)
                .with_help(format!("choose one that does{file}; see `codestrata backends`")));
        }
        match StorageManager::open_with(location.config.clone(), mode).await {
            Ok(storage) => Ok(Self::opened(storage, location)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(nothing_indexed(&location)),
            Err(error) => Err(location.failure(error)),
        }
    }

    /// Opens it to change what it has; it is not made.
    ///
    /// # Errors
    /// As [`open_to_read`](Self::open_to_read), and `locked` while another process writes to it.
    pub(crate) async fn open_to_change(settings: &Settings) -> Result<Self, Failure> {
        Self::open_existing(settings, OpenMode::Existing).await
    }

    /// Opens it to write; it is made when it is not there.
    ///
    /// # Errors
    /// What is wrong with the configuration or the store; `locked` while another process writes to it.
    pub(crate) async fn open_to_write(settings: &Settings) -> Result<Self, Failure> {
        let location = Location::find(settings)?;
        if !keeps(&location) {
            let backend = location.config.storage().backend();
            output::note(
                settings,
                &format!("the backend `{backend}` keeps nothing: the graph is gone when this command ends"),
            );
        }
        // Nothing is made for a store that cannot be opened.
        location.config.check(&Registry::linked()?).map_err(|error| location.failure(error))?;
        location.prepare()?;
        match StorageManager::open_with(location.config.clone(), OpenMode::Create).await {
            Ok(storage) => Ok(Self::opened(storage, location)),
            Err(error) => Err(location.failure(error)),
        }
    }

    fn opened(storage: StorageManager, location: Location) -> Self {
        let StoreName { backend, path, config } = location.name();
        tracing::info!(backend, path, config, "opened the store");
        Self { storage, location }
    }
}

/// What is said where nothing was indexed.
pub(crate) fn nothing_indexed(location: &Location) -> Failure {
    Failure::not_found("nothing is indexed here yet").with_help(format!("run `{}`", location.index_command()))
}

/// Whether the backend keeps what is stored. One that is not known is refused when it is opened.
fn keeps(location: &Location) -> bool {
    let Ok(registry) = Registry::linked() else { return true };
    registry
        .get(location.config.storage().backend())
        .map_or(true, |descriptor| descriptor.declared_capabilities().persistent())
}
