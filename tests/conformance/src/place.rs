//! Where one store is, or can be: its options, and its files as anybody sees them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use codestrata_core::{Backend, Error, ErrorKind, OpenMode, OpenRequest, OptionKind, Options, Result};

use crate::factory::Factory;

/// Where one store is, or can be.
#[derive(Clone)]
pub struct Place {
    factory: Factory,
    folder: PathBuf,
}

impl Place {
    /// The place of the store that the factory makes for this folder, which need not be there.
    #[must_use]
    pub const fn new(factory: Factory, folder: PathBuf) -> Self {
        Self { factory, folder }
    }

    /// Opens the store.
    ///
    /// # Errors
    /// As the backend answers.
    pub async fn open(&self, mode: OpenMode) -> Result<Arc<dyn Backend>> {
        self.open_with(self.options(), mode).await
    }

    /// Opens the store with other options.
    ///
    /// # Errors
    /// As the backend answers.
    pub async fn open_with(&self, options: Options, mode: OpenMode) -> Result<Arc<dyn Backend>> {
        self.factory.descriptor().open(OpenRequest::new(options).mode(mode)).await
    }

    /// Its options.
    #[must_use]
    pub fn options(&self) -> Options {
        self.factory.options(&self.folder)
    }

    /// The backend and its factory.
    #[must_use]
    pub const fn factory(&self) -> &Factory {
        &self.factory
    }

    /// The folder of its files, which need not be there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path that its options give, where the backend takes one.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        let options = self.options();
        let mut paths =
            self.factory.descriptor().option_specs().iter().filter(|spec| spec.kind() == OptionKind::Path);
        paths.find_map(|spec| options.path(spec.name()).ok().flatten())
    }

    /// Whether no file or folder was made here.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        !self.folder.exists()
    }

    /// Every file below the folder, in order, relative to it.
    ///
    /// # Errors
    /// `Internal` if the folder cannot be read.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        collect(&self.folder, Path::new(""), &mut found)
            .map_err(|error| trouble("list the files of a store", error))?;
        found.sort();
        Ok(found)
    }

    /// The bytes of every file.
    ///
    /// # Errors
    /// `Internal` if they cannot be read.
    pub fn bytes(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let read = |file: PathBuf| {
            let bytes = fs::read(self.folder.join(&file))
                .map_err(|error| trouble("read a file of a store", error))?;
            Ok((file, bytes))
        };
        self.files()?.into_iter().map(read).collect()
    }

    /// Copies every file to another place, where nothing is yet.
    ///
    /// # Errors
    /// `Internal` if that cannot be done.
    pub fn copy_to(&self, other: &Self) -> Result<()> {
        write_files(&other.folder, &self.bytes()?)
    }
}

/// Writes files below a folder, which is made.
///
/// # Errors
/// `Internal` if that cannot be done.
pub fn write_files(folder: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let write = || {
        fs::create_dir_all(folder)?;
        for (file, bytes) in files {
            let file = folder.join(file);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, bytes)?;
        }
        Ok(())
    };
    write().map_err(|error| trouble("write a copy of a store", error))
}

fn collect(root: &Path, below: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(root, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// The suite itself could not do something.
pub(crate) fn trouble(what: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::Internal, format!("the suite cannot {what}: {error}")).with_source(error)
}
