//! `codestrata cycles`.

use clap::Args;
use codestrata::query::{Answer, CycleFilter, FileCycle};
use serde::Serialize;

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
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

    /// Count imports too that stand in functions, or that are there for the checking of types.
    #[arg(long)]
    late_imports: bool,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    found: Answer<FileCycle>,
    /// How many dependencies do not count, because they are late imports.
    late_imports_left_out: u64,
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.found.files(files);
    }
}

impl Cycles {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let filter =
            CycleFilter { kinds: edge_kinds(&self.kinds), unsure: self.unsure, late: self.late_imports };
        let (found, late_imports_left_out) = queries.cycles(&filter, limit).await?;
        let document = Document { found, late_imports_left_out };
        let found = &document.found;
        freshness::answer(settings, &queries, &document, |out| {
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
                    write!(out, "  {}", Shown(&step.file))?;
                    if let Some(line) = step.line {
                        write!(out, ":{line}")?;
                    }
                    writeln!(out)?;
                    let (source, target) = (Shown(step.source.id()), Shown(step.target.id()));
                    writeln!(out, "    {FAINT}{source} {}{FAINT:#} {target}", Shown(&step.kind))?;
                }
            }
            if found.truncated {
                write_cut(out, limit)?;
            }
            if late_imports_left_out > 0 {
                let left_out = match late_imports_left_out {
                    1 => "1 dependency by an import".to_owned(),
                    several => format!("{several} dependencies by imports"),
                };
                writeln!(
                    out,
                    "\n{FAINT}{left_out} in a function, or for the checking of types, left out; --late-imports counts \
                     such{FAINT:#}"
                )?;
            }
            write_odd_kind(out, &self.kinds, found.results.is_empty())
        })
        .await
    }
}
