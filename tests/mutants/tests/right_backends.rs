//! The backends that the mutants are made of are right: the whole suite passes on each.

/// One writer, and readers beside it.
mod journal {
    codestrata_conformance::suite!(codestrata_conformance::Factory::new(
        codestrata_mutants::journal::DESCRIPTOR,
        |folder| codestrata_core::Options::new().with("path", folder.join("store").display().to_string())
    ));
}

/// Several writers.
mod shared_journal {
    codestrata_conformance::suite!(codestrata_conformance::Factory::new(
        codestrata_mutants::journal::SHARED_DESCRIPTOR,
        |folder| codestrata_core::Options::new().with("path", folder.join("store").display().to_string())
    ));
}
