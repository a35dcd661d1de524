//! `codestrata compatibility show`.

use std::io::{self, Write};

use clap::Args;
use codestrata_analyse::Run;
use codestrata_analyse::compatibility::{CompatibilityMatrix, Entry, Wanted};
use codestrata_analyse::runs::run_of;
use serde::Serialize;

use super::write_entry;
use crate::arguments::{Limit, Settings};
use crate::failure::Failure;
use crate::measuring::{RunName, stored_run};
use crate::output::{FAINT, STRONG, answer, write_cut};
use crate::repository;
use crate::results::load;
use crate::store::Store;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata compatibility show
  codestrata compatibility show --component client@1.2
  codestrata compatibility show --protocol http --json";

/// Show a matrix, or a row or column of it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// Only this component, at this version or at all of them.
    #[arg(long, value_name = "NAME[@VERSION]", value_parser = wanted)]
    component: Option<Wanted>,

    /// Only this protocol, at this version or at all of them.
    #[arg(long, value_name = "NAME[@VERSION]", value_parser = wanted)]
    protocol: Option<Wanted>,

    /// Another matrix than the newest, by its id or the first characters of it.
    #[arg(long, value_name = "ID")]
    run: Option<String>,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    run: RunName,
    results: Vec<Entry>,
    truncated: bool,
}

fn wanted(text: &str) -> Result<Wanted, String> {
    Wanted::parse(text).ok_or_else(|| "give a name, or a name and a version: client@1.2".to_owned())
}

impl Show {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let run: Run<CompatibilityMatrix> = match &self.run {
            Some(id) => run_of(&load(&store, id).await?)?,
            None => {
                let queries = repository::choose(settings, &store).await?;
                stored_run(&store, &queries, "compatibility import FILE").await?
            }
        };
        let limit = self.limit.get();
        let mut results: Vec<Entry> =
            run.finding.query(self.component.as_ref(), self.protocol.as_ref()).cloned().collect();
        let truncated = results.len() > limit;
        results.truncate(limit);
        let run_name = RunName::of(&run);
        let document = Document { repository: run.repository, run: run_name, results, truncated };
        answer(settings, &document, |out| document.write(out, limit))
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        writeln!(out, "{STRONG}{}{STRONG:#}, {}", Shown(&self.repository), self.run.shown())?;
        if self.results.is_empty() {
            writeln!(out, "{FAINT}the matrix says nothing of that{FAINT:#}")?;
        }
        self.results.iter().try_for_each(|entry| write_entry(out, entry))?;
        if self.truncated { write_cut(out, limit) } else { Ok(()) }
    }
}
