//! A file that takes another's place once it is whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A file being written. Dropped before it is finished, it leaves what was there.
pub(crate) struct Replacement {
    file: File,
    /// The name it has until it is whole, and the one it gets then. None for what is no regular file, such as a pipe
    /// or `/dev/null`: that is written to as it is, because to take its place would remove it.
    names: Option<(PathBuf, PathBuf)>,
}

impl Replacement {
    /// Begins a file beside the one that it will replace.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(crate) fn begin(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(about) if !about.is_file() => {
                return Ok(Self { file: OpenOptions::new().write(true).open(path)?, names: None });
            }
            _ => {}
        }
        // Of a link, the file that it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.new", std::process::id()));
        let temporary = path.with_file_name(temporary);
        // What is there under this name was left behind by a process that had our number.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        Ok(Self { file, names: Some((temporary, path)) })
    }

    /// What is to be written to.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// When it cannot be, or is not sure to be on the medium; what was there stays then.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if let Some((temporary, path)) = &self.names {
            self.file.sync_all()?;
            fs::rename(temporary, path)?;
            self.names = None;
        }
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some((temporary, _)) = &self.names {
            // One that cannot be removed stays, and harms nobody.
            let _ = fs::remove_file(temporary);
        }
    }
}
