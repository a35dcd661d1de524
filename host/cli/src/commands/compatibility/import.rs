//! `codestrata compatibility import`.

use std::path::{Path, PathBuf};

use clap::Args;
use codestrata_analyse::Finding as _;
use codestrata_analyse::compatibility::CompatibilityMatrix;
use codestrata_analyse::runs::{NewRun, keep};
use serde::Serialize;

use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::input::{name_of, read_text};
use crate::measuring::RunName;
use crate::output::{STRONG, answer};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, length};

const EXAMPLES: &str = "\
Examples:
  codestrata compatibility import matrix.toml
  codestrata compatibility import matrix.json --repo owner/name";

/// Keep a matrix, beside the earlier ones.
///
/// A mistake is named by its line, and nothing is stored then.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Import {
    /// The file: JSON if its name ends in `.json`, else TOML.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    run: RunName,
    entries: u64,
    supported: u64,
    partial: u64,
    unsupported: u64,
    /// Whether it was kept; not if the newest matrix is the same, of the same version of the graph.
    kept: bool,
}

impl Import {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let matrix = read(&self.file)?;
        let store = Store::open_to_change(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let run = NewRun {
            repository: queries.repository().to_owned(),
            graph_version: queries.totals().await?.0,
            parameters: serde_json::Value::Null,
            finding: matrix,
        };
        let (run, kept) = keep(store.storage.analysis(), run).await?;
        store.storage.close().await?;
        let counts = run.finding.counts();
        let of = |name: &str| counts.get(name).copied().unwrap_or_default();
        let document = Document {
            repository: run.repository.clone(),
            run: RunName::of(&run),
            entries: length(&run.finding.entries),
            supported: of("supported"),
            partial: of("partial"),
            unsupported: of("unsupported"),
            kept,
        };
        answer(settings, &document, |out| {
            let Document { repository, entries, supported, partial, unsupported, kept, .. } = &document;
            let noun = if *entries == 1 { "entry" } else { "entries" };
            let what =
                if *kept { "kept a matrix of" } else { "the newest matrix already, so none was kept, of" };
            writeln!(
                out,
                "{what} {STRONG}{}{STRONG:#}: {entries} {noun}, {supported} supported, {partial} partial, \
                 {unsupported} unsupported",
                Shown(repository)
            )
        })
    }
}

fn read(path: &Path) -> Result<CompatibilityMatrix, Failure> {
    let text = read_text(path)?;
    let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let read =
        if is_json { CompatibilityMatrix::from_json(&text) } else { CompatibilityMatrix::from_toml(&text) };
    read.map_err(|error| {
        Failure::of(Code::Input, &error.context(name_of(path))).and_help(
            "nothing was kept; mend that and import the file again. `codestrata compatibility --help` shows how a matrix is \
             written",
        )
    })
}
