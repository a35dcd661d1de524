//! What goes wrong, in words for people and codes for programs.

use std::io::{self, Write};
use std::process::ExitCode;

use codestrata::{ConfigError, Error, ErrorKind};
use miette::{GraphicalReportHandler, GraphicalTheme};
use serde_json::{Map, Value, json};

use crate::output::{ERROR, HELP};
use crate::words::Shown;

/// What to do with a damaged store before it is restored, removed or written to.
pub(crate) const RESCUE: &str = "`codestrata verify` says what is damaged; take what is whole elsewhere with \
    `codestrata copy --repo ID --to FILE`, before `codestrata index PATH --rebuild`";

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
    /// What to do, each on a line of its own.
    help: Vec<String>,
    /// What programs get beside it.
    details: Map<String, Value>,
}

impl Failure {
    /// A failure with a kind for programs and a message for people.
    pub(crate) fn new(code: Code, kind: &'static str, message: impl Into<String>) -> Self {
        Self::Said(Box::new(Said {
            code,
            kind,
            message: message.into(),
            help: Vec::new(),
            details: Map::new(),
        }))
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
            said.help = vec![help.into()];
        }
        self
    }

    /// Says what to do besides.
    pub(crate) fn and_help(mut self, help: &str) -> Self {
        if let Self::Said(said) = &mut self {
            said.help.push(help.to_owned());
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
        let mut failure = Self::new(code, kind_name(error.kind()), error.message());
        // Before what the engine says: to remove the store or to write to it loses what is whole in it.
        if code == Code::Store && matches!(error.kind(), ErrorKind::Corruption | ErrorKind::Poisoned) {
            failure = failure.and_help(RESCUE);
        }
        match error.help() {
            Some(help) => failure.and_help(help),
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
        if !self.help.is_empty() {
            text.push_str(&format_help(&self.help));
        }
        text
    }

    fn json(mut self) -> String {
        self.details.insert("kind".to_owned(), self.kind.into());
        self.details.insert("message".to_owned(), self.message.into());
        let help = (!self.help.is_empty()).then(|| self.help.join("\n"));
        self.details.insert("help".to_owned(), help.into());
        json!({ "error": self.details }).to_string()
    }
}

/// Each line is shown for itself: what a name in it has of line breaks makes none.
fn format_help<T: AsRef<str>>(help: &[T]) -> String {
    let lines: Vec<String> = help.iter().map(|line| Shown(line.as_ref()).to_string()).collect();
    format!("\n{HELP}help:{HELP:#} {}", lines.join("\n      "))
}

/// What to do: with a store that is damaged, to look what is whole before anything else.
fn configuration_help(error: &ConfigError) -> Option<String> {
    let rescue = (error.kind() == ErrorKind::Corruption).then_some(RESCUE);
    let lines: Vec<&str> = rescue.into_iter().chain(error.help()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn configuration_json(error: &ConfigError) -> String {
    json!({ "error": {
        "kind": kind_name(error.kind()),
        "message": error.message(),
        "help": configuration_help(error),
        "file": error.source_name(),
        "line": error.line(),
        "column": error.column(),
    }})
    .to_string()
}

/// The line of the configuration with the mistake marked, or plain words where there is no line to show.
fn drawn(error: ConfigError) -> String {
    let is_damage = error.kind() == ErrorKind::Corruption;
    if error.line().is_none() {
        let place = error.source_name().map(|name| format!("{name}: ")).unwrap_or_default();
        let mut text = format!("{ERROR}error:{ERROR:#} {}{}", Shown(&place), Shown(error.message()));
        let rescue = is_damage.then_some(RESCUE);
        let help: Vec<&str> = rescue.into_iter().chain(error.help()).collect();
        if !help.is_empty() {
            text.push_str(&format_help(&help));
        }
        return text;
    }
    let mut text = String::new();
    let plain = error.to_string();
    // anstream takes the colours out again where none are wanted.
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode());
    match handler.render_report(&mut text, &error.into_report()) {
        Ok(()) if is_damage => {
            format!(
                "{ERROR}error:{ERROR:#} the store is damaged\n{}{}",
                text.trim_end(),
                format_help(&[RESCUE])
            )
        }
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
