//! redb's errors as the seam's: which kind, which file, what to do next.

use std::io;
use std::path::Path;

use codestrata_core::{Error, ErrorKind};
use redb::{CommitError, CompactionError, DatabaseError, StorageError, TableError, TransactionError};

/// What `doing` to the file failed with.
pub(crate) fn of_io(path: &Path, doing: &str, error: io::Error) -> Error {
    let (kind, help) = kind_of_io(&error);
    let message = format!("{doing} {} failed: {error}", path.display());
    finish(Error::new(kind, message).with_source(error), help)
}

/// Whether the medium, or what this process may have of it, is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

fn kind_of_io(error: &io::Error) -> (ErrorKind, &'static str) {
    use io::ErrorKind as Io;
    match error.kind() {
        _ if is_full(error) => (ErrorKind::Full, "make room and try again"),
        Io::NotFound => (ErrorKind::NotFound, ""),
        Io::ReadOnlyFilesystem => (ErrorKind::ReadOnly, "open it read-only, or put it elsewhere"),
        Io::PermissionDenied => (ErrorKind::InvalidConfig, "change its permissions, or name another path"),
        Io::InvalidInput | Io::InvalidFilename | Io::NotADirectory | Io::IsADirectory => {
            (ErrorKind::InvalidConfig, "name another path")
        }
        // A file that ends too early is damaged.
        Io::InvalidData | Io::UnexpectedEof => {
            (ErrorKind::Corruption, "restore it from a copy, or remove it and fill it anew")
        }
        // EMFILE and ENFILE have no kind of their own.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => {
            (ErrorKind::Unavailable, "raise the limit of open files, or close some")
        }
        Io::Interrupted | Io::TimedOut | Io::WouldBlock | Io::OutOfMemory => {
            (ErrorKind::Unavailable, "try again")
        }
        _ => (ErrorKind::Poisoned, "check the medium, then open the store again"),
    }
}

fn finish(error: Error, help: &str) -> Error {
    if help.is_empty() { error } else { error.with_help(help) }
}

pub(crate) fn of_storage(path: &Path, doing: &str, error: StorageError) -> Error {
    let error = match error {
        StorageError::Io(error) => return of_io(path, doing, error),
        other => other,
    };
    let (kind, help) = match &error {
        StorageError::Corrupted(_) => {
            (ErrorKind::Corruption, "restore it from a copy, or remove it and fill it anew")
        }
        StorageError::ValueTooLarge(_) => (ErrorKind::TooLarge, "split the value"),
        StorageError::DatabaseClosed => (ErrorKind::Closed, ""),
        StorageError::Unsupported => {
            (ErrorKind::Unsupported, "put it on a file system with byte-range locks: a local one")
        }
        StorageError::LockPoisoned(_) => (ErrorKind::Internal, "report this"),
        _ => (ErrorKind::Poisoned, "check the medium, then open the store again"),
    };
    let message = format!("{doing} {} failed: {error}", path.display());
    finish(Error::new(kind, message).with_source(error), help)
}

pub(crate) fn of_transaction(path: &Path, doing: &str, error: TransactionError) -> Error {
    match error {
        TransactionError::Storage(error) => of_storage(path, doing, error),
        other => internal(path, doing, other),
    }
}

pub(crate) fn of_commit(path: &Path, doing: &str, error: CommitError) -> Error {
    match error {
        CommitError::Storage(error) => of_storage(path, doing, error),
        other => internal(path, doing, other),
    }
}

/// A missing or different table means that another program made the file.
pub(crate) fn of_table(path: &Path, doing: &str, error: TableError) -> Error {
    match error {
        TableError::Storage(error) => of_storage(path, doing, error),
        TableError::TableAlreadyOpen(..) => internal(path, doing, error),
        other => foreign(path).with_source(other),
    }
}

/// The file is redb's, but not ours.
pub(crate) fn foreign(path: &Path) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is a redb file of another program", path.display()))
        .with_help("name another path")
}

pub(crate) fn of_open(path: &Path, error: DatabaseError) -> Error {
    let shown = path.display();
    match error {
        DatabaseError::Storage(error) => of_storage(path, "opening", error),
        DatabaseError::DatabaseAlreadyOpen => {
            Error::new(ErrorKind::Locked, format!("{shown} is open for writing elsewhere"))
                .with_help("wait until it is done there; the store can be opened read-only meanwhile")
                .with_source(error)
        }
        DatabaseError::LockProtocolMismatch => Error::new(
            ErrorKind::Locked,
            format!("{shown} is open in a program with another version of redb"),
        )
        .with_help("close it there, or use versions that belong together")
        .with_source(error),
        DatabaseError::UpgradeRequired(version) => {
            Error::new(ErrorKind::Corruption, format!("{shown} has version {version} of redb's file format"))
                .with_help("name another path, or convert it with the program that made it")
                .with_source(error)
        }
        DatabaseError::TransactionInProgress => {
            Error::new(ErrorKind::Unavailable, format!("{shown} is being read"))
                .with_help("try again when the reads have ended")
                .with_source(error)
        }
        other => internal(path, "opening", other),
    }
}

pub(crate) fn of_compaction(path: &Path, error: CompactionError) -> Error {
    match error {
        CompactionError::Storage(error) => of_storage(path, "compacting", error),
        other => busy(path).with_source(other),
    }
}

/// Compaction moves what a reader still sees.
pub(crate) fn busy(path: &Path) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        format!("{} cannot be compacted while a snapshot or another process reads it", path.display()),
    )
    .with_help("try again when they have ended")
}

pub(crate) fn internal(
    path: &Path,
    doing: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    let message = format!("{doing} {} failed: {error}", path.display());
    Error::new(ErrorKind::Internal, message).with_source(error).with_help("report this")
}

/// redb panicked, which it does on some damage that it does not look for.
pub(crate) fn panicked(path: &Path, doing: &str, words: &str) -> Error {
    Error::new(
        ErrorKind::Corruption,
        format!("{} is damaged: {doing} it, redb gave up: {words}", path.display()),
    )
    .with_help("restore it from a copy, or remove it and fill it anew")
}

pub(crate) fn closed(path: &Path) -> Error {
    Error::new(ErrorKind::Closed, format!("the store {} was closed", path.display()))
}

pub(crate) fn read_only(path: &Path) -> Error {
    Error::new(ErrorKind::ReadOnly, format!("{} was opened for reading only", path.display()))
        .with_help("open it for writing")
}

/// A block does not match its checksum, or is not there.
pub(crate) fn damaged(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is damaged: {why}", path.display()))
        .with_help("restore it from a copy, or remove it and fill it anew")
}

pub(crate) fn poisoned(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Poisoned,
        format!("{} was given up after a failure that leaves its state unknown ({why})", path.display()),
    )
    .with_help("check the medium, then open the store again")
}
