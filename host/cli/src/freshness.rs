//! Answers that say when a file they rest on is no longer what was indexed.

use std::collections::HashSet;
use std::io::{self, Write};

use codestrata::Queries;
use codestrata::query::{
    Answer, CallHit, DeadHit, FileCycle, FileHotspot, Hotspot, ImpactHit, InheritanceHit, NodeHit, PathStep,
    Site, SubgraphNode, UnboundGroup, UnboundHit,
};
use codestrata_index::{Basis, FileState, Freshness, MAX_CHECKED_FILES, freshness};
use serde::Serialize;

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::output::{self, note};
use crate::words::{counted, length};

/// How many files a note names.
const MAX_NAMED: usize = 5;

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
        files.add(&self.file);
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

/// A document with what is known of the freshness of its files.
#[derive(Serialize)]
struct WithFreshness<'a, T> {
    #[serde(flatten)]
    document: &'a T,
    /// `checked`, `partly` or `unknown`.
    freshness: &'static str,
    stale: Vec<Stale<'a>>,
}

#[derive(Serialize)]
struct Stale<'a> {
    file: &'a str,
    state: &'static str,
}

/// Writes an answer as [`output::answer`] does, and says which of its files are no longer what was indexed: with
/// `--json` in the document, else in a note.
///
/// # Errors
/// As [`output::answer`], and what the store answers.
pub(crate) async fn answer<T: Serialize + RestsOn>(
    settings: &Settings,
    queries: &Queries,
    document: &T,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut files = Files::default();
    document.files(&mut files);
    let mut found = freshness(queries, &files.paths).await?;
    found.unchecked += files.more;
    let stale = found.stale.iter().map(|file| Stale { file: &file.path, state: word(file.state) });
    let document = WithFreshness { document, freshness: how_far(&found), stale: stale.collect() };
    output::answer(settings, &document, text)?;
    if !settings.json {
        say(settings, queries, &found);
    }
    Ok(())
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
fn say(settings: &Settings, queries: &Queries, found: &Freshness) {
    let root = match &found.basis {
        Basis::Nothing => return,
        Basis::MissingFolder(root) => {
            let root = root.display();
            let text = format!("the folder {root} is not there: whether its files have changed is not known");
            return note(settings, &text);
        }
        Basis::Folder(root) => root,
    };
    if found.stale.is_empty() {
        return;
    }
    let named = found.stale.iter().take(MAX_NAMED).map(|file| match file.state {
        FileState::Changed => file.path.clone(),
        FileState::Vanished => format!("{} (gone)", file.path),
    });
    let mut named = named.collect::<Vec<_>>().join(", ");
    if found.stale.len() > MAX_NAMED {
        named.push_str(" ...");
    }
    let (count, has) = match length(&found.stale) {
        1 => ("1 file".to_owned(), "has"),
        several => (counted(several, "file"), "have"),
    };
    note(
        settings,
        &format!(
            "{count} that this answer rests on {has} changed since {} was indexed: {named}; \
             run `codestrata index {}`",
            queries.repository(),
            root.display()
        ),
    );
}
