//! The shared suite, on sled folders.

codestrata_conformance::suite!(codestrata_conformance::Factory::new(
    codestrata_backend_sled::DESCRIPTOR,
    |folder| {
        codestrata_core::Options::new().with("path", folder.join("store.sled").display().to_string())
    }
));
