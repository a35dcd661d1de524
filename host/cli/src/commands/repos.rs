//! `codestrata repos`.

use clap::Args;
use indicatif::HumanCount;
use serde::Serialize;

use super::status::{RepositoryFacts, all};
use crate::arguments::{Limit, Settings};
use crate::failure::Failure;
use crate::output::{FAINT, STRONG, answer, write_cut};
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata repos
  codestrata repos --json";

/// List the repositories of the store.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Repos {
    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    repositories: Vec<RepositoryFacts>,
    truncated: bool,
}

impl Repos {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let limit = self.limit.get();
        let mut repositories = all(&store, limit.saturating_add(1)).await?;
        let truncated = repositories.len() > limit;
        repositories.truncate(limit);
        let document = Document { repositories, truncated };
        answer(settings, &document, |out| {
            if document.repositories.is_empty() {
                writeln!(out, "{FAINT}no repository is stored{FAINT:#}")?;
            }
            for RepositoryFacts { repository, version, totals, .. } in &document.repositories {
                writeln!(
                    out,
                    "{STRONG}{}{STRONG:#}  {FAINT}version {version}, {}, {} nodes, {} edges{FAINT:#}",
                    Shown(repository),
                    counted(totals.files, "file"),
                    HumanCount(totals.nodes),
                    HumanCount(totals.edges)
                )?;
            }
            if truncated { write_cut(out, limit) } else { Ok(()) }
        })
    }
}
