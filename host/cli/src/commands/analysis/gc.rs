//! `codestrata analysis gc`.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::SystemTime;

use clap::Args;
use codestrata::limits::MAX_FOUND_ANALYSES;
use codestrata::{AnalysisCleanup, AnalysisQuery, AnalysisStorage, GraphStorage, Retention};
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::failure::Failure;
use crate::output::{NOTE, answer};
use crate::store::Store;
use crate::words::counted;

const EXAMPLES: &str = "\
Examples:
  codestrata analysis gc --dry-run
  codestrata analysis gc";

const NOTES: &str = "\
The retention is that of the configuration:
  [analysis]
  retention = \"30d\"
  max_results = 100
Of each repository and type the newest max_results are kept. Without either, nothing is removed.";

/// Remove results of analyses that are too old or too many, in all repositories.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(super) struct Gc {
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Document {
    dry_run: bool,
    #[serde(flatten)]
    cleanup: AnalysisCleanup,
    /// The retention, as configured.
    retention_seconds: Option<f64>,
    max_results: Option<u64>,
}

impl Gc {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = if self.dry_run {
            Store::open_to_read(settings).await?
        } else {
            Store::open_to_change(settings).await?
        };
        let retention = store.storage.analysis().retention();
        let cleanup = if self.dry_run {
            unwanted(&store, retention).await?
        } else {
            store.storage.analysis().cleanup_old_results(&retention).await?
        };
        store.storage.close().await?;
        let document = Document {
            dry_run: self.dry_run,
            cleanup,
            retention_seconds: retention.max_age.map(|age| age.as_secs_f64()),
            max_results: retention.max_results,
        };
        answer(settings, &document, |out| document.write(out, retention))
    }
}

/// How many results are too old or too many now.
async fn unwanted(store: &Store, retention: Retention) -> Result<AnalysisCleanup, Failure> {
    let mut cleanup = AnalysisCleanup::default();
    if retention == Retention::default() {
        return Ok(cleanup);
    }
    let oldest = retention.max_age.and_then(|age| SystemTime::now().checked_sub(age));
    for repository in store.storage.graph().list_repositories().await? {
        let mut of_type: HashMap<String, u64> = HashMap::new();
        let mut next = Some(AnalysisQuery::of(&repository).limit(MAX_FOUND_ANALYSES));
        while let Some(query) = next {
            let found = store.storage.analysis().list_analysis(&query).await?;
            for result in found.results {
                let kept = of_type.entry(result.analysis_type).or_default();
                if oldest.is_some_and(|oldest| result.timestamp < oldest) {
                    cleanup.by_age += 1;
                } else if retention.max_results.is_some_and(|most| *kept >= most) {
                    cleanup.by_count += 1;
                } else {
                    *kept += 1;
                }
            }
            next = found.next;
        }
    }
    Ok(cleanup)
}

impl Document {
    fn write(&self, out: &mut dyn Write, retention: Retention) -> io::Result<()> {
        if retention == Retention::default() {
            return writeln!(
                out,
                "{NOTE}no retention is configured, so nothing is removed{NOTE:#}; see `codestrata analysis gc --help`"
            );
        }
        let AnalysisCleanup { by_age, by_count } = self.cleanup;
        let did = if self.dry_run { "would remove" } else { "removed" };
        write!(out, "{did} {}", counted(by_age + by_count, "result"))?;
        if let Some(age) = retention.max_age {
            write!(out, "; {by_age} older than {}", humantime::format_duration(age))?;
        }
        if let Some(most) = retention.max_results {
            write!(out, "; {by_count} beyond the newest {most} of a repository and type")?;
        }
        writeln!(out)
    }
}
