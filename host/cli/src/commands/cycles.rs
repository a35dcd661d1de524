//! `codestrata cycles`.

use clap::Args;
use codestrata::query::CycleFilter;

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness;
use crate::output::{FAINT, STRONG, write_cut};
use crate::repository;
use crate::store::Store;
use crate::walking::{ABOUT_KINDS, ALL, edge_kinds, write_odd_kind};
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata cycles
  codestrata cycles --kinds imports
  codestrata cycles --unsure --limit 5 --json";

/// Find files that depend on each other in a circle.
///
/// Each group of files is shown with a shortest circle through the first of them, and one edge for every step of it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, ABOUT_KINDS))]
pub(crate) struct Cycles {
    /// The kinds of edges that make a file depend on another, with commas; `all` is every kind but contains.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = ALL)]
    kinds: Vec<String>,

    /// Count edges too that were bound by a name alone, or that lead to one of several definitions.
    #[arg(long)]
    unsure: bool,

    #[command(flatten)]
    limit: Limit,
}

impl Cycles {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let filter = CycleFilter { kinds: edge_kinds(&self.kinds), unsure: self.unsure };
        let found = queries.cycles(&filter, limit).await?;
        freshness::answer(settings, &queries, &found, |out| {
            if found.results.is_empty() {
                writeln!(out, "{FAINT}no files depend on each other in a circle{FAINT:#}")?;
            }
            for (position, cycle) in found.results.iter().enumerate() {
                if position > 0 {
                    writeln!(out)?;
                }
                let files = counted(cycle.size, "file");
                let direct =
                    counted(cycle.dependencies, "direct dependency").replace("dependencys", "dependencies");
                writeln!(out, "{STRONG}{files}{STRONG:#} depend on each other, {direct}; for example")?;
                for step in &cycle.witness {
                    writeln!(out, "  {}", Shown(&step.file))?;
                    let (source, target) = (Shown(&step.source.id), Shown(&step.target.id));
                    writeln!(out, "    {FAINT}{source} {}{FAINT:#} {target}", Shown(&step.kind))?;
                }
            }
            if found.truncated {
                write_cut(out, limit)?;
            }
            write_odd_kind(out, &self.kinds, found.results.is_empty())
        })
        .await
    }
}
