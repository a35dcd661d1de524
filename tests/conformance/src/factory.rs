//! How stores of a backend are made for the suite, and what its author lets the suite reach.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codestrata_core::{BackendDescriptor, OpenFuture, OpenRequest, OptionKind, Options};

use crate::faults::Faults;

type MakeOptions = Arc<dyn Fn(&Path) -> Options + Send + Sync>;
type OpenFaulty = Arc<dyn Fn(OpenRequest, Faults) -> OpenFuture + Send + Sync>;
type Change = Arc<dyn Fn(Options) -> Options + Send + Sync>;
type MakeNewer = Arc<dyn Fn(&Path) -> std::io::Result<()> + Send + Sync>;

/// How stores of a backend are made for the suite.
#[derive(Clone)]
pub struct Factory {
    descriptor: BackendDescriptor,
    options: MakeOptions,
    label: String,
    child_test: Option<String>,
    faulty: Option<OpenFaulty>,
    newer_format: Option<MakeNewer>,
    short_snapshots: Option<Change>,
    time_limit: Duration,
}

// A case that takes longer than this hangs. The slowest takes some seconds, on the slowest engine.
const LONGEST: Duration = Duration::from_secs(120);

impl Factory {
    /// A backend, and the options of a store that has all its files in the folder it is given. Two folders are
    /// two stores that share nothing, and one folder is always the same store.
    #[must_use]
    pub fn new(
        descriptor: BackendDescriptor,
        options: impl Fn(&Path) -> Options + Send + Sync + 'static,
    ) -> Self {
        Self {
            descriptor,
            options: Arc::new(options),
            label: descriptor.name().to_owned(),
            child_test: None,
            faulty: None,
            newer_format: None,
            short_snapshots: None,
            time_limit: LONGEST,
        }
    }

    /// A name by which the processes that the suite starts tell this factory from others of one program. It is the
    /// backend's own, unless it is set.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// After how long a case is said to hang: two minutes, unless it is set.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Lets the suite try a medium that fails. An engine with a seam of its own to the medium opens a store there
    /// that asks the [`Faults`] before each step, and answers with the error that it is given.
    #[must_use]
    pub fn with_faults(
        mut self,
        open: impl Fn(OpenRequest, Faults) -> OpenFuture + Send + Sync + 'static,
    ) -> Self {
        self.faulty = Some(Arc::new(open));
        self
    }

    /// Lets the suite try a store of a later version of the backend: changes the files of a closed store, whose folder
    /// it is given, so that they say so.
    #[must_use]
    pub fn with_newer_format(
        mut self,
        change: impl Fn(&Path) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.newer_format = Some(Arc::new(change));
        self
    }

    /// Lets the suite see the end of a snapshot: changes the options of a store so that its snapshots end after three
    /// seconds at the most.
    #[must_use]
    pub fn with_short_snapshots(
        mut self,
        change: impl Fn(Options) -> Options + Send + Sync + 'static,
    ) -> Self {
        self.short_snapshots = Some(Arc::new(change));
        self
    }

    /// Says which test of this program acts as another process; [`suite!`](crate::suite) does.
    #[doc(hidden)]
    #[must_use]
    pub fn tested_in(mut self, module_path: &str) -> Self {
        // A test is named without its crate.
        let module = module_path.split_once("::").map(|(_, inner)| format!("{inner}::"));
        self.child_test = Some(format!("{}another_process", module.unwrap_or_default()));
        self
    }

    /// The backend.
    #[must_use]
    pub const fn descriptor(&self) -> &BackendDescriptor {
        &self.descriptor
    }

    /// The options of the store in a folder.
    #[must_use]
    pub fn options(&self, folder: &Path) -> Options {
        (self.options)(folder)
    }

    pub(crate) fn name(&self) -> &str {
        &self.label
    }

    pub(crate) fn child_test(&self) -> Option<&str> {
        self.child_test.as_deref()
    }

    pub(crate) fn faulty(&self) -> Option<&OpenFaulty> {
        self.faulty.as_ref()
    }

    pub(crate) fn newer_format(&self) -> Option<&MakeNewer> {
        self.newer_format.as_ref()
    }

    /// The options, of a store whose snapshots end soon where the factory can make one.
    pub(crate) fn with_short(&self, options: Options) -> Options {
        match &self.short_snapshots {
            Some(change) => change(options),
            None => options,
        }
    }

    pub(crate) const fn longest(&self) -> Duration {
        self.time_limit
    }
}

/// A backend whose first path option, if it takes one, is where its store is, and that needs no other.
impl From<BackendDescriptor> for Factory {
    fn from(descriptor: BackendDescriptor) -> Self {
        Self::new(descriptor, move |folder| {
            match descriptor.option_specs().iter().find(|spec| spec.kind() == OptionKind::Path) {
                Some(spec) => Options::new().with(spec.name(), folder.join("store").display().to_string()),
                None => Options::new(),
            }
        })
    }
}
