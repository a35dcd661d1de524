//! A stored graph compared with itself and with the folder that it was made of.
//!
//! The store is verified by itself: what it has of each file, and every link, derived anew. Then the folder is read as
//! if nothing were stored, and what every file says is compared with what is stored of it. Both together are the
//! comparison with a clean index. A file that has changed since it was indexed cannot be compared; it is said to be
//! stale, which is no fault, and everything else is compared all the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codestrata::{
    Error, ErrorKind, FileState, Findings, GraphStorage, GraphStore, Result, Subject, Verification,
    VerifyWatch,
};

use super::reading::{Folder, Outcome, Prepared};
use super::{
    Observer, Phase, canonical, extractor, has_common_file, own_package, read_tree, remembered_dependencies,
};
use crate::walk::Skipped;

/// What is to be verified.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// The repository.
    pub repo_id: String,
    /// The folder; none means the one that was indexed, if it is there.
    pub root: Option<PathBuf>,
}

/// What came of comparing a graph with its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeCheck {
    /// It was compared.
    Compared,
    /// It was not, for this reason; only the store itself was verified.
    Not(String),
}

/// What was found.
#[derive(Clone, Debug)]
pub struct VerifyReport {
    /// What the store is by itself. Its findings are those of the comparison with the folder too.
    pub store: Verification,
    /// Whether the folder was compared.
    pub tree: TreeCheck,
    /// The folder.
    pub root: Option<PathBuf>,
    /// Files whose facts were compared.
    pub compared: u64,
    /// Files that changed since they were indexed.
    pub changed: Vec<String>,
    /// Files that came since.
    pub added: Vec<String>,
    /// Files that went since.
    pub gone: Vec<String>,
    /// Files of the folder that could not be read.
    pub skipped: Vec<Skipped>,
}

impl VerifyReport {
    /// What is said of a store of which not even the repositories can be told.
    #[must_use]
    pub fn of_store(findings: Findings) -> Self {
        Self::new(
            Verification { findings, ..Verification::default() },
            TreeCheck::Not("the store cannot be read".to_owned()),
            None,
        )
    }

    fn new(store: Verification, tree: TreeCheck, root: Option<PathBuf>) -> Self {
        Self {
            store,
            tree,
            root,
            compared: 0,
            changed: Vec::new(),
            added: Vec::new(),
            gone: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Whether nothing is wrong with what is stored.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.store.is_right()
    }

    /// Whether the folder is as it was when it was indexed.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty() && self.gone.is_empty()
    }
}

/// Passes on what a verification tells.
struct Watch(Arc<dyn Observer>);

impl VerifyWatch for Watch {
    fn began(&self, files: u64) {
        self.0.began(Phase::Checking, files);
    }

    fn stepped(&self) {
        self.0.stepped();
    }

    fn is_stopped(&self) -> bool {
        self.0.is_stopped()
    }
}

/// Verifies a repository against itself and its folder. Returns none if the observer stopped it.
///
/// Cost: the store is read whole and linked anew, and every file of the folder is parsed: time and memory as indexing
/// it from nothing.
///
/// # Errors
/// `NotFound` if the repository is not stored or a folder that was named is not there; `InvalidArgument` if one that was
/// named has not one file of the graph, and so is no state of what was indexed; and what the store answers.
/// What is wrong with what is stored is no error but the answer.
pub async fn verify_repository(
    storage: &GraphStore,
    options: &VerifyOptions,
    observer: &Arc<dyn Observer>,
) -> Result<Option<VerifyReport>> {
    // A folder that was named and is not there is told before the long work.
    let named = options.root.as_deref().map(canonical).transpose()?;
    if let Some(named) = &named {
        check_common(storage, &options.repo_id, named).await?;
    }
    let watch: Arc<dyn VerifyWatch> = Arc::new(Watch(Arc::clone(observer)));
    let Some(store) = storage.verify(&options.repo_id, &watch).await? else { return Ok(None) };
    let mut report = VerifyReport::new(store, TreeCheck::Compared, named);
    let is_finished = match compare(storage, options, observer.as_ref(), &mut report).await {
        Err(error) if !report.is_right() => {
            // What cannot be read has been told already.
            report.tree = TreeCheck::Not(format!("the store cannot be read: {error}"));
            true
        }
        other => other?,
    };
    Ok(is_finished.then_some(report))
}

/// Refuses a folder that has nothing in common with the graph: nothing could be compared, and nothing found wrong.
async fn check_common(storage: &GraphStore, repo_id: &str, named: &Path) -> Result<()> {
    // What is wrong with the store is found and told by what follows.
    let Ok(files) = storage.list_files(repo_id).await else { return Ok(()) };
    if has_common_file(files.iter().map(|file| &file.path), named) {
        return Ok(());
    }
    let message =
        format!("the folder {} has no file in common with the graph of `{repo_id}`", named.display());
    let root = storage.graph_metadata(repo_id).await?.and_then(|stored| stored.root);
    Err(Error::new(ErrorKind::InvalidArgument, message).with_help(match root {
        Some(root) => format!("name the folder that was indexed, {root}, or another state of it"),
        None => "name the folder of the sources, or none: this graph was not made of a folder".to_owned(),
    }))
}

/// Compares the folder; `false` if the observer stopped it.
async fn compare(
    storage: &GraphStore,
    options: &VerifyOptions,
    observer: &(dyn Observer + 'static),
    report: &mut VerifyReport,
) -> Result<bool> {
    let Some(stored) = storage.graph_metadata(&options.repo_id).await? else { return Ok(true) };
    if report.root.is_none() {
        let Some(root) = &stored.root else {
            report.tree = TreeCheck::Not("the graph was not made of a folder".to_owned());
            return Ok(true);
        };
        match canonical(root.as_ref()) {
            Ok(root) => report.root = Some(root),
            Err(error) => {
                report.tree = TreeCheck::Not(error.to_string());
                return Ok(true);
            }
        }
    }
    let Some(root) = report.root.clone() else { return Ok(true) };
    let package = own_package(&root);
    let expected = extractor(package.as_deref());
    if stored.extractor.as_deref() != Some(expected.as_str()) {
        let by = stored.extractor.as_deref().unwrap_or("another program");
        report.tree = TreeCheck::Not(format!(
            "the graph was made by `{by}`, and this is `{expected}`; index the folder again to compare them"
        ));
        return Ok(true);
    }
    let dependencies = remembered_dependencies(&stored).unwrap_or_default();
    let known = std::collections::BTreeMap::new();
    let folder = Folder { root: &root, package: package.as_deref(), known: &known, observer };
    let outcome = Outcome::new(dependencies, Prepared::Listed(Vec::new()), BTreeSet::new());
    let (outcome, packages) = read_tree(storage, &options.repo_id, &folder, dependencies, outcome).await?;
    let ((Prepared::Listed(now), _, read), Some(_)) = (outcome.into_parts(), packages) else {
        return Ok(false);
    };
    let states = storage.compare_files(&options.repo_id, &now).await?;
    for (path, state) in states {
        match state {
            FileState::Same => report.compared += 1,
            FileState::Changed => report.changed.push(path),
            FileState::New => report.added.push(path),
            FileState::Gone => report.gone.push(path),
            FileState::Differs(words) => {
                report.compared += 1;
                add_once(&mut report.store.findings, &path, words);
            }
        }
    }
    report.skipped = read.skipped;
    Ok(!observer.is_stopped())
}

/// Adds that a file says something else, unless its facts are known to be damaged.
fn add_once(findings: &mut Findings, path: &str, words: String) {
    let is_known = |finding: &codestrata::Finding| {
        finding.file.as_deref() == Some(path) && finding.subject == Subject::Segment
    };
    if !findings.list.iter().any(is_known) {
        findings.add(Some(path), Subject::Facts, words);
    }
}
