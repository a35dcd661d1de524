//! The commands, one file each.

mod backends;
mod callees;
mod callers;
mod config;
mod export;
mod find;
mod impact;
mod import;
mod index;
mod index_report;
mod repos;
mod show;
mod status;

use clap::Subcommand;

use crate::arguments::Settings;
use crate::failure::Failure;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read the sources of a folder into the graph; only what changed is read again.
    Index(index::Index),
    /// Show where the store is and what it holds.
    Status(status::Status),
    /// List the repositories of the store.
    Repos(repos::Repos),
    /// Find definitions by a part of their names.
    Find(find::Find),
    /// Show a definition with its attributes and what it refers to.
    Show(show::Show),
    /// Show who calls a function or method, or makes objects of a class.
    Callers(callers::Callers),
    /// Show what a function or method calls.
    Callees(callees::Callees),
    /// Show what a change of a definition may reach.
    Impact(impact::Impact),
    /// Write a repository as JSON Lines.
    Export(export::Export),
    /// Read a repository from JSON Lines.
    Import(import::Import),
    /// List the backends of this program with what they can do and the options they take.
    Backends(backends::Backends),
    /// Check or show the configuration.
    Config(config::Config),
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
            Self::Export(command) => command.run(settings).await,
            Self::Import(command) => command.run(settings).await,
            Self::Backends(command) => command.run(settings),
            Self::Config(command) => command.run(settings),
        }
    }
}
