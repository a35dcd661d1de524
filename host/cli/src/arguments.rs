//! The command line: what every command takes. What one takes alone stands in its own file.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, CommandFactory, FromArgMatches, Parser, ValueEnum};
use codestrata::limits::{MAX_DEPTH, MAX_RESULTS};

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

impl Arguments {
    /// The command line of the process.
    ///
    /// # Errors
    /// What clap says of it, which may be the help that was asked for.
    pub(crate) fn of_process() -> Result<Self, clap::Error> {
        let mut command = with_negative_numbers(Self::command());
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// The command, where `-1` behind an option is its value. What is wrong with it is then said by who reads the value; clap
/// takes it for an option otherwise, and recommends to write `-- -1`, which would be no better.
fn with_negative_numbers(command: clap::Command) -> clap::Command {
    command
        .mut_args(|argument| {
            let is_option = !argument.is_positional() && argument.get_action().takes_values();
            if is_option { argument.allow_negative_numbers(true) } else { argument }
        })
        .mut_subcommands(with_negative_numbers)
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

/// Reads a whole number within bounds.
pub(crate) fn whole_number<T: FromStr + PartialOrd + Display>(
    text: &str,
    bounds: &RangeInclusive<T>,
) -> Result<T, String> {
    let wrong = || format!("give a whole number from {} to {}", bounds.start(), bounds.end());
    text.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(wrong)
}

/// Reads how many results or nodes there may be.
pub(crate) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    whole_number(text, &(1..=MAX_RESULTS))
        .map(|number| NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN))
}

/// Reads a number of steps.
pub(crate) fn steps(text: &str) -> Result<u32, String> {
    whole_number(text, &(1..=MAX_DEPTH))
}

/// Reads a version of a graph.
pub(crate) fn version(text: &str) -> Result<u64, String> {
    let wrong = || "give a version such as 12; `codestrata changes` lists them".to_owned();
    text.parse().map_err(|_| wrong())
}
