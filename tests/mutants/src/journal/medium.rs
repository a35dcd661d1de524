//! The little that a journal asks of the system, step by step, so that the suite can make each step fail.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use codestrata_conformance::{Faults, Step};

/// An open file of a journal.
pub(super) struct Medium {
    file: File,
    faults: Faults,
}

impl Medium {
    pub(super) fn open(path: &Path, writable: bool, faults: &Faults) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(writable).open(path)?;
        Ok(Self { file, faults: faults.clone() })
    }

    pub(super) fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Whether another file has taken the name of this one, as a compaction makes it.
    pub(super) fn was_replaced(&self, path: &Path) -> io::Result<bool> {
        Ok(self.file.metadata()?.ino() != path.metadata()?.ino())
    }

    pub(super) fn read(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        self.faults.step(Step::Read)?;
        self.file.read_exact_at(bytes, at)
    }

    pub(super) fn write(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.file.write_all_at(bytes, at)
    }

    pub(super) fn cut(&self, length: u64) -> io::Result<()> {
        self.faults.step(Step::Write)?;
        self.file.set_len(length)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.faults.step(Step::Sync)?;
        self.file.sync_data()
    }
}

/// A file with these bytes, synced. Its name is not, before [`rename`].
pub(super) fn make(path: &Path, bytes: &[u8], faults: &Faults) -> io::Result<()> {
    faults.step(Step::Write)?;
    let file = File::create(path)?;
    file.write_all_at(bytes, 0)?;
    faults.step(Step::Sync)?;
    file.sync_all()
}

/// Gives a file another name in its folder, and syncs the folder.
pub(super) fn rename(from: &Path, to: &Path, faults: &Faults) -> io::Result<()> {
    faults.step(Step::Write)?;
    fs::rename(from, to)?;
    faults.step(Step::Sync)?;
    File::open(to.parent().unwrap_or(to))?.sync_all()
}

/// Makes a folder and those above it, and sees to it that they stay.
pub(super) fn make_folders(folder: &Path, faults: &Faults) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|one| !one.exists()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    faults.step(Step::Write)?;
    fs::create_dir_all(folder)?;
    faults.step(Step::Sync)?;
    for parent in missing.iter().filter_map(|one| one.parent()) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}
