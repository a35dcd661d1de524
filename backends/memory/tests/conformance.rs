//! The shared suite, on stores in memory.

codestrata_conformance::suite!(codestrata_backend_memory::DESCRIPTOR);
