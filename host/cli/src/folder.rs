//! Folders that are named on the command line.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folder that is meant, without links and `..`.
///
/// # Errors
/// If it is not there, is no folder or cannot be read.
pub(crate) fn existing(path: &Path) -> Result<PathBuf, Failure> {
    let shown = path.display();
    let root = fs::canonicalize(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::input(format!("there is no folder {shown}"))
            .with_help("name one that is there; `.` is the current one"),
        _ => Failure::input(format!("the folder {shown} cannot be opened: {error}"))
            .with_help("name a folder that you may read"),
    })?;
    if !root.is_dir() {
        return Err(
            Failure::input(format!("{shown} is not a folder")).with_help("name the folder that it is in")
        );
    }
    // A folder that cannot be read has no sources, and would empty its graph.
    fs::read_dir(&root).map_err(|error| {
        Failure::input(format!("the folder {shown} cannot be read: {error}"))
            .with_help("name a folder that you may read")
    })?;
    Ok(root)
}
