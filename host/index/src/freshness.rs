//! Whether files are still what was indexed: an answer is only as fresh as the files that it rests on.
//!
//! The graph keeps the hash of each file's content and the folder that was indexed, so a file can be compared without
//! being parsed. The files that an answer names are compared so. But that nothing else calls a function rests on every file
//! of the repository, and these are too many to be read: of them only those are compared whose times say that they may have
//! changed. Files that came since are not seen: nothing in the graph leads to them.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use codestrata::{FileInfo, GraphMetadata, Queries, Result};
use rayon::prelude::*;

use crate::hash::content_hash;
use crate::walk::MAX_SOURCE_BYTES;

/// The most files that are looked at for one answer.
pub const MAX_CHECKED_FILES: usize = 256;

/// The most bytes that are read of them.
pub const MAX_CHECKED_BYTES: u64 = 32 * 1024 * 1024;

/// How long before it was stored a file may have been read: one that changed in between is older than the graph, and another.
const SLACK: Duration = Duration::from_secs(10);

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
    let all = u64::try_from(paths.len()).unwrap_or(u64::MAX);
    let root = match folder_of(&queries.overview().await?) {
        Ok(root) => root,
        Err(basis) => return Ok(Freshness { stale: Vec::new(), unchecked: all, basis }),
    };
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

/// Says which of all files of a repository have changed, as far as their times tell: those that are newer than the graph
/// are compared, at most so many of them and so many bytes, and those that are gone are named. The others are taken to be
/// what they were.
///
/// Both the time of a file's content and that of its record in the file system count, where there is such a one, so that a
/// file with an old time that took the place of another is seen.
///
/// Cost: one record of the store and one look at the record in the file system for each file, on all cores; and one read
/// of the content for each that is newer.
///
/// # Errors
/// As [`freshness`].
pub async fn tree_freshness(queries: &Queries, most_files: usize, most_bytes: u64) -> Result<Freshness> {
    let overview = queries.overview().await?;
    let files = queries.all_files().await?;
    let root = match folder_of(&overview) {
        Ok(root) => root,
        Err(basis) => {
            let unchecked = u64::try_from(files.len()).unwrap_or(u64::MAX);
            return Ok(Freshness { stale: Vec::new(), unchecked, basis });
        }
    };
    let stored = overview.last_updated.unwrap_or(SystemTime::UNIX_EPOCH);
    let earlier = stored.checked_sub(SLACK).unwrap_or(SystemTime::UNIX_EPOCH);
    let times: Vec<Option<SystemTime>> = files.par_iter().map(|file| time_of(&root, &file.path)).collect();
    let newer_than = |time: SystemTime| -> Vec<&FileInfo> {
        let newer = files.iter().zip(&times).filter(|(_, own)| own.is_none_or(|own| own >= time));
        newer.map(|(file, _)| file).collect()
    };
    // A tree that was written just before it was indexed is all within the slack: then only what is newer for certain is
    // looked at.
    let mut suspects = newer_than(earlier);
    if suspects.len() > most_files {
        suspects = newer_than(stored);
    }
    let mut found = Freshness { stale: Vec::new(), unchecked: 0, basis: Basis::Folder(root.clone()) };
    let mut bytes_left = most_bytes;
    for (place, file) in suspects.into_iter().enumerate() {
        let is_within = place < most_files;
        match if is_within {
            compare(&root, &file.path, &file.hash, &mut bytes_left)
        } else {
            Compared::NotAtAll
        } {
            Compared::Same => {}
            Compared::Stale(state) => found.stale.push(StaleFile { path: file.path.clone(), state }),
            Compared::NotAtAll => found.unchecked += 1,
        }
    }
    Ok(found)
}

/// The folder with whose files those of a graph can be compared.
fn folder_of(overview: &GraphMetadata) -> std::result::Result<PathBuf, Basis> {
    let [name, made] = INDEXER;
    let is_ours = |extractor: &String| extractor.starts_with(name) && extractor.contains(made);
    let root = overview.root.as_ref().filter(|_| overview.extractor.as_ref().is_some_and(is_ours));
    let root = root.map(PathBuf::from).ok_or(Basis::Nothing)?;
    if root.is_dir() { Ok(root) } else { Err(Basis::MissingFolder(root)) }
}

/// When a file was changed last; none for one that is not there or has no time.
fn time_of(root: &Path, path: &str) -> Option<SystemTime> {
    let about = fs::symlink_metadata(root.join(path)).ok()?;
    let content = about.modified().ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let seconds = u64::try_from(about.ctime()).ok()?;
        let record = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
        let nanoseconds = u64::try_from(about.ctime_nsec()).unwrap_or(0);
        Some(content.max(record + Duration::from_nanos(nanoseconds)))
    }
    #[cfg(not(unix))]
    Some(content)
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
