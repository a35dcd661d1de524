//! The folder of a store: opened only if it is one, and made so that a crash never leaves half of one.
//!
//! A store is made under another name in the same place, closed, synced, and only then given its name, never replacing
//! anything but an empty folder. The folder itself is locked for as long as it is open, because sled writes to a
//! folder before it takes its own lock. Its file `codestrata` tells a store from other folders.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, Result};
use rustix::fs::OFlags;
use xxhash_rust::xxh3::xxh3_64;

use crate::error;

/// The file that makes a folder a store.
pub(crate) const MARKER: &str = "codestrata";
const MARKER_TEXT: &str = "codestrata sled store, format ";
const FORMAT: u32 = 1;
// Longer than any marker; what is longer is none.
const MAX_MARKER_BYTES: u64 = 128;

/// The log of sled, which it locks.
pub(crate) const LOG: &str = "db";
const BLOBS: &str = "blobs";
const PARTS: [&str; 3] = [LOG, "conf", BLOBS];

// How often a lock is tried. A reader waits a second for the reader before it. A writer waits a tenth of one: when this
// process starts another one, that has the lock of a folder that was just closed, too, until it runs its own program.
const READER_TRIES: u32 = 50;
const WRITER_TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// A folder that is locked.
pub(crate) struct Folder {
    path: PathBuf,
    handle: File,
}

impl Folder {
    /// Opens and locks a store; nothing if nothing is there, or an empty folder.
    ///
    /// With patience, another's short use is waited for.
    pub(crate) fn open(path: &Path, patient: bool) -> Result<Option<Self>> {
        loop {
            let Some(handle) = open_directory(path)? else { return Ok(None) };
            if is_empty(path)? {
                return Ok(None);
            }
            check_marker(path)?;
            lock(path, &handle, patient)?;
            let folder = Self { path: path.to_owned(), handle };
            // An empty folder may have been replaced by a store in between.
            if folder.is_still_there() {
                folder.check_parts()?;
                return Ok(Some(folder));
            }
        }
    }

    /// Makes a store, or answers nothing if there is one after all. What is in it, `fill` writes.
    pub(crate) fn make(path: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<Option<Self>> {
        let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else {
            let message = format!("{} does not name a folder", path.display());
            return Err(Error::new(ErrorKind::InvalidConfig, message).with_option("path"));
        };
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        create_parents(parent)?;
        sweep(parent, name);
        let mut folder = temporary(parent, name)?;
        let finished = folder
            .mark()
            .and_then(|()| fill(&folder.path))
            .and_then(|()| folder.sync())
            .and_then(|()| publish(&folder.path, path));
        if !matches!(finished, Ok(true)) {
            // Nothing else can be done about what will not go; the next one sweeps again.
            let _ = fs::remove_dir_all(&folder.path);
        }
        if !finished? {
            return Ok(None);
        }
        sync_folder(parent)?;
        path.clone_into(&mut folder.path);
        Ok(Some(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes what was changed in the folder itself durable: names, not contents.
    pub(crate) fn sync(&self) -> Result<()> {
        let blobs = self.path.join(BLOBS);
        if blobs.is_dir() {
            sync_folder(&blobs)?;
        }
        self.handle.sync_all().map_err(|e| error::of_io(&self.path, "syncing", e))
    }

    fn is_still_there(&self) -> bool {
        let identity = |about: fs::Metadata| (about.dev(), about.ino());
        match (fs::symlink_metadata(&self.path), self.handle.metadata()) {
            (Ok(there), Ok(held)) => identity(there) == identity(held),
            _ => false,
        }
    }

    fn mark(&self) -> Result<()> {
        let marker = self.path.join(MARKER);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&marker)
            .and_then(|mut file| {
                file.write_all(marker_text(FORMAT).as_bytes())?;
                file.sync_all()
            })
            .map_err(|e| error::of_io(&marker, "making", e))
    }

    /// Whether everything is there that sled would make anew if it were missing, and nothing leads outside.
    fn check_parts(&self) -> Result<()> {
        for (name, path) in files(&self.path)? {
            if path.is_symlink() {
                let message = format!("{} has a symbolic link in it, {name}", self.path.display());
                return Err(Error::new(ErrorKind::InvalidConfig, message)
                    .with_option("path")
                    .with_help("remove the link, or name another path"));
            }
        }
        match PARTS.iter().find(|part| !self.path.join(part).exists()) {
            Some(missing) => Err(error::corrupt(&self.path, &format!("`{missing}` is missing in it"))),
            None => Ok(()),
        }
    }
}

/// Every file of a store but the marker, by its name within the folder, which is for people.
pub(crate) fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let failed = |e| error::of_io(folder, "reading", e);
    let mut found = Vec::new();
    for (start, place) in [("", folder.to_owned()), ("blobs/", folder.join(BLOBS))] {
        if place.is_symlink() || !place.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&place).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_dir() || entry.file_name() == MARKER {
                continue;
            }
            found.push((
                format!("{start}{}", entry.file_name().to_string_lossy().escape_debug()),
                entry.path(),
            ));
        }
    }
    found.sort();
    Ok(found)
}

/// Removes what sled was writing when its process was killed. sled 0.34 means to leave such a file out, looks for
/// another ending of its name, and takes the half of it for damage.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<()> {
    for (name, path) in files(folder)? {
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(&path).map_err(|e| error::of_io(&path, "removing", e))?;
        }
    }
    Ok(())
}

/// Takes everybody else's permissions from sled's files. They are in a private folder, but might be moved.
pub(crate) fn make_private(folder: &Path) -> Result<()> {
    let set = |path: &Path, mode| match fs::set_permissions(path, Permissions::from_mode(mode)) {
        // sled removes its files when it pleases.
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(|e| error::of_io(path, "protecting", e)),
    };
    set(&folder.join(BLOBS), 0o700)?;
    files(folder)?.iter().try_for_each(|(_, path)| set(path, 0o600))
}

/// Opens a directory, not through a link; nothing if it is missing.
fn open_directory(path: &Path) -> Result<Option<File>> {
    let refused = |why: &str| {
        Error::new(ErrorKind::InvalidConfig, format!("{} is {why}", path.display()))
            .with_option("path")
            .with_help("name the folder of a store, or one that is not there yet")
    };
    match fs::symlink_metadata(path) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(other) => return Err(error::of_io(path, "opening", other)),
        Ok(about) if about.is_symlink() => return Err(refused("a symbolic link")),
        Ok(about) if !about.is_dir() => return Err(refused("not a folder")),
        Ok(_) => {}
    }
    // Said again, because what is there may be another thing by now.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(handle) => Ok(Some(handle)),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(other) => Err(error::of_io(path, "opening", other)),
    }
}

fn is_empty(folder: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(folder).map_err(|e| error::of_io(folder, "opening", e))?;
    Ok(entries.next().is_none())
}

/// What is in the marker: the format, and a hash of what stands before it.
fn marker_text(format: u32) -> String {
    let start = format!("{MARKER_TEXT}{format}");
    let hash = xxh3_64(start.as_bytes());
    format!("{start}, {hash:016x}\n")
}

fn check_marker(folder: &Path) -> Result<()> {
    let marker = folder.join(MARKER);
    let foreign = || {
        let message = format!("{} is a folder but no store, and is left as it is", folder.display());
        Error::new(ErrorKind::Corruption, message).with_help("name another path, or an empty folder")
    };
    match fs::symlink_metadata(&marker) {
        Ok(about) if about.is_file() && about.len() <= MAX_MARKER_BYTES => {}
        Err(other) if other.kind() != io::ErrorKind::NotFound => {
            return Err(error::of_io(&marker, "reading", other));
        }
        _ => return Err(foreign()),
    }
    let bytes = fs::read(&marker).map_err(|e| error::of_io(&marker, "reading", e))?;
    let text = String::from_utf8_lossy(&bytes);
    let format = text.strip_prefix(MARKER_TEXT).and_then(|rest| rest.split(',').next()?.parse().ok());
    // A damaged figure is no newer format.
    let format = format.filter(|format| text == marker_text(*format));
    match format {
        Some(FORMAT) => Ok(()),
        Some(newer) if newer > FORMAT => {
            let message = format!(
                "{} has format {newer}, and this program knows formats up to {FORMAT}",
                folder.display()
            );
            Err(Error::new(ErrorKind::InvalidConfig, message)
                .with_option("path")
                .with_help("use a newer version of this program"))
        }
        _ => Err(foreign()),
    }
}

fn lock(path: &Path, handle: &File, patient: bool) -> Result<()> {
    let tries = if patient { READER_TRIES } else { WRITER_TRIES };
    for turn in 1..=tries {
        match handle.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(other)) => return Err(error::of_io(path, "locking", other)),
            Err(TryLockError::WouldBlock) if turn < tries => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {}
        }
    }
    Err(error::locked(path, &holder(handle).unwrap_or_else(|| "elsewhere".to_owned())))
}

/// Who has the folder locked, where the kernel says so.
fn holder(handle: &File) -> Option<String> {
    let about = handle.metadata().ok()?;
    let (major, minor) = (rustix::fs::major(about.dev()), rustix::fs::minor(about.dev()));
    let name = format!("{major:02x}:{minor:02x}:{}", about.ino());
    // A line is: number, kind, advisory or not, access, process, file, first and last byte.
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let process = locks
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .find(|words| words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&name.as_str()))
        .and_then(|words| words.get(4).map(|process| (*process).to_owned()))?;
    let own = process == std::process::id().to_string();
    Some(if own { "in this very process".to_owned() } else { format!("in process {process}") })
}

fn create_parents(folder: &Path) -> Result<()> {
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

/// A new folder beside the store, locked so that [`sweep`] leaves it alone.
fn temporary(parent: &Path, name: &OsStr) -> Result<Folder> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let mut temporary = temporary_start(name);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        temporary.push(format!("{}-{number}{TEMPORARY_END}", std::process::id()));
        let path = parent.join(temporary);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {}
            // Left behind by a process that had our number.
            Err(there) if there.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(other) => return Err(error::of_io(&path, "making", other)),
        }
        // Swept between two of these steps, the next name is tried.
        let Some(handle) = open_directory(&path)? else { continue };
        let folder = Folder { path, handle };
        if folder.handle.try_lock().is_ok() && folder.is_still_there() {
            return Ok(folder);
        }
    }
}

/// Removes what killed processes left behind: folders of the temporary name that nobody has locked.
fn sweep(parent: &Path, name: &OsStr) {
    let start = temporary_start(name);
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let found = found.as_encoded_bytes();
        if found.starts_with(start.as_encoded_bytes())
            && found.ends_with(TEMPORARY_END.as_bytes())
            && let Ok(Some(handle)) = open_directory(&entry.path())
            && handle.try_lock().is_ok()
        {
            // One that cannot be removed stays, and harms nobody.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Gives the finished folder its name; false if something has that name already. A rename of a folder replaces nothing
/// but an empty one.
fn publish(temporary: &Path, path: &Path) -> Result<bool> {
    match fs::rename(temporary, path) {
        Ok(()) => Ok(true),
        Err(there)
            if matches!(there.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) =>
        {
            Ok(false)
        }
        Err(other) => Err(error::of_io(path, "making", other)),
    }
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| error::of_io(folder, "syncing", e))
}
