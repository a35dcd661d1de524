//! The commands, one file each.

mod analysis;
mod backends;
mod bases;
mod bench;
mod build;
mod cache;
mod callees;
mod callers;
mod changes;
mod compatibility;
mod completions;
mod config;
mod copy;
mod cycles;
mod dead;
mod dead_runs;
mod diff;
mod draw;
mod duplicates;
mod export;
mod find;
mod hot;
mod hotspots;
mod impact;
mod import;
mod index;
mod index_report;
mod maintenance;
mod man;
mod metrics;
mod new_backend;
mod path;
mod patterns;
mod references;
mod remove;
mod repos;
mod show;
mod statistics;
mod status;
mod subclasses;
mod subgraph;
mod unresolved;
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
    References(references::References),
    Impact(impact::Impact),
    Path(path::Path),
    Bases(bases::Bases),
    Subclasses(subclasses::Subclasses),
    Unresolved(unresolved::Unresolved),
    Dangling(unresolved::Dangling),
    Statistics(statistics::Statistics),
    Draw(draw::Draw),
    Subgraph(subgraph::Subgraph),
    Dead(dead::Dead),
    Cycles(cycles::Cycles),
    Hotspots(hotspots::Hotspots),
    Export(export::Export),
    Import(import::Import),
    Copy(copy::Copy),
    Remove(remove::Remove),
    Metrics(metrics::Metrics),
    Duplicates(duplicates::Duplicates),
    Hot(hot::Hot),
    Patterns(patterns::Patterns),
    Compatibility(compatibility::Compatibility),
    Analysis(analysis::Analysis),
    Verify(verify::Verify),
    Changes(changes::Changes),
    Diff(diff::Diff),
    Maintenance(maintenance::Maintenance),
    Cache(cache::Cache),
    Bench(bench::Bench),
    #[command(hide = true)]
    BenchProcess(bench::BenchProcess),
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
            Self::References(command) => command.run(settings).await,
            Self::Impact(command) => command.run(settings).await,
            Self::Path(command) => command.run(settings).await,
            Self::Dead(command) => command.run(settings).await,
            Self::Cycles(command) => command.run(settings).await,
            Self::Hotspots(command) => command.run(settings).await,
            Self::Bases(command) => command.run(settings).await,
            Self::Subclasses(command) => command.run(settings).await,
            Self::Unresolved(command) => command.run(settings).await,
            Self::Dangling(command) => command.run(settings).await,
            Self::Statistics(command) => command.run(settings).await,
            Self::Draw(command) => command.run(settings).await,
            Self::Subgraph(command) => command.run(settings).await,
            Self::Export(command) => command.run(settings).await,
            Self::Import(command) => command.run(settings).await,
            Self::Copy(command) => command.run(settings).await,
            Self::Bench(command) => command.run(settings).await,
            Self::BenchProcess(command) => command.run().await,
            Self::Backends(command) => command.run(settings),
            Self::Remove(command) => command.run(settings).await,
            Self::Duplicates(command) => command.run(settings).await,
            Self::Hot(command) => command.run(settings).await,
            Self::Patterns(command) => command.run(settings).await,
            Self::Compatibility(command) => command.run(settings).await,
            Self::Metrics(command) => command.run(settings).await,
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
