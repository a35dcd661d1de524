//! How a backend makes itself known: one constant of data, submitted by one macro.

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use crate::backend::Backend;
use crate::capabilities::Capabilities;
use crate::error::Result;
use crate::options::{OptionSpec, Options};

/// The version of the contract that this crate describes. The host refuses a backend built for another.
pub const CONTRACT_VERSION: u32 = 1;

/// How a store is to be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OpenMode {
    /// To read and write; made anew when it is not there.
    #[default]
    Create,
    /// To read and write; `NotFound` when it is not there.
    Existing,
    /// To read only: nothing is created or changed, and the store may be one that another process writes to,
    /// where the engine allows it. `NotFound` when it is not there.
    ReadOnly,
}

/// What a backend is given to open a store.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    options: Options,
    mode: OpenMode,
    base_dir: PathBuf,
}

impl OpenRequest {
    /// A request to open with these options, relative paths taken from the current folder.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options, mode: OpenMode::default(), base_dir: PathBuf::new() }
    }

    /// Says how the store is to be opened.
    #[must_use]
    pub fn mode(mut self, mode: OpenMode) -> Self {
        self.mode = mode;
        self
    }

    /// Says what relative paths are relative to: the folder of the configuration file.
    #[must_use]
    pub fn base_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.base_dir = folder.into();
        self
    }

    /// The options, already checked against the descriptor.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How the store is to be opened.
    #[must_use]
    pub fn open_mode(&self) -> OpenMode {
        self.mode
    }

    /// A path of the configuration, made absolute or relative to the current folder.
    #[must_use]
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.base_dir.join(path)
    }
}

/// What [`OpenFn`] returns.
pub type OpenFuture = Pin<Box<dyn Future<Output = Result<Arc<dyn Backend>>> + Send>>;

/// The function that opens a store.
pub type OpenFn = fn(OpenRequest) -> OpenFuture;

/// What the host knows of a backend without opening anything: a constant of its crate.
///
/// ```
/// use codestrata_core::{BackendDescriptor, Capabilities, OpenFuture, OpenRequest, OptionKind, OptionSpec};
/// # fn open(_: OpenRequest) -> OpenFuture { Box::pin(async { Err(codestrata_core::unsupported("opening")) }) }
///
/// pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("lmdb", open)
///     .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
///     .summary("LMDB: a memory-mapped B-tree")
///     .capabilities(Capabilities::minimal().with_persistent().with_synced())
///     .options(&[OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required()]);
///
/// codestrata_core::register_backend!(DESCRIPTOR);
/// ```
#[non_exhaustive]
#[derive(Clone, Copy)]
pub struct BackendDescriptor {
    name: &'static str,
    summary: &'static str,
    crate_name: &'static str,
    crate_version: &'static str,
    contract_version: u32,
    capabilities: Capabilities,
    options: &'static [OptionSpec],
    open: OpenFn,
}

impl BackendDescriptor {
    /// A backend with the name by which a configuration selects it, and the function that opens it.
    ///
    /// A name is 1 to 64 lower-case letters, digits and hyphens, and begins with a letter.
    #[must_use]
    pub const fn new(name: &'static str, open: OpenFn) -> Self {
        Self {
            name,
            summary: "",
            crate_name: "",
            crate_version: "",
            contract_version: CONTRACT_VERSION,
            capabilities: Capabilities::minimal(),
            options: &[],
            open,
        }
    }

    /// What the engine is, in one line.
    #[must_use]
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// The crate it comes from, so that two of one name can be told apart.
    #[must_use]
    pub const fn crate_name(mut self, name: &'static str, version: &'static str) -> Self {
        self.crate_name = name;
        self.crate_version = version;
        self
    }

    /// What its stores can do when opened to write.
    #[must_use]
    pub const fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The options that it takes.
    #[must_use]
    pub const fn options(mut self, options: &'static [OptionSpec]) -> Self {
        self.options = options;
        self
    }

    /// The name by which a configuration selects it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the engine is, in one line.
    #[must_use]
    pub const fn summary_text(&self) -> &'static str {
        self.summary
    }

    /// The crate it comes from and its version.
    #[must_use]
    pub const fn origin(&self) -> (&'static str, &'static str) {
        (self.crate_name, self.crate_version)
    }

    /// The version of the contract that it was built for.
    #[must_use]
    pub const fn contract_version(&self) -> u32 {
        self.contract_version
    }

    /// What its stores can do.
    #[must_use]
    pub const fn declared_capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The options that it takes.
    #[must_use]
    pub const fn option_specs(&self) -> &'static [OptionSpec] {
        self.options
    }

    /// Opens a store, after checking the options.
    ///
    /// # Errors
    /// `InvalidConfig` for options that do not fit, and what the backend answers.
    pub async fn open(&self, request: OpenRequest) -> Result<Arc<dyn Backend>> {
        request.options().check(self.options)?;
        (self.open)(request).await
    }
}

impl fmt::Debug for BackendDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendDescriptor")
            .field("name", &self.name)
            .field("crate", &format_args!("{} {}", self.crate_name, self.crate_version))
            .finish_non_exhaustive()
    }
}

inventory::collect!(BackendDescriptor);

/// Registers a backend with every program that its crate is linked into.
///
/// It takes the path of a `const` [`BackendDescriptor`](crate::BackendDescriptor). A crate that is only listed as
/// a dependency is not linked: the program names it once, with `use codestrata_backend_lmdb as _;`.
#[macro_export]
macro_rules! register_backend {
    ($descriptor:expr) => {
        $crate::__inventory::submit! { $descriptor }
    };
}
