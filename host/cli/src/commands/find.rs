//! `codestrata find`.

use clap::Args;
use codestrata::query::FindFilter;

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::output::{FAINT, answer, definition, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata find user
  codestrata find get_ --prefix --kind method
  codestrata find User --file models/ --limit 500";

const NOTES: &str = "\
Case counts only if the text has a capital letter.";

/// Find definitions by a part of their names.
///
/// Exact names come first, then beginnings, then the rest.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Find {
    /// What the name contains.
    #[arg(value_name = "TEXT")]
    text: String,

    /// Only definitions of this kind: class, function, method, variable ...
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// Only definitions in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    /// Only names that begin with the text.
    #[arg(long)]
    prefix: bool,

    #[command(flatten)]
    limit: Limit,
}

impl Find {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let filter = FindFilter { kind: self.kind, file: self.file, prefix: self.prefix };
        let is_filtered = filter.kind.is_some() || filter.file.is_some();
        let found = queries.find(&self.text, &filter, limit).await?;
        answer(settings, &found, |out| {
            if found.results.is_empty() {
                let of_those = if is_filtered { ", of that --kind and --file," } else { "" };
                writeln!(out, "{FAINT}no name{of_those} contains `{}`{FAINT:#}", Shown(&self.text))?;
            }
            for hit in &found.results {
                writeln!(out, "{}", definition(hit))?;
            }
            if found.truncated { write_cut(out, limit) } else { Ok(()) }
        })
    }
}
