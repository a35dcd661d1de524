//! A folder into a stored graph: only what changed since the last time is read again.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use codestrata::model::{FileFacts, GraphMetadata, MetadataUpdate};
use codestrata::{Error, ErrorKind, FileChanges, GraphStorage, PreparedFile, Result, UpdateSummary};
use rayon::prelude::*;

use crate::extract::extract;
use crate::hash::content_hash;
use crate::language::Language;
use crate::walk::{MAX_SOURCE_BYTES, Skipped, SourceFile, WalkOptions, sources};

/// What made the facts. When it is another than the one stored, every file is read again.
pub const EXTRACTOR: &str = concat!("codestrata-index ", env!("CARGO_PKG_VERSION"), " facts 2");

/// What is to be indexed, and how.
#[derive(Clone, Debug)]
pub struct IndexOptions {
    /// The repository under which it is stored.
    pub repo_id: String,
    /// The folder.
    pub root: PathBuf,
    /// Which files of it.
    pub walk: WalkOptions,
    /// Whether another folder than the one that was indexed before may take its place.
    pub allow_other_root: bool,
    /// Whether everything is read and stored again, whatever has changed: also what was damaged in the store.
    pub read_all: bool,
}

impl IndexOptions {
    /// The sources of a folder, without dependencies.
    #[must_use]
    pub fn new(repo_id: impl Into<String>, root: impl Into<PathBuf>) -> Self {
        Self {
            repo_id: repo_id.into(),
            root: root.into(),
            walk: WalkOptions::default(),
            allow_other_root: false,
            read_all: false,
        }
    }
}

/// What indexing is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looking for source files.
    Walking,
    /// Reading files: comparing, and parsing those that changed.
    Reading,
    /// Linking and committing.
    Storing,
}

/// Someone who watches indexing and may stop it. Called from several threads.
pub trait Observer: Send + Sync {
    /// A phase begins, with so many steps, 0 if that is not known.
    fn began(&self, phase: Phase, steps: u64) {
        let _ = (phase, steps);
    }

    /// One step is done.
    fn stepped(&self) {}

    /// Whether to stop. Asked between files, and last before the commit: what is stored stays as it was.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Watches nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct IndexReport {
    /// What the store changed.
    pub summary: UpdateSummary,
    /// Source files that were found.
    pub found: u64,
    /// Files that have not changed.
    pub unchanged: u64,
    /// Files that were parsed.
    pub parsed: u64,
    /// Paths of files with syntax errors: what could be understood of them is stored.
    pub with_syntax_errors: Vec<String>,
    /// Files that were left out, and why.
    pub skipped: Vec<Skipped>,
}

/// One file, read.
enum ReadFile {
    Unchanged,
    Parsed { file: Box<PreparedFile>, had_syntax_errors: bool },
    Skipped(Skipped),
    Stopped,
}

/// Brings the stored graph of a repository to the state of a folder, as one commit. Returns none if the observer
/// stopped it, with nothing changed.
///
/// Cost: one look at every source file, and a parse of those whose content has another hash than the stored one.
///
/// # Errors
/// `NotFound` if the folder is not there, `InvalidArgument` if it is no folder or another one was indexed under this
/// id before, and what the store answers.
pub async fn index_repository(
    storage: &dyn GraphStorage,
    options: &IndexOptions,
    observer: &(dyn Observer + 'static),
) -> Result<Option<IndexReport>> {
    let root = canonical(&options.root)?;
    let root_text = root.to_string_lossy().into_owned();
    let stored = match storage.graph_metadata(&options.repo_id).await {
        // What cannot be read is what reading everything again is asked for.
        Err(error) if options.read_all && error.kind() == ErrorKind::Corruption => GraphMetadata::default(),
        other => other?.unwrap_or_default(),
    };
    if let Some(other) =
        stored.root.as_ref().filter(|other| **other != root_text && !options.allow_other_root)
    {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("`{}` was indexed from {other}, and this is {root_text}", options.repo_id),
        )
        .with_help("give this folder an id of its own, or say that it takes the other one's place"));
    }
    let package = own_package(&root);
    let extractor = match &package {
        None => EXTRACTOR.to_owned(),
        Some(package) => format!("{EXTRACTOR}, inside the package {package}"),
    };
    let is_current = stored.extractor.as_deref() == Some(extractor.as_str()) && !options.read_all;
    let known = if is_current { stored.file_hashes.clone() } else { BTreeMap::new() };
    observer.began(Phase::Walking, 0);
    let found = sources(&root, &options.walk);
    observer.began(Phase::Reading, u64::try_from(found.files.len()).unwrap_or(0));
    let mut report =
        IndexReport { found: count(found.files.len()), skipped: found.skipped, ..IndexReport::default() };
    let reading = Reading { root: &root, package: package.as_deref(), known: &known };
    let read = reading.all(&found.files, observer)?;
    let mut present: HashSet<&str> = HashSet::with_capacity(found.files.len());
    let mut replaced = Vec::new();
    for (source, read) in found.files.iter().zip(read) {
        match read {
            ReadFile::Stopped => return Ok(None),
            ReadFile::Skipped(skipped) => {
                report.skipped.push(skipped);
                continue;
            }
            ReadFile::Unchanged => report.unchanged += 1,
            ReadFile::Parsed { file, had_syntax_errors } => {
                report.parsed += 1;
                if had_syntax_errors {
                    report.with_syntax_errors.push(source.path.clone());
                }
                replaced.push(*file);
            }
        }
        present.insert(&source.path);
    }
    let removed =
        stored.file_hashes.keys().filter(|path| !present.contains(path.as_str())).cloned().collect();
    if observer.is_stopped() {
        return Ok(None);
    }
    observer.began(Phase::Storing, 0);
    let metadata =
        MetadataUpdate { root: Some(root_text), extractor: Some(extractor), ..MetadataUpdate::default() };
    let changes =
        FileChanges { replaced, removed, metadata, rewrite: options.read_all, ..FileChanges::default() };
    report.summary = storage.update_files(&options.repo_id, changes).await?;
    Ok(Some(report))
}

fn count(figure: usize) -> u64 {
    u64::try_from(figure).unwrap_or(u64::MAX)
}

fn canonical(root: &Path) -> Result<PathBuf> {
    let canonical = std::fs::canonicalize(root).map_err(|error| {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            _ => ErrorKind::InvalidArgument,
        };
        Error::new(kind, format!("the folder {} cannot be opened: {error}", root.display()))
            .with_source(error)
    })?;
    if !canonical.is_dir() {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{} is not a folder", root.display()))
            .with_help("name the folder that it lies in"));
    }
    Ok(canonical)
}

/// The name under which the folder's own files import each other, if it is a Python package itself: `django` in
/// `from django.db import models`, when `django/` is indexed and not the folder around it.
fn own_package(root: &Path) -> Option<String> {
    let name = root.file_name()?.to_str()?;
    root.join("__init__.py").is_file().then(|| name.to_owned())
}

/// Lets imports that begin with the package's own name lead into the folder.
fn enter_package(facts: &mut FileFacts, package: &str) {
    if facts.family != Language::Python.family() {
        return;
    }
    for import in &mut facts.imports {
        let inside = match import.module.strip_prefix(package) {
            Some("") => "",
            Some(rest) => match rest.strip_prefix('.') {
                Some(inside) => inside,
                None => continue,
            },
            None => continue,
        };
        import.candidates.insert(0, inside.replace('.', "/"));
    }
}

/// What reading a file needs to know.
struct Reading<'a> {
    root: &'a Path,
    package: Option<&'a str>,
    /// The hashes of files that need not be read again.
    known: &'a BTreeMap<String, String>,
}

impl Reading<'_> {
    fn all(&self, files: &[SourceFile], observer: &dyn Observer) -> Result<Vec<ReadFile>> {
        files
            .par_iter()
            .map(|source| {
                if observer.is_stopped() {
                    return Ok(ReadFile::Stopped);
                }
                let read = self.file(source)?;
                observer.stepped();
                Ok(read)
            })
            .collect()
    }

    fn file(&self, source: &SourceFile) -> Result<ReadFile> {
        let skip = |reason: String| Ok(ReadFile::Skipped(Skipped { path: source.path.clone(), reason }));
        let content = match std::fs::read(self.root.join(&source.path)) {
            Ok(content) => content,
            Err(error) => return skip(format!("it cannot be read: {error}")),
        };
        // It may have grown since it was listed.
        if count(content.len()) > MAX_SOURCE_BYTES {
            return skip(format!("it is larger than {MAX_SOURCE_BYTES} bytes"));
        }
        let hash = content_hash(&content);
        if self.known.get(&source.path) == Some(&hash) {
            return Ok(ReadFile::Unchanged);
        }
        match extract(&source.path, &content, source.language) {
            Ok(mut extraction) => {
                if let Some(package) = self.package {
                    enter_package(&mut extraction.facts, package);
                }
                Ok(ReadFile::Parsed {
                    file: Box::new(PreparedFile::new(&extraction.facts)?),
                    had_syntax_errors: extraction.had_syntax_errors,
                })
            }
            Err(problem) => skip(problem.to_string()),
        }
    }
}
