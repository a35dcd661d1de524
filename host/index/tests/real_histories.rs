//! The contract above all others, held to what people do: along the commits of a real repository, the stored graph is
//! after each of them that of a clean build of its tree.
//!
//! The ordinary run walks some commits of this very repository, where its history is there. A long one takes any:
//! `CODESTRATA_HISTORY=/path/to/repository CODESTRATA_COMMITS=500`, best in release mode. The commits are taken in
//! runs of neighbours, spread over the whole history: small steps and large ones, and at the end a few backwards.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

mod git_history;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use codestrata::{
    FileChanges, GraphStorage, PreparedFile, StorageManager, Totals, Unwatched, VerifyWatch, jsonl,
};
use codestrata_index::{Language, content_hash, extract};
use git_history::Git;

/// Commits that the ordinary run walks, and the folders of this repository that it looks at: a part is enough there.
const ORDINARY_COMMITS: usize = 12;
const ORDINARY_FOLDERS: &[&str] = &["core", "host/store", "examples"];
/// Neighbours that are walked one after the other.
const RUN: usize = 4;
/// A history with fewer commits is too short to say anything.
const FEWEST_COMMITS: usize = 4;

/// What a step is compared by.
async fn graph_of(storage: &StorageManager) -> (String, Totals) {
    let mut bytes = Vec::new();
    jsonl::export_graph(storage.graph(), "r", &mut bytes).await.unwrap();
    (String::from_utf8(bytes).unwrap(), storage.query("r").totals().await.unwrap().1)
}

async fn rebuilt(tree: &BTreeMap<String, PreparedFile>) -> (String, Totals) {
    let storage = StorageManager::in_memory().unwrap();
    let replaced = tree.values().cloned().collect();
    storage.graph().update_files("r", FileChanges { replaced, ..FileChanges::default() }).await.unwrap();
    graph_of(&storage).await
}

/// The lines that only one of them has, a few of each.
fn differences(stored: &str, rebuilt: &str) -> String {
    let only = |a: &str, b: &str| {
        let b: BTreeSet<&str> = b.lines().collect();
        a.lines().filter(|line| !b.contains(line)).take(5).collect::<Vec<_>>().join("\n  ")
    };
    format!("stored only:\n  {}\nrebuilt only:\n  {}", only(stored, rebuilt), only(rebuilt, stored))
}

/// The source as the indexer would read it; none for one that it leaves out.
fn prepare(path: &str, content: &[u8]) -> Option<PreparedFile> {
    let mut facts = extract(path, content, Language::of_path(path)?).ok()?.facts;
    facts.hash = content_hash(content);
    Some(PreparedFile::new(&facts).unwrap())
}

/// So many commits in runs of neighbours, spread evenly.
fn spread(commits: &[String], wanted: usize) -> Vec<String> {
    if commits.len() <= wanted {
        return commits.to_vec();
    }
    let runs = wanted.div_ceil(RUN);
    let last_start = commits.len() - RUN;
    (0..runs)
        .flat_map(|run| {
            let start = if runs == 1 { 0 } else { last_start * run / (runs - 1) };
            commits[start..start + RUN].iter().cloned()
        })
        .collect()
}

/// Walks a history, and says over how many steps; or why it could not.
async fn walk(folder: PathBuf, within: &[&str], wanted: usize) -> Result<usize, String> {
    let mut git = Git::open(&folder)?;
    let commits = git.commits()?;
    if commits.len() < FEWEST_COMMITS {
        return Err(format!("{} has a history of {} commits only", folder.display(), commits.len()));
    }
    let mut steps = spread(&commits, wanted);
    // Back again: what was added goes, and what went returns.
    let back: Vec<String> = steps.iter().rev().skip(1).step_by(steps.len().div_ceil(4)).cloned().collect();
    steps.extend(back);
    let storage = StorageManager::in_memory().unwrap();
    let mut tree: BTreeMap<String, PreparedFile> = BTreeMap::new();
    let mut former: Option<String> = None;
    for commit in &steps {
        let (mut replaced, mut removed) = (Vec::new(), Vec::new());
        for change in git.changes(former.as_deref(), commit, within) {
            match change.content.and_then(|content| prepare(&change.path, &content)) {
                Some(file) => {
                    tree.insert(change.path, file.clone());
                    replaced.push(file);
                }
                None => {
                    tree.remove(&change.path);
                    removed.push(change.path);
                }
            }
        }
        let changes = FileChanges { replaced, removed, ..FileChanges::default() };
        storage.graph().update_files("r", changes).await.unwrap();
        let (stored, totals) = graph_of(&storage).await;
        let (expected, expected_totals) = rebuilt(&tree).await;
        assert!(
            stored == expected,
            "{}: after {former:?} the graph of {commit} is not that of a clean build\n{}",
            folder.display(),
            differences(&stored, &expected),
        );
        assert_eq!(totals, expected_totals, "totals of {commit} after {former:?}");
        let watch: Arc<dyn VerifyWatch> = Arc::new(Unwatched);
        let report = storage.graph().verify("r", &watch).await.unwrap().unwrap();
        assert!(report.is_right(), "{commit} after {former:?}: {:#?}", report.findings);
        former = Some(commit.clone());
    }
    Ok(steps.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn along_a_real_history_every_graph_is_that_of_a_clean_build() {
    let wanted = std::env::var("CODESTRATA_COMMITS").ok().and_then(|text| text.parse().ok());
    if let Some(folder) = std::env::var_os("CODESTRATA_HISTORY") {
        let walked = walk(folder.into(), &[], wanted.unwrap_or(200)).await.unwrap();
        println!("walked {walked} commits");
        return;
    }
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let wanted = wanted.unwrap_or(ORDINARY_COMMITS);
    match walk(own, ORDINARY_FOLDERS, wanted).await {
        Ok(walked) => assert!(walked >= FEWEST_COMMITS, "only {walked} commits were walked"),
        // An unpacked release has no history, and a shallow clone one commit.
        Err(reason) => println!("no history was walked: {reason}"),
    }
}
