//! The command line: what every command takes. What one takes alone stands in its own file.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use codestrata::limits::MAX_DEPTH;

use crate::commands::Command;
use crate::logging::LogFormat;

const EXAMPLES: &str = "\
Examples:
  codestrata index .                 read the sources of this folder into a graph
  codestrata callers save            who calls `save`
  codestrata impact User.save        what a change of it may reach
  codestrata path main User.save     how `main` comes to call it
  codestrata find user --kind class  classes whose names contain `user`";

const NOTES: &str = "\
The store is the one of --config, else of the nearest codestrata.toml, else .codestrata/graph.redb \
    here or in the nearest folder above.

Exit codes: 0 done, 1 not found or not right, 2 wrong usage, 3 wrong configuration, 4 the store failed, 5 \
    unusable input, 130 interrupted.";

/// Index a source tree once, and ask about it from any later process.
#[derive(Debug, Parser)]
#[command(name = "codestrata", version, after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES), max_term_width = 110)]
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
    #[arg(
        long,
        hide_short_help = true,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = false
    )]
    pub(crate) color: Color,

    /// Show no progress, no notes, and not what was done; questions are answered all the same.
    #[arg(short, long, hide_short_help = true, global = true)]
    pub(crate) quiet: bool,

    /// Say on stderr what is done and how long it takes; -vv says more.
    #[arg(short, long, hide_short_help = true, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// How that is written: lines for people, or one JSON object a line.
    #[arg(long, hide_short_help = true, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Whether something is logged. A bar and lines of a log would overwrite each other, so there is no bar then.
    #[arg(skip)]
    pub(crate) is_logging: bool,
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
    #[arg(long, value_name = "N", default_value = "50", value_parser = at_least_one)]
    limit: NonZeroUsize,
}

impl Limit {
    pub(crate) fn get(self) -> usize {
        self.limit.get()
    }
}

/// What the labels of references mean.
pub(crate) const LABELS: &str = "\
A reference without a label is certain, or was found through imports. (unique-name): bound by its name alone, \
    which one member has; likely. (ambiguous): one of several definitions that may be meant, such as overloads. (import) \
    and (exact), where they are shown: found through imports and namespaces, or in its own file.";

/// What `--help` says at its end: the examples, and what `-h` leaves out.
pub(crate) fn with_notes(examples: &str, notes: &str) -> String {
    format!("{examples}\n\n{notes}")
}

/// Reads a figure of at least 1.
pub(crate) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    let wrong = || "give a whole number of at least 1".to_owned();
    text.parse().ok().and_then(NonZeroUsize::new).ok_or_else(wrong)
}

/// Reads a number of steps.
pub(crate) fn steps(text: &str) -> Result<u32, String> {
    let wrong = || format!("give a whole number from 1 to {MAX_DEPTH}");
    text.parse().ok().filter(|steps| (1..=MAX_DEPTH).contains(steps)).ok_or_else(wrong)
}
