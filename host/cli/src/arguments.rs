//! The command line: what every command takes. What one takes alone stands in its own file.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use crate::commands::Command;

const EXAMPLES: &str = "\
Examples:
  codestrata index .                 read the sources of this folder into a graph
  codestrata callers save            who calls `save`
  codestrata impact User.save        what a change of it may reach
  codestrata find user --kind class  classes whose names contain `user`

The store is the one of --config, else of the nearest codestrata.toml, else .codestrata/graph.redb here or in the
nearest folder above.

Exit codes: 0 done, 1 not found, 2 wrong usage, 3 wrong configuration, 4 the store failed, 5 unusable input,
130 interrupted.";

/// Index a source tree once, and ask about it from any later process.
#[derive(Debug, Parser)]
#[command(name = "codestrata", version, after_help = EXAMPLES, max_term_width = 110)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) settings: Settings,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Settings {
    /// The configuration file [default: the nearest codestrata.toml, else the built-in one].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The repository [default: the only one that is stored, else the one of the current folder].
    #[arg(long, global = true, value_name = "ID", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) repo: Option<String>,

    /// Answer with one JSON document, for programs; its shape is in docs/cli.md.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// When to use colours; `NO_COLOR` is honoured.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = false)]
    pub(crate) color: Color,

    /// Show no progress.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Sets it for all output of the process.
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// How much is answered.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// The most results; for a name with several definitions, of each.
    #[arg(long, value_name = "N", default_value = "50")]
    limit: NonZeroUsize,
}

impl Limit {
    pub(crate) fn get(self) -> usize {
        self.limit.get()
    }
}
