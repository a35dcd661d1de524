//! The file of a store: opened only if it is one, and made so that a crash never leaves half of one.
//!
//! redb makes a file in place, and a process killed in its first milliseconds leaves one that never opens again
//! (60 of 300 tries). So a store is made under another name in the same folder, finished, synced, and
//! only then given its name, never replacing what has that name already.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, OpenMode, Result};
use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase, TableDefinition,
};
use rustix::fs::{CWD, OFlags, RenameFlags};

use crate::config::RedbConfig;
use crate::error;
use crate::medium::{Medium, Progress};

/// All entries of the store.
pub(crate) const ENTRIES: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("entries");

// What tells our files from those of other programs, and our formats from one another.
const META: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("codestrata");
const MAGIC: &[u8] = b"codestrata key-value store";
const FORMAT: u32 = 1;

// The first bytes of every redb file, from its design document.
const REDB_MAGIC: [u8; 9] = [b'r', b'e', b'd', b'b', 0x1A, 0x0A, 0xA9, 0x0D, 0x0A];

/// Opens the file for writing, making it first if the mode says so.
pub(crate) fn open_writable(config: &RedbConfig) -> Result<(Database, Progress)> {
    let path = &config.path;
    loop {
        let (file, _made) = match open_existing(path, true) {
            Err(missing) if missing.kind() == ErrorKind::NotFound && config.mode == OpenMode::Create => {
                match create(config)? {
                    // Somebody else was faster: theirs is opened.
                    None => continue,
                    Some(made) => (open_existing(path, true)?, Some(made)),
                }
            }
            opened => (opened?, None),
        };
        let holders = Holders::of(&file);
        let medium = Medium::new(file).map_err(|e| error::of_open(path, e))?;
        let progress = medium.progress();
        let database = caught(path, "opening", || builder(config).create_with_backend(medium))?
            .map_err(|e| holders.explain(error::of_open(path, e)))?;
        caught(path, "reading", || check_format(&database, path))??;
        return Ok((database, progress));
    }
}

/// Opens the file to read only, beside a writer in another process if there is one.
///
/// A file whose writer was killed cannot be read as it is. It is then opened for writing once, which repairs it,
/// if this process may; so that is the one change that a reader ever makes.
pub(crate) fn open_follower(config: &RedbConfig) -> Result<ReadOnlyDatabase> {
    // A writer that is just opening or repairing the file is given some time.
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(20);
    let path = &config.path;
    for _ in 0..TRIES {
        let file = open_existing(path, false)?;
        let holders = Holders::of(&file);
        let medium = Medium::new(file).map_err(|e| error::of_open(path, e))?;
        match caught(path, "opening", || builder(config).open_read_only_with_backend(medium))? {
            Ok(database) => {
                caught(path, "reading", || check_format(&database, path))??;
                return Ok(database);
            }
            Err(DatabaseError::RepairAborted) => match repair(config) {
                Ok(()) => {}
                Err(held) if held.kind() == ErrorKind::Locked => std::thread::sleep(PAUSE),
                Err(refused) if matches!(refused.kind(), ErrorKind::InvalidConfig | ErrorKind::ReadOnly) => {
                    return Err(Error::new(
                        ErrorKind::ReadOnly,
                        format!(
                            "{} was not closed properly, and may not be repaired from here",
                            path.display()
                        ),
                    )
                    .with_source(refused)
                    .with_help("open it once for writing, as a user who may write to it"));
                }
                Err(failed) => return Err(failed),
            },
            Err(other) => return Err(holders.explain(error::of_open(path, other))),
        }
    }
    Err(Error::new(
        ErrorKind::Unavailable,
        format!("{} is being opened or repaired elsewhere", path.display()),
    )
    .with_help("try again"))
}

fn repair(config: &RedbConfig) -> Result<()> {
    let (database, _) = open_writable(&RedbConfig { mode: OpenMode::Existing, ..config.clone() })?;
    database.close().map_err(|e| error::of_open(&config.path, e))
}

fn builder(config: &RedbConfig) -> Builder {
    let mut builder = Builder::new();
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter).set_cache_size(config.cache_bytes);
    builder
}

/// Runs redb. It trusts a file that was closed cleanly, and can panic if it was damaged after that.
pub(crate) fn caught<T>(path: &Path, doing: &str, work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| error::panicked(path, doing, payload.as_ref()))
}

/// Opens a file that is there, and looks whether it can be a store before redb touches it.
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
    let mut first = [0; REDB_MAGIC.len()];
    match file.read_exact_at(&mut first, 0) {
        Ok(()) if first == REDB_MAGIC => Ok(file),
        Err(failed) if failed.kind() != io::ErrorKind::UnexpectedEof => {
            Err(error::of_io(path, "reading", failed))
        }
        _ => {
            let what = if about.len() == 0 { "an empty file" } else { "not a redb file" };
            Err(Error::new(
                ErrorKind::Corruption,
                format!("{} is {what}, and is left as it is", path.display()),
            )
            .with_help("name another path, or move the file away"))
        }
    }
}

fn check_format(database: &impl ReadableDatabase, path: &Path) -> Result<()> {
    let transaction = database.begin_read().map_err(|e| error::of_transaction(path, "reading", e))?;
    let meta = transaction.open_table(META).map_err(|e| error::of_table(path, "reading", e))?;
    let read = |name: &str| -> Result<Vec<u8>> {
        let value = meta.get(name).map_err(|e| error::of_storage(path, "reading", e))?;
        Ok(value.map(|value| value.value().to_vec()).unwrap_or_default())
    };
    let format = read("format")?.try_into().map(u32::from_le_bytes);
    match (read("magic")? == MAGIC, format) {
        (true, Ok(FORMAT)) => Ok(()),
        (true, Ok(newer)) if newer > FORMAT => Err(Error::new(
            ErrorKind::InvalidConfig,
            format!("{} has format {newer}, and this program knows formats up to {FORMAT}", path.display()),
        )
        .with_option("path")
        .with_help("use a newer version of this program")),
        _ => Err(error::foreign(path)),
    }
}

/// A store that was just made. While it is kept, nobody takes the file for one that was left behind.
struct Made {
    _lock: File,
}

/// Makes an empty store, or answers nothing if there is one after all.
fn create(config: &RedbConfig) -> Result<Option<Made>> {
    let path = &config.path;
    let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else {
        return Err(Error::new(ErrorKind::InvalidConfig, format!("{} does not name a file", path.display()))
            .with_option("path"));
    };
    let folder = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    create_folders(folder)?;
    sweep(folder, name);
    let (temporary, file, lock) = temporary_file(folder, name)?;
    let finished = fill(config, &temporary, file).and_then(|()| publish(&temporary, path));
    if !matches!(finished, Ok(true)) {
        // Nothing else can be done about a file that will not go.
        let _ = fs::remove_file(&temporary);
    }
    let won = finished?;
    sync_folder(folder)?;
    Ok(won.then_some(Made { _lock: lock }))
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

fn temporary_start(name: &std::ffi::OsStr) -> OsString {
    let mut start = OsString::from(".");
    start.push(name);
    start.push(".");
    start
}

/// A new file beside the store, locked so that [`sweep`] leaves it alone.
fn temporary_file(folder: &Path, name: &std::ffi::OsStr) -> Result<(PathBuf, File, File)> {
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
fn sweep(folder: &Path, name: &std::ffi::OsStr) {
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

/// Writes an empty store into the file, and sees it onto the medium.
fn fill(config: &RedbConfig, temporary: &Path, file: File) -> Result<()> {
    let failed = |e| error::of_open(temporary, e);
    let medium = Medium::new(file).map_err(failed)?;
    let database = builder(config).create_with_backend(medium).map_err(failed)?;
    let transaction = database.begin_write().map_err(|e| error::of_transaction(temporary, "making", e))?;
    {
        let mut meta = transaction.open_table(META).map_err(|e| error::of_table(temporary, "making", e))?;
        for (key, value) in [("magic", MAGIC), ("format", FORMAT.to_le_bytes().as_slice())] {
            meta.insert(key, value).map_err(|e| error::of_storage(temporary, "making", e))?;
        }
        transaction.open_table(ENTRIES).map_err(|e| error::of_table(temporary, "making", e))?;
    }
    transaction.commit().map_err(|e| error::of_commit(temporary, "making", e))?;
    database.close().map_err(failed)?;
    File::open(temporary).and_then(|file| file.sync_all()).map_err(|e| error::of_io(temporary, "making", e))
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

/// How the lock file of the kernel names a file: `08:01:1234`.
struct Holders(Option<String>);

impl Holders {
    fn of(file: &File) -> Self {
        Self(file.metadata().ok().map(|about| {
            let device = about.dev();
            format!("{:02x}:{:02x}:{}", rustix::fs::major(device), rustix::fs::minor(device), about.ino())
        }))
    }

    /// Adds to a `Locked` who has the file open, where the kernel says so.
    fn explain(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::Locked {
            return error;
        }
        let Some(name) = &self.0 else { return error };
        // A line is: number, kind, advisory or not, access, process, file, first and last byte. redb holds an
        // flock beside its byte ranges, and only an flock has its process here.
        let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
        let mut processes: Vec<&str> = locks
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|words| words.get(1) == Some(&"FLOCK") && words.get(5) == Some(&name.as_str()))
            .filter_map(|words| words.get(4).copied())
            .collect();
        processes.sort_unstable();
        processes.dedup();
        match processes.as_slice() {
            [] => error,
            [own] if *own == std::process::id().to_string() => error.context("in this very process"),
            several => error.context(format!("in process {}", several.join(", "))),
        }
    }
}
