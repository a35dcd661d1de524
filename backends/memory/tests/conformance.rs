//! The shared suite, on stores in memory.

codestrata_conformance::suite!(codestrata_conformance::Factory::new(
    codestrata_backend_memory::DESCRIPTOR,
    |_| { codestrata_core::Options::new() }
));
