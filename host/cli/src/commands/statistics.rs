//! `codestrata statistics`.

use std::io::{self, Write};

use clap::Args;
use codestrata::query::{EdgeCounts, FileCounts, FolderCounts, FolderOptions, Statistics as Counts};
use codestrata_index::Language;
use indicatif::HumanCount;

use crate::arguments::{Limit, Settings, whole_number, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, OfAll};
use crate::output::{FAINT, STRONG, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata statistics
  codestrata statistics --depth 2 --limit 100 --json";

const NOTES: &str = "\
The language of a file is told by its ending; a `.h` counts as C. Edges belong to the file of their source.";

/// The most parts of a path that make up a folder; few paths have as many.
const MAX_PARTS: usize = 1_000;

/// Count what the graph is made of: by kind, by language, by folder, and by how sure references are.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Statistics {
    /// How many parts of a path make up a folder.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = |text: &str| whole_number(text, &(0..=MAX_PARTS)))]
    depth: usize,

    #[command(flatten)]
    limit: Limit,
}

impl Statistics {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let counts = queries.statistics(FolderOptions { depth: self.depth, limit }, language_of).await?;
        freshness::answer(settings, &queries, &OfAll(&counts), |out| write(out, &counts, limit)).await
    }
}

/// The language of a file; of one that is in none that is known, its ending.
fn language_of(path: &str) -> String {
    match Language::of_path(path) {
        Some(language) => language.as_str().to_owned(),
        None => match path.rsplit('/').next().and_then(|name| name.rsplit_once('.')) {
            Some((_, ending)) => format!(".{ending}"),
            None => "other".to_owned(),
        },
    }
}

fn write(out: &mut dyn Write, counts: &Counts, limit: usize) -> io::Result<()> {
    writeln!(out, "{STRONG}{}{STRONG:#}, version {}", Shown(&counts.repository), counts.version)?;
    writeln!(out, "\n{FAINT}languages{FAINT:#}")?;
    let mut languages: Vec<(&String, &FileCounts)> = counts.languages.iter().collect();
    languages.sort_by(|a, b| b.1.nodes.cmp(&a.1.nodes).then_with(|| a.0.cmp(b.0)));
    for (language, FileCounts { files, nodes, edges, .. }) in languages {
        write_row(out, &[(*files, "files"), (*nodes, "nodes"), (edges.edges, "edges")], language)?;
    }
    writeln!(out, "\n{FAINT}nodes{FAINT:#}")?;
    let mut kinds: Vec<(&String, &u64)> = counts.nodes_by_kind.iter().collect();
    kinds.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (kind, nodes) in kinds {
        write_row(out, &[(*nodes, "")], kind)?;
    }
    writeln!(out, "\n{FAINT}edges{FAINT:#}")?;
    let mut kinds: Vec<(&String, &EdgeCounts)> = counts.edges_by_kind.iter().collect();
    kinds.sort_by(|a, b| b.1.edges.cmp(&a.1.edges).then_with(|| a.0.cmp(b.0)));
    for (kind, edges) in kinds {
        write!(out, "  {:>11}  {}", HumanCount(edges.edges).to_string(), Shown(kind))?;
        writeln!(out, "  {FAINT}{}{FAINT:#}", in_words(edges))?;
    }
    writeln!(out, "\n{FAINT}folders{FAINT:#}")?;
    for FolderCounts { folder, files, nodes, edges } in &counts.folders {
        write_row(out, &[(*files, "files"), (*nodes, "nodes"), (*edges, "edges")], folder)?;
    }
    if counts.truncated { write_cut(out, limit) } else { Ok(()) }
}

fn write_row(out: &mut dyn Write, figures: &[(u64, &str)], name: &str) -> io::Result<()> {
    for (figure, of) in figures {
        write!(out, "  {:>11}", HumanCount(*figure).to_string())?;
        if !of.is_empty() {
            write!(out, " {FAINT}{of}{FAINT:#}")?;
        }
    }
    writeln!(out, "  {}", Shown(name))
}

/// How sure edges are, without what there is none of.
fn in_words(counts: &EdgeCounts) -> String {
    let EdgeCounts { edges: _, exact, import, unique_name, ambiguous, unresolved, stated, dangling } =
        *counts;
    let labels = [
        (exact, "exact"),
        (import, "import"),
        (unique_name, "unique-name"),
        (ambiguous, "ambiguous"),
        (unresolved, "unresolved"),
        (stated, "stated"),
        (dangling, "dangling"),
    ];
    let there_are = labels.iter().filter(|(count, _)| *count > 0);
    there_are.map(|(count, label)| format!("{} {label}", HumanCount(*count))).collect::<Vec<_>>().join(", ")
}
