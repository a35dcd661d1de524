//! Who may have the store: its folder, and the lock in it.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use codestrata_core::{Error, ErrorKind, Result};

use super::Config;
use super::failure::{damaged, locked, of_io};
use super::medium::make_folders;

/// The turn of one of several writers; it ends when this is dropped.
pub(super) struct Turn(File);

impl Turn {
    pub(super) fn begun(lock: File) -> Self {
        Self(lock)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // It can only fail if the lock is gone already.
        let _ = self.0.unlock();
    }
}

/// The folder of a new store. One in which other things are is left alone.
pub(super) fn make_folder(config: &Config, is_there: bool) -> Result<()> {
    let folder = &config.folder;
    let made = if config.fault.is("the folders above a new store are not made") {
        if folder.exists() { Ok(()) } else { fs::create_dir(folder) }
    } else {
        make_folders(folder, &config.faults)
    };
    made.map_err(|error| of_io(folder, "making", error))?;
    if is_there {
        return Ok(());
    }
    if config.fault.is("a folder of other things is taken for a new store") {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(|error| of_io(folder, "reading", error))? {
        let name = entry.map_err(|error| of_io(folder, "reading", error))?.file_name();
        if !["lock", "held", "journal.new", "journal"].iter().any(|own| name == *own) {
            return Err(damaged(folder, 0, "it is a folder of other things, and is left as it is"));
        }
    }
    if config.fault.is("everybody may read the files") {
        return Ok(());
    }
    make_private(folder).map_err(|error| of_io(folder, "making private", error))
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

// For a mutant: the folders that are locked in this process.
static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The lock of a writer, held for as long as the file is open; for one turn at a time where several write.
pub(super) fn lock(config: &Config) -> Result<Option<File>> {
    let fault = &config.fault;
    if fault.is("there is no lock") {
        return Ok(None);
    }
    let path = config.folder.join("lock");
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let lock = opened.map_err(|error| of_io(&path, "opening", error))?;
    if fault.is("the lock is the presence of a file") {
        let held = OpenOptions::new().create_new(true).write(true).open(config.folder.join("held"));
        return held.map(|_| Some(lock)).map_err(|_| locked(&config.folder));
    }
    if fault.is("the lock holds in its own process only") {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        return if held.insert(config.folder.clone()) { Ok(Some(lock)) } else { Err(locked(&config.folder)) };
    }
    if fault.is("opening waits for the lock for ever") {
        lock.lock().map_err(|error| of_io(&path, "locking", error))?;
        return Ok(Some(lock));
    }
    if config.capabilities.several_writers() {
        return Ok(Some(lock));
    }
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) if fault.is("a locked store is called Internal") => {
            Err(Error::new(ErrorKind::Internal, "the lock is held"))
        }
        Err(TryLockError::WouldBlock) if fault.is("a locked store is called Unavailable") => {
            Err(Error::new(ErrorKind::Unavailable, "the lock is held"))
        }
        Err(TryLockError::WouldBlock) => Err(locked(&config.folder)),
        Err(TryLockError::Error(other)) => Err(of_io(&path, "locking", other)),
    }
}

/// Gives the lock up.
pub(super) fn unlock(config: &Config, lock: Option<File>) {
    let Some(lock) = lock else { return };
    if config.fault.is("the lock is never given up") {
        std::mem::forget(lock);
        return;
    }
    if config.fault.is("the lock is the presence of a file") {
        // Nobody else removes it.
        let _ = fs::remove_file(config.folder.join("held"));
    }
    HELD.lock().unwrap_or_else(PoisonError::into_inner).remove(&config.folder);
    // A child process that is just being started has a copy of the handle: closing ours would leave the lock to it.
    // Unlocking can only fail if the lock is gone already.
    let _ = lock.unlock();
}
