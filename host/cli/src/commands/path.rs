//! `codestrata path`.

use std::io::{self, Write};

use clap::Args;
use codestrata::Queries;
use codestrata::limits::{MAX_DEPTH, MAX_VISITED};
use codestrata::model::edge_kind;
use codestrata::query::{Answer, Direction, NodeHit, PathEnd, PathStep, Site, SymbolMatch, Traversal};
use serde::Serialize;

use crate::arguments::{Settings, steps, with_notes};
use crate::failure::{Code, Failure};
use crate::freshness::{self, Files, RestsOn};
use crate::output::{FAINT, NOTE, STRONG, definition};
use crate::repository;
use crate::store::Store;
use crate::symbols::{MAX_DEFINITIONS, definitions_of};
use crate::walking::{ALL, MaxNodes, Towards, edge_kinds, odd_kind};
use crate::words::{Shown, counted, length};

/// How many places of one step are shown to people.
const MAX_SITES: usize = 3;
const EXAMPLES: &str = "\
Examples:
  codestrata path handle validate
  codestrata path app/views.py::handle User.save --json
  codestrata path views models --kinds all --depth 4";

const NOTES: &str = "\
A path goes along calls, from the caller to what is called. --kinds takes calls, instantiates, \
    imports, inherits, uses_type, accesses, contains, the kinds of imported graphs, and `all` for every \
    kind but contains.

Of several shortest paths it is the one whose ids come first, compared step by step from FROM. A \
    name with several definitions is answered for each. That there is no path (exit code 1) is told from \
    that a limit was hit (also 1). With --direction in or both, ← marks edges that are followed backwards.

A step is (exact) if its target is in the same file, (import) if it was found through imports or namespaces, \
    (unique-name) if it was bound by its name alone, which one member has, and (ambiguous) if it is one of several \
    definitions that may be meant.";

/// Show how one definition leads to another, over the fewest calls.
///
/// Every step is shown with the file, line and column of the call. Only references that could be bound are followed.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Path {
    /// Where it begins: an id, a name, or the end of a qualified name.
    #[arg(value_name = "FROM")]
    from: String,

    /// Where it ends.
    #[arg(value_name = "TO")]
    to: String,

    /// The kinds of edges to go along, with commas between them.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_values = [edge_kind::CALLS, edge_kind::INSTANTIATES])]
    kinds: Vec<String>,

    /// The most steps.
    #[arg(long, value_name = "N", default_value_t = MAX_DEPTH, value_parser = steps)]
    depth: u32,

    /// Which way to follow edges: out from callers to what they call, in the other way, or both.
    #[arg(long, value_name = "WAY", default_value = "out")]
    direction: Towards,

    #[command(flatten)]
    max_nodes: MaxNodes,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    version: u64,
    from: End,
    to: End,
    kinds: Vec<String>,
    results: Vec<Found>,
    truncated: bool,
    ambiguous: u64,
    unresolved: u64,
}

/// One end, as it was given and what it means.
#[derive(Serialize)]
struct End {
    symbol: String,
    definitions: Vec<NodeHit>,
}

/// What was found for one definition of each end.
#[derive(Serialize)]
struct Found {
    from: String,
    to: String,
    end: PathEnd,
    /// The number of edges, if there is a path.
    length: Option<u64>,
    steps: Vec<PathStep>,
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add_all(self.from.definitions.iter().chain(&self.to.definitions));
        files.add_all(self.results.iter().flat_map(|found| &found.steps));
    }
}

impl Path {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let from = end(&queries, self.from.clone()).await?;
        let to = end(&queries, self.to.clone()).await?;
        let options = Traversal::along(edge_kinds(&self.kinds))
            .direction(self.direction.into())
            .depth(self.depth)
            .visited(self.max_nodes.get());
        let mut document = Document {
            repository: queries.repository().to_owned(),
            version: 0,
            from,
            to,
            kinds: self.kinds.clone(),
            results: Vec::new(),
            truncated: false,
            ambiguous: 0,
            unresolved: 0,
        };
        document.search(&queries, &options).await?;
        if document.results.iter().all(|found| found.end != PathEnd::Found) {
            let failure = self.no_path(&queries, &options, &document).await;
            return Err(freshness::doubted(&queries, failure).await);
        }
        freshness::answer(settings, &queries, &document, |out| document.write(out)).await
    }

    /// Why there is none, and what may be done.
    async fn no_path(&self, queries: &Queries, options: &Traversal, document: &Document) -> Failure {
        let ends: Vec<PathEnd> = document.results.iter().map(|found| found.end).collect();
        let (from, to) = (&self.from, &self.to);
        let none = format!("there is no path from `{from}` to `{to}`");
        let (kind, message, help) = if ends.contains(&PathEnd::NodeLimit) {
            let message = format!(
                "no path from `{from}` to `{to}` was found among the first {} nodes",
                self.max_nodes.get()
            );
            (
                "limit",
                message,
                format!("raise --max-nodes (to {MAX_VISITED} at most), or begin nearer to the end"),
            )
        } else if ends.contains(&PathEnd::DepthLimit) {
            let within = counted(u64::from(self.depth), "step");
            let message = format!("{none} within {within}; longer ones were not looked for");
            ("limit", message, "raise --depth".to_owned())
        } else {
            ("no-path", none, self.other_ways(queries, options, document).await)
        };
        let end = ends.iter().find(|end| **end != PathEnd::None).copied().unwrap_or(PathEnd::None);
        Failure::new(Code::NotFound, kind, message)
            .with_help(help)
            .with_detail("end", serde_json::json!(end))
            .with_detail("ambiguous", document.ambiguous)
            .with_detail("unresolved", document.unresolved)
    }

    /// What may lead further: the other direction, other kinds, calls that could not be bound.
    async fn other_ways(&self, queries: &Queries, options: &Traversal, document: &Document) -> String {
        let Self { from, to, kinds, .. } = self;
        for found in document.results.iter().take(MAX_DEFINITIONS) {
            // A hint is not worth an error of its own.
            if options.direction != Direction::Both
                && let Ok((_, PathEnd::Found)) = queries.path(&found.to, &found.from, options).await
            {
                return format!("there is one the other way: `codestrata path {to} {from}`");
            }
        }
        if let Some(odd) = odd_kind(kinds) {
            return odd;
        }
        let unbound = document.ambiguous + document.unresolved;
        let mut help = Vec::new();
        if unbound > 0 {
            help.push(format!(
                "{} on the way could not be bound, and may lead there",
                counted(unbound, "reference")
            ));
        }
        if !kinds.iter().any(|kind| kind == ALL) {
            help.push(format!(
                "only {} were followed; --kinds all follows the others too",
                kinds.join(" and ")
            ));
        }
        if help.is_empty() {
            help.push(format!("`codestrata impact {to}` shows everything that leads there"));
        }
        help.join("; ")
    }
}

/// What a symbol means.
async fn end(queries: &Queries, symbol: String) -> Result<End, Failure> {
    let Answer { results, .. } = definitions_of(queries, &symbol).await?;
    if results.len() > MAX_DEFINITIONS {
        let ids: Vec<String> =
            results.iter().take(MAX_DEFINITIONS).map(|found| found.node.id().to_string()).collect();
        let some: Vec<String> = ids.iter().take(3).map(|id| format!("`{id}`")).collect();
        let of = counted(length(&results), "definition");
        return Err(Failure::new(Code::Usage, "usage", format!("`{symbol}` has {of}, too many to try each"))
            .with_help(format!("name one by its id or as `Class.method`; among them are {}", some.join(", ")))
            .with_detail("definitions", length(&results))
            .with_detail("examples", ids));
    }
    let definitions = results.into_iter().map(|SymbolMatch { node, .. }| node).collect();
    Ok(End { symbol, definitions })
}

impl Document {
    /// Looks for a path between every two definitions.
    async fn search(&mut self, queries: &Queries, options: &Traversal) -> Result<(), Failure> {
        for from in &self.from.definitions {
            for to in &self.to.definitions {
                let (found, end) = queries.path(from.id(), to.id(), options).await?;
                self.version = self.version.max(found.version);
                self.truncated |= found.truncated;
                // Searches from one definition meet the same references.
                self.ambiguous = self.ambiguous.max(found.ambiguous);
                self.unresolved = self.unresolved.max(found.unresolved);
                self.results.push(Found {
                    from: from.id().to_string(),
                    to: to.id().to_string(),
                    end,
                    length: (end == PathEnd::Found).then(|| length(&found.results).saturating_sub(1)),
                    steps: found.results,
                });
            }
        }
        Ok(())
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let is_several = self.results.len() > 1;
        for found in self.results.iter().filter(|found| found.end == PathEnd::Found) {
            if is_several {
                let steps = counted(found.length.unwrap_or(0), "step");
                let (from, to) = (Shown(&found.from), Shown(&found.to));
                writeln!(out, "{STRONG}{from}{STRONG:#} to {STRONG}{to}{STRONG:#}, {steps}")?;
            }
            for step in &found.steps {
                write_step(out, step, if is_several { "  " } else { "" })?;
            }
            if is_several {
                writeln!(out)?;
            }
        }
        for found in self.results.iter().filter(|found| found.end != PathEnd::Found) {
            let why = match found.end {
                PathEnd::DepthLimit => " within --depth",
                PathEnd::NodeLimit => " within --max-nodes",
                PathEnd::Found | PathEnd::None => "",
            };
            writeln!(
                out,
                "{FAINT}no path{why} from {} to {}{FAINT:#}",
                Shown(&found.from),
                Shown(&found.to)
            )?;
        }
        Ok(())
    }
}

/// The edges that lead to a step, and the step.
fn write_step(out: &mut dyn Write, step: &PathStep, indent: &str) -> io::Result<()> {
    for site in step.sites.iter().take(MAX_SITES) {
        let Site { file, line, column, kind, resolution } = site;
        let arrow = if step.is_backwards { "← " } else { "" };
        write!(out, "{indent}    {FAINT}{arrow}{}{FAINT:#} ", Shown(kind))?;
        match line {
            0 => write!(out, "{}", Shown(file))?,
            line => write!(out, "{}:{line}:{column}", Shown(file))?,
        }
        match resolution {
            Some(how) => writeln!(out, "  {NOTE}({}){NOTE:#}", how.as_str())?,
            None => writeln!(out)?,
        }
    }
    let more = step.sites.len().saturating_sub(MAX_SITES);
    if more > 0 {
        writeln!(out, "{indent}    and {more} more; --json has all")?;
    }
    writeln!(out, "{indent}{}", definition(&step.node))
}
