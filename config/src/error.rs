//! What is wrong with a configuration, and where.

use std::fmt;

use codestrata_core::{Error, ErrorKind};
use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::document::{Document, Position, Snippet, Span, is_unprintable};

/// A mistake in a configuration: what, where, and what to do.
///
/// It prints as one line, `file:line:column: message; help`. For a report with the line drawn, hand
/// [`into_report`](Self::into_report) to miette.
///
/// Neither its texts nor its `Debug` show the value of a secret option.
///
/// ```
/// use codestrata_config::{Environment, StorageConfig};
///
/// let text = "[storage]\nbackend = \"redb\"\n\n[cach]\ncapacity = \"1GiB\"\n";
/// let error = StorageConfig::from_toml(text, "codestrata.toml", "", Environment::Ignore).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "codestrata.toml:4:2: there is no section `cach`; did you mean `cache`?"
/// );
/// assert_eq!((error.line(), error.column()), (Some(4), Some(2)));
/// ```
pub struct ConfigError {
    // Boxed so that a `Result` of it stays small.
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    file: Option<String>,
    position: Option<Position>,
    snippet: Option<Snippet>,
    label: &'static str,
    /// An error whose own message is already ours; only what it came from is passed on.
    cause: Option<Error>,
}

impl ConfigError {
    /// What kind of failure it is: `InvalidConfig` for a mistake in the file, `NotFound` for a missing file, and the
    /// kind of the backend's error for one that was [explained](crate::StorageConfig::explain).
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// What is wrong, without place and help.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// What to do, where something can be said.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.inner.help.as_deref()
    }

    /// The name of the file, where there is one.
    #[must_use]
    pub fn source_name(&self) -> Option<&str> {
        self.inner.file.as_deref()
    }

    /// The line, counted from 1, where it is known.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.inner.position.map(|position| position.line)
    }

    /// The column, counted from 1 in characters, where it is known.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.inner.position.map(|position| position.column)
    }

    /// The same error for a terminal: its `Display` is the message alone, because miette prints place and help.
    #[must_use]
    pub fn into_report(self) -> Report {
        Report(self)
    }

    pub(crate) fn new(kind: ErrorKind, message: impl AsRef<str>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                message: printable(message.as_ref()),
                help: None,
                file: None,
                position: None,
                snippet: None,
                label: "here",
                cause: None,
            }),
        }
    }

    pub(crate) fn invalid(message: impl AsRef<str>) -> Self {
        Self::new(ErrorKind::InvalidConfig, message)
    }

    /// The same error with other advice, from a program that knows better what can be done.
    #[must_use]
    pub fn with_help(mut self, help: impl AsRef<str>) -> Self {
        self.inner.help = Some(printable(help.as_ref()));
        self
    }

    pub(crate) fn with_label(mut self, label: &'static str) -> Self {
        self.inner.label = label;
        self
    }

    pub(crate) fn with_cause(mut self, cause: Error) -> Self {
        self.inner.cause = Some(cause);
        self
    }

    pub(crate) fn in_file(mut self, name: &str) -> Self {
        self.inner.file = Some(printable(name));
        self
    }

    /// Its place, without the line itself.
    pub(crate) fn at_position(mut self, name: &str, position: Position) -> Self {
        self.inner.position = Some(position);
        self.in_file(name)
    }

    /// Its place, and the line with the values that are ours or in `harmless`.
    pub(crate) fn at(mut self, document: &Document, span: &Span, harmless: &[Span]) -> Self {
        self.inner.snippet = Some(document.snippet(span, harmless));
        self.at_position(document.name(), document.position(span.start))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.inner.file {
            write!(f, "{file}:")?;
            if let Some(Position { line, column }) = self.inner.position {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.inner.message)?;
        match &self.inner.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ConfigError {
    /// Without the cause, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigError")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("help", &self.inner.help)
            .field("file", &self.inner.file)
            .field("position", &self.inner.position)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.cause.as_ref().and_then(std::error::Error::source)
    }
}

impl Diagnostic for ConfigError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.inner.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.inner.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.inner.snippet.as_ref()?;
        let label = LabeledSpan::new_primary_with_span(Some(self.inner.label.to_owned()), snippet.marked());
        Some(Box::new(std::iter::once(label)))
    }
}

impl From<ConfigError> for Error {
    /// The same error for code that knows only the seam's errors; the place stands in front of the message.
    fn from(error: ConfigError) -> Self {
        let core = Self::new(error.kind(), error.message());
        let core = match (error.source_name(), error.inner.position) {
            (Some(file), Some(Position { line, column })) => core.context(format!("{file}:{line}:{column}")),
            (Some(file), None) => core.context(file),
            (None, _) => core,
        };
        let core = match error.help() {
            Some(help) => core.with_help(help),
            None => core,
        };
        match error.inner.cause {
            Some(cause) if std::error::Error::source(&cause).is_some() => core.with_source(cause),
            _ => core,
        }
    }
}

/// A [`ConfigError`] as miette draws it best.
///
/// Where the place is known but the line is not drawn, because it may hold a secret, the place is in the message.
#[derive(Debug)]
pub struct Report(ConfigError);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0.inner;
        if let (None, Some(file)) = (&inner.snippet, &inner.file) {
            write!(f, "{file}:")?;
            if let Some(Position { line, column }) = inner.position {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&inner.message)
    }
}

impl std::error::Error for Report {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0)
    }
}

impl Diagnostic for Report {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Diagnostic::help(&self.0)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}

/// A text that may quote a hostile file, made fit for a terminal: one line, no control characters, not endless.
fn printable(text: &str) -> String {
    const MAX_CHARACTERS: usize = 600;
    let mut printable = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == MAX_CHARACTERS {
            printable.push('…');
            break;
        }
        if is_unprintable(character) {
            printable.extend(character.escape_debug());
        } else {
            printable.push(character);
        }
    }
    printable
}
