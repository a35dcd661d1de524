//! Which files of a folder are sources.
//!
//! Ignore files count, outside of git repositories too; hidden files, dependencies and build results are left out
//! (`dependencies` has what of them is read all the same);
//! symbolic links are not followed, so that no file is seen twice and none from outside.

use std::path::Path;
use std::sync::Mutex;

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::dependencies::is_dependency;
use crate::language::Language;

/// Source files larger than this are skipped: they are generated, and a graph of them serves no one.
pub const MAX_SOURCE_BYTES: u64 = 4 * 1024 * 1024;

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path, relative to the root, with `/` between its parts.
    pub path: String,
    /// Its language, by its ending.
    pub language: Language,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A file or folder that was left out though it may hold sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path, relative to the root; what is not UTF-8 in it is replaced.
    pub path: String,
    /// Why, for people.
    pub reason: String,
}

/// The sources of a folder, each list sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The files.
    pub files: Vec<SourceFile>,
    /// What was left out though it may hold sources.
    pub skipped: Vec<Skipped>,
}

/// Lists the project's own source files under a folder, on all cores.
///
/// It never fails as a whole: what cannot be read is among [`Sources::skipped`], the root itself included.
#[must_use]
pub fn sources(root: &Path) -> Sources {
    let mut walk = WalkBuilder::new(root);
    walk.require_git(false).follow_links(false).filter_entry(|entry| !is_dependency(entry));
    list(root, &walk)
}

/// Lists the source files of a walk, with paths relative to the root.
pub(crate) fn list(root: &Path, walk: &WalkBuilder) -> Sources {
    let found = Mutex::new(Sources::default());
    walk.build_parallel().run(|| {
        Box::new(|entry| {
            let outcome = match entry {
                Ok(entry) => examine(root, &entry),
                Err(error) => Some(Err(unreadable(root, &error))),
            };
            // A poisoned lock still holds a list to which whole items were added.
            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match outcome {
                Some(Ok(file)) => found.files.push(file),
                Some(Err(skipped)) => found.skipped.push(skipped),
                None => {}
            }
            WalkState::Continue
        })
    });
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.files.sort_by(|a, b| a.path.cmp(&b.path));
    found.skipped.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
    found
}

/// A source file, a reason to skip one, or nothing of interest.
fn examine(root: &Path, entry: &DirEntry) -> Option<Result<SourceFile, Skipped>> {
    if !entry.file_type().is_some_and(|kind| kind.is_file()) {
        return None;
    }
    let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
    let language = Language::of_path(&relative.to_string_lossy())?;
    let skipped = |reason: String| {
        tracing::debug!(path = %relative.display(), reason, "skipped a source file");
        Some(Err(Skipped { path: slashed(&relative.to_string_lossy()), reason }))
    };
    let Some(path) = relative.to_str() else {
        return skipped("its path is not UTF-8".to_owned());
    };
    match entry.metadata() {
        Err(error) => skipped(format!("it cannot be read: {error}")),
        Ok(metadata) if metadata.len() > MAX_SOURCE_BYTES => {
            skipped(format!("it has {} bytes; files over {MAX_SOURCE_BYTES} are left out", metadata.len()))
        }
        Ok(metadata) => Some(Ok(SourceFile { path: slashed(path), language, bytes: metadata.len() })),
    }
}

/// What the walk could not enter.
fn unreadable(root: &Path, error: &ignore::Error) -> Skipped {
    let mut innermost = error;
    let mut path = root;
    loop {
        innermost = match innermost {
            ignore::Error::WithPath { path: found, err } => {
                path = found;
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    let relative = path.strip_prefix(root).unwrap_or(path);
    Skipped { path: slashed(&relative.to_string_lossy()), reason: format!("it cannot be read: {innermost}") }
}

pub(crate) fn slashed(path: &str) -> String {
    if std::path::MAIN_SEPARATOR == '/' {
        path.to_owned()
    } else {
        path.replace(std::path::MAIN_SEPARATOR, "/")
    }
}
