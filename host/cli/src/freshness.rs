//! Answers that say when a file they rest on is no longer what was indexed.
//!
//! There are two things to say. The files that an answer names are compared by their content. But an answer to who calls a
//! function rests on all files, because any of them may hold a call by now: of these it is said which have changed as far
//! as their times tell.

use std::collections::HashSet;
use std::io::{self, Write};

use codestrata::Queries;
use codestrata::query::{
    Answer, CallHit, DeadHit, FileCycle, FileHotspot, Hotspot, ImpactHit, InheritanceHit, NodeHit, PathStep,
    Site, SubgraphNode, UnboundGroup, UnboundHit,
};
use codestrata_index::{
    Basis, FileState, Freshness, MAX_CHECKED_BYTES, MAX_CHECKED_FILES, StaleFile, freshness, tree_freshness,
};
use serde::Serialize;

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::output::{self, note};
use crate::words::{counted, length};

/// How many files a note names.
const MAX_NAMED: usize = 5;
/// How many of the changed files of a repository a document names.
const MAX_LISTED: usize = 20;

/// The files that an answer rests on, each once, in the order in which it names them.
#[derive(Default)]
pub(crate) struct Files<'a> {
    paths: Vec<&'a str>,
    known: HashSet<&'a str>,
    /// Whether there are more than are looked at.
    more: u64,
}

impl<'a> Files<'a> {
    /// Adds one.
    pub(crate) fn add(&mut self, path: &'a str) {
        if self.known.insert(path) {
            if self.paths.len() < MAX_CHECKED_FILES {
                self.paths.push(path);
            } else {
                self.more += 1;
            }
        }
    }

    /// Adds those of several parts.
    pub(crate) fn add_all<T: RestsOn + 'a>(&mut self, parts: impl IntoIterator<Item = &'a T>) {
        for part in parts {
            part.files(self);
        }
    }
}

/// What knows which files it rests on.
pub(crate) trait RestsOn {
    /// Names them, the most important first.
    fn files<'a>(&'a self, files: &mut Files<'a>);
}

impl RestsOn for NodeHit {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add(self.file());
    }
}

impl RestsOn for Site {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add(&self.file);
    }
}

impl RestsOn for CallHit {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.node.files(files);
        files.add_all(&self.sites);
    }
}

impl RestsOn for UnboundHit {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add_all(&self.sites);
    }
}

impl RestsOn for ImpactHit {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.node.files(files);
    }
}

impl RestsOn for PathStep {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.node.files(files);
        files.add_all(&self.sites);
    }
}

impl RestsOn for InheritanceHit {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.node.files(files);
        self.site.files(files);
    }
}

impl RestsOn for SubgraphNode {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.node.files(files);
    }
}

impl RestsOn for UnboundGroup {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add_all(self.sites.iter().map(|site| &site.site));
    }
}

impl<T: RestsOn> RestsOn for Answer<T> {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add_all(&self.results);
    }
}

impl RestsOn for DeadHit {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.node.files(files);
    }
}

impl RestsOn for Hotspot {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.node.files(files);
    }
}

impl RestsOn for FileHotspot {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add(&self.file);
    }
}

impl RestsOn for FileCycle {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.witness.iter().for_each(|step| files.add(&step.file));
        self.files.iter().for_each(|file| files.add(file));
    }
}

/// A document that names no files: what it says rests on all of them.
pub(crate) struct OfAll<'a, T>(pub(crate) &'a T);

impl<T> RestsOn for OfAll<'_, T> {
    fn files<'a>(&'a self, _files: &mut Files<'a>) {}
}

impl<T: Serialize> Serialize for OfAll<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A document with what is known of the freshness of its files.
#[derive(Serialize)]
struct WithFreshness<'a, T> {
    #[serde(flatten)]
    document: &'a T,
    /// `checked`, `partly` or `unknown`.
    freshness: &'static str,
    stale: Vec<Stale<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<TreeState<'a>>,
}

#[derive(Serialize)]
struct Stale<'a> {
    file: &'a str,
    state: &'static str,
}

/// What is known of all files of the repository.
#[derive(Serialize)]
struct TreeState<'a> {
    freshness: &'static str,
    /// How many files are no longer what was indexed.
    changed: u64,
    /// The first of them.
    files: Vec<Stale<'a>>,
}

/// What is known of all files of a repository.
pub(crate) struct Tree(Freshness);

impl Tree {
    /// Looks at all files of a repository.
    ///
    /// # Errors
    /// What the store answers.
    pub(crate) async fn of(queries: &Queries) -> Result<Self, Failure> {
        Ok(Self(tree_freshness(queries, MAX_CHECKED_FILES, MAX_CHECKED_BYTES).await?))
    }
}

/// Writes an answer as [`output::answer`] does, and says which of its files, and which of all files, are no longer what was
/// indexed: with `--json` in the document, else in notes.
///
/// # Errors
/// As [`output::answer`], and what the store answers.
pub(crate) async fn answer<T: Serialize + RestsOn>(
    settings: &Settings,
    queries: &Queries,
    document: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let tree = Tree::of(queries).await?;
    let named = of_named(queries, document).await?;
    write(settings, queries.repository(), document, named.as_ref(), Some(&tree), text)
}

/// The same for an answer that rests on the files that it names, and on no others.
///
/// # Errors
/// As [`answer`].
pub(crate) async fn answer_of_named<T: Serialize + RestsOn>(
    settings: &Settings,
    queries: &Queries,
    document: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let named = of_named(queries, document).await?;
    write(settings, queries.repository(), document, named.as_ref(), None, text)
}

/// The same for an answer that rests on all files and names none, where these were looked at before.
///
/// # Errors
/// As [`output::answer`].
pub(crate) fn answer_of_tree<T: Serialize>(
    settings: &Settings,
    repository: &str,
    tree: &Tree,
    document: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    write(settings, repository, &OfAll(document), None, Some(tree), text)
}

/// What is known of the files that a document names; none if it names none.
async fn of_named<T: RestsOn>(queries: &Queries, document: &T) -> Result<Option<Freshness>, Failure> {
    let mut files = Files::default();
    document.files(&mut files);
    if files.paths.is_empty() {
        return Ok(None);
    }
    let mut found = freshness(queries, &files.paths).await?;
    found.unchecked += files.more;
    Ok(Some(found))
}

fn write<T: Serialize>(
    settings: &Settings,
    repository: &str,
    document: &T,
    named: Option<&Freshness>,
    tree: Option<&Tree>,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let tree = tree.map(|Tree(found)| found);
    // What names no file rests on all of them.
    let of = named.or(tree);
    let state = tree.map(|found| TreeState {
        freshness: how_far(found),
        changed: length(&found.stale),
        files: listed(&found.stale, MAX_LISTED),
    });
    let document = WithFreshness {
        document,
        freshness: of.map_or("unknown", how_far),
        stale: of.map(|found| listed(&found.stale, MAX_CHECKED_FILES)).unwrap_or_default(),
        tree: state,
    };
    output::answer(settings, &document, text)?;
    if !settings.json {
        say(settings, repository, named, tree);
    }
    Ok(())
}

fn listed(stale: &[StaleFile], most: usize) -> Vec<Stale<'_>> {
    stale.iter().take(most).map(|file| Stale { file: &file.path, state: word(file.state) }).collect()
}

fn word(state: FileState) -> &'static str {
    match state {
        FileState::Changed => "changed",
        FileState::Vanished => "vanished",
    }
}

fn how_far(found: &Freshness) -> &'static str {
    match found.basis {
        Basis::Folder(_) if found.is_known() => "checked",
        Basis::Folder(_) => "partly",
        Basis::MissingFolder(_) | Basis::Nothing => "unknown",
    }
}

/// Says it to people. Of a graph that was not indexed from a folder nothing is claimed, and nothing said.
fn say(settings: &Settings, repository: &str, named: Option<&Freshness>, tree: Option<&Freshness>) {
    let Some(basis) = named.or(tree).map(|found| &found.basis) else { return };
    let root = match basis {
        Basis::Nothing => return,
        Basis::MissingFolder(root) => {
            let root = root.display();
            let text = format!("the folder {root} is not there: whether its files have changed is not known");
            return note(settings, &text);
        }
        Basis::Folder(root) => root.display(),
    };
    let own: Vec<&StaleFile> = named.iter().flat_map(|found| &found.stale).collect();
    if !own.is_empty() {
        let (count, has) = how_many(own.len());
        let text = format!(
            "{count} that this answer rests on {has} changed since {repository} was indexed: {}; \
             run `codestrata index {root}`",
            names(&own)
        );
        note(settings, &text);
    }
    let all = tree.iter().flat_map(|found| &found.stale);
    let others: Vec<&StaleFile> = all.filter(|file| !own.contains(file)).collect();
    if others.is_empty() {
        return;
    }
    let (count, has) = how_many(others.len());
    let (which, what) = match own.len() {
        0 => (count, format!("; run `codestrata index {root}`")),
        _ => (count.replacen(' ', " other ", 1), String::new()),
    };
    let text = format!(
        "{which} {has} changed since {repository} was indexed, and may say more by now: {}{what}",
        names(&others)
    );
    note(settings, &text);
}

fn how_many(files: usize) -> (String, &'static str) {
    match files {
        1 => ("1 file".to_owned(), "has"),
        several => (counted(u64::try_from(several).unwrap_or(u64::MAX), "file"), "have"),
    }
}

/// The first of some files, as a note names them.
fn names(stale: &[&StaleFile]) -> String {
    let named = stale.iter().take(MAX_NAMED).map(|file| match file.state {
        FileState::Changed => file.path.clone(),
        FileState::Vanished => format!("{} (gone)", file.path),
    });
    let named = named.collect::<Vec<_>>().join(", ");
    if stale.len() > MAX_NAMED { named + " ..." } else { named }
}

/// Says beside a failure to find something which files have changed: it may stand in one of them.
pub(crate) async fn doubted(queries: &Queries, failure: Failure) -> Failure {
    // A failure is said as it is where nothing can be found out.
    let Ok(Tree(found)) = Tree::of(queries).await else { return failure };
    let Basis::Folder(root) = &found.basis else { return failure };
    if found.stale.is_empty() {
        return failure;
    }
    let stale: Vec<&StaleFile> = found.stale.iter().collect();
    let (count, has) = how_many(stale.len());
    let text = format!(
        "{count} {has} changed since {} was indexed: {}; run `codestrata index {}`",
        queries.repository(),
        names(&stale),
        root.display()
    );
    let files: Vec<&str> = found.stale.iter().take(MAX_LISTED).map(|file| file.path.as_str()).collect();
    failure.and_help(&text).with_detail("changed_files", files)
}
