//! The shared suite, on folders of log files.

codestrata_conformance::suite!(codestrata_conformance::Factory::new(
    codestrata_backend_file::DESCRIPTOR,
    |folder| { codestrata_core::Options::new().with("path", folder.join("store").display().to_string()) }
));
