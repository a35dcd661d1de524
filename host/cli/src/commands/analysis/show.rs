//! `codestrata analysis show`.

use std::io::{self, Write};

use clap::Args;
use codestrata::{AnalysisResult, Attributes};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::Settings;
use crate::failure::Failure;
use crate::moments::moment;
use crate::output::{FAINT, STRONG, answer};
use crate::results;
use crate::store::Store;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata analysis show 3f2a91c
  codestrata analysis show 3f2a91c --json";

/// Show a result of an analysis with its data.
///
/// Ids belong to the whole store, so no repository need be named. The data are shown as indented JSON; --json gives one
/// document that has everything.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The id of the result, as `analysis list` shows it, or the first characters of it, four at least.
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Serialize)]
struct Document {
    id: String,
    repository: String,
    #[serde(rename = "type")]
    analysis_type: String,
    time: Option<String>,
    metadata: Attributes,
    data: Value,
}

impl Show {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let result = results::load(&store, &self.id).await?;
        let AnalysisResult { id, repository, analysis_type, timestamp, data, metadata } = result;
        let time = timestamp.and_then(moment);
        let document = Document { id, repository, analysis_type, time, metadata, data };
        answer(settings, &document, |out| document.write(out))
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{STRONG}{}{STRONG:#}", Shown(&self.id))?;
        writeln!(out, "  {FAINT}repository{FAINT:#} {}", Shown(&self.repository))?;
        writeln!(out, "  {FAINT}type{FAINT:#} {}", Shown(&self.analysis_type))?;
        writeln!(out, "  {FAINT}time{FAINT:#} {}", self.time.as_deref().unwrap_or("unknown"))?;
        for (name, value) in &self.metadata {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            writeln!(out, "  {FAINT}{}{FAINT:#} {}", Shown(name), Shown(&value))?;
        }
        let data = serde_json::to_string_pretty(&self.data).map_err(io::Error::from)?;
        data.lines().try_for_each(|line| writeln!(out, "{}", Shown(line)))
    }
}
