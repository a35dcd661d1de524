//! The shared suite, on redb files.

codestrata_conformance::suite!(codestrata_conformance::Factory::new(
    codestrata_backend_redb::DESCRIPTOR,
    |folder| {
        codestrata_core::Options::new().with("path", folder.join("store.redb").display().to_string())
    }
));
