//! `codestrata hotspots`.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use codestrata::Queries;
use codestrata::query::{Answer, FileHotspot, Hotspot, HotspotFilter};
use serde::Serialize;

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, RestsOn};
use crate::output::{FAINT, NOTE, STRONG, definition, write_cut};
use crate::repository;
use crate::store::Store;
use crate::walking::{ABOUT_KINDS, Towards, edge_kinds, write_odd_kind};
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata hotspots
  codestrata hotspots --direction out
  codestrata hotspots --by file --kinds all --limit 10 --json";

/// Show what is called most, or depends on most: definitions, or whole files.
///
/// The figures are how many edges there are, and how many definitions or files stand at their other ends.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, ABOUT_KINDS))]
pub(crate) struct Hotspots {
    /// What is counted for.
    #[arg(long, value_name = "WHAT", default_value = "definition")]
    by: By,

    /// The kinds of edges that count, with commas between them; `all` is every kind but contains.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_values = ["calls", "instantiates"])]
    kinds: Vec<String>,

    /// Which edges count: those that come in, as to what is called, those that go out, or both.
    #[arg(long, value_name = "WAY", default_value = "in")]
    direction: Towards,

    #[command(flatten)]
    limit: Limit,
}

/// What is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// Functions, methods, classes, variables.
    Definition,
    /// Files, by their edges to other files.
    File,
}

impl Hotspots {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let filter = HotspotFilter { kinds: edge_kinds(&self.kinds), direction: self.direction.into() };
        match self.by {
            By::Definition => {
                let found = queries.hotspots(&filter, limit).await?;
                write(settings, &queries, &found, &self.kinds, limit, |out, hit: &Hotspot| {
                    write_counts(out, hit.edges, hit.unsure, &counted(hit.nodes, "definition"))?;
                    writeln!(out, "  {}", definition(&hit.node))
                })
                .await
            }
            By::File => {
                let found = queries.file_hotspots(&filter, limit).await?;
                write(settings, &queries, &found, &self.kinds, limit, |out, hit: &FileHotspot| {
                    write_counts(out, hit.edges, hit.unsure, &counted(hit.files, "file"))?;
                    writeln!(out, "  {STRONG}{}{STRONG:#}", Shown(&hit.file))
                })
                .await
            }
        }
    }
}

async fn write<T: Serialize + RestsOn>(
    settings: &Settings,
    queries: &Queries,
    found: &Answer<T>,
    kinds: &[String],
    limit: usize,
    mut write_hit: impl FnMut(&mut dyn Write, &T) -> io::Result<()>,
) -> Result<(), Failure> {
    freshness::answer(settings, queries, found, |out| {
        if found.results.is_empty() {
            writeln!(out, "{FAINT}there are no edges of these kinds{FAINT:#}")?;
        }
        found.results.iter().try_for_each(|hit| write_hit(out, hit))?;
        if found.truncated {
            write_cut(out, limit)?;
        }
        write_odd_kind(out, kinds, found.results.is_empty())
    })
    .await
}

/// `   412 of 87 definitions (30 by name alone)`.
fn write_counts(out: &mut dyn Write, edges: u64, unsure: u64, others: &str) -> io::Result<()> {
    write!(out, "{edges:>7}  {FAINT}{others}{FAINT:#}")?;
    match unsure {
        0 => Ok(()),
        _ => write!(out, "  {NOTE}({unsure} not certain){NOTE:#}"),
    }
}
