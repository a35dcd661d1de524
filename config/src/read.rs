//! Reading the keys of a section as the types that the schema says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codestrata_core::options::parse_duration;
use codestrata_core::{Durability, OptionValue, Options, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::backend_config::{BackendConfig, MAX_RETRIES, MIN_TIMEOUT, OptionPlace, Origin};
use crate::compression::Compression;
use crate::document::{Document, Span};
use crate::environment::{self, Environment};
use crate::error::ConfigError;
use crate::schema::{self, COMPRESSIONS, DURABILITIES};
use crate::units::ByteSize;

/// Longer names are mistakes, and are not looked up.
const MAX_NAME_BYTES: usize = 128;

pub(crate) struct Reader {
    pub(crate) document: Arc<Document>,
    pub(crate) environment: Environment,
}

/// A section of the file: its path in the schema, what is in it, and where its name stands.
pub(crate) struct Section<'t, 'i> {
    pub(crate) path: &'static str,
    pub(crate) table: &'t DeTable<'i>,
    pub(crate) header: Span,
}

/// Why a value is not what its key takes: `it is ...`, and what to do.
type Refusal = (String, Option<String>);

impl Reader {
    pub(crate) fn error(&self, message: impl AsRef<str>, span: &Span) -> ConfigError {
        ConfigError::invalid(message).at(&self.document, span, &[])
    }

    pub(crate) fn refuse_unknown_keys(&self, section: &Section<'_, '_>) -> Result<(), ConfigError> {
        let is_known = |name: &str| schema::children(section.path).any(|spec| spec.name() == name);
        let unknown = section
            .table
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !is_known(key.get_ref()))
            .min_by_key(|key| key.span().start);
        let Some(key) = unknown else { return Ok(()) };
        self.refuse_long_name(key)?;
        let name = key.get_ref().as_ref();
        let message = match section.path {
            "" => format!("there is no section `{name}`"),
            path => format!("[{path}] has no key `{name}`"),
        };
        Err(self
            .error(message, &key.span())
            .with_help(schema::suggest(section.path, name))
            .with_label("not known"))
    }

    fn refuse_long_name(&self, key: &Spanned<std::borrow::Cow<'_, str>>) -> Result<(), ConfigError> {
        if key.get_ref().len() <= MAX_NAME_BYTES {
            return Ok(());
        }
        Err(self.error(format!("a name is longer than {MAX_NAME_BYTES} bytes"), &key.span()))
    }

    /// A section of the file, with its keys checked.
    pub(crate) fn section<'t, 'i>(
        &self,
        root: &Section<'t, 'i>,
        path: &'static str,
    ) -> Result<Option<Section<'t, 'i>>, ConfigError> {
        let Some(section) = self.table(root, path, path)? else { return Ok(None) };
        self.refuse_unknown_keys(&section)?;
        Ok(Some(section))
    }

    fn table<'t, 'i>(
        &self,
        parent: &Section<'t, 'i>,
        name: &str,
        path: &'static str,
    ) -> Result<Option<Section<'t, 'i>>, ConfigError> {
        match parent.table.get_key_value(name) {
            None => Ok(None),
            Some((key, value)) => match value.get_ref() {
                DeValue::Table(table) => Ok(Some(Section { path, table, header: key.span() })),
                other => Err(self
                    .error(format!("`{name}` is a section, but here it is {}", describe(other)), &key.span())
                    .with_help(format!("write it once, as `[{path}]`"))),
            },
        }
    }

    /// The store of a section, if the section names a backend.
    pub(crate) fn store(
        &self,
        section: &Section<'_, '_>,
        base_dir: &Path,
    ) -> Result<Option<BackendConfig>, ConfigError> {
        let options_path = if section.path == "storage" { "storage.options" } else { "analysis.options" };
        let options = self.table(section, "options", options_path)?;
        let backend = self.read(section, "backend", "text", |value| match value {
            OptionValue::Text(text) if text.is_empty() => Err(("it is empty".to_owned(), None)),
            OptionValue::Text(text) => Ok(text.clone()),
            _ => Err(("it is not text".to_owned(), Some("write the name of a backend".to_owned()))),
        })?;
        let durability =
            self.read(section, "durability", "one of strongest, synced, buffered", read_durability)?;
        let compression = self.read(section, "compression", "one of none, lz4, zstd", read_compression)?;
        let timeout = self.timeout(section)?;
        let retries = self.retries(section)?;
        let Some((backend, backend_span)) = backend else { return Ok(None) };

        let header = options.as_ref().map_or(&section.header, |options| &options.header).clone();
        let (values, places) = match &options {
            Some(options) => self.options(options)?,
            None => (Options::new(), BTreeMap::new()),
        };
        let (durability, durability_span) = durability.unzip();
        let mut store = BackendConfig::new(backend)
            .with_options(values)
            .with_durability(durability.unwrap_or_default())
            .with_base_dir(base_dir)
            .with_origin(Origin {
                document: Arc::clone(&self.document),
                header,
                backend: backend_span,
                durability: durability_span,
                options: places,
            });
        if let Some((compression, _)) = compression {
            store = store.with_compression(compression);
        }
        if let Some(timeout) = timeout {
            store = store.with_timeout(timeout);
        }
        if let Some(retries) = retries {
            store = store.with_retries(retries);
        }
        Ok(Some(store))
    }

    fn timeout(&self, section: &Section<'_, '_>) -> Result<Option<Duration>, ConfigError> {
        let read = self.read(section, "timeout", "a duration", |value| match parse_duration(value) {
            Ok(time) if time < MIN_TIMEOUT => Err((
                format!("it is shorter than {MIN_TIMEOUT:?}"),
                Some("leave it out to let calls take any time".to_owned()),
            )),
            Ok(time) => Ok(time),
            Err(problem) => Err((problem, None)),
        })?;
        Ok(read.map(|(time, _)| time))
    }

    fn retries(&self, section: &Section<'_, '_>) -> Result<Option<u32>, ConfigError> {
        let read = self.read(section, "retries", "a count", |value| match value {
            OptionValue::Integer(count) => u32::try_from(*count)
                .ok()
                .filter(|count| (1..=MAX_RETRIES).contains(count))
                .ok_or_else(|| {
                    let help = format!("give 1 to {MAX_RETRIES}, or leave it out for none");
                    (format!("it is {count}"), Some(help))
                }),
            _ => Err(("it is not a whole number".to_owned(), None)),
        })?;
        Ok(read.map(|(count, _)| count))
    }

    fn options(
        &self,
        section: &Section<'_, '_>,
    ) -> Result<(Options, BTreeMap<String, OptionPlace>), ConfigError> {
        let (mut options, mut places) = (Options::new(), BTreeMap::new());
        for (key, value) in section.table {
            self.refuse_long_name(key)?;
            let name = key.get_ref().to_string();
            options.set(name.clone(), self.value(&name, value)?);
            places.insert(name, OptionPlace { name: key.span(), value: value.span() });
        }
        Ok((options, places))
    }

    pub(crate) fn duration(
        &self,
        section: &Section<'_, '_>,
        name: &str,
    ) -> Result<Option<Duration>, ConfigError> {
        let read = self.read(section, name, "a duration", |value| match parse_duration(value) {
            Ok(Duration::ZERO) => {
                Err(("it is zero".to_owned(), Some("leave it out for no limit".to_owned())))
            }
            Ok(time) => Ok(time),
            Err(problem) => Err((problem, None)),
        })?;
        Ok(read.map(|(time, _)| time))
    }

    pub(crate) fn byte_size(
        &self,
        section: &Section<'_, '_>,
        name: &str,
    ) -> Result<Option<ByteSize>, ConfigError> {
        let read = self.read(section, name, "a size", |value| {
            ByteSize::parse(value).map_err(|problem| (problem, None))
        })?;
        Ok(read.map(|(size, _)| size))
    }

    pub(crate) fn count(&self, section: &Section<'_, '_>, name: &str) -> Result<Option<u64>, ConfigError> {
        let read = self.read(section, name, "a count", |value| match value {
            OptionValue::Integer(count) => {
                u64::try_from(*count).ok().filter(|count| *count > 0).ok_or_else(|| {
                    (
                        format!("it is {count}"),
                        Some("give at least 1, or leave it out for no limit".to_owned()),
                    )
                })
            }
            _ => Err(("it is not a whole number".to_owned(), None)),
        })?;
        Ok(read.map(|(count, _)| count))
    }

    /// A whole number from 0.
    pub(crate) fn number(
        &self,
        section: &Section<'_, '_>,
        name: &str,
        most: u32,
    ) -> Result<Option<u32>, ConfigError> {
        let read = self.read(section, name, "a number", |value| match value {
            OptionValue::Integer(number) => u32::try_from(*number)
                .ok()
                .filter(|number| *number <= most)
                .ok_or_else(|| (format!("it is {number}"), Some(format!("give 0 to {most}")))),
            _ => Err(("it is not a whole number".to_owned(), None)),
        })?;
        Ok(read.map(|(number, _)| number))
    }

    /// The value of a key as its type, and its place.
    fn read<T>(
        &self,
        section: &Section<'_, '_>,
        name: &str,
        takes: &str,
        parse: impl FnOnce(&OptionValue) -> Result<T, Refusal>,
    ) -> Result<Option<(T, Span)>, ConfigError> {
        let Some(spanned) = section.table.get(name) else { return Ok(None) };
        let value = self.value(name, spanned)?;
        match parse(&value) {
            Ok(parsed) => Ok(Some((parsed, spanned.span()))),
            Err((problem, help)) => {
                let error = self.error(format!("`{name}` takes {takes}, but {problem}"), &spanned.span());
                Err(match help {
                    Some(help) => error.with_help(help),
                    None => error,
                })
            }
        }
    }

    fn value(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<OptionValue, ConfigError> {
        match value.get_ref() {
            DeValue::String(text) => environment::expand(text, self.environment)
                .map(OptionValue::Text)
                .map_err(|(message, help)| self.error(message, &value.span()).with_help(help)),
            DeValue::Boolean(value) => Ok(OptionValue::Boolean(*value)),
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .map(OptionValue::Integer)
                .map_err(|_| {
                    self.error(format!("the number of `{name}` does not fit into 64 bits"), &value.span())
                        .with_help(format!("give a number from {} to {}", i64::MIN, i64::MAX))
                }),
            DeValue::Float(float) => {
                float.as_str().parse().map(OptionValue::Float).map_err(|_| {
                    self.error(format!("`{name}` is not a number that can be kept"), &value.span())
                })
            }
            other => Err(self
                .error(
                    format!("`{name}` takes one plain value, but it is {}", describe(other)),
                    &value.span(),
                )
                .with_help("give text, a number, true or false")),
        }
    }
}

fn read_durability(value: &OptionValue) -> Result<Durability, Refusal> {
    let parse = |name: &str| match name {
        "strongest" => Some(Durability::Strongest),
        "synced" => Some(Durability::Synced),
        "buffered" => Some(Durability::Buffered),
        _ => None,
    };
    read_word(value, DURABILITIES, "write `strongest` for the best that the backend has", parse)
}

fn read_compression(value: &OptionValue) -> Result<Compression, Refusal> {
    read_word(value, COMPRESSIONS, "write `none` for no compression", Compression::parse)
}

/// One of some words.
fn read_word<T>(
    value: &OptionValue,
    words: &[&'static str],
    help: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Refusal> {
    let OptionValue::Text(text) = value else {
        return Err(("it is not text".to_owned(), Some(help.to_owned())));
    };
    parse(text).ok_or_else(|| {
        let short: String = text.chars().take(MAX_NAME_BYTES).collect();
        let help = match nearest(&short, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => help.to_owned(),
        };
        (format!("it is `{short}`"), Some(help))
    })
}

fn describe(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
