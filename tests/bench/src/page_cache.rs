//! Dropping files from the page cache of the machine.

use std::fs::File;
use std::path::Path;

use codestrata_measure::machine::each_file;
use rustix::fs::{Advice, fadvise};

use crate::Outcome;

/// Syncs a file, or the files of a folder, and asks the kernel to forget its pages of them.
pub(crate) fn drop_page_cache(path: &Path) -> Outcome<()> {
    Ok(each_file(path, &mut |file| {
        let file = File::open(file)?;
        file.sync_all()?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
        Ok(())
    })?)
}
