//! A folder into a stored graph: only what changed since the last time is read again.

mod reading;
mod verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use codestrata::model::{GraphMetadata, MetadataUpdate};
use codestrata::{Error, ErrorKind, FileChanges, GraphStorage, Result, UpdateSummary};

use crate::dependencies::Dependencies;
use crate::walk::Skipped;
use reading::{Folder, Outcome, Prepared};

pub use verify::{TreeCheck, VerifyOptions, VerifyReport, verify_repository};

/// What made the facts. When it is another than the one stored, every file is read again.
pub const EXTRACTOR: &str = concat!("codestrata-index ", env!("CARGO_PKG_VERSION"), " facts 25");

/// What is to be indexed, and how.
#[derive(Clone, Debug)]
pub struct IndexOptions {
    /// The repository under which it is stored.
    pub repo_id: String,
    /// The folder.
    pub root: PathBuf,
    /// Which packages of others are read too; none means as the last time, and at first that nothing is.
    pub dependencies: Option<Dependencies>,
    /// Whether another folder than the one that was indexed before may take its place.
    pub allow_other_root: bool,
    /// Whether everything is read and stored again, whatever has changed: also what was damaged in the store.
    pub read_all: bool,
}

impl IndexOptions {
    /// The sources of a folder, with dependencies as the last time.
    #[must_use]
    pub fn new(repo_id: impl Into<String>, root: impl Into<PathBuf>) -> Self {
        Self {
            repo_id: repo_id.into(),
            root: root.into(),
            dependencies: None,
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
    /// Reading what is stored, or linking it anew.
    Checking,
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
    /// Which packages of others were read.
    pub dependencies: Dependencies,
    /// Where those lie: packages for [`Dependencies::Smart`], folders of packages for [`Dependencies::All`].
    pub packages: Vec<String>,
}

/// The name of the attribute of a repository that says which packages of others were read.
const DEPENDENCIES: &str = "index.dependencies";

/// Brings the stored graph of a repository to the state of a folder, as one commit. Returns none if the observer
/// stopped it, with nothing changed.
///
/// Cost: one look at every source file, and a parse of those whose content has another hash than the stored one.
///
/// # Errors
/// `NotFound` if the folder is not there, `InvalidArgument` if it is no folder or another one was indexed under this
/// id before, or a graph without a folder that has no file in common with this one, or if no source was found and the repository has some: a folder that is not mounted must not empty a
/// graph. And what the store answers.
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
    if stored.root.is_none()
        && !options.allow_other_root
        && !has_common_file(stored.file_hashes.keys(), &root)
    {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!(
                "{root_text} has no file in common with `{}`, which was not indexed from a folder",
                options.repo_id
            ),
        )
        .with_help("give this folder an id of its own, or say that it takes the place of what is stored"));
    }
    let package = own_package(&root);
    let extractor = extractor(package.as_deref());
    let is_current = stored.extractor.as_deref() == Some(extractor.as_str()) && !options.read_all;
    let known = if is_current { stored.file_hashes.clone() } else { BTreeMap::new() };
    let remembered = remembered_dependencies(&stored);
    let dependencies = options.dependencies.or(remembered).unwrap_or_default();
    let folder = Folder { root: &root, package: package.as_deref(), known: &known, observer };
    let update = storage.begin_update(&options.repo_id).await?;
    let paths = stored.file_hashes.keys().cloned().collect();
    let outcome = Outcome::new(dependencies, Prepared::Update(update), paths);
    let (outcome, packages) = read_tree(storage, &options.repo_id, &folder, dependencies, outcome).await?;
    let Some(packages) = packages.filter(|_| !observer.is_stopped()) else {
        outcome.prepared.abandon().await?;
        return Ok(None);
    };
    let mut report = IndexReport { dependencies, packages, ..IndexReport::default() };
    if !outcome.has_files() && !stored.file_hashes.is_empty() {
        return Err(nothing_left(&root_text, stored.file_hashes.len()));
    }
    observer.began(Phase::Storing, 0);
    let begun = Instant::now();
    let (prepared, gone, read) = outcome.into_parts();
    let removed = gone.into_iter().collect();
    let mut metadata =
        MetadataUpdate { root: Some(root_text), extractor: Some(extractor), ..MetadataUpdate::default() };
    if dependencies != remembered.unwrap_or_default() {
        let name = match dependencies {
            Dependencies::Exclude => serde_json::Value::Null,
            _ => dependencies.as_str().into(),
        };
        metadata.attributes.insert(DEPENDENCIES, name);
    }
    let changes = FileChanges { removed, metadata, rewrite: options.read_all, ..FileChanges::default() };
    report.summary = prepared.commit(storage, &options.repo_id, changes).await?;
    tracing::info!(
        version = report.summary.version,
        removed = report.summary.removed,
        relinked = report.summary.relinked,
        milliseconds = begun.elapsed().as_millis(),
        "stored"
    );
    Ok(Some(IndexReport { summary: report.summary, dependencies, packages: report.packages, ..read }))
}

/// Whether a folder has one of the files of a graph, or the graph has none: else the folder is no state of what is stored.
///
/// Cost: a look at each file until one is there.
#[must_use]
pub fn has_common_file<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>, root: &Path) -> bool {
    let mut paths = paths.into_iter().peekable();
    paths.peek().is_none() || paths.any(|path| root.join(path).is_file())
}

/// Reads the files that belong to the graph of a folder into an outcome, and says where the packages of others are; none
/// if it was stopped.
async fn read_tree<'s>(
    storage: &'s dyn GraphStorage,
    repo_id: &str,
    folder: &Folder<'_>,
    dependencies: Dependencies,
    mut outcome: Outcome<'s>,
) -> Result<(Outcome<'s>, Option<Vec<String>>)> {
    if !folder.own(&mut outcome).await? {
        return Ok((outcome, None));
    }
    outcome.add_stored_imports(storage, repo_id).await?;
    let packages = folder.packages(dependencies, &outcome);
    let is_done = folder.of_packages(packages.sources, dependencies, &mut outcome).await?;
    Ok((outcome, is_done.then_some(packages.paths)))
}

/// What makes the facts of a folder, which may be a package itself.
fn extractor(package: Option<&str>) -> String {
    match package {
        None => EXTRACTOR.to_owned(),
        Some(package) => format!("{EXTRACTOR}, inside the package {package}"),
    }
}

/// Which packages of others were read the last time.
fn remembered_dependencies(stored: &GraphMetadata) -> Option<Dependencies> {
    stored.attributes.get(DEPENDENCIES).and_then(|name| Dependencies::parse(name.as_str()?))
}

fn count(figure: usize) -> u64 {
    u64::try_from(figure).unwrap_or(u64::MAX)
}

/// The error of a folder without sources that is to take the place of a graph.
fn nothing_left(root: &str, files: usize) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("{root} has no source that could be read, and its graph has {files} files"),
    )
    .with_help("see whether it is the right folder; if its sources are gone for good, remove the repository")
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
