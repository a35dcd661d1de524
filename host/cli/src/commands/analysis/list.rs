//! `codestrata analysis list`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::SystemTime;

use clap::Args;
use codestrata::limits::MAX_FOUND_ANALYSES;
use codestrata::{AnalysisQuery, AnalysisStorage, AnalysisSummary, Attributes};
use indicatif::HumanBytes;
use serde::Serialize;

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::moments::{moment, since};
use crate::output::{FAINT, HELP, STRONG, answer, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata analysis list
  codestrata analysis list --type complexity --since 7d
  codestrata analysis list --repo owner/name --since 2026-11-22 --json";

const NOTES: &str = "\
--since takes an age (90m, 12h, 7d, 2weeks), a date, which begins at midnight UTC, or a time with its zone \
    (2026-11-22T08:00:00Z).";

/// List results of analyses of a repository, the newest first.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(super) struct List {
    /// Only results of this type.
    #[arg(long = "type", value_name = "TYPE")]
    analysis_type: Option<String>,

    /// Only results made since then: an age such as 7d, or a date.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<SystemTime>,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    results: Vec<Listed>,
    truncated: bool,
    /// The types that there are, where there is no result of the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<BTreeSet<String>>,
}

/// A result without its data.
#[derive(Serialize)]
struct Listed {
    id: String,
    #[serde(rename = "type")]
    analysis_type: String,
    time: Option<String>,
    data_bytes: u64,
    metadata: Attributes,
}

impl List {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let repository = repository::choose(settings, &store).await?.repository().to_owned();
        let limit = self.limit.get();
        let mut query = AnalysisQuery::of(&repository);
        query.analysis_type.clone_from(&self.analysis_type);
        query.since = self.since;
        let mut results: Vec<Listed> = Vec::new();
        // One more than is shown tells that there are more.
        let mut next = Some(query);
        while let Some(query) = next.filter(|_| results.len() <= limit) {
            let left = limit.saturating_add(1).saturating_sub(results.len());
            let found = store.storage.analysis().list_analysis(&query.limit(left)).await?;
            results.extend(found.results.into_iter().map(Listed::from));
            next = found.next;
        }
        let truncated = results.len() > limit;
        results.truncate(limit);
        let types = match &self.analysis_type {
            Some(wanted) if results.is_empty() => {
                let types = types(&store, &repository).await?;
                (!types.contains(wanted)).then_some(types)
            }
            _ => None,
        };
        let document = Document { repository, results, truncated, types };
        answer(settings, &document, |out| document.write(out, limit))
    }
}

/// The types of the results of a repository.
async fn types(store: &Store, repository: &str) -> Result<BTreeSet<String>, Failure> {
    let mut types = BTreeSet::new();
    let mut next = Some(AnalysisQuery::of(repository).limit(MAX_FOUND_ANALYSES));
    while let Some(query) = next {
        let found = store.storage.analysis().list_analysis(&query).await?;
        types.extend(found.results.into_iter().map(|result| result.analysis_type));
        next = found.next;
    }
    Ok(types)
}

impl From<AnalysisSummary> for Listed {
    fn from(summary: AnalysisSummary) -> Self {
        let AnalysisSummary { id, analysis_type, timestamp, data_bytes, metadata, .. } = summary;
        Self { id, analysis_type, time: moment(timestamp), data_bytes, metadata }
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        if self.results.is_empty() {
            writeln!(out, "{FAINT}no such result of {} is stored{FAINT:#}", Shown(&self.repository))?;
            let types =
                self.types.iter().flatten().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            if !types.is_empty() {
                writeln!(out, "{HELP}help:{HELP:#} the types that there are: {}", Shown(&types))?;
            }
        }
        for Listed { id, analysis_type, time, data_bytes, metadata } in &self.results {
            write!(
                out,
                "{STRONG}{}{STRONG:#}  {}  {FAINT}{}, {}",
                Shown(id),
                Shown(analysis_type),
                time.as_deref().unwrap_or("at an unknown time"),
                HumanBytes(*data_bytes)
            )?;
            for (name, value) in metadata {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                write!(out, ", {} {}", Shown(name), Shown(&value))?;
            }
            writeln!(out, "{FAINT:#}")?;
        }
        if self.truncated { write_cut(out, limit) } else { Ok(()) }
    }
}
