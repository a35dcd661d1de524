//! `codestrata remove`.

use std::io::{self, IsTerminal, Write};

use clap::Args;
use codestrata::{GraphMetadata, GraphStorage, Totals};
use indicatif::HumanCount;
use serde::Serialize;

use crate::arguments::{Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::location::StoreName;
use crate::output::{NOTE, report};
use crate::repository;
use crate::store::Store;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata remove owner/name
  codestrata remove owner/name --yes
  codestrata remove --repo=-odd-id --yes";

const NOTES: &str = "\
The sources are not touched: `codestrata index` makes the graph again. What cannot be made again are \
    the notes of other analysers and what was imported; `codestrata export` keeps a copy of the graph. A \
    store keeps its size on the medium and uses the room again; `codestrata maintenance` gives it back.";

/// Remove a repository from the store, with its graph and everything beside it.
///
/// Without REPO and --repo it is the only one that is stored, else the one of the current folder. On a terminal it
/// asks first; elsewhere it needs --yes.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Remove {
    /// The repository; the same as --repo.
    #[arg(value_name = "REPO", conflicts_with = "repo", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    repository: Option<String>,

    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    /// The version that was removed.
    version: u64,
    /// False when the question was answered with no.
    removed: bool,
    totals: Totals,
    store: StoreName,
}

impl Remove {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_change(settings).await?;
        let wanted = self.repository.as_deref().or(settings.repo.as_deref());
        let queries = repository::choose_named(wanted, &store).await?;
        let about = queries.overview().await?;
        let is_meant = self.yes || is_confirmed(&about)?;
        // Another process may have been first where several can write.
        let removed = is_meant && store.storage.graph().delete_graph(&about.repo_id).await?;
        store.storage.close().await?;
        if is_meant && !removed {
            return Err(Failure::not_found(format!("`{}` is gone already", about.repo_id)));
        }
        let document = Document {
            repository: about.repo_id,
            version: about.version,
            removed,
            totals: about.totals,
            store: store.location.name(),
        };
        report(settings, &document, |out| document.write(out))
    }
}

/// Asks on the terminal.
fn is_confirmed(about: &GraphMetadata) -> Result<bool, Failure> {
    let mut stderr = anstream::stderr();
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let message = format!("nobody can be asked here whether to remove `{}`", about.repo_id);
        return Err(Failure::new(Code::Usage, "usage", message).with_help("say so with --yes"));
    }
    write!(stderr, "{NOTE}remove{NOTE:#} {}, {}? [y/N] ", Shown(&about.repo_id), size(&about.totals))?;
    stderr.flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn size(totals: &Totals) -> String {
    format!(
        "{}, {} nodes and {} edges",
        counted(totals.files, "file"),
        HumanCount(totals.nodes),
        HumanCount(totals.edges)
    )
}

impl Document {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.removed {
            return writeln!(out, "nothing was removed");
        }
        let Self { repository, version, totals, .. } = self;
        writeln!(out, "removed version {version} of {}: {}", Shown(repository), size(totals))
    }
}
