//! `codestrata patterns add`.

use std::path::PathBuf;

use clap::Args;
use codestrata_analyse::Finding as _;
use codestrata_analyse::patterns::Patterns as Finding;
use codestrata_analyse::runs::{NewRun, keep, latest};
use serde::Serialize;

use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::input::{name_of, read_text};
use crate::measuring::RunName;
use crate::output::{STRONG, answer};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted, length};

const EXAMPLES: &str = "\
Examples:
  codestrata patterns add found.jsonl
  other-tool | codestrata patterns add - --replace";

/// Add records of patterns from JSON Lines.
///
/// Each is checked against the graph; a bad line is named by its number, and nothing is stored then. A record takes the place
/// of an earlier one with the same pattern, place and finder.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Add {
    /// The file; `-` for stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Forget what the finders in the file have found earlier.
    #[arg(long)]
    replace: bool,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    run: RunName,
    /// How many records there are now.
    records: u64,
    added: u64,
    removed: u64,
    changed: u64,
}

impl Add {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let text = read_text(&self.file)?;
        let store = Store::open_to_change(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let (id, (graph_version, _)) = (queries.repository(), queries.totals().await?);
        let analysis = store.storage.analysis();
        let before = latest::<Finding>(analysis, id).await?.map(|run| run.finding).unwrap_or_default();
        let after = before
            .clone()
            .with(&text, self.replace, &store.storage, id)
            .await
            .map_err(|error| {
                Failure::of(Code::Input, &error.context(name_of(&self.file))).and_help(
                    "nothing was stored; mend that line and add the file again. `codestrata patterns --help` shows how \
                     records are written",
                )
            })?;
        let difference = before.difference(&after);
        let run = NewRun {
            repository: id.to_owned(),
            graph_version,
            parameters: serde_json::Value::Null,
            finding: after,
        };
        let (run, _) = keep(analysis, run).await?;
        store.storage.close().await?;
        let document = Document {
            repository: run.repository.clone(),
            run: RunName::of(&run),
            records: length(&run.finding.patterns),
            added: length(&difference.added),
            removed: length(&difference.removed),
            changed: length(&difference.changed),
        };
        answer(settings, &document, |out| {
            let Document { repository, records, added, removed, changed, .. } = &document;
            let records = counted(*records, "record");
            writeln!(
                out,
                "{STRONG}{}{STRONG:#} has {records} of patterns: {added} new, {changed} changed, {removed} gone",
                Shown(repository)
            )
        })
    }
}
