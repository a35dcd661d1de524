//! One error type for every engine, with a kind that says what may be done about it.
//!
//! Callers decide by [`Error::kind`]; people read the message, which says what happened, where, and what to do
//! next. No engine's own error type crosses the seam, but it is kept as the [`source`](std::error::Error::source).

use std::fmt;

/// The result of every call of the seam.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What kind of failure this is, and so what a caller may do.
///
/// The list is part of the contract: the conformance suite produces every kind that a backend can produce.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The call can never succeed as written: a key that is empty or too long, a page of zero items.
    InvalidArgument,
    /// The configuration is wrong: an unknown option, a value of the wrong type, a path that cannot be one.
    InvalidConfig,
    /// What was asked for is not there. A missing *key* is not an error: `get_many` answers `None`.
    NotFound,
    /// A precondition of the batch did not hold. Nothing was applied. Read again before trying again.
    PreconditionFailed,
    /// The engine gave way to a concurrent commit. Nothing was applied; the same batch may be tried again.
    Conflict,
    /// A key, value, batch or answer is over a limit. Nothing was applied.
    TooLarge,
    /// The engine cannot be reached at present. Nothing was applied; the same call may be tried again.
    Unavailable,
    /// The batch may or may not have been applied, wholly: its acknowledgement was lost. Settle it by reading.
    CommitUnknown,
    /// The store was opened for reading only.
    ReadOnly,
    /// Another process or handle holds the store.
    Locked,
    /// The medium is full. Nothing was applied, reads go on, and so do writes once there is room.
    Full,
    /// What is stored is damaged, or is not a store of this kind. Never answered with other data instead.
    Corruption,
    /// The engine does not have this capability. Nothing was done.
    Unsupported,
    /// A write or a sync failed at a point where the state on the medium is no longer known. Every call answers
    /// this until the store has been opened anew.
    Poisoned,
    /// The store was closed.
    Closed,
    /// A fault of the backend itself; report it to its author.
    Internal,
}

impl ErrorKind {
    /// Whether the same call may be made again as it is, because nothing was applied and the cause may pass.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Conflict | Self::Unavailable)
    }

    /// Whether an `apply` that failed with this kind certainly left the store as it was.
    #[must_use]
    pub const fn is_certainly_not_applied(self) -> bool {
        !matches!(self, Self::CommitUnknown | Self::Poisoned | Self::Internal)
    }

    /// The kind in words, as it stands in front of a message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid argument",
            Self::InvalidConfig => "invalid configuration",
            Self::NotFound => "not found",
            Self::PreconditionFailed => "precondition failed",
            Self::Conflict => "conflict",
            Self::TooLarge => "too large",
            Self::Unavailable => "unavailable",
            Self::CommitUnknown => "commit unknown",
            Self::ReadOnly => "read-only",
            Self::Locked => "locked",
            Self::Full => "full",
            Self::Corruption => "corruption",
            Self::Unsupported => "unsupported",
            Self::Poisoned => "poisoned",
            Self::Closed => "closed",
            Self::Internal => "internal error",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure: its kind, a message for people, and where it came from.
///
/// ```
/// use codestrata_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Locked, "graph.redb is open in another process")
///     .with_help("wait for it to end, or open the store read-only");
/// assert_eq!(error.kind(), ErrorKind::Locked);
/// assert_eq!(error.to_string(), "graph.redb is open in another process; wait for it to end, or open the store read-only");
/// ```
pub struct Error {
    // Boxed so that `Result<(), Error>` is one word on hot paths.
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    option: Option<String>,
    source: Option<Source>,
}

impl Error {
    /// An error of a kind with its message: what happened and where, without a full stop.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner { kind, message: message.into(), help: None, option: None, source: None }),
        }
    }

    /// What to do next, in the imperative. It follows the message after a semicolon.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.inner.help = Some(help.into());
        self
    }

    /// The engine's or operating system's own error, kept as the source.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// The configuration option that is at fault, so that the host can show its line.
    #[must_use]
    pub fn with_option(mut self, name: impl Into<String>) -> Self {
        self.inner.option = Some(name.into());
        self
    }

    /// Puts words of the caller's in front of the message: `context: message`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.inner.message = format!("{context}: {}", self.inner.message);
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The message without its help.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// What to do next, where something can be done.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.inner.help.as_deref()
    }

    /// The configuration option at fault, if the error is about one.
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        self.inner.option.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)?;
        match &self.inner.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = f.debug_struct("Error");
        shape.field("kind", &self.inner.kind).field("message", &self.inner.message);
        if let Some(help) = &self.inner.help {
            shape.field("help", help);
        }
        if let Some(source) = &self.inner.source {
            shape.field("source", source);
        }
        shape.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}
