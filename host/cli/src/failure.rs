//! What goes wrong, in words for people and codes for programs.

use std::io::{self, Write};
use std::process::ExitCode;

use codestrata::{ConfigError, Error, ErrorKind};
use miette::{GraphicalReportHandler, GraphicalTheme};
use serde_json::{Map, Value, json};

use crate::output::{ERROR, HELP};
use crate::words::Shown;

/// The exit codes. They are documented, and stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// What was asked for is not there: a symbol, a repository, or anything because nothing was indexed yet.
    NotFound = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration is wrong.
    Configuration = 3,
    /// The store failed, or the output cannot be written.
    Store = 4,
    /// What was given to be read in cannot be used.
    Input = 5,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command ends without an answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something to be said.
    Said(Box<Said>),
    /// A mistake in a configuration, drawn with its line.
    Configuration(Code, Box<ConfigError>),
    /// The answer was given, and this exit code is a part of it.
    Answered(Code),
    /// Whoever read the output has gone: nothing to be said, and nobody to say it to.
    ClosedPipe,
}

/// A failure in words.
#[derive(Debug)]
pub(crate) struct Said {
    code: Code,
    kind: &'static str,
    message: String,
    help: Option<String>,
    /// What programs get beside it.
    details: Map<String, Value>,
}

impl Failure {
    /// A failure with a kind for programs and a message for people.
    pub(crate) fn new(code: Code, kind: &'static str, message: impl Into<String>) -> Self {
        Self::Said(Box::new(Said { code, kind, message: message.into(), help: None, details: Map::new() }))
    }

    /// What was asked for is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, "not-found", message)
    }

    /// What was given to be read in cannot be used.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Code::Input, "invalid-argument", message)
    }

    /// What kind of failure it is, as programs get it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Said(said) => said.kind,
            Self::Configuration(_, error) => kind_name(error.kind()),
            _ => "",
        }
    }

    /// What went wrong, in words.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Said(said) => &said.message,
            Self::Configuration(_, error) => error.message(),
            _ => "",
        }
    }

    /// Says what to do.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        if let Self::Said(said) = &mut self {
            said.help = Some(help.into());
        }
        self
    }

    /// Says what to do besides.
    pub(crate) fn and_help(mut self, help: &str) -> Self {
        if let Self::Said(said) = &mut self {
            said.help = Some(match said.help.take() {
                Some(before) => format!("{before}\n{help}"),
                None => help.to_owned(),
            });
        }
        self
    }

    /// Tells programs more.
    pub(crate) fn with_detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Self::Said(said) = &mut self {
            said.details.insert(name.to_owned(), value.into());
        }
        self
    }

    /// A failure of the seam's, with the code that fits where it happened.
    pub(crate) fn of(code: Code, error: &Error) -> Self {
        if is_closed_pipe(error) {
            return Self::ClosedPipe;
        }
        let failure = Self::new(code, kind_name(error.kind()), error.message());
        match error.help() {
            Some(help) => failure.with_help(help),
            None => failure,
        }
    }

    /// A mistake in a configuration.
    pub(crate) fn configuration(code: Code, error: ConfigError) -> Self {
        Self::Configuration(code, Box::new(error))
    }

    /// Says it on stderr, and gives the exit code.
    pub(crate) fn report(self, as_json: bool) -> ExitCode {
        let (code, text) = match self {
            Self::ClosedPipe => return ExitCode::SUCCESS,
            Self::Answered(code) => return code.into(),
            Self::Said(said) if as_json => (said.code, said.json()),
            Self::Said(said) => (said.code, said.text()),
            Self::Configuration(code, error) if as_json => (code, configuration_json(&error)),
            Self::Configuration(code, error) => (code, drawn(*error)),
        };
        // If stderr is closed there is nobody to tell.
        let _ = writeln!(anstream::stderr(), "{text}");
        code.into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error.kind() {
            ErrorKind::NotFound => Code::NotFound,
            ErrorKind::InvalidArgument => Code::Usage,
            ErrorKind::InvalidConfig => Code::Configuration,
            _ => Code::Store,
        };
        Self::of(code, &error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::new(Code::Store, "unavailable", format!("the output cannot be written: {error}")),
        }
    }
}

impl Said {
    fn text(&self) -> String {
        let mut text = format!("{ERROR}error:{ERROR:#} {}", Shown(&self.message));
        if let Some(help) = &self.help {
            text.push_str(&format_help(help));
        }
        text
    }

    fn json(mut self) -> String {
        self.details.insert("kind".to_owned(), self.kind.into());
        self.details.insert("message".to_owned(), self.message.into());
        self.details.insert("help".to_owned(), self.help.into());
        json!({ "error": self.details }).to_string()
    }
}

fn format_help(help: &str) -> String {
    format!("\n{HELP}help:{HELP:#} {}", Shown(help))
}

fn configuration_json(error: &ConfigError) -> String {
    json!({ "error": {
        "kind": kind_name(error.kind()),
        "message": error.message(),
        "help": error.help(),
        "file": error.source_name(),
        "line": error.line(),
        "column": error.column(),
    }})
    .to_string()
}

/// The line of the configuration with the mistake marked, or plain words where there is no line to show.
fn drawn(error: ConfigError) -> String {
    if error.line().is_none() {
        let place = error.source_name().map(|name| format!("{name}: ")).unwrap_or_default();
        let mut text = format!("{ERROR}error:{ERROR:#} {}{}", Shown(&place), Shown(error.message()));
        text.push_str(&error.help().map(format_help).unwrap_or_default());
        return text;
    }
    let mut text = String::new();
    let plain = error.to_string();
    // anstream takes the colours out again where none are wanted.
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode());
    match handler.render_report(&mut text, &error.into_report()) {
        Ok(()) => format!("{ERROR}error:{ERROR:#} the configuration is wrong\n{}", text.trim_end()),
        Err(_) => format!("{ERROR}error:{ERROR:#} {}", Shown(&plain)),
    }
}

fn is_closed_pipe(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(current) = cause {
        if current.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = current.source();
    }
    false
}

/// The kind of a failure, as programs get it.
fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "invalid-argument",
        ErrorKind::InvalidConfig => "invalid-configuration",
        ErrorKind::NotFound => "not-found",
        ErrorKind::PreconditionFailed | ErrorKind::Conflict => "conflict",
        ErrorKind::TooLarge => "too-large",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::CommitUnknown => "commit-unknown",
        ErrorKind::ReadOnly => "read-only",
        ErrorKind::Locked => "locked",
        ErrorKind::Full => "full",
        ErrorKind::Corruption => "corruption",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Poisoned => "poisoned",
        ErrorKind::Closed => "closed",
        _ => "internal",
    }
}
