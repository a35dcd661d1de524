//! The functions of a repository, file by file, and how often each is called: what analyses of a whole repository
//! begin with.

use std::collections::{BTreeMap, HashMap, HashSet};

use codestrata_core::Result;
use serde::Serialize;

use super::answer::Answer;
use crate::graph::{StoredFile, View};
use crate::keyspace::{FileOrd, Slot};
use crate::link::LinkTarget;
use crate::model::{Resolution, Span, edge_kind, node_kind};
use crate::records::FileEntry;

/// Files read together in a pass over all of them.
const FILES_PER_READ: usize = 512;

/// A file, and the functions that it defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileFunctions {
    /// Its path.
    pub path: String,
    /// The hash of its content, as the indexer gave it; empty if it gave none.
    pub hash: String,
    /// A name for its content and what was stored of it: another one as soon as either changes.
    pub state: String,
    /// Its functions and methods, in their order in the file; none for a file that was known.
    pub functions: Option<Vec<FunctionPlace>>,
}

/// A function or method, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FunctionPlace {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// All of it.
    pub span: Span,
}

/// How often a node is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallCount {
    /// Its id.
    pub id: String,
    /// How many other nodes call it.
    pub callers: u64,
    /// At how many places it is called, its own included.
    pub calls: u64,
    /// At how many more places something is called that was bound to it by its name alone, or as one of several: often
    /// a method of something that is not in the repository.
    pub guessed: u64,
}

/// The same, while it is counted.
#[derive(Clone, Copy, Default)]
struct Counts {
    callers: u64,
    calls: u64,
    guessed: u64,
}

pub(super) async fn functions(
    view: &View<'_>,
    known: &BTreeMap<String, String>,
) -> Result<Answer<FileFunctions>> {
    let mut answer = Answer::of(view);
    let mut unknown = Vec::new();
    for (ordinal, entry) in view.all_entries().await? {
        let state = state(&entry);
        if known.get(entry.path.as_str()) == Some(&state) {
            answer.results.push(FileFunctions {
                path: entry.path.into(),
                hash: entry.hash,
                state,
                functions: None,
            });
        } else {
            unknown.push((ordinal, entry));
        }
    }
    while !unknown.is_empty() {
        let rest = unknown.len().saturating_sub(FILES_PER_READ);
        for file in view.segments_only(unknown.split_off(rest)).await? {
            answer.results.push(functions_of(&file));
        }
    }
    answer.results.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(answer)
}

/// Neither the content nor the facts will do: an edit may change the one and not the other.
fn state(entry: &FileEntry) -> String {
    format!("{:032x} {}", entry.segment, entry.hash)
}

fn functions_of(file: &StoredFile) -> FileFunctions {
    let segment = &file.segment;
    let is_function = |row: &u32| {
        matches!(segment.kind(*row), node_kind::FUNCTION | node_kind::METHOD) && !segment.is_declaration(*row)
    };
    let mut functions: Vec<FunctionPlace> = (0..segment.node_count())
        .filter(is_function)
        .map(|row| FunctionPlace {
            id: segment.id(row),
            name: segment.name(row).to_owned(),
            span: segment.span(row),
        })
        .collect();
    functions.sort_by(|a, b| (a.span, &a.id).cmp(&(b.span, &b.id)));
    FileFunctions {
        path: file.entry.path.to_string(),
        hash: file.entry.hash.clone(),
        state: state(&file.entry),
        functions: Some(functions),
    }
}

pub(super) async fn call_counts(view: &View<'_>) -> Result<Answer<CallCount>> {
    let all = view.all_entries().await?;
    let mut counts: HashMap<(FileOrd, Slot), Counts> = HashMap::new();
    for entries in all.chunks(FILES_PER_READ) {
        for file in view.files_of(entries.to_vec()).await? {
            count_calls_of(&file, &mut counts);
        }
    }
    let called: HashSet<FileOrd> = counts.keys().map(|(file, _)| *file).collect();
    let called: Vec<_> = all.into_iter().filter(|(file, _)| called.contains(file)).collect();
    let mut answer = Answer::of(view);
    for entries in called.chunks(FILES_PER_READ) {
        for file in view.files_of(entries.to_vec()).await? {
            for row in 0..file.segment.node_count() {
                let slot = file.links.slots().slot(row);
                if let Some(Counts { callers, calls, guessed }) = counts.get(&(file.ordinal, slot)).copied() {
                    let id = file.segment.id(row);
                    answer.results.push(CallCount { id, callers, calls, guessed });
                }
            }
        }
    }
    answer.results.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(answer)
}

/// Counts the calls that stand in one file. A caller belongs to one file, so that callers can be told apart here.
fn count_calls_of(file: &StoredFile, counts: &mut HashMap<(FileOrd, Slot), Counts>) {
    let mut seen = HashSet::new();
    for link in file.links.links(file.ordinal) {
        let LinkTarget::Bound(other, slot, resolution) = link.target else { continue };
        if !edge_kind::is_call(file.links.kind(&link)) {
            continue;
        }
        let counts = counts.entry((other, slot)).or_default();
        if matches!(resolution, Some(Resolution::UniqueName | Resolution::Ambiguous | Resolution::Unresolved))
        {
            counts.guessed += 1;
            continue;
        }
        counts.calls += 1;
        let is_itself = (other, slot) == (file.ordinal, link.source);
        if !is_itself && seen.insert((link.source, other, slot)) {
            counts.callers += 1;
        }
    }
}
