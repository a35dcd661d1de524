//! `codestrata metrics`.

mod answers;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use codestrata::Queries;
use codestrata_analyse::limits::MAX_RUNS;
use codestrata_analyse::metrics::{Figures, FunctionMetrics, Metrics as Finding, history};
use codestrata_analyse::runs::{as_of, graph_version, list};
use codestrata_analyse::{Run, Since};

pub(super) use answers::write_difference;

use answers::{Comparison, Histories, Most};

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::freshness::{Tree, answer_of_tree};
use crate::measuring::{RunName, keep_run, measure, stored_run};
use crate::moments::version_or_time;
use crate::repository;
use crate::store::Store;
use crate::symbols::{MAX_DEFINITIONS, definitions_of};

const EXAMPLES: &str = "\
Examples:
  codestrata metrics
  codestrata metrics --by lines --file models/
  codestrata metrics User.save
  codestrata metrics --since 7d";

const NOTES: &str = "\
Cyclomatic complexity is one more than the places at which control may go another way; nesting is how deep control \
    structures stand in each other. docs/analyses.md says what counts in each language.

The sources are measured as they were indexed; of a file that has changed since nothing is said. Only files that \
    changed since the last run are parsed. Every run that finds something new is kept, for --since and for the history of \
    a function; [analysis] in the configuration says for how long.

--since takes a version of the graph (12), an age (90m, 7d, 2weeks), a date, which begins at midnight UTC, or a time \
    with its zone. It compares with the newest run until then; of several of one version with the one that left out the \
    fewest files.";

/// Measure how complex each function is, and how that changes.
///
/// The most complex functions come first; with a symbol, the history of its figures; with --since, what has changed.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Metrics {
    /// A function, for the history of its figures: an id, a name, or the end of a qualified name.
    #[arg(value_name = "SYMBOL", conflicts_with = "since")]
    symbol: Option<String>,

    /// Show what has changed since a version of the graph, an age or a date.
    #[arg(long, value_name = "VERSION|WHEN", value_parser = version_or_time)]
    since: Option<Since>,

    /// What the most is of.
    #[arg(long, value_name = "FIGURE", default_value = "cyclomatic")]
    by: By,

    /// Only functions in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    /// Show the newest run that is kept, and measure nothing.
    #[arg(long)]
    stored: bool,

    #[command(flatten)]
    limit: Limit,
}

/// A figure of a function.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// Cyclomatic complexity.
    Cyclomatic,
    /// How deep control structures stand in each other.
    Nesting,
    /// Lines.
    Lines,
}

impl By {
    fn of(self, figures: Figures) -> u32 {
        match self {
            Self::Cyclomatic => figures.cyclomatic,
            Self::Nesting => figures.nesting,
            Self::Lines => figures.lines,
        }
    }
}

/// How many versions an error names.
const MAX_NAMED: usize = 10;

/// Refuses a version that the graph does not have, with those of which runs are kept.
async fn check_version(store: &Store, queries: &Queries, version: u64) -> Result<(), Failure> {
    let newest = queries.totals().await?.0;
    if (1..=newest).contains(&version) {
        return Ok(());
    }
    let runs = list::<Finding>(store.storage.analysis(), queries.repository(), MAX_RUNS).await?;
    let of: BTreeSet<u64> = runs.iter().map(graph_version).collect();
    let named: Vec<String> = of.iter().rev().take(MAX_NAMED).rev().map(u64::to_string).collect();
    let kept = match named.as_slice() {
        [] => "no run is kept yet".to_owned(),
        named if of.len() > MAX_NAMED => {
            format!("runs are kept of {} versions, the newest {}", of.len(), named.join(", "))
        }
        named => format!("runs are kept of {}", named.join(", ")),
    };
    let repository = queries.repository();
    let message = match version {
        0 => format!("`{repository}` has no version 0; the first is 1"),
        _ => format!("`{repository}` has no version {version} yet; the newest is {newest}"),
    };
    Err(Failure::not_found(message).with_help(format!("ask with --since {newest} or lower; {kept}")))
}

/// Refuses to compare with a later version than that of the run: it would be the run itself.
fn check_order(since: Since, run: &Run<Finding>) -> Result<(), Failure> {
    match since {
        Since::Version(version) if version > run.graph_version => {
            let newest = run.graph_version;
            Err(Failure::not_found(format!("the newest run that is kept is of version {newest}")).with_help(
                format!("leave out --stored to measure now, or ask with --since {newest} or lower"),
            ))
        }
        _ => Ok(()),
    }
}

impl Metrics {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = if self.stored {
            Store::open_to_read(settings).await?
        } else {
            Store::open_to_change(settings).await?
        };
        let queries = repository::choose(settings, &store).await?;
        if let Some(Since::Version(version)) = self.since {
            check_version(&store, &queries, version).await?;
        }
        let run: Run<Finding> = if self.stored {
            stored_run(&store, &queries, "metrics").await?
        } else {
            let measured = measure(settings, &store, &queries).await?;
            keep_run(&store, &measured, serde_json::Value::Null, Finding::of(&measured)).await?
        };
        let limit = self.limit.get();
        let tree = Tree::of(&queries).await?;
        let repository = queries.repository().to_owned();
        if let Some(symbol) = &self.symbol {
            let histories = self.histories(&store, &queries, symbol).await?;
            store.storage.close().await?;
            return answer_of_tree(settings, &repository, &tree, &histories, |out| histories.write(out));
        }
        if let Some(since) = self.since {
            check_order(since, &run)?;
            let earlier = as_of::<Finding>(store.storage.analysis(), queries.repository(), since).await?;
            store.storage.close().await?;
            let document = Comparison::new(&earlier, &run, self.file.as_deref(), limit);
            return answer_of_tree(settings, &repository, &tree, &document, |out| document.write(out, limit));
        }
        store.storage.close().await?;
        let document = self.most(run, limit);
        answer_of_tree(settings, &repository, &tree, &document, |out| document.write(out, limit))
    }

    /// The functions with the most of a figure.
    fn most(&self, run: Run<Finding>, limit: usize) -> Most {
        let name = RunName::of(&run);
        let Finding { mut functions, left_out } = run.finding;
        if let Some(part) = &self.file {
            functions.retain(|function| function.file.contains(part.as_str()));
        }
        let order = |function: &FunctionMetrics| {
            let FunctionMetrics { id, figures, .. } = function;
            (std::cmp::Reverse((self.by.of(*figures), *figures)), id.clone())
        };
        functions.sort_by_cached_key(order);
        Most::new(run.repository, name, functions, left_out, limit)
    }

    async fn histories(&self, store: &Store, queries: &Queries, symbol: &str) -> Result<Histories, Failure> {
        let resolved = definitions_of(queries, symbol).await;
        let ids: BTreeSet<String> = match &resolved {
            Ok(found) => found
                .results
                .iter()
                .filter(|found| {
                    self.file.as_ref().is_none_or(|part| found.node.file().contains(part.as_str()))
                })
                .map(|found| found.node.id().to_string())
                .collect(),
            // It may be gone, and have a history all the same.
            Err(_) => BTreeSet::from([symbol.to_owned()]),
        };
        if ids.len() > MAX_DEFINITIONS {
            let message = format!("`{symbol}` has {} definitions, too many for their histories", ids.len());
            return Err(Failure::new(Code::Usage, "usage", message)
                .with_help("name one by its id or as `Class.method`, or use --file"));
        }
        let runs = self.limit.get();
        let mut histories = history(store.storage.analysis(), queries.repository(), &ids, runs).await?;
        histories.retain(|_, entries| !entries.is_empty());
        if histories.is_empty() {
            resolved?;
            let message = format!("no run that is kept has figures of `{symbol}`");
            return Err(Failure::not_found(message).with_help("only functions and methods have figures"));
        }
        Ok(Histories::new(queries.repository().to_owned(), histories))
    }
}
