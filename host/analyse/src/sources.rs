//! Sources of a graph, as they were when it was indexed.
//!
//! What is measured has to belong to what the graph says, so a file that has changed since is left out instead of
//! being measured at the places that its functions had. Paths come from the graph, which may come from anywhere: none
//! leads out of the folder or through a link.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use codestrata::model::GraphMetadata;
use codestrata::{Error, ErrorKind, Result};
use codestrata_index::{MAX_SOURCE_BYTES, content_hash};

use crate::measurements::Reason;

/// The folder that a graph was made of.
#[derive(Debug)]
pub(crate) struct SourceFolder(PathBuf);

impl SourceFolder {
    /// That of a repository.
    ///
    /// # Errors
    /// `NotFound` if the graph was not made of a folder, or if the folder is not there.
    pub(crate) fn of(overview: &GraphMetadata) -> Result<Self> {
        let repository = &overview.repo_id;
        let root = overview.root.as_ref().ok_or_else(|| {
            let message = format!(
                "the graph of `{repository}` was not made of a folder, so there is nothing to measure"
            );
            Error::new(ErrorKind::NotFound, message).with_help("index the folder with `codestrata index`")
        })?;
        let folder = PathBuf::from(root);
        if !folder.is_dir() {
            let message = format!("the folder of `{repository}`, {root}, is not there");
            return Err(Error::new(ErrorKind::NotFound, message).with_help(format!(
                "index it again where it is now, with `codestrata index PATH --repo {repository} --replace-root`"
            )));
        }
        Ok(Self(folder))
    }

    /// A file as it was indexed.
    pub(crate) fn read(&self, path: &str, hash: &str) -> Result<Vec<u8>, Reason> {
        if hash.is_empty() {
            return Err(Reason::WithoutHash);
        }
        let file = self.inside(Path::new(path)).ok_or(Reason::Unreadable)?;
        let mut content = Vec::new();
        let file = fs::File::open(file).map_err(|_| Reason::Unreadable)?;
        file.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut content).map_err(|_| Reason::Unreadable)?;
        // What stands behind the hash in the graph is no property of the file's content.
        let indexed = hash.split(' ').next().unwrap_or_default();
        if content_hash(&content) == indexed { Ok(content) } else { Err(Reason::Changed) }
    }

    /// Where a path of the graph leads, if that is a file in the folder.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let mut place = self.0.clone();
        let mut file_type = None;
        for part in path.components() {
            let Component::Normal(part) = part else { return None };
            place.push(part);
            file_type = Some(fs::symlink_metadata(&place).ok()?.file_type());
            if file_type.is_some_and(|file_type| file_type.is_symlink()) {
                return None;
            }
        }
        file_type.filter(fs::FileType::is_file).map(|_| place)
    }
}
