//! SQLite's errors as the seam's: which kind, which file, what to do next.
//!
//! No value and no SQL is in a message; SQLite's own words name tables, columns and pages.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use codestrata_core::{Error, ErrorKind};
use rusqlite::ErrorCode;
use rusqlite::ffi;
use rustix::process::{Resource, getrlimit};

use crate::file::beside;

/// What `doing` to the file failed with, as SQLite says it.
pub(crate) fn of_sqlite(path: &Path, doing: &str, error: rusqlite::Error) -> Error {
    let (kind, help) = match error.sqlite_error() {
        Some(code) => kind_of(path, code.code, code.extended_code),
        None if is_other_than_written(&error) => (ErrorKind::Corruption, RESTORE),
        None => (ErrorKind::Internal, "report this"),
    };
    let message = format!("{doing} {} failed: {error}", path.display());
    Error::new(kind, message).with_source(error).with_help(help)
}

/// Whether a row has what no row of a store has: a column of another type, text that is no text, or nothing.
fn is_other_than_written(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sqlite;
    matches!(
        error,
        Sqlite::InvalidColumnType(..)
            | Sqlite::FromSqlConversionFailure(..)
            | Sqlite::IntegralValueOutOfRange(..)
            | Sqlite::Utf8Error(..)
            | Sqlite::QueryReturnedNoRows
    )
}

const RESTORE: &str = "restore it from a copy, or remove it and fill it anew";
const REOPEN: &str = "check the medium, then open the store again";

fn kind_of(path: &Path, code: ErrorCode, extended: i32) -> (ErrorKind, &'static str) {
    match code {
        ErrorCode::DiskFull => FULL,
        ErrorCode::SystemIoFailure => kind_of_io_failure(path, extended),
        // A length over the limit is not one that was written, and the statements are right for the tables of a store.
        ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::TooBig
        | ErrorCode::TypeMismatch
        | ErrorCode::Unknown
        | ErrorCode::ConstraintViolation => (ErrorKind::Corruption, RESTORE),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            (ErrorKind::Unavailable, "another process uses the store: try again, or raise `busy_timeout`")
        }
        ErrorCode::CannotOpen => {
            (ErrorKind::Unavailable, "check that the folder is there, and raise the limit of open files")
        }
        ErrorCode::OutOfMemory => (ErrorKind::Unavailable, "make memory free and try again"),
        // Another file has the name now, or none.
        ErrorCode::ReadOnly if extended == ffi::SQLITE_READONLY_DBMOVED => (ErrorKind::Poisoned, REOPEN),
        ErrorCode::ReadOnly => {
            (ErrorKind::ReadOnly, "see to it that the file and its folder may be written to")
        }
        ErrorCode::PermissionDenied => {
            (ErrorKind::InvalidConfig, "change its permissions, or name another path")
        }
        ErrorCode::OperationInterrupted => (ErrorKind::Unavailable, "try again"),
        _ => (ErrorKind::Internal, "report this"),
    }
}

const FULL: (ErrorKind, &str) = (ErrorKind::Full, "make room and try again");

fn kind_of_io_failure(path: &Path, extended: i32) -> (ErrorKind, &'static str) {
    match extended {
        // SQLite has a word of its own for a medium that is full, and none for a quota or a limit of the process.
        ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_TRUNCATE if is_full(path) => FULL,
        ffi::SQLITE_IOERR_READ
        | ffi::SQLITE_IOERR_SHORT_READ
        | ffi::SQLITE_IOERR_DATA
        | ffi::SQLITE_IOERR_CORRUPTFS => (ErrorKind::Corruption, RESTORE),
        ffi::SQLITE_IOERR_NOMEM => (ErrorKind::Unavailable, "make memory free and try again"),
        ffi::SQLITE_IOERR_LOCK
        | ffi::SQLITE_IOERR_RDLOCK
        | ffi::SQLITE_IOERR_SHMLOCK
        | ffi::SQLITE_IOERR_SHMOPEN
        | ffi::SQLITE_IOERR_SHMMAP
        | ffi::SQLITE_IOERR_SHMSIZE
        | ffi::SQLITE_IOERR_ACCESS => (
            ErrorKind::Unavailable,
            "put the store on a local file system, where processes can share locks and memory",
        ),
        _ => (ErrorKind::Poisoned, REOPEN),
    }
}

/// Whether a write that failed has met a limit. SQLite does not say, so it is tried.
fn is_full(path: &Path) -> bool {
    static PROBE: [u8; 64 * 1024] = [0; 64 * 1024];
    let longest =
        ["", "-wal"].iter().filter_map(|end| fs::metadata(beside(path, end)).ok()).map(|about| about.len());
    if let (Some(limit), Some(longest)) = (getrlimit(Resource::Fsize).current, longest.max())
        // A page with the head of its frame is what SQLite writes at a time.
        && longest + 2 * u64::from(crate::connection::PAGE_BYTES) > limit
    {
        return true;
    }
    let probe = beside(path, &format!("-room-{}", std::process::id()));
    let tried =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe).and_then(|mut file| {
            let tried = file.write_all(&PROBE).and_then(|()| file.sync_all());
            fs::remove_file(&probe)?;
            tried
        });
    tried.is_err_and(|error| is_full_kind(&error))
}

fn is_full_kind(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// What `doing` to the file failed with, as the system says it.
pub(crate) fn of_io(path: &Path, doing: &str, error: io::Error) -> Error {
    use io::ErrorKind as Io;
    let (kind, help) = match error.kind() {
        _ if is_full_kind(&error) => FULL,
        Io::NotFound => (ErrorKind::NotFound, "name another path"),
        Io::ReadOnlyFilesystem => (ErrorKind::ReadOnly, "put it elsewhere"),
        Io::PermissionDenied => (ErrorKind::InvalidConfig, "change its permissions, or name another path"),
        Io::InvalidInput | Io::InvalidFilename | Io::NotADirectory | Io::IsADirectory => {
            (ErrorKind::InvalidConfig, "name another path")
        }
        // EMFILE and ENFILE have no kind of their own.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => {
            (ErrorKind::Unavailable, "raise the limit of open files, or close some")
        }
        Io::Interrupted | Io::TimedOut | Io::WouldBlock | Io::OutOfMemory => {
            (ErrorKind::Unavailable, "try again")
        }
        _ => (ErrorKind::Poisoned, REOPEN),
    };
    Error::new(kind, format!("{doing} {} failed: {error}", path.display())).with_source(error).with_help(help)
}

pub(crate) fn corrupt(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is damaged: {what}", path.display())).with_help(RESTORE)
}

/// A file that is no store of ours, and is left as it is.
pub(crate) fn foreign(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is {what}, and is left as it is", path.display()))
        .with_help("name another path, or move the file away")
}

/// What stands at the path can be no store.
pub(crate) fn no_file(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::InvalidConfig, format!("{} is {what}", path.display()))
        .with_option("path")
        .with_help("name the file of a store, or one that is not there yet")
}

pub(crate) fn closed(path: &Path) -> Error {
    Error::new(ErrorKind::Closed, format!("the store {} was closed", path.display()))
}

pub(crate) fn read_only(path: &Path) -> Error {
    Error::new(ErrorKind::ReadOnly, format!("{} was opened for reading only", path.display()))
        .with_help("open it for writing")
}

pub(crate) fn poisoned(path: &Path, why: &str) -> Error {
    let message =
        format!("{} was given up after a failure that leaves its state unknown ({why})", path.display());
    Error::new(ErrorKind::Poisoned, message).with_help(REOPEN)
}
