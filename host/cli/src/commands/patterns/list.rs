//! `codestrata patterns list`.

use std::collections::HashSet;
use std::io::{self, Write};

use clap::Args;
use codestrata::{GraphStorage, Queries};
use codestrata_analyse::patterns::{Pattern, Patterns as Finding};
use codestrata_analyse::{Run, Score};
use serde::Serialize;

use super::write_pattern;
use crate::arguments::{Limit, Settings};
use crate::failure::Failure;
use crate::measuring::{RunName, stored_run};
use crate::output::{FAINT, STRONG, answer, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata patterns list
  codestrata patterns list --pattern singleton --file models/
  codestrata patterns list --node app/user.py::User --min-confidence 0.8";

/// List records of patterns, by pattern, place and finder.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    /// Only this pattern.
    #[arg(long, value_name = "PATTERN")]
    pattern: Option<String>,

    /// Only in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    /// Only at this node.
    #[arg(long, value_name = "ID")]
    node: Option<String>,

    /// Only what this one found.
    #[arg(long, value_name = "FINDER")]
    found_by: Option<String>,

    /// Only what is at least so sure, from 0 to 1.
    #[arg(long, value_name = "CONFIDENCE", value_parser = confidence)]
    min_confidence: Option<Score>,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    run: RunName,
    results: Vec<Listed>,
    truncated: bool,
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    record: Pattern,
    /// Whether its node is in the graph now, or its file where it has no node.
    there: bool,
}

fn confidence(text: &str) -> Result<Score, String> {
    let score = text.parse().ok().and_then(Score::of_fraction);
    score.ok_or_else(|| "give a number from 0 to 1".to_owned())
}

impl List {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let run: Run<Finding> = stored_run(&store, &queries, "patterns add FILE").await?;
        let limit = self.limit.get();
        let name = RunName::of(&run);
        let mut wanted: Vec<Pattern> =
            run.finding.patterns.into_iter().filter(|record| self.is_wanted(record)).collect();
        let truncated = wanted.len() > limit;
        wanted.truncate(limit);
        let mut results = Vec::with_capacity(wanted.len());
        let files = files(&store, &queries, &wanted).await?;
        for record in wanted {
            let there = match &record.place.node {
                Some(node) => has_node(&queries, node).await?,
                None => files.contains(&record.place.file),
            };
            results.push(Listed { record, there });
        }
        let document = Document { repository: run.repository, run: name, results, truncated };
        answer(settings, &document, |out| document.write(out, limit))
    }

    fn is_wanted(&self, record: &Pattern) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == value)
        };
        is(&self.pattern, Some(&record.pattern))
            && is(&self.node, record.place.node.as_deref())
            && is(&self.found_by, Some(&record.found_by))
            && self.file.as_ref().is_none_or(|part| record.place.file.contains(part.as_str()))
            && self.min_confidence.is_none_or(|least| record.confidence >= least)
    }
}

/// The files of the graph, where a record has no node and so is there if its file is.
async fn files(store: &Store, queries: &Queries, records: &[Pattern]) -> Result<HashSet<String>, Failure> {
    if records.iter().all(|record| record.place.node.is_some()) {
        return Ok(HashSet::new());
    }
    let files = store.storage.graph().list_files(queries.repository()).await?;
    Ok(files.into_iter().map(|file| file.path).collect())
}

async fn has_node(queries: &Queries, node: &str) -> Result<bool, Failure> {
    Ok(queries.resolve(node).await?.results.iter().any(|found| found.node.id() == node))
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let count = counted(self.results.len().try_into().unwrap_or(u64::MAX), "record");
        writeln!(out, "{STRONG}{}{STRONG:#}, {}: {count}", Shown(&self.repository), self.run.shown())?;
        if self.results.is_empty() {
            writeln!(out, "{FAINT}no record is such{FAINT:#}")?;
        }
        for Listed { record, there } in &self.results {
            write_pattern(out, record, *there)?;
        }
        if self.truncated { write_cut(out, limit) } else { Ok(()) }
    }
}
