//! Whether files are still what was indexed: an answer is only as fresh as the files that it rests on.
//!
//! The graph keeps the hash of each file's content and the folder that was indexed, so a file can be compared without
//! being parsed. Files that came since are not seen: nothing in the graph leads to them.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use codestrata::{Queries, Result};

use crate::hash::content_hash;
use crate::walk::MAX_SOURCE_BYTES;

/// The most files that are looked at for one answer.
pub const MAX_CHECKED_FILES: usize = 256;

/// The most bytes that are read of them.
pub const MAX_CHECKED_BYTES: u64 = 32 * 1024 * 1024;

/// What the reader of folders calls itself, in any version: hashes that others made are compared with nothing.
const INDEXER: [&str; 2] = ["codestrata-index ", " facts "];

/// What has become of a file since it was indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Its content is another.
    Changed,
    /// It is not there, or is no file that would be read.
    Vanished,
}

/// A file that is no longer what was indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleFile {
    /// Its path in the graph.
    pub path: String,
    /// What has become of it.
    pub state: FileState,
}

/// With what files could be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// With those of the folder that was indexed.
    Folder(PathBuf),
    /// With nothing: that folder is not there.
    MissingFolder(PathBuf),
    /// With nothing: the graph is not of a folder that this indexer has read.
    Nothing,
}

/// Whether some files are still what was indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Those that are not, in the order in which they were named.
    pub stale: Vec<StaleFile>,
    /// How many were not compared, because of the limits or because there is nothing to compare them with.
    pub unchecked: u64,
    /// With what the others were compared.
    pub basis: Basis,
}

impl Freshness {
    /// Whether every file was compared.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.unchecked == 0 && matches!(self.basis, Basis::Folder(_))
    }
}

/// Compares files of a repository with those on disk: at most [`MAX_CHECKED_FILES`] of them, and
/// [`MAX_CHECKED_BYTES`].
///
/// Cost: two records of the store and one read of the content for each file.
///
/// # Errors
/// `NotFound` for a repository that is not stored, and what the engine answers. A file that cannot be read is no error.
pub async fn freshness(queries: &Queries, paths: &[&str]) -> Result<Freshness> {
    let overview = queries.overview().await?;
    let [name, made] = INDEXER;
    let is_ours =
        overview.extractor.is_some_and(|extractor| extractor.starts_with(name) && extractor.contains(made));
    let all = u64::try_from(paths.len()).unwrap_or(u64::MAX);
    let nothing = |basis| Freshness { stale: Vec::new(), unchecked: all, basis };
    let Some(root) = overview.root.filter(|_| is_ours).map(PathBuf::from) else {
        return Ok(nothing(Basis::Nothing));
    };
    if !root.is_dir() {
        return Ok(nothing(Basis::MissingFolder(root)));
    }
    let mut found = Freshness { stale: Vec::new(), unchecked: 0, basis: Basis::Folder(root.clone()) };
    let checked = paths.get(..MAX_CHECKED_FILES).unwrap_or(paths);
    found.unchecked = all - u64::try_from(checked.len()).unwrap_or(u64::MAX);
    let mut bytes_left = MAX_CHECKED_BYTES;
    for file in queries.files(checked).await? {
        match compare(&root, &file.path, &file.hash, &mut bytes_left) {
            Compared::Same => {}
            Compared::Stale(state) => found.stale.push(StaleFile { path: file.path, state }),
            Compared::NotAtAll => found.unchecked += 1,
        }
    }
    Ok(found)
}

enum Compared {
    Same,
    Stale(FileState),
    NotAtAll,
}

fn compare(root: &Path, path: &str, hash: &str, bytes_left: &mut u64) -> Compared {
    // What a graph calls a path must not lead out of its folder.
    if hash.is_empty() || !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        return Compared::NotAtAll;
    }
    let path = root.join(path);
    // Of a link or a pipe nothing was read, and nothing is.
    let about = match fs::symlink_metadata(&path) {
        Ok(about) if about.is_file() => about,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Compared::NotAtAll,
        Ok(_) | Err(_) => return Compared::Stale(FileState::Vanished),
    };
    if about.len() > MAX_SOURCE_BYTES {
        return Compared::Stale(FileState::Changed);
    }
    let Some(left) = bytes_left.checked_sub(about.len()) else { return Compared::NotAtAll };
    *bytes_left = left;
    let mut content = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(MAX_SOURCE_BYTES).read_to_end(&mut content));
    if read.is_err() {
        return Compared::NotAtAll;
    }
    // Behind the hash of a package's entry stands what else it depends on.
    let indexed = hash.split(' ').next().unwrap_or(hash);
    if content_hash(&content) == indexed { Compared::Same } else { Compared::Stale(FileState::Changed) }
}
