//! The real medium: a folder, locked, and reached by its descriptor, so that nobody can put another in its place.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codestrata_core::{Error, ErrorKind, OpenMode, Result};
use rustix::fs::{AtFlags, Dir, Mode, OFlags};

use crate::error;
use crate::medium::{Medium, MediumFile};

/// A folder of this process's own: for itself alone if it writes, shared with other readers if it only reads.
pub(crate) struct Folder {
    // Its lock goes when it is closed, or when the process ends in whatever way.
    handle: File,
}

impl Folder {
    /// Opens and locks the folder, making it first if the mode says so.
    pub(crate) fn open(path: &Path, mode: OpenMode) -> Result<Self> {
        // Without a slash at its end, which would have a symbolic link followed.
        let path = &path.components().collect::<PathBuf>();
        if mode == OpenMode::Create {
            create(path)?;
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let handle = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
            Ok(handle) => handle,
            Err(other) => return Err(explain(path, other)),
        };
        let locked = if mode == OpenMode::ReadOnly { handle.try_lock_shared() } else { handle.try_lock() };
        match locked {
            Ok(()) => Ok(Self { handle }),
            Err(TryLockError::WouldBlock) => Err(held(path, &handle)),
            Err(TryLockError::Error(unable)) if unable.kind() == io::ErrorKind::Unsupported => {
                Err(Error::new(
                    ErrorKind::Unsupported,
                    format!("{} is on a file system without locks", path.display()),
                )
                .with_source(unable)
                .with_help("put it on a local file system"))
            }
            Err(TryLockError::Error(other)) => Err(error::of_io(path, "locking", other)),
        }
    }

    fn open_file(&self, name: &str, flags: OFlags) -> io::Result<Arc<dyn MediumFile>> {
        // Not through a link: whoever can place one would choose what is overwritten. Not blocking: a FIFO would.
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR)?);
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Ok(Arc::new(file))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A child process that is just being started has a copy of the handle until it runs its program. Closing ours
        // would leave the lock to that copy for so long; unlocking ends it for both. It can only fail if it is gone.
        let _ = self.handle.unlock();
    }
}

impl Medium for Folder {
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.handle)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn open(&self, name: &str, writable: bool) -> io::Result<Arc<dyn MediumFile>> {
        self.open_file(name, if writable { OFlags::RDWR } else { OFlags::RDONLY })
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn MediumFile>> {
        self.open_file(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.handle, from, &self.handle, to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    fn sync(&self) -> io::Result<()> {
        self.handle.sync_all()
    }
}

impl MediumFile for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

/// Makes the folder and those above it, private, and sees to it that they stay.
fn create(path: &Path) -> Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|one| one.symlink_metadata().is_err()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|e| error::of_io(path, "making", e))?;
    for parent in missing.iter().filter_map(|one| one.parent()) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        File::open(parent)
            .and_then(|folder| folder.sync_all())
            .map_err(|e| error::of_io(parent, "syncing", e))?;
    }
    Ok(())
}

/// The error of a path that could not be opened as a folder.
fn explain(path: &Path, failed: io::Error) -> Error {
    match path.symlink_metadata() {
        Ok(about) if about.is_symlink() => error::unfit(path, "a symbolic link").with_source(failed),
        Ok(about) if !about.is_dir() => error::unfit(path, "not a folder").with_source(failed),
        _ => error::of_io(path, "opening", failed),
    }
}

/// The error of a folder that others have, with who they are where the kernel says so.
fn held(path: &Path, handle: &File) -> Error {
    let processes = holders(handle);
    let by = match processes.as_slice() {
        [] => "elsewhere".to_owned(),
        [own] if *own == std::process::id().to_string() => "in this very process".to_owned(),
        [one] => format!("in process {one}"),
        several => format!("in the processes {}", several.join(", ")),
    };
    Error::new(ErrorKind::Locked, format!("{} is open {by}", path.display()))
        .with_help("wait until it is closed there: one process may write, or any number may read")
}

/// The processes that have a lock on the file, from the kernel's list of locks.
///
/// A line of it is: number, kind, advisory or not, access, process, file as `08:01:1234`, first and last byte.
fn holders(handle: &File) -> Vec<String> {
    let Ok(about) = handle.metadata() else { return Vec::new() };
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
