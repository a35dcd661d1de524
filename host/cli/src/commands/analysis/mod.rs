//! `codestrata analysis`: results that are stored beside the graphs.

mod diff;
mod gc;
mod list;
mod show;

use clap::{Args, Subcommand};

use crate::arguments::{Settings, with_notes};
use crate::failure::Failure;

pub(in crate::commands) use diff::compare;

const EXAMPLES: &str = "\
Examples:
  codestrata analysis list --type metrics --since 7d
  codestrata analysis show 3f2a91c
  codestrata analysis diff 3f2a91c 77b0e45
  codestrata analysis gc --dry-run";

const NOTES: &str = "\
Results are stored by `metrics`, `duplicates` and other commands, and by programs that use the library, beside the graphs or in \
    the store of [analysis] in the configuration. They go with their repository when that is removed.";

/// List, show, compare and clean up results of analyses.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Analysis {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Show(show::Show),
    Diff(diff::Diff),
    Gc(gc::Gc),
}

impl Analysis {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        match self.action {
            Action::List(command) => command.run(settings).await,
            Action::Show(command) => command.run(settings).await,
            Action::Diff(command) => command.run(settings).await,
            Action::Gc(command) => command.run(settings).await,
        }
    }
}
