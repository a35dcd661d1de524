//! `codestrata hot`.

use std::io::{self, Write};

use clap::Args;
use codestrata_analyse::LeftOut;
use codestrata_analyse::hot::{Hot as Finding, HotDifference, HotFunction, Reweighed};
use codestrata_analyse::metrics::Metrics;
use serde::Serialize;

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{Tree, answer_of_tree};
use crate::measuring::{RunName, keep_run, measure, write_left_out};
use crate::output::{FAINT, NOTE, STRONG, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata hot
  codestrata hot --file models/ --limit 10";

const NOTES: &str = "\
The weight of a function is its cyclomatic complexity times one more than its callers. Calls that were bound \
    by their name alone are shown and do not count. Every run that finds something new is kept.";

/// Find functions that are complex and called a lot.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Hot {
    /// Only functions in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    run: RunName,
    results: Vec<HotFunction>,
    truncated: bool,
    left_out: Vec<LeftOut>,
}

impl Hot {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_change(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let measured = measure(settings, &store, &queries).await?;
        let calls = queries.call_counts().await?.results;
        let finding = Finding::of(&Metrics::of(&measured), &calls);
        let tree = Tree::of(&queries).await?;
        let run = keep_run(&store, &measured, serde_json::Value::Null, finding).await?;
        store.storage.close().await?;
        let name = RunName::of(&run);
        let Finding { functions: mut results, truncated } = run.finding;
        if let Some(part) = &self.file {
            results.retain(|function| function.file.contains(part.as_str()));
        }
        let limit = self.limit.get();
        let truncated = truncated || results.len() > limit;
        results.truncate(limit);
        let document = Document {
            repository: run.repository,
            run: name,
            results,
            truncated,
            left_out: measured.left_out,
        };
        answer_of_tree(settings, queries.repository(), &tree, &document, |out| document.write(out, limit))
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        writeln!(out, "{STRONG}{}{STRONG:#}, {}", Shown(&self.repository), self.run.shown())?;
        self.results.iter().try_for_each(|function| write_function(out, function))?;
        if self.truncated {
            write_cut(out, limit)?;
        }
        write_left_out(out, &self.left_out)
    }
}

fn write_function(out: &mut dyn Write, function: &HotFunction) -> io::Result<()> {
    let HotFunction { id, file, line, cyclomatic, callers, calls, guessed, weight } = function;
    write!(
        out,
        "  {weight:>6}  {STRONG}{}{STRONG:#}  cyclomatic {cyclomatic}, {} at {}",
        Shown(id),
        counted(*callers, "caller"),
        counted(*calls, "place")
    )?;
    if *guessed > 0 {
        write!(out, ", {NOTE}and {} by name alone{NOTE:#}", counted(*guessed, "call"))?;
    }
    writeln!(out, "  {FAINT}at {}:{line}{FAINT:#}", Shown(file))
}

/// Writes what is different between two runs.
pub(super) fn write_difference(out: &mut dyn Write, difference: &HotDifference) -> io::Result<()> {
    let HotDifference { heavier, lighter, added, removed } = difference;
    for (title, changed) in [("heavier", heavier), ("lighter", lighter)] {
        if !changed.is_empty() {
            writeln!(out, "{FAINT}{title}{FAINT:#}")?;
            for Reweighed { before, now } in changed {
                write!(out, "  {FAINT}before {}{FAINT:#}", before.weight)?;
                write_function(out, now)?;
            }
        }
    }
    for (title, functions) in [("new among them", added), ("no more among them", removed)] {
        if !functions.is_empty() {
            writeln!(out, "{FAINT}{title}{FAINT:#}")?;
            functions.iter().try_for_each(|function| write_function(out, function))?;
        }
    }
    if *difference == HotDifference::default() {
        writeln!(out, "{FAINT}no function is heavier, lighter, new or gone{FAINT:#}")?;
    }
    Ok(())
}
