//! The backends that the mutants are made of are right: the whole suite passes on each.

use codestrata_conformance::Factory;
use codestrata_core::{BackendDescriptor, Capabilities, Options};
use codestrata_mutants::journal;

fn factory(descriptor: BackendDescriptor, capabilities: Capabilities) -> Factory {
    Factory::new(descriptor, |folder| Options::new().with("path", folder.join("store").display().to_string()))
        .with_faults(move |request, faults| journal::open_over(request, capabilities, faults))
        .with_newer_format(journal::make_newer)
}

/// One writer, and readers beside it.
mod one_writer {
    codestrata_conformance::suite!(super::factory(
        codestrata_mutants::journal::DESCRIPTOR,
        codestrata_mutants::journal::CAPABILITIES
    ));
}

/// Several writers.
mod several_writers {
    codestrata_conformance::suite!(super::factory(
        codestrata_mutants::journal::SHARED_DESCRIPTOR,
        codestrata_mutants::journal::SHARED_CAPABILITIES
    ));
}

/// A mutant without a fault: what is around the right backend is right as well.
mod without_a_fault {
    codestrata_conformance::suite!(codestrata_mutants::mutant::right().factory());
}
