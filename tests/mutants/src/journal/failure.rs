//! What goes wrong with files, as errors of the seam.

use std::io;
use std::path::Path;

use codestrata_core::{Error, ErrorKind};

/// What `doing` something to a file failed with.
pub(super) fn of_io(path: &Path, doing: &str, failed: io::Error) -> Error {
    use io::ErrorKind as Io;
    let (kind, help) = match failed.kind() {
        Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => {
            (ErrorKind::Full, "make room and try again")
        }
        Io::NotFound => (ErrorKind::NotFound, "open it in the mode that creates"),
        Io::ReadOnlyFilesystem => (ErrorKind::ReadOnly, "open it read-only, or put it elsewhere"),
        Io::PermissionDenied
        | Io::NotADirectory
        | Io::IsADirectory
        | Io::AlreadyExists
        | Io::InvalidFilename
        | Io::InvalidInput => (ErrorKind::InvalidConfig, "name another path"),
        Io::TimedOut | Io::WouldBlock | Io::OutOfMemory => (ErrorKind::Unavailable, "try again"),
        // EMFILE and ENFILE, which have no kind of their own.
        _ if matches!(failed.raw_os_error(), Some(23 | 24)) => {
            (ErrorKind::Unavailable, "close some files and try again")
        }
        _ => (ErrorKind::Poisoned, "check the medium, then open the store again"),
    };
    let error = Error::new(kind, format!("{doing} {} failed: {failed}", path.display()));
    let error = if kind == ErrorKind::InvalidConfig { error.with_option("path") } else { error };
    error.with_source(failed).with_help(help)
}

pub(super) fn damaged(path: &Path, offset: u64, what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is damaged at byte {offset}: {what}", path.display()))
        .with_help("restore the store from a copy, or remove it and fill it anew")
}

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "this journal was closed")
}

pub(super) fn poisoned() -> Error {
    Error::new(ErrorKind::Poisoned, "this journal was given up after a failure to write or to sync")
        .with_help("check the medium, then open the store again")
}

pub(super) fn read_only() -> Error {
    Error::new(ErrorKind::ReadOnly, "this journal was opened for reading only")
}

pub(super) fn locked(folder: &Path) -> Error {
    Error::new(ErrorKind::Locked, format!("{} is open elsewhere", folder.display()))
        .with_help("wait until it is closed there, or open it read-only")
}

pub(super) fn missing(folder: &Path) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no journal in {}", folder.display()))
        .with_help("open it in the mode that creates")
}
