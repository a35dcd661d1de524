//! The shared suite, on SQLite files.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

codestrata_conformance::suite!(
    codestrata_conformance::Factory::from(codestrata_backend_sqlite::DESCRIPTOR)
        .with_newer_format(make_newer)
        .with_short_snapshots(|options| options.with("snapshot_max_age", "300ms"))
);

/// Gives the store the next format, as a later program would: in the number that SQLite calls the user's version it
/// stands twice, the second time with all bits turned.
fn make_newer(folder: &Path) -> io::Result<()> {
    const USER_VERSION_AT: u64 = 60;
    let file = OpenOptions::new().write(true).open(folder.join("store"))?;
    file.write_all_at(&[0, 2, 0xFF, 0xFD], USER_VERSION_AT)
}
