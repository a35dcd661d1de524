//! The codestrata program: index a source tree once, then ask about it from any later process.
//!
//! It is the thin end of the workspace: everything that it knows about graphs is in the crate `codestrata`, about
//! sources in `codestrata-index`, about configuration in `codestrata-config`. Here are only the command line, the
//! words for people, the JSON for programs, and the choice of a store and a repository when none is named.
//!
//! It is a library for one reason: a program with a backend from elsewhere is this one and one more line. The features
//! of this package say which of the backends that come with it are linked as well.
//!
//! ```no_run
//! // A backend that nothing names is not linked: `use codestrata_backend_lmdb as _;` goes here.
//!
//! fn main() -> std::process::ExitCode {
//!     codestrata_cli::main()
//! }
//! ```
//!
//! [`main`] is all that it offers; who wants graphs in a program of their own takes the crate `codestrata`.
//!
//! To read it: `arguments` is the command line, `commands` has one file a command. `location` says which store is
//! meant, `store` opens it, `repository` chooses in it, `symbols` turns a name into definitions. `output` writes
//! answers, `freshness` says which of their files have changed, `failure` errors and `logging` what was asked to be told of the work; every exit code is in
//! `failure::Code`.

mod arguments;
mod commands;
mod engines;
mod failure;
mod file_size;
mod folder;
mod freshness;
mod input;
mod interrupt;
mod location;
mod logging;
mod measuring;
mod moments;
mod output;
mod progress;
mod replacement;
mod repository;
mod results;
mod sources;
mod store;
mod symbol_answer;
mod symbols;
mod walking;
mod words;

use std::process::ExitCode;

use clap::ValueEnum;

use crate::arguments::{Arguments, Color};
use crate::failure::{Code, Failure};

// A backend that nothing names is not linked, and so not registered. `memory` comes with the library.
#[cfg(feature = "file")]
use codestrata_backend_file as _;
#[cfg(feature = "redb")]
use codestrata_backend_redb as _;
#[cfg(feature = "sled")]
use codestrata_backend_sled as _;

/// The whole program: reads the command line of the process, does what it says, and answers with the exit code, which a
/// program returns from its own `main`.
///
/// It knows every backend that is linked into the program. It sets the process's panic hook and its handler of the limit
/// on the size of files, and, for commands that take long, that of Ctrl-C, so it is to be called once and to be all that
/// the program does.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_panic));
    file_size::refuse_instead_of_ending();
    let arguments = match Arguments::of_process() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let mut settings = arguments.settings;
    settings.color.write_global();
    match logging::begin(&settings) {
        Ok(is_logging) => settings.is_logging = is_logging,
        Err(failure) => return failure.report(settings.json),
    }
    match run(&settings, arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(settings.json),
    }
}

fn run(settings: &arguments::Settings, command: commands::Command) -> Result<(), Failure> {
    // The work is done by the threads of the engine and of rayon; this one only waits for them.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Failure::new(Code::Store, "internal", format!("cannot start: {error}")))?;
    runtime.block_on(command.run(settings))
}

/// A fault of the program, in one plain line. An engine may panic on a damaged file; its backend catches that and says
/// what is wrong, so nothing is printed here for it, nor for sled's own threads, whose end its backend notices.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
    if codestrata_core::panics::is_caught() || place.contains("sled-") {
        return;
    }
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let message =
        text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    anstream::eprintln!(
        "error: a fault of codestrata itself: {message} ({place})\nhelp: please report it with what you did"
    );
}

/// What `--color` says on a command line that was not understood, or that asks for help.
fn color_of(arguments: impl Iterator<Item = String>) -> Option<Color> {
    let mut arguments =
        arguments.skip_while(|argument| argument != "--color" && !argument.starts_with("--color="));
    let first = arguments.next()?;
    let value = first.strip_prefix("--color=").map(str::to_owned).or_else(|| arguments.next())?;
    Color::from_str(&value, true).ok()
}

/// Prints what is wrong with the command line, or the help that it asks for.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.to_string();
        // What is missing stands below the first line; the usage behind it is for people.
        let said = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
        let message = said.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        return Failure::new(Code::Usage, "usage", message).with_help("see `codestrata --help`").report(true);
    }
    if let Some(color) = color_of(std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()))
    {
        color.write_global();
    }
    // A closed pipe is no reason to complain.
    let _ = error.print();
    if error.use_stderr() { Code::Usage.into() } else { ExitCode::SUCCESS }
}
