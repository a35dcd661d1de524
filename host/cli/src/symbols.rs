//! A symbol on the command line: which definitions it means.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::Args;
use codestrata::Queries;
use codestrata::query::{Answer, NodeHit, SourcePlace, SymbolMatch};
use serde::Serialize;

use crate::failure::Failure;
use crate::freshness;
use crate::output::{FAINT, NOTE, STRONG, definition};
use crate::words::{Shown, counted, length};

/// More definitions than these are summed up instead of being answered for.
pub(crate) const MAX_DEFINITIONS: usize = 10;
/// How many folders and examples a summary lists.
const MAX_LISTED: usize = 10;
/// How many near names are offered.
const MAX_NEAR: usize = 5;

/// A symbol, and which of its definitions are meant.
#[derive(Args, Debug)]
pub(crate) struct Symbol {
    /// An id, a name, the end of a qualified name, or a place: `app/user.py::User.save`, `save`, `User.save`, `app/user.py:12`.
    #[arg(value_name = "SYMBOL")]
    pub(crate) text: String,

    /// Only definitions of this kind: class, function, method, variable ...
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// Only definitions in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,
}

/// Definitions of one symbol that are too many to be answered for.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// How many there are.
    definitions: u64,
    by_kind: BTreeMap<String, u64>,
    /// The folders with the most, with `/` at the end.
    by_folder: Vec<FolderCount>,
    /// The first of them.
    examples: Vec<NodeHit>,
    /// How to narrow it.
    help: &'static str,
}

#[derive(Debug, Serialize)]
struct FolderCount {
    folder: String,
    definitions: u64,
}

impl Symbol {
    /// A symbol of a command that takes it in another way.
    pub(crate) fn of(text: impl Into<String>, kind: Option<String>, file: Option<String>) -> Self {
        Self { text: text.into(), kind, file }
    }

    /// Its definitions, at least one.
    ///
    /// # Errors
    /// `not-found` with near names if there is none.
    pub(crate) async fn definitions(&self, queries: &Queries) -> Result<Answer<SymbolMatch>, Failure> {
        let mut answer = definitions_of(queries, &self.text).await?;
        let all = length(&answer.results);
        answer.results.retain(|found| {
            self.kind.as_ref().is_none_or(|kind| found.node.kind() == *kind)
                && self.file.as_ref().is_none_or(|part| found.node.file().contains(part.as_str()))
        });
        if answer.results.is_empty() {
            let of = counted(all, "definition");
            let message = format!("none of {of} of `{}` is of that kind or file", self.text);
            let failure = Failure::not_found(message).with_help("leave --kind or --file out to see them");
            return Err(freshness::doubted(queries, failure).await);
        }
        Ok(answer)
    }
}

/// The definitions of an id, a name, the end of a qualified name or a place, at least one.
///
/// The file of a place may be given as it is in the graph, as the end of that, or as seen from the current folder.
///
/// # Errors
/// `not-found` with near names if there is none.
pub(crate) async fn definitions_of(queries: &Queries, text: &str) -> Result<Answer<SymbolMatch>, Failure> {
    let place = SourcePlace::parse(text);
    if let Some(place) = &place
        && let Some(place) = seen_from_here(queries, place).await?
    {
        let answer = queries.definitions_at(&place).await?;
        if !answer.results.is_empty() {
            return Ok(answer);
        }
    }
    let answer = queries.resolve(text).await?;
    if !answer.results.is_empty() {
        return Ok(answer);
    }
    if is_place_of_nothing(text) {
        let failure = Failure::not_found(format!("there is no definition at `{text}`"))
            .with_help("lines and columns count from 1");
        return Err(failure);
    }
    if let Some(place) = place {
        let help =
            format!("`codestrata find --file {}` lists those of the file, if it is indexed", place.file);
        let failure = Failure::not_found(format!("there is no definition at `{text}`")).with_help(help);
        return Err(freshness::doubted(queries, failure).await);
    }
    let near = queries.similar_names(text, MAX_NEAR).await?;
    let help =
        did_you_mean(&near).unwrap_or_else(|| "`codestrata find TEXT` looks for a part of a name".to_owned());
    let failure = Failure::not_found(format!("there is no symbol `{text}`"));
    Err(freshness::doubted(queries, failure.with_help(help).with_detail("similar", near)).await)
}

/// Whether a text is a place but for a line or column of 0.
fn is_place_of_nothing(text: &str) -> bool {
    let figures = text.rsplit(':').map_while(|part| part.parse::<u32>().ok());
    let file = text.trim_end_matches(|end: char| end == ':' || end.is_ascii_digit());
    !file.is_empty() && text.contains(':') && figures.take(2).any(|figure| figure == 0)
}

/// The place in the graph that a path means which is absolute, or relative to a folder inside of the indexed one; none
/// for any other.
async fn seen_from_here(queries: &Queries, place: &SourcePlace) -> Result<Option<SourcePlace>, Failure> {
    let Ok(here) = std::env::current_dir() else { return Ok(None) };
    let Some(root) = queries.overview().await?.root else { return Ok(None) };
    let Ok(path) = here.join(&place.file).canonicalize() else { return Ok(None) };
    let Ok(inside) = path.strip_prefix(&root) else { return Ok(None) };
    let file = inside.to_string_lossy().into_owned();
    Ok(Some(SourcePlace { file, ..place.clone() }))
}

/// The question whether one of some near names was meant; none if there is no near one.
pub(crate) fn did_you_mean(near: &[String]) -> Option<String> {
    let names: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("did you mean {one}?")),
        several => Some(format!("did you mean one of {}?", several.join(", "))),
    }
}

impl Summary {
    /// Sums definitions up.
    pub(crate) fn of(definitions: &[SymbolMatch]) -> Self {
        let mut by_kind = BTreeMap::new();
        for found in definitions {
            *by_kind.entry(found.node.kind().to_string()).or_insert(0) += 1;
        }
        let files: Vec<&str> = definitions.iter().map(|found| found.node.file()).collect();
        Self {
            definitions: length(definitions),
            by_kind,
            by_folder: by_folder(&files),
            examples: definitions.iter().take(3).map(|found| found.node.clone()).collect(),
            help: "name one by its id or as `Class.method`, or use --file and --kind",
        }
    }

    /// Writes it.
    pub(crate) fn write(&self, out: &mut dyn Write, symbol: &str) -> io::Result<()> {
        let count = counted(self.definitions, "definition");
        writeln!(out, "{STRONG}{}{STRONG:#} has {count}, too many to answer for each", Shown(symbol))?;
        writeln!(out, "{FAINT}by kind{FAINT:#}")?;
        for (kind, count) in &self.by_kind {
            writeln!(out, "  {count:>6}  {}", Shown(kind))?;
        }
        writeln!(out, "{FAINT}by folder{FAINT:#}")?;
        for FolderCount { folder, definitions } in &self.by_folder {
            writeln!(out, "  {definitions:>6}  {}", Shown(folder))?;
        }
        let listed: u64 = self.by_folder.iter().map(|folder| folder.definitions).sum();
        if listed < self.definitions {
            writeln!(out, "  {:>6}  in other folders", self.definitions - listed)?;
        }
        writeln!(out, "{FAINT}among them{FAINT:#}")?;
        for hit in &self.examples {
            writeln!(out, "  {}", definition(hit))?;
        }
        writeln!(out, "{NOTE}to narrow it, {}{NOTE:#}", self.help)
    }
}

/// Counts by the deepest folders that are still few enough to be listed, the fullest first.
fn by_folder(files: &[&str]) -> Vec<FolderCount> {
    let at_depth = |depth: usize| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for file in files {
            *counts.entry(folder_of(file, depth)).or_insert(0) += 1;
        }
        counts
    };
    let mut counts = at_depth(1);
    for depth in 2..=MAX_LISTED {
        let deeper = at_depth(depth);
        if deeper.len() > MAX_LISTED {
            break;
        }
        counts = deeper;
    }
    let mut counts: Vec<FolderCount> =
        counts.into_iter().map(|(folder, definitions)| FolderCount { folder, definitions }).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.definitions));
    counts.truncate(MAX_LISTED);
    counts
}

/// The first so many folders of a path.
fn folder_of(file: &str, depth: usize) -> String {
    let parts: Vec<&str> = file.split('/').collect();
    let folders = parts.split_last().map(|(_, folders)| folders).unwrap_or_default();
    match folders.get(..depth).unwrap_or(folders) {
        [] => "./".to_owned(),
        kept => kept.join("/") + "/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_as_deep_as_can_be_listed() {
        let files: Vec<String> = (0..30).map(|n| format!("src/{}/{n}/a.py", n % 3)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let counts = by_folder(&files);
        let counts: Vec<_> = counts.iter().map(|c| (c.folder.as_str(), c.definitions)).collect();
        assert_eq!(counts, [("src/0/", 10), ("src/1/", 10), ("src/2/", 10)]);
    }

    #[test]
    fn a_file_without_folder_is_here() {
        assert_eq!(folder_of("a.py", 3), "./");
    }
}
