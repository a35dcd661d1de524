//! What a mutant is: a right backend, one fault in it or around it, and where the suite should notice.

use std::sync::Arc;

use codestrata_backend_memory as memory;
use codestrata_conformance::{Factory, Faults};
use codestrata_core::{
    Backend, BackendDescriptor, Capabilities, Error, ErrorKind, OpenFuture, OpenRequest, OptionKind,
    OptionSpec, Options,
};

use crate::fault::Fault;
use crate::journal;
use crate::mutants;
use crate::twist::{MakeTwist, Reach, Twisted};

/// The right backend that a mutant is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    Memory,
    Journal,
    SharedJournal,
}

/// A backend with one fault.
#[derive(Clone, Copy)]
pub struct Mutant {
    fault: &'static str,
    sections: &'static [&'static str],
    base: Base,
    reach: Reach,
    twist: Option<MakeTwist>,
    declares: Option<Capabilities>,
    hangs: bool,
}

impl Mutant {
    /// A fault around the backend in memory, and the sections of the suite that should notice.
    pub(crate) const fn of_memory(
        fault: &'static str,
        sections: &'static [&'static str],
        twist: MakeTwist,
    ) -> Self {
        Self {
            fault,
            sections,
            base: Base::Memory,
            reach: Reach::Store,
            twist: Some(twist),
            declares: None,
            hangs: false,
        }
    }

    /// A fault inside the journal.
    pub(crate) const fn of_journal(fault: &'static str, sections: &'static [&'static str]) -> Self {
        Self {
            fault,
            sections,
            base: Base::Journal,
            reach: Reach::Store,
            twist: None,
            declares: None,
            hangs: false,
        }
    }

    /// The fault is in the journal that several write to.
    pub(crate) const fn shared(mut self) -> Self {
        self.base = Base::SharedJournal;
        self
    }

    /// The fault is around the journal.
    pub(crate) const fn around_journal(mut self) -> Self {
        self.base = Base::Journal;
        self
    }

    /// The fault is in the snapshots, and not in the store.
    const fn in_snapshots(mut self) -> Self {
        self.reach = Reach::Snapshots;
        self.sections = &["snapshots", "isolation", "paging"];
        self
    }

    /// The fault is around the journal that several write to.
    pub(crate) const fn around_shared_journal(mut self) -> Self {
        self.base = Base::SharedJournal;
        self
    }

    /// It claims this, whatever it can do.
    pub(crate) const fn declaring(mut self, capabilities: Capabilities) -> Self {
        self.declares = Some(capabilities);
        self
    }

    /// Some call never ends: so the suite need not be waited for as long as for others.
    pub(crate) const fn hanging(mut self) -> Self {
        self.hangs = true;
        self
    }

    /// Its name: the fault, and where it is.
    #[must_use]
    pub fn name(&self) -> String {
        match self.reach {
            Reach::Store => self.fault.to_owned(),
            Reach::Snapshots => format!("in snapshots {}", self.fault),
        }
    }

    /// The sections of the suite that should notice, or single cases of them.
    #[must_use]
    pub fn sections(&self) -> &'static [&'static str] {
        self.sections
    }

    /// Whether some call never ends.
    #[must_use]
    pub fn hangs(&self) -> bool {
        self.hangs
    }

    /// How the suite makes its stores.
    #[must_use]
    pub fn factory(&self) -> Factory {
        let mutant = *self;
        let factory = Factory::new(self.descriptor(), move |folder| {
            let options = Options::new().with("mutant", mutant.name());
            if mutant.base == Base::Memory {
                return options;
            }
            options.with("path", folder.join("store").display().to_string())
        });
        if self.base == Base::Memory {
            return factory;
        }
        factory
            .with_faults(move |request, faults| mutant.open(request, faults))
            .with_newer_format(journal::make_newer)
    }

    fn open(self, request: OpenRequest, faults: Faults) -> OpenFuture {
        Box::pin(async move {
            let mut options = Options::new();
            if self.base != Base::Memory
                && let Some(path) = request.options().path("path")?
            {
                options = options.with("path", request.resolve(path).display().to_string());
                options = options.with("fault", self.fault);
            }
            let inner = OpenRequest::new(options).mode(request.open_mode());
            let store = match self.base {
                Base::Memory => memory::DESCRIPTOR.open(inner).await?,
                Base::Journal => journal::open_over(inner, journal::CAPABILITIES, faults).await?,
                Base::SharedJournal => {
                    journal::open_over(inner, journal::SHARED_CAPABILITIES, faults).await?
                }
            };
            let Some(twist) = self.twist else { return Ok(store) };
            let twisted: Arc<dyn Backend> =
                Arc::new(Twisted::new(store, twist(Fault::named(self.fault)), self.reach));
            Ok(twisted)
        })
    }

    fn descriptor(&self) -> BackendDescriptor {
        let base = match self.base {
            Base::Memory => memory::DESCRIPTOR,
            Base::Journal => journal::DESCRIPTOR,
            Base::SharedJournal => journal::SHARED_DESCRIPTOR,
        };
        BackendDescriptor::new("mutant", open)
            .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            .summary("A backend that is broken on purpose")
            .capabilities(self.declares.unwrap_or(*base.declared_capabilities()))
            .options(if self.base == Base::Memory { IN_MEMORY } else { WITH_FILES })
    }
}

/// What the mutant with this fault declares, if it declares anything else than the backend that it is made of.
pub(crate) fn declared(fault: &Fault) -> Option<Capabilities> {
    all().find(|mutant| fault.is(mutant.fault))?.declares
}

/// Every mutant, group by group.
pub fn all() -> impl Iterator<Item = Mutant> {
    let in_snapshots = mutants::READS.iter().flat_map(|group| group.iter()).map(|one| one.in_snapshots());
    mutants::GROUPS.iter().flat_map(|group| group.iter().copied()).chain(in_snapshots)
}

/// The mutant of this name.
#[must_use]
pub fn find(name: &str) -> Option<Mutant> {
    all().chain([right()]).find(|mutant| mutant.name() == name)
}

/// One with nothing wrong, to see that what is around a right backend is right as well.
#[must_use]
pub fn right() -> Mutant {
    Mutant::of_memory("nothing is wrong", &[], mutants::TWIST)
}

const WHICH: OptionSpec = OptionSpec::new("mutant", OptionKind::Text, "Which one it is.").required();
const IN_MEMORY: &[OptionSpec] = &[WHICH];
const WITH_FILES: &[OptionSpec] =
    &[OptionSpec::new("path", OptionKind::Path, "The folder of the store.").required(), WHICH];

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let name = request.options().text("mutant")?.unwrap_or_default().to_owned();
        let mutant = find(&name).ok_or_else(|| {
            Error::new(ErrorKind::InvalidConfig, format!("there is no mutant `{name}`"))
                .with_option("mutant")
                .with_help("choose one of those that the test `table` lists")
        })?;
        mutant.open(request, Faults::default()).await
    })
}
