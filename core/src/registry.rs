//! The backends that a program can choose from, by name.

use std::collections::BTreeMap;

use crate::descriptor::{BackendDescriptor, CONTRACT_VERSION};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::MAX_BACKEND_NAME_BYTES;
use crate::options::nearest;

/// The backends that are known, by name.
///
/// ```
/// use codestrata_core::{ErrorKind, Registry};
///
/// let registry = Registry::linked()?;
/// // No backend is linked into this example.
/// assert_eq!(registry.get("redb").unwrap_err().kind(), ErrorKind::InvalidConfig);
/// # Ok::<(), codestrata_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registry {
    backends: BTreeMap<&'static str, BackendDescriptor>,
}

impl Registry {
    /// No backends, to be filled with [`register`](Self::register): for platforms without `inventory`, and for
    /// tests.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every backend that is linked into this program.
    ///
    /// # Errors
    /// As [`register`](Self::register).
    pub fn linked() -> Result<Self> {
        let mut registry = Self::empty();
        for descriptor in inventory::iter::<BackendDescriptor> {
            registry.register(*descriptor)?;
        }
        Ok(registry)
    }

    /// Adds a backend.
    ///
    /// # Errors
    /// `InvalidConfig` if there is one of this name already (both crates are named), if the name is not 1 to 64
    /// lower-case letters, digits and hyphens, or if it was built for another version of the contract.
    pub fn register(&mut self, descriptor: BackendDescriptor) -> Result<()> {
        let name = descriptor.name();
        if !is_valid_name(name) {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                format!("{} registers a backend with the name {name:?}", origin(&descriptor)),
            )
            .with_help(
                "a name is 1 to 64 lower-case letters, digits and hyphens, and begins with a letter",
            ));
        }
        if descriptor.contract_version() != CONTRACT_VERSION {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                format!(
                    "the backend `{name}` of {} was built for version {} of the contract, and this program has \
                     version {CONTRACT_VERSION}",
                    origin(&descriptor),
                    descriptor.contract_version(),
                ),
            )
            .with_help("use versions of both that belong together"));
        }
        if let Some(first) = self.backends.get(name) {
            return Err(Error::new(
                ErrorKind::InvalidConfig,
                format!(
                    "two backends are named `{name}`: one of {}, one of {}",
                    origin(first),
                    origin(&descriptor)
                ),
            )
            .with_help("leave one of the two crates out of the program"));
        }
        self.backends.insert(name, descriptor);
        Ok(())
    }

    /// The backend of this name.
    ///
    /// # Errors
    /// `InvalidConfig` with the names that there are, and the nearest one.
    pub fn get(&self, name: &str) -> Result<&BackendDescriptor> {
        self.backends.get(name).ok_or_else(|| {
            let known = self.names();
            let error = Error::new(ErrorKind::InvalidConfig, format!("there is no backend `{name}` here"));
            if known.is_empty() {
                return error.with_help("no backend is linked into this program: is its crate linked in?");
            }
            let list = known.join(", ");
            match nearest(name, known) {
                Some(near) => error.with_help(format!("did you mean `{near}`? This program has: {list}")),
                None => error.with_help(format!("this program has: {list}; is the crate linked in?")),
            }
        })
    }

    /// The names, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.backends.keys().copied().collect()
    }

    /// The backends, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &BackendDescriptor> {
        self.backends.values()
    }
}

fn origin(descriptor: &BackendDescriptor) -> String {
    match descriptor.origin() {
        ("", _) => "a crate that does not say its name".to_owned(),
        (name, version) => format!("{name} {version}"),
    }
}

/// Whether a backend may have this name: 1 to 64 lower-case letters, digits and hyphens, the first of them a letter.
#[must_use]
pub fn is_valid_name(name: &str) -> bool {
    name.len() <= MAX_BACKEND_NAME_BYTES
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
