//! Everything that codestrata demands of a backend, one test for each demand.

use {{crate}}::DESCRIPTOR;

codestrata_conformance::suite!(DESCRIPTOR);
