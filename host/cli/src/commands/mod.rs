//! The commands, one file each.

mod analysis;
mod backends;
mod build;
mod cache;
mod callees;
mod callers;
mod changes;
mod completions;
mod config;
mod diff;
mod export;
mod find;
mod impact;
mod import;
mod index;
mod index_report;
mod maintenance;
mod man;
mod new_backend;
mod path;
mod remove;
mod repos;
mod show;
mod status;
mod verify;

use clap::Subcommand;

use crate::arguments::Settings;
use crate::failure::Failure;

/// What is to be done. The words of the help stand at each command, where `--help` finds all of them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Index(index::Index),
    Status(status::Status),
    Repos(repos::Repos),
    Find(find::Find),
    Show(show::Show),
    Callers(callers::Callers),
    Callees(callees::Callees),
    Impact(impact::Impact),
    Path(path::Path),
    Export(export::Export),
    Import(import::Import),
    Remove(remove::Remove),
    Analysis(analysis::Analysis),
    Verify(verify::Verify),
    Changes(changes::Changes),
    Diff(diff::Diff),
    Maintenance(maintenance::Maintenance),
    Cache(cache::Cache),
    Backends(backends::Backends),
    Config(config::Config),
    NewBackend(new_backend::NewBackend),
    Build(build::Build),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        match self {
            Self::Index(command) => command.run(settings).await,
            Self::Status(command) => command.run(settings).await,
            Self::Repos(command) => command.run(settings).await,
            Self::Find(command) => command.run(settings).await,
            Self::Show(command) => command.run(settings).await,
            Self::Callers(command) => command.run(settings).await,
            Self::Callees(command) => command.run(settings).await,
            Self::Impact(command) => command.run(settings).await,
            Self::Path(command) => command.run(settings).await,
            Self::Export(command) => command.run(settings).await,
            Self::Import(command) => command.run(settings).await,
            Self::Backends(command) => command.run(settings),
            Self::Remove(command) => command.run(settings).await,
            Self::Analysis(command) => command.run(settings).await,
            Self::Changes(command) => command.run(settings).await,
            Self::Diff(command) => command.run(settings).await,
            Self::Verify(command) => command.run(settings).await,
            Self::Maintenance(command) => command.run(settings).await,
            Self::Cache(command) => command.run(settings).await,
            Self::Config(command) => command.run(settings),
            Self::NewBackend(command) => command.run(settings),
            Self::Build(command) => command.run(settings),
            Self::Completions(command) => command.run(),
            Self::Man(command) => command.run(),
        }
    }
}
