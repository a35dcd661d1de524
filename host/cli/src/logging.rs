//! What the program says about its own work on stderr, when it is asked to.
//!
//! Without `-v` and without `CODESTRATA_LOG` nothing is logged: answers are on stdout and errors on stderr, and both are
//! read by programs.

use std::io::{self, Write};

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::words::Shown;

/// The variable that says what is logged, crate by crate.
const VARIABLE: &str = "CODESTRATA_LOG";
/// The beginning of the names of all our crates.
const OURS: &str = "codestrata";

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Begins to log, if that is asked for, and says whether it is.
///
/// # Errors
/// When `CODESTRATA_LOG` says what cannot be understood.
pub(crate) fn begin(settings: &Settings) -> Result<bool, Failure> {
    let Some(targets) = targets(settings.verbose)? else { return Ok(false) };
    // The closing of a span tells how long it took.
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_span_events(FmtSpan::CLOSE);
    let layer = match settings.log_format {
        LogFormat::Text => layer.with_timer(uptime()).with_writer(|| Plain(io::stderr())).boxed(),
        LogFormat::Json => {
            layer.json().flatten_event(true).with_current_span(false).with_writer(io::stderr).boxed()
        }
    };
    // It fails only where somebody has begun before, and then that one is used.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
    Ok(true)
}

/// Lines whose texts may come from anywhere, such as names of files: what would steer a terminal is written out. An event
/// is written in one call, with its end of line.
struct Plain<W>(W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        writeln!(self.0, "{}", Shown(text.strip_suffix('\n').unwrap_or(&text)))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What is logged: as the options say, else as the environment says.
fn targets(verbose: u8) -> Result<Option<Targets>, Failure> {
    let level = match verbose {
        0 => return of_environment(),
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    Ok(Some(Targets::new().with_target(OURS, level)))
}

fn of_environment() -> Result<Option<Targets>, Failure> {
    let Some(text) = std::env::var_os(VARIABLE).filter(|text| !text.is_empty()) else { return Ok(None) };
    let text = text.to_string_lossy();
    // A level alone is meant for us, and not for the libraries below.
    if let Ok(level) = text.parse::<LevelFilter>() {
        return Ok(Some(Targets::new().with_target(OURS, level)));
    }
    text.parse().map(Some).map_err(|error| {
        Failure::new(
            Code::Usage,
            "usage",
            format!("{VARIABLE} is `{text}`, which cannot be understood: {error}"),
        )
        .with_help(
            "give a level (warn, info, debug, trace) or some, as in `codestrata=info,codestrata_index=debug`",
        )
    })
}
