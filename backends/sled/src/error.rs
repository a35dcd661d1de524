//! sled's errors as the seam's: which kind, which folder, what to do next; and sled's panics as errors.

use std::io;
use std::path::Path;

use codestrata_core::{Error, ErrorKind, Result, panics};

const RESTORE: &str = "restore it from a copy, or remove the folder and fill it anew";

/// What `doing` to a file or folder failed with.
pub(crate) fn of_io(path: &Path, doing: &str, error: io::Error) -> Error {
    use io::ErrorKind as Io;
    let (kind, help) = match error.kind() {
        Io::NotFound => (ErrorKind::NotFound, None),
        Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => {
            (ErrorKind::Full, Some("make room and try again"))
        }
        Io::ReadOnlyFilesystem => {
            (ErrorKind::ReadOnly, Some("put it elsewhere: sled writes to its files even to read them"))
        }
        Io::PermissionDenied => {
            (ErrorKind::InvalidConfig, Some("change its permissions, or name another path"))
        }
        Io::InvalidInput | Io::InvalidFilename | Io::NotADirectory | Io::IsADirectory => {
            (ErrorKind::InvalidConfig, Some("name another path"))
        }
        Io::InvalidData | Io::UnexpectedEof => (ErrorKind::Corruption, Some(RESTORE)),
        // EMFILE and ENFILE have no kind of their own.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => {
            (ErrorKind::Unavailable, Some("raise the limit of open files, or close some"))
        }
        Io::Interrupted | Io::TimedOut | Io::WouldBlock | Io::OutOfMemory => {
            (ErrorKind::Unavailable, Some("try again"))
        }
        _ => (ErrorKind::Poisoned, Some("check the medium, then open the store again")),
    };
    let message = format!("{doing} {} failed: {error}", path.display());
    let error = Error::new(kind, message).with_source(error);
    match help {
        Some(help) => error.with_help(help),
        None => error,
    }
}

/// What sled failed with while reading or opening.
pub(crate) fn of_sled(path: &Path, doing: &str, error: sled::Error) -> Error {
    let shown = path.display();
    match error {
        sled::Error::Io(error) => of_io(path, doing, error),
        sled::Error::Corruption { at, .. } => {
            let place = at.map(|at| format!(" at {at:?}")).unwrap_or_default();
            corrupt(path, &format!("{doing} it, sled found damage{place}")).with_source(error)
        }
        sled::Error::Unsupported(_) => {
            corrupt(path, "its file `conf` is damaged, or it was made by another version of sled")
                .with_source(error)
        }
        sled::Error::CollectionNotFound(_) => {
            corrupt(path, &format!("{doing} it, sled missed a part of it")).with_source(error)
        }
        sled::Error::ReportableBug(_) => {
            Error::new(ErrorKind::Internal, format!("{doing} {shown} failed: {error}"))
                .with_source(error)
                .with_help("report this")
        }
    }
}

/// Whether sled's own lock is held, by a program that uses sled on this folder, or still by sled itself.
pub(crate) fn is_sled_lock(error: &sled::Error) -> bool {
    // sled makes a new error of the one that it got, so that its words are all there is.
    matches!(error, sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock"))
}

/// The store is damaged, or is none.
pub(crate) fn corrupt(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("{} is damaged: {why}", path.display())).with_help(RESTORE)
}

pub(crate) fn locked(path: &Path, holder: &str) -> Error {
    Error::new(ErrorKind::Locked, format!("{} is open {holder}", path.display()))
        .with_help("wait until it is done there; a sled store has one user at a time, readers included")
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

/// Runs sled, which panics on some of the damage that it meets.
///
/// Its words are left out: some of them are a dump of the whole tree. Whoever has a panic hook has them there.
pub(crate) fn caught<T>(path: &Path, doing: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    panics::catch(work)
        .unwrap_or_else(|_| Err(corrupt(path, &format!("{doing} it, sled gave up with a panic"))))
}
