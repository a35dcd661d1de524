//! The shared suite, on redb files.

codestrata_conformance::suite!(codestrata_backend_redb::DESCRIPTOR);
