//! The file of a store: looked at before SQLite sees it, and made so that a crash never leaves half of one.
//!
//! **One rule runs through this module**: where SQLite has a file open in this process, nothing else may open and close
//! it. POSIX takes away all locks that a process has on a file when it closes any descriptor of it, and SQLite's locks
//! with them. So the head of a file is read only while this process has no store on it, of which there is a list; and
//! a new store is let go of before it gets its name.
//!
//! SQLite itself would take an empty file for an empty database, and it cleans up after whoever had a database before: a
//! file of another program would not be left as it is. So the head is compared first, without SQLite.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use codestrata_core::{Error, ErrorKind, Result};
use rustix::fs::{Access, CWD, OFlags, RenameFlags};

use crate::connection::{self, APPLICATION_ID, FORMAT};
use crate::error;

/// The files, by device and inode, on which this process has stores, and how many.
static CLAIMS: Mutex<BTreeMap<(u64, u64), usize>> = Mutex::new(BTreeMap::new());

/// Held while a store is made, so that what is swept here is never just getting its name.
static MAKING: Mutex<()> = Mutex::new(());

/// The right to open a file with SQLite. It must be kept until the last connection is closed.
pub(crate) struct Claim {
    file: (u64, u64),
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claims = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = claims.get_mut(&self.file) {
            *count -= 1;
            if *count == 0 {
                claims.remove(&self.file);
            }
        }
    }
}

/// Looks whether there is a store at the path, and claims it; nothing if there is no file.
pub(crate) fn claim(path: &Path) -> Result<Option<Claim>> {
    // A link is refused: whoever can place one would choose what is overwritten.
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(other) => return Err(error::of_io(path, "opening", other)),
    };
    let kind = about.file_type();
    if kind.is_symlink() {
        return Err(error::no_file(path, "a symbolic link"));
    }
    if kind.is_dir() {
        return Err(error::no_file(path, "a directory"));
    }
    if !kind.is_file() {
        return Err(error::no_file(path, "not a regular file"));
    }
    let file = (about.dev(), about.ino());
    let mut claims = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = claims.entry(file).or_default();
    // A store that is open here was looked at when it was opened.
    if *count == 0
        && let Err(refused) = check_head(path)
    {
        claims.remove(&file);
        return Err(refused);
    }
    *count += 1;
    Ok(Some(Claim { file }))
}

// From SQLite's description of its file format.
const HEAD_BYTES: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

fn check_head(path: &Path) -> Result<()> {
    let failed = |e| error::of_io(path, "reading", e);
    // Not blocking: a FIFO that has just come here would.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    let mut head = [0; HEAD_BYTES];
    match file.read_exact_at(&mut head, 0) {
        Err(short) if short.kind() == io::ErrorKind::UnexpectedEof => {
            let empty = file.metadata().map_err(failed)?.len() == 0;
            return Err(error::foreign(path, if empty { "an empty file" } else { "not a SQLite database" }));
        }
        read => read.map_err(failed)?,
    }
    if !head.starts_with(MAGIC) {
        return Err(error::foreign(path, "not a SQLite database"));
    }
    let number = |at: usize| {
        let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        i32::from_be_bytes(bytes)
    };
    if number(APPLICATION_ID_AT) != APPLICATION_ID {
        return Err(error::foreign(path, "a SQLite database of another program"));
    }
    match connection::format_of(number(USER_VERSION_AT)) {
        Some(FORMAT) => Ok(()),
        Some(newer) if newer > FORMAT => Err(Error::new(
            ErrorKind::InvalidConfig,
            format!("{} has format {newer}, and this program knows formats up to {FORMAT}", path.display()),
        )
        .with_option("path")
        .with_help("use a newer version of this program")),
        _ => Err(error::corrupt(path, "its head states no format")),
    }
}

/// Checks that SQLite will be able to write to the file and to make others beside it, as it must even to read.
pub(crate) fn check_access(path: &Path) -> Result<()> {
    for (path, rights) in [(path, Access::READ_OK | Access::WRITE_OK), (folder_of(path), Access::WRITE_OK)] {
        rustix::fs::access(path, rights).map_err(|e| error::of_io(path, "opening", e.into()))?;
    }
    Ok(())
}

/// The file beside another with the same name and this ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The files of a store on the medium, together, in bytes.
pub(crate) fn disk_bytes(path: &Path) -> Option<u64> {
    let file = fs::metadata(path).ok()?.len();
    let others = ["-wal", "-shm"].iter().filter_map(|end| fs::metadata(beside(path, end)).ok());
    Some(file + others.map(|about| about.len()).sum::<u64>())
}

/// The path with its folder resolved, so that SQLite, which refuses links anywhere in a path, sees none but the last part.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| error::no_file(path, "not the name of a file"))?;
    let folder = folder_of(path).canonicalize().map_err(|e| error::of_io(path, "opening", e))?;
    Ok(folder.join(name))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes an empty store, unless there is one after all.
pub(crate) fn make(path: &Path) -> Result<()> {
    // Whoever sweeps takes a file of ours only in the moment in which it is finished and not yet named.
    const TRIES: usize = 10;
    let name = path.file_name().ok_or_else(|| error::no_file(path, "not the name of a file"))?;
    let folder = folder_of(path);
    create_folders(folder)?;
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..TRIES {
        refuse_leftovers(path)?;
        sweep(folder, name);
        let temporary = make_unnamed(folder, name)?;
        match publish(&temporary, path) {
            Ok(true) => return sync_folder(folder),
            Ok(false) => return remove(&temporary),
            Err(swept) if swept.kind() == io::ErrorKind::NotFound => {}
            Err(other) => {
                remove(&temporary)?;
                return Err(error::of_io(path, "making", other));
            }
        }
    }
    Err(Error::new(ErrorKind::Unavailable, format!("{} is being made elsewhere", path.display()))
        .with_help("try again"))
}

/// SQLite would take the log of a store that is gone for that of the new one.
fn refuse_leftovers(path: &Path) -> Result<()> {
    for end in ["-wal", "-journal"] {
        let left = beside(path, end);
        // The store may have come meanwhile, and the log is its own.
        if left.symlink_metadata().is_ok() && path.symlink_metadata().is_err() {
            return Err(error::foreign(&left, "the log of a database that is gone"));
        }
    }
    Ok(())
}

fn create_folders(folder: &Path) -> Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|one| !one.exists()).collect();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|e| error::of_io(folder, "making the folder", e))?;
    missing.iter().map(|one| folder_of(one)).try_for_each(sync_folder)
}

const TEMPORARY_END: &str = ".new";

fn temporary_start(name: &OsStr) -> OsString {
    let mut start = OsString::from(".");
    start.push(name);
    start.push(".");
    start
}

/// An empty store under a name of its own, finished, synced and let go of.
fn make_unnamed(folder: &Path, name: &OsStr) -> Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let mut temporary = temporary_start(name);
        temporary.push(format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        temporary.push(TEMPORARY_END);
        let temporary = folder.join(temporary);
        let failed = |e| error::of_io(&temporary, "making", e);
        let file =
            match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&temporary) {
                Ok(file) => file,
                // Left behind by a process that had our number.
                Err(there) if there.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(other) => return Err(failed(other)),
            };
        // So that nobody sweeps it. SQLite's locks are of another kind.
        file.lock().map_err(failed)?;
        // Somebody may have swept it in the moment before.
        if !is_still_there(&temporary, &file).map_err(failed)? {
            continue;
        }
        let filled = resolve(&temporary)
            .and_then(|path| connection::fill(&path))
            .and_then(|()| file.sync_all().map_err(failed));
        if filled.is_err() {
            remove(&temporary)?;
        }
        return filled.map(|()| temporary);
    }
}

/// Whether the path still leads to the open file.
fn is_still_there(path: &Path, file: &File) -> io::Result<bool> {
    let ours = file.metadata()?;
    match path.symlink_metadata() {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(other) => Err(other),
    }
}

fn remove(temporary: &Path) -> Result<()> {
    for end in ["-wal", "-shm", "-journal", ""] {
        match fs::remove_file(beside(temporary, end)) {
            Err(other) if other.kind() != io::ErrorKind::NotFound => {
                return Err(error::of_io(temporary, "removing", other));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes what killed processes left behind: stores without a name that nobody has locked.
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
            let _ = remove(&entry.path());
        }
    }
}

/// Gives the finished file its name; false if something has that name already.
fn publish(temporary: &Path, path: &Path) -> io::Result<bool> {
    use rustix::io::Errno;
    match rustix::fs::renameat_with(CWD, temporary, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => return Ok(true),
        Err(Errno::EXIST) => return Ok(false),
        // Not on every file system. A link does not replace anything either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
        Err(other) => return Err(other.into()),
    }
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary).map(|()| true),
        Err(there) if there.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(other) => Err(other),
    }
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| error::of_io(folder, "syncing", e))
}
