//! The shared suite, on SQLite files.

codestrata_conformance::suite!(codestrata_conformance::Factory::new(
    codestrata_backend_sqlite::DESCRIPTOR,
    |folder| {
        codestrata_core::Options::new().with("path", folder.join("store.sqlite").display().to_string())
    }
));
