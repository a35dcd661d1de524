//! Everything that codestrata demands of a backend, one test for each demand.

use {{crate}}::DESCRIPTOR;

codestrata_conformance::suite!(codestrata_conformance::Factory::new(DESCRIPTOR, |_| {
    codestrata_core::Options::new()
}));
