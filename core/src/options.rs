//! The options of a backend: what it declares it takes, and what a configuration gives it.
//!
//! A backend declares its options as data ([`OptionSpec`]). The host checks a configuration against them before
//! anything is opened, so that a mistake is shown with its line, and lists them for people.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;

use crate::error::{Error, ErrorKind, Result};

/// What kind of value an option takes.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionKind {
    /// Any text.
    Text,
    /// A path; a relative one is resolved against the folder of the configuration file.
    Path,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number of bytes, as an integer or as text with a unit: `67108864`, `"64MiB"`.
    ByteSize,
    /// A span of time as text with a unit: `"500ms"`, `"30s"`, `"1h 30m"`, `"30d"`.
    Duration,
}

impl OptionKind {
    /// The kind as people name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Path => "path",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::ByteSize => "size",
            Self::Duration => "duration",
        }
    }
}

/// One option that a backend takes, declared in its descriptor.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    name: &'static str,
    kind: OptionKind,
    summary: &'static str,
    default: Option<&'static str>,
    required: bool,
    secret: bool,
}

impl OptionSpec {
    /// An option that may be left out.
    #[must_use]
    pub const fn new(name: &'static str, kind: OptionKind, summary: &'static str) -> Self {
        Self { name, kind, summary, default: None, required: false, secret: false }
    }

    /// Says what is used when it is left out, as people would write it.
    #[must_use]
    pub const fn default_value(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// It must be given.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Its value is never shown.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Its name in `[storage.options]`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The kind of value it takes.
    #[must_use]
    pub const fn kind(&self) -> OptionKind {
        self.kind
    }

    /// What it is for, in one sentence.
    #[must_use]
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// What is used when it is left out.
    #[must_use]
    pub const fn default(&self) -> Option<&'static str> {
        self.default
    }

    /// Whether it must be given.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }

    /// Whether its value must not be shown.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.secret
    }
}

/// The value of an option, as configuration files have them.
#[derive(Clone, PartialEq)]
pub enum OptionValue {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
}

impl From<bool> for OptionValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for OptionValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for OptionValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for OptionValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl OptionValue {
    const fn kind_name(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "text",
        }
    }
}

/// The options given to a backend, by name.
///
/// ```
/// use codestrata_core::Options;
///
/// let options = Options::new().with("path", "graph.redb").with("cache", "64MiB");
/// assert_eq!(options.byte_size("cache")?, Some(64 * 1024 * 1024));
/// assert!(options.boolean("path").is_err());
/// # Ok::<(), codestrata_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Options {
    values: BTreeMap<String, OptionValue>,
}

impl Options {
    /// No options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<OptionValue>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets one.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<OptionValue>) {
        self.values.insert(name.into(), value.into());
    }

    /// The value of one, as it was given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OptionValue> {
        self.values.get(name)
    }

    /// The names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OptionValue)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Text, if given.
    ///
    /// # Errors
    /// `InvalidConfig`, naming the option, if it is of another kind. The same holds for the methods below.
    pub fn text(&self, name: &str) -> Result<Option<&str>> {
        self.read(name, OptionKind::Text, |value| match value {
            OptionValue::Text(text) => Ok(text.as_str()),
            _ => Err("it is not text".to_owned()),
        })
    }

    /// A path, if given, as it stands; resolve it with [`OpenRequest::resolve`](crate::OpenRequest::resolve).
    ///
    /// # Errors
    /// `InvalidConfig` if it is not text, or empty.
    pub fn path(&self, name: &str) -> Result<Option<PathBuf>> {
        self.read(name, OptionKind::Path, |value| match value {
            OptionValue::Text(text) if text.is_empty() => Err("it is empty".to_owned()),
            OptionValue::Text(text) if text.contains('\0') => Err("it contains a zero byte".to_owned()),
            OptionValue::Text(text) => Ok(PathBuf::from(text)),
            _ => Err("it is not text".to_owned()),
        })
    }

    /// A boolean, if given.
    ///
    /// # Errors
    /// `InvalidConfig` if it is of another kind.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>> {
        self.read(name, OptionKind::Boolean, |value| match value {
            OptionValue::Boolean(value) => Ok(*value),
            _ => Err("it is neither true nor false".to_owned()),
        })
    }

    /// A whole number, if given.
    ///
    /// # Errors
    /// `InvalidConfig` if it is of another kind.
    pub fn integer(&self, name: &str) -> Result<Option<i64>> {
        self.read(name, OptionKind::Integer, |value| match value {
            OptionValue::Integer(value) => Ok(*value),
            _ => Err("it is not a whole number".to_owned()),
        })
    }

    /// A number of bytes, if given.
    ///
    /// # Errors
    /// `InvalidConfig` if it is neither a whole number nor text like `64MiB`.
    pub fn byte_size(&self, name: &str) -> Result<Option<u64>> {
        self.read(name, OptionKind::ByteSize, parse_byte_size)
    }

    /// A span of time, if given.
    ///
    /// # Errors
    /// `InvalidConfig` if it is not text like `30s`.
    pub fn duration(&self, name: &str) -> Result<Option<Duration>> {
        self.read(name, OptionKind::Duration, parse_duration)
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        kind: OptionKind,
        parse: impl FnOnce(&'a OptionValue) -> Result<T, String>,
    ) -> Result<Option<T>> {
        let Some(value) = self.values.get(name) else { return Ok(None) };
        parse(value).map(Some).map_err(|problem| {
            let message = format!("`{name}` takes a {}, but {problem}", kind.as_str());
            Error::new(ErrorKind::InvalidConfig, message).with_option(name)
        })
    }

    /// Checks that the values are of the kinds declared and that nothing is missing or unknown.
    ///
    /// # Errors
    /// `InvalidConfig` for the first problem, with its option, and with a suggestion where a name is nearly one
    /// that is known.
    pub fn check(&self, specs: &[OptionSpec]) -> Result<()> {
        for name in self.values.keys() {
            let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
                return Err(unknown_option(name, specs));
            };
            match spec.kind {
                OptionKind::Text => self.text(name).map(drop),
                OptionKind::Path => self.path(name).map(drop),
                OptionKind::Boolean => self.boolean(name).map(drop),
                OptionKind::Integer => self.integer(name).map(drop),
                OptionKind::ByteSize => self.byte_size(name).map(drop),
                OptionKind::Duration => self.duration(name).map(drop),
            }?;
        }
        match specs.iter().find(|spec| spec.required && !self.values.contains_key(spec.name)) {
            None => Ok(()),
            Some(missing) => {
                Err(Error::new(ErrorKind::InvalidConfig, format!("the option `{}` is missing", missing.name))
                    .with_help(format!("{} ({})", missing.summary, missing.kind.as_str())))
            }
        }
    }
}

impl fmt::Debug for Options {
    /// Names only: a value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// Reads a number of bytes as people write it.
///
/// # Errors
/// Says what is wrong with the value.
pub fn parse_byte_size(value: &OptionValue) -> Result<u64, String> {
    match value {
        OptionValue::Integer(bytes) => u64::try_from(*bytes).map_err(|_| "it is negative".to_owned()),
        OptionValue::Text(text) => text
            .parse::<ByteSize>()
            .map(|size| size.as_u64())
            .map_err(|_| format!("`{text}` is not a size like `64MiB`")),
        other => Err(format!("it is {}, not a size like `64MiB`", other.kind_name())),
    }
}

/// The most digits in a span of time. humantime panics where a sum of parts passes 2^64 seconds by a carry from the
/// nanoseconds, which takes more; nobody means so long a time.
const MAX_DURATION_DIGITS: usize = 16;

/// Reads a span of time as people write it.
///
/// # Errors
/// Says what is wrong with the value.
pub fn parse_duration(value: &OptionValue) -> Result<Duration, String> {
    match value {
        OptionValue::Text(text) if text.bytes().filter(u8::is_ascii_digit).count() > MAX_DURATION_DIGITS => {
            Err(format!("it has more than {MAX_DURATION_DIGITS} digits"))
        }
        OptionValue::Text(text) => humantime::parse_duration(text)
            .map_err(|_| format!("`{text}` is not a duration like `30s`, `1h` or `30d`")),
        other => {
            Err(format!("it is {}; write it with its unit, like `30s`, `1h` or `30d`", other.kind_name()))
        }
    }
}

fn unknown_option(name: &str, specs: &[OptionSpec]) -> Error {
    let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
    let error =
        Error::new(ErrorKind::InvalidConfig, format!("there is no option `{name}`")).with_option(name);
    match nearest(name, known.iter().copied()) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.with_help("this backend takes no options"),
        None => error.with_help(format!("this backend takes: {}", known.join(", "))),
    }
}

/// The name nearest to the one given, if one is near enough to have been meant.
///
/// ```
/// assert_eq!(codestrata_core::nearest("reddb", ["memory", "redb"]), Some("redb"));
/// assert_eq!(codestrata_core::nearest("mysql", ["memory", "redb"]), None);
/// ```
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Jaro-Winkler likeness, from 0 to 1: this lets one slip in a short word through, and no more.
    const NEAR: f64 = 0.82;
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
