//! The right backend with files: a map in memory and an append-only, checksummed journal of all batches.
//!
//! It is small enough to be read in one go, it claims as much as such an engine can, and the whole suite passes on
//! it. Its mutants are switches inside it: wherever the right thing could be got wrong, it asks its [`Fault`]
//! whether to do so.
//!
//! `frame` has the bytes, `medium` the little that is asked of the system, `recover` reads a journal, `files` writes it
//! on a thread of the store's own, `lock` says who may, and `store` is the seam. A store is a folder with the files
//! `journal` and `lock`.

mod failure;
mod files;
mod frame;
mod lock;
mod medium;
mod recover;
mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codestrata_conformance::Faults;
use codestrata_core::{
    Backend, BackendDescriptor, Capabilities, DamageDetection, Error, ErrorKind, OpenFuture, OpenMode,
    OpenRequest, OptionKind, OptionSpec, Result,
};

use crate::fault::Fault;
use store::Journal;

/// One process writes and others may read beside it.
pub const CAPABILITIES: Capabilities = Capabilities::minimal()
    .with_snapshots(None)
    .with_persistent()
    .with_synced()
    .with_readers_beside_writer()
    .with_read_only_media()
    .with_damage_detection(DamageDetection::OnRead);

/// Several may write: each holds the lock for one batch only, and reads the journal on before it.
pub const SHARED_CAPABILITIES: Capabilities = CAPABILITIES.with_several_writers();

/// The folder, and the fault.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required(),
    OptionSpec::new("fault", OptionKind::Text, "What is wrong with it."),
];

/// The journal for one writer.
pub const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("journal", open)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary("A map in memory and a journal of its batches, for one writer")
    .capabilities(CAPABILITIES)
    .options(OPTIONS);

/// The journal for several writers.
pub const SHARED_DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("shared-journal", open_shared)
    .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    .summary("A map in memory and a journal of its batches, for several writers")
    .capabilities(SHARED_CAPABILITIES)
    .options(OPTIONS);

fn open(request: OpenRequest) -> OpenFuture {
    open_over(request, CAPABILITIES, Faults::default())
}

fn open_shared(request: OpenRequest) -> OpenFuture {
    open_over(request, SHARED_CAPABILITIES, Faults::default())
}

/// Opens a journal on a medium that fails as is planned.
pub fn open_over(request: OpenRequest, capabilities: Capabilities, faults: Faults) -> OpenFuture {
    Box::pin(async move {
        let config = Config::from_request(&request, capabilities, faults)?;
        let store: Arc<dyn Backend> = Arc::new(Journal::open(config).await?);
        Ok(store)
    })
}

/// Says in the files of a closed store, which is in this folder, that a later version wrote them.
///
/// # Errors
/// Those of reading and writing the file.
pub fn make_newer(folder: &Path) -> std::io::Result<()> {
    let path = folder.join("store").join("journal");
    let mut bytes = std::fs::read(&path)?;
    for (to, from) in bytes.iter_mut().zip(frame::head_of(frame::VERSION + 1)).take(16) {
        *to = from;
    }
    std::fs::write(path, bytes)
}

/// How a journal is to be opened.
#[derive(Clone, Debug)]
struct Config {
    folder: PathBuf,
    mode: OpenMode,
    capabilities: Capabilities,
    faults: Faults,
    fault: Fault,
}

impl Config {
    fn from_request(request: &OpenRequest, capabilities: Capabilities, faults: Faults) -> Result<Self> {
        let options = request.options();
        let fault = Fault::named(options.text("fault")?.unwrap_or_default());
        let path = options.path("path")?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfig, "the option `path` is missing")
                .with_option("path")
                .with_help("name the folder of the store")
        })?;
        let mode = match request.open_mode() {
            OpenMode::Existing if fault.is("the mode Existing creates") => OpenMode::Create,
            OpenMode::ReadOnly if fault.is("the mode ReadOnly creates") => OpenMode::Create,
            OpenMode::ReadOnly if fault.is("the mode ReadOnly opens to write") => OpenMode::Existing,
            mode => mode,
        };
        Ok(Self { folder: request.resolve(path), mode, capabilities, faults, fault })
    }

    fn is_writer(&self) -> bool {
        self.mode != OpenMode::ReadOnly
    }
}
