//! `codestrata maintenance`.

use std::time::Duration;

use clap::Args;
use codestrata::MaintenanceReport;
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::location::StoreName;
use crate::output::answer;
use crate::progress::Progress;
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  codestrata maintenance
  codestrata maintenance --json";

const NOTES: &str = "\
It removes what crashes have left, applies the retention of results of analyses, and lets the engine give space back \
    to the medium. It may be stopped with Ctrl-C at any time: what was removed until then stays removed, the graphs \
    are not touched, and it may be repeated. A second Ctrl-C ends it at once.";

/// How often it is looked whether to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Remove what is too old or left over, and give space back.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Maintenance {}

#[derive(Serialize)]
struct Document {
    store: StoreName,
    #[serde(flatten)]
    report: MaintenanceReport,
}

impl Maintenance {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_change(settings).await?;
        let progress = Progress::begin(settings.quiet || settings.is_logging);
        progress.wait_for("removing what is left over, and compacting");
        let done = tokio::select! {
            done = store.storage.maintenance() => Some(done),
            () = stopped(&progress) => None,
        };
        // Waits for the step that is under way.
        let closed = store.storage.close().await;
        progress.end();
        let Some(done) = done else {
            let message = "stopped; what was removed until then stays removed";
            return Err(
                Failure::new(Code::Interrupted, "interrupted", message).with_help("it may be repeated")
            );
        };
        let report = done?;
        closed?;
        let document = Document { store: store.location.name(), report };
        answer(settings, &document, |out| writeln!(out, "{}", document.report))
    }
}

/// Ends when Ctrl-C was pressed.
async fn stopped(progress: &Progress) {
    while !codestrata_index::Observer::is_stopped(progress) {
        tokio::time::sleep(LOOK).await;
    }
}
