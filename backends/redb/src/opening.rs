//! Opening a store, and making one so that a crash never leaves half of one.
//!
//! redb makes a file in place, and a process killed in its first milliseconds leaves one that never opens again
//! (60 of 300 tries). So a store is made under another name in the same folder, finished, synced, and
//! only then given its name, never replacing what has that name already.

use std::io;
use std::path::Path;
use std::time::Duration;

use codestrata_core::{Error, ErrorKind, OpenMode, Result, panics};
use redb::{Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, TableDefinition};

use crate::checked::Checked;
use crate::config::RedbConfig;
use crate::error;
use crate::journal::{FORMAT, IDENTITY_BYTES, Identity, Journaled};
use crate::medium::{Draft, Medium, Storage};
use crate::watch::{Progress, Watched};

/// All entries of the store.
pub(crate) const ENTRIES: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("entries");

// The first bytes of every redb file, from its design document.
const REDB_MAGIC: [u8; 9] = [b'r', b'e', b'd', b'b', 0x1A, 0x0A, 0xA9, 0x0D, 0x0A];

/// Opens the file for writing, making it first if the mode says so.
pub(crate) fn open_writable(medium: &dyn Medium, config: &RedbConfig) -> Result<(Database, Progress)> {
    let path = &config.path;
    loop {
        // While a draft is kept, nobody takes the file for one that was left behind.
        let (watched, _draft) = match open_existing(medium, config, true) {
            Err(missing) if missing.kind() == ErrorKind::NotFound && config.mode == OpenMode::Create => {
                match create(medium, config)? {
                    // Somebody else was faster: theirs is opened.
                    None => continue,
                    Some(draft) => (open_existing(medium, config, true)?, Some(draft)),
                }
            }
            opened => (opened?, None),
        };
        let progress = watched.progress();
        progress.recovering(true);
        let database = caught(path, "opening", || builder(config).create_with_backend(watched))?
            .map_err(|e| explain(medium, error::of_open(path, e)))?;
        progress.recovering(false);
        return Ok((database, progress));
    }
}

/// Opens the file to read only, beside a writer in another process if there is one; nothing if it has to be repaired
/// first, or is being. It reads some ten pages, however large the file is.
pub(crate) fn open_follower_at_once(
    medium: &dyn Medium,
    config: &RedbConfig,
) -> Result<Option<(ReadOnlyDatabase, Progress)>> {
    let path = &config.path;
    let watched = open_existing(medium, config, false)?;
    let progress = watched.progress();
    match caught(path, "opening", || builder(config).open_read_only_with_backend(watched))? {
        Ok(database) => Ok(Some((database, progress))),
        Err(DatabaseError::RepairAborted) => Ok(None),
        Err(other) => Err(explain(medium, error::of_open(path, other))),
    }
}

/// The same, however long it takes.
///
/// A file whose writer was killed cannot be read as it is. It is then opened for writing once, which repairs it,
/// if this process may; so that is the one change that a reader ever makes.
pub(crate) fn open_follower(
    medium: &dyn Medium,
    config: &RedbConfig,
) -> Result<(ReadOnlyDatabase, Progress)> {
    // A writer that is just opening or repairing the file is given some time.
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(20);
    let path = &config.path;
    for _ in 0..TRIES {
        if let Some(opened) = open_follower_at_once(medium, config)? {
            return Ok(opened);
        }
        match repair(medium, config) {
            Ok(()) => {}
            Err(held) if held.kind() == ErrorKind::Locked => std::thread::sleep(PAUSE),
            Err(refused) if matches!(refused.kind(), ErrorKind::InvalidConfig | ErrorKind::ReadOnly) => {
                return Err(Error::new(
                    ErrorKind::ReadOnly,
                    format!("{} was not closed properly, and may not be repaired from here", path.display()),
                )
                .with_source(refused)
                .with_help("open it once for writing, as a user who may write to it"));
            }
            Err(failed) => return Err(failed),
        }
    }
    Err(Error::new(
        ErrorKind::Unavailable,
        format!("{} is being opened or repaired elsewhere", path.display()),
    )
    .with_help("try again"))
}

fn repair(medium: &dyn Medium, config: &RedbConfig) -> Result<()> {
    let existing = RedbConfig { mode: OpenMode::Existing, ..config.clone() };
    let (database, _) = open_writable(medium, &existing)?;
    database.close().map_err(|e| error::of_open(&config.path, e))
}

fn builder(config: &RedbConfig) -> Builder {
    let mut builder = Builder::new();
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter).set_cache_size(config.cache_bytes);
    builder
}

/// Runs redb. It trusts a file that was closed cleanly, and can panic if it was damaged after that.
pub(crate) fn caught<T>(path: &Path, doing: &str, work: impl FnOnce() -> T) -> Result<T> {
    panics::catch(work).map_err(|words| error::panicked(path, doing, &words))
}

/// Opens a file that is there, and looks whether it can be a store before redb touches it.
fn open_existing(medium: &dyn Medium, config: &RedbConfig, writable: bool) -> Result<Watched> {
    let path = &config.path;
    let storage = medium.open(writable)?;
    let failed = |e| error::of_io(path, "reading", e);
    let length = storage.len().map_err(failed)?;
    let mut first = [0; IDENTITY_BYTES];
    if length >= first.len() as u64 {
        match storage.read(0, &mut first) {
            Ok(()) => match Identity::of(&first) {
                Identity::Format(FORMAT) => return watched(storage, config, writable).map_err(failed),
                Identity::Format(format) => return Err(other_format(path, format)),
                Identity::Damaged => {
                    let message = format!("the first bytes of {} are damaged", path.display());
                    return Err(Error::new(ErrorKind::Corruption, message)
                        .with_help("restore it from a copy, or remove it and fill it anew"));
                }
                Identity::Other if first.starts_with(&REDB_MAGIC) => return Err(error::foreign(path)),
                Identity::Other => {}
            },
            // Cut short meanwhile.
            Err(short) if short.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(other) => return Err(failed(other)),
        }
    }
    let what = if length == 0 { "an empty file" } else { "not a redb store" };
    Err(Error::new(ErrorKind::Corruption, format!("{} is {what}, and is left as it is", path.display()))
        .with_help("name another path, or move the file away"))
}

fn other_format(path: &Path, format: u32) -> Error {
    let (message, help) = if format > FORMAT {
        (
            format!("{} has format {format}, and this program knows formats up to {FORMAT}", path.display()),
            "use a newer version of this program",
        )
    } else {
        (
            format!("{} has format {format}, which this program does not read any more", path.display()),
            "name another path and fill it anew, or use the program that made it",
        )
    };
    Error::new(ErrorKind::InvalidConfig, message).with_option("path").with_help(help)
}

/// The layers between redb and a file.
fn watched(storage: Box<dyn Storage>, config: &RedbConfig, writable: bool) -> io::Result<Watched> {
    let journal = Journaled::new(storage, config.journal_bytes, writable)?;
    Ok(Watched::new(Checked::new(Box::new(journal.clone())), journal))
}

/// Adds to a `Locked` who has the file open, where that is known.
fn explain(medium: &dyn Medium, error: Error) -> Error {
    if error.kind() != ErrorKind::Locked {
        return error;
    }
    match medium.holders().as_slice() {
        [] => error,
        [own] if *own == std::process::id().to_string() => error.context("in this very process"),
        several => error.context(format!("in process {}", several.join(", "))),
    }
}

/// Makes an empty store, or answers nothing if there is one after all.
fn create(medium: &dyn Medium, config: &RedbConfig) -> Result<Option<Box<dyn Draft>>> {
    let mut draft = medium.create()?;
    fill(config, draft.open()?)?;
    draft.sync()?;
    let won = draft.publish()?;
    medium.sync()?;
    Ok(won.then_some(draft))
}

/// Writes an empty store into the file.
fn fill(config: &RedbConfig, storage: Box<dyn Storage>) -> Result<()> {
    let path = &config.path;
    let failed = |e| error::of_open(path, e);
    let watched = watched(storage, config, true).map_err(|e| error::of_io(path, "making", e))?;
    let database = builder(config).create_with_backend(watched).map_err(failed)?;
    let transaction = database.begin_write().map_err(|e| error::of_transaction(path, "making", e))?;
    transaction.open_table(ENTRIES).map_err(|e| error::of_table(path, "making", e))?;
    transaction.commit().map_err(|e| error::of_commit(path, "making", e))?;
    database.close().map_err(failed)
}
