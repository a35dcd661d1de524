//! What goes wrong with files, as the seam's errors: which kind, which file, what to do next.

use std::io;
use std::path::Path;

use codestrata_core::{Error, ErrorKind};

const DAMAGED: &str = "restore the store from a copy, or remove it and fill it anew";

/// What `doing` something to a file or folder failed with.
pub(crate) fn of_io(path: &Path, doing: &str, error: io::Error) -> Error {
    use io::ErrorKind as Io;
    let (kind, help) = match error.kind() {
        _ if is_full(&error) => (ErrorKind::Full, "make room and try again"),
        Io::NotFound => {
            (ErrorKind::NotFound, "name the folder of a store, or open it in the mode that creates")
        }
        Io::ReadOnlyFilesystem => (ErrorKind::ReadOnly, "open it read-only, or put it elsewhere"),
        Io::PermissionDenied => (ErrorKind::InvalidConfig, "change its permissions, or name another path"),
        Io::InvalidInput | Io::InvalidFilename | Io::NotADirectory | Io::IsADirectory => {
            (ErrorKind::InvalidConfig, "name another path")
        }
        // A file that ends before what the index says is in it was cut by somebody.
        Io::UnexpectedEof => (ErrorKind::Corruption, DAMAGED),
        _ if is_out_of_files(&error) => {
            (ErrorKind::Unavailable, "raise the limit of open files, or close some")
        }
        Io::TimedOut | Io::WouldBlock | Io::OutOfMemory => (ErrorKind::Unavailable, "try again"),
        _ => (ErrorKind::Poisoned, "check the medium, then open the store again"),
    };
    Error::new(kind, format!("{doing} {} failed: {error}", path.display())).with_source(error).with_help(help)
}

/// Whether the medium, or what this process may have of it, is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Whether this process or the system has as many files open as it may; they have no kind in `std`.
pub(crate) fn is_out_of_files(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::MFILE, Errno::NFILE].iter().any(|one| error.raw_os_error() == Some(one.raw_os_error()))
}

/// Damage at a place in a file.
pub(crate) fn damaged(file: &Path, offset: u64, what: &str) -> Error {
    let message = format!("{} is damaged at byte {offset}: {what}", file.display());
    Error::new(ErrorKind::Corruption, message).with_help(DAMAGED)
}

/// A file of the store that is gone.
pub(crate) fn missing(file: &Path) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is missing, and the store needs it", file.display()))
        .with_help(DAMAGED)
}

/// A folder or file that is not ours.
pub(crate) fn foreign(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is {what}, and is left as it is", path.display()))
        .with_help("name another path, or move it away")
}

/// A path that cannot be a store.
pub(crate) fn unfit(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::InvalidConfig, format!("{} is {what}", path.display()))
        .with_option("path")
        .with_help("name the folder of a store, or one that is not there yet")
}

pub(crate) fn closed(path: &Path) -> Error {
    Error::new(ErrorKind::Closed, format!("the store {} was closed", path.display()))
}

pub(crate) fn read_only(path: &Path) -> Error {
    Error::new(ErrorKind::ReadOnly, format!("{} was opened for reading only", path.display()))
        .with_help("open it for writing")
}

pub(crate) fn poisoned(path: &Path, why: &str) -> Error {
    Error::new(
        ErrorKind::Poisoned,
        format!("{} was given up after a failure that leaves its state unknown ({why})", path.display()),
    )
    .with_help("check the medium, then open the store again")
}
