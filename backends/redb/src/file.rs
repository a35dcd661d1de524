//! The real medium: a file at a path, made beside its place and then moved there.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use codestrata_core::{Error, ErrorKind, Result};
use redb::backends::FileBackend;
use rustix::fs::{CWD, OFlags, RenameFlags};

use crate::error;
use crate::medium::{Draft, Medium, Storage};
use crate::system_file::SystemFile;

/// The file at a path.
pub(crate) struct FileMedium {
    path: PathBuf,
}

impl FileMedium {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The folder of the file, and the name of the file in it.
    fn place(&self) -> Result<(&Path, &OsStr)> {
        let (Some(name), Some(parent)) = (self.path.file_name(), self.path.parent()) else {
            let message = format!("{} does not name a file", self.path.display());
            return Err(Error::new(ErrorKind::InvalidConfig, message).with_option("path"));
        };
        Ok((if parent.as_os_str().is_empty() { Path::new(".") } else { parent }, name))
    }
}

impl Medium for FileMedium {
    fn open(&self, writable: bool) -> Result<Box<dyn Storage>> {
        storage(&self.path, open_existing(&self.path, writable)?)
    }

    fn create(&self) -> Result<Box<dyn Draft>> {
        let (folder, name) = self.place()?;
        create_folders(folder)?;
        sweep(folder, name);
        let (temporary, file, lock) = temporary_file(folder, name)?;
        Ok(Box::new(FileDraft { temporary, path: self.path.clone(), file, lock, published: false }))
    }

    fn sync(&self) -> Result<()> {
        sync_folder(self.place()?.0)
    }

    fn length(&self) -> Result<u64> {
        let about = fs::symlink_metadata(&self.path).map_err(|e| error::of_io(&self.path, "reading", e))?;
        Ok(about.len())
    }

    fn holders(&self) -> Vec<String> {
        holders(&self.path)
    }
}

fn storage(path: &Path, file: File) -> Result<Box<dyn Storage>> {
    let synced = file.try_clone().map_err(|e| error::of_io(path, "opening", e))?;
    let file = FileBackend::new(file).map_err(|e| error::of_open(path, e))?;
    Ok(Box::new(SystemFile { file, synced }))
}

/// A file of a temporary name.
struct FileDraft {
    temporary: PathBuf,
    path: PathBuf,
    file: File,
    // Held until the store is open, so that nobody sweeps it away.
    lock: File,
    published: bool,
}

impl Draft for FileDraft {
    fn open(&self) -> Result<Box<dyn Storage>> {
        let file = self.file.try_clone().map_err(|e| error::of_io(&self.temporary, "opening", e))?;
        storage(&self.temporary, file)
    }

    fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|e| error::of_io(&self.temporary, "syncing", e))
    }

    fn publish(&mut self) -> Result<bool> {
        self.published = publish(&self.temporary, &self.path)?;
        Ok(self.published)
    }
}

impl Drop for FileDraft {
    fn drop(&mut self) {
        // Nothing else can be done about a file that will not go, or a lock that is lost already.
        if !self.published {
            let _ = fs::remove_file(&self.temporary);
        }
        let _ = self.lock.unlock();
    }
}

/// Opens a file that is there, if it is one.
fn open_existing(path: &Path, write: bool) -> Result<File> {
    // Not through a link: whoever can place one would choose what is overwritten. Not blocking: a FIFO would.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let refused = |why: &str| {
        Error::new(ErrorKind::InvalidConfig, format!("{} is {why}", path.display()))
            .with_option("path")
            .with_help("name the file of a store, or one that is not there yet")
    };
    let file = match OpenOptions::new().read(true).write(write).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(link) if link.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(refused("a symbolic link").with_source(link));
        }
        Err(folder) if folder.kind() == io::ErrorKind::IsADirectory => {
            return Err(refused("a directory").with_source(folder));
        }
        Err(other) => return Err(error::of_io(path, "opening", other)),
    };
    let about = file.metadata().map_err(|e| error::of_io(path, "opening", e))?;
    if about.is_dir() {
        return Err(refused("a directory"));
    }
    if !about.is_file() {
        return Err(refused("not a regular file"));
    }
    Ok(file)
}

fn create_folders(folder: &Path) -> Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|one| !one.exists()).collect();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| error::of_io(folder, "making the folder", e))?;
    for parent in missing.iter().filter_map(|one| one.parent()).filter(|one| !one.as_os_str().is_empty()) {
        sync_folder(parent)?;
    }
    Ok(())
}

const TEMPORARY_END: &str = ".new";

fn temporary_start(name: &OsStr) -> OsString {
    let mut start = OsString::from(".");
    start.push(name);
    start.push(".");
    start
}

/// A new file beside the store, locked so that [`sweep`] leaves it alone.
fn temporary_file(folder: &Path, name: &OsStr) -> Result<(PathBuf, File, File)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let mut temporary = temporary_start(name);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        temporary.push(format!("{}-{number}{TEMPORARY_END}", std::process::id()));
        let temporary = folder.join(temporary);
        let failed = |e| error::of_io(&temporary, "making", e);
        let file =
            match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&temporary) {
                Ok(file) => file,
                // Left behind by a process that had our number.
                Err(there) if there.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(other) => return Err(failed(other)),
            };
        // redb takes locks of its own on `file`, compatible with a shared one.
        let lock = match File::open(&temporary) {
            Ok(lock) => lock,
            // Swept between the two steps.
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
            Err(other) => return Err(failed(other)),
        };
        lock.lock_shared().map_err(failed)?;
        if lock.metadata().map_err(failed)?.nlink() > 0 {
            return Ok((temporary, file, lock));
        }
    }
}

/// Removes what killed processes left behind: files of the temporary name that nobody has locked.
fn sweep(folder: &Path, name: &OsStr) {
    let start = temporary_start(name);
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let found = found.as_encoded_bytes();
        if found.starts_with(start.as_encoded_bytes())
            && found.ends_with(TEMPORARY_END.as_bytes())
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            // One that cannot be removed stays, and harms nobody.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Gives the finished file its name; false if something has that name already.
fn publish(temporary: &Path, path: &Path) -> Result<bool> {
    use rustix::io::Errno;
    let failed = |e: io::Error| error::of_io(path, "making", e);
    match rustix::fs::renameat_with(CWD, temporary, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => return Ok(true),
        Err(Errno::EXIST) => return Ok(false),
        // Not on every file system. A link does not replace anything either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
        Err(other) => return Err(failed(other.into())),
    }
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary).map(|()| true).map_err(failed),
        Err(there) if there.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(other) => Err(failed(other)),
    }
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| error::of_io(folder, "syncing", e))
}

/// The processes that have a lock on the file, from the kernel's list of locks.
///
/// A line of it is: number, kind, advisory or not, access, process, file as `08:01:1234`, first and last byte. redb
/// holds an flock beside its byte ranges, and only an flock has its process here.
fn holders(path: &Path) -> Vec<String> {
    let Ok(about) = fs::symlink_metadata(path) else { return Vec::new() };
    let (major, minor) = (rustix::fs::major(about.dev()), rustix::fs::minor(about.dev()));
    let name = format!("{major:02x}:{minor:02x}:{}", about.ino());
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    let mut processes: Vec<String> = locks
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&name.as_str()))
        .filter_map(|words| words.get(4).map(|&process| process.to_owned()))
        .collect();
    processes.sort_unstable();
    processes.dedup();
    processes
}
