//! The shared suite, on sled folders.

use std::path::Path;
use std::{fs, io};

use codestrata_conformance::Factory;
use xxhash_rust::xxh3::xxh3_64;

codestrata_conformance::suite!(
    Factory::from(codestrata_backend_sled::DESCRIPTOR).with_newer_format(make_newer)
);

/// Writes the marker as a later program would.
fn make_newer(folder: &Path) -> io::Result<()> {
    let start = "codestrata sled store, format 2";
    let hash = xxh3_64(start.as_bytes());
    fs::write(folder.join("store/codestrata"), format!("{start}, {hash:016x}\n"))
}
