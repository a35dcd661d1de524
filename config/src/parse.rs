//! From text to a [`StorageConfig`], keeping the place of everything that may yet turn out to be wrong.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error as TomlError};

use crate::backend_config::BackendConfig;
use crate::document::{Document, Span};
use crate::environment::Environment;
use crate::error::ConfigError;
use crate::nesting::too_deep;
use crate::read::{Reader, Section};
use crate::schema::{self, KeyKind};
use crate::source_file::MAX_FILE_BYTES;
use crate::storage_config::{MAX_HISTORY, StorageConfig};

pub(crate) fn parse(
    text: &str,
    name: &str,
    base_dir: &Path,
    environment: Environment,
) -> Result<StorageConfig, ConfigError> {
    if u64::try_from(text.len()).is_ok_and(|length| length > MAX_FILE_BYTES) {
        let message = format!("it is larger than {MAX_FILE_BYTES} bytes");
        return Err(ConfigError::invalid(message).in_file(name));
    }
    // Some editors write a byte-order mark; it is no part of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document::new(name, text);
    if let Some((message, span)) = too_deep(text) {
        return Err(syntax_error(&document, &message, &span).with_help("a configuration is not that deep"));
    }
    let root = DeTable::parse(text).map_err(|error| toml_error(&document, &error))?;
    let mut veiled = Vec::new();
    veil_table(root.get_ref(), Some(""), &mut veiled);

    let reader = Reader { document: Arc::new(document.with_veiled(veiled)), environment };
    read_config(&reader, root.get_ref(), base_dir)
}

fn read_config(reader: &Reader, root: &DeTable<'_>, base_dir: &Path) -> Result<StorageConfig, ConfigError> {
    let root = Section { path: "", table: root, header: 0..0 };
    reader.refuse_unknown_keys(&root)?;
    let Some(storage) = reader.section(&root, "storage")? else {
        return Err(reader
            .error("the section [storage] is missing", &(0..0))
            .with_help("begin with `[storage]` and a line such as `backend = \"memory\"`"));
    };
    let Some(store) = reader.store(&storage, base_dir)? else {
        return Err(reader
            .error("[storage] does not name its `backend`", &storage.header)
            .with_help("add a line such as `backend = \"memory\"` to it"));
    };
    let mut config = StorageConfig { storage: store, ..StorageConfig::in_memory() };
    if let Some(versions) = reader.number(&storage, "history", MAX_HISTORY)? {
        config.history = versions;
    }
    if let Some(analysis) = reader.section(&root, "analysis")? {
        config.analysis.store = read_analysis_store(reader, &analysis, base_dir)?;
        config.analysis.retention = reader.duration(&analysis, "retention")?;
        config.analysis.max_results = reader.count(&analysis, "max_results")?;
    }
    if let Some(cache) = reader.section(&root, "cache")? {
        if let Some(capacity) = reader.byte_size(&cache, "capacity")? {
            config.cache.capacity = capacity;
        }
        config.cache.default_ttl = reader.duration(&cache, "default_ttl")?;
    }
    Ok(config)
}

fn read_analysis_store(
    reader: &Reader,
    analysis: &Section<'_, '_>,
    base_dir: &Path,
) -> Result<Option<BackendConfig>, ConfigError> {
    let store = reader.store(analysis, base_dir)?;
    let stray = ["options", "durability", "compression", "timeout", "retries"]
        .iter()
        .find_map(|name| analysis.table.get_key_value(*name));
    match (&store, stray) {
        (None, Some((key, _))) => Err(reader
            .error(
                format!("[analysis] has `{}` and no `backend`, so it shares [storage]", key.get_ref()),
                &key.span(),
            )
            .with_help("give [analysis] a `backend` of its own, or remove this")),
        _ => Ok(store),
    }
}

fn toml_error(document: &Document, error: &TomlError) -> ConfigError {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    if message == "duplicate key" {
        let name: String = document.slice(&span).chars().take(80).collect();
        return syntax_error(document, &format!("`{name}` is given twice"), &span)
            .with_help("keep one of the two");
    }
    let error = syntax_error(document, message, &span);
    if message.starts_with("string values must be quoted") {
        error.with_help("put text between double quotes")
    } else {
        error
    }
}

/// An error of text that does not parse, so that it is not known which part of it is a secret.
fn syntax_error(document: &Document, message: &str, span: &Span) -> ConfigError {
    let error = ConfigError::invalid(message);
    if document.may_hold_secret(span.start) {
        error.at_position(document.name(), document.position(span.start))
    } else {
        error.at(document, span, &[])
    }
}

/// Collects the values that may be secrets: all but those of our own keys.
fn veil_table(table: &DeTable<'_>, section: Option<&'static str>, veiled: &mut Vec<Span>) {
    for (key, value) in table {
        let spec = section
            .and_then(|section| schema::children(section).find(|spec| spec.name() == key.get_ref().as_ref()));
        let (is_ours, inner) = match spec.map(|spec| (spec.kind, spec.path)) {
            Some((KeyKind::Section, path)) => (true, Some(path)),
            Some((KeyKind::Options, _)) | None => (false, None),
            Some(_) => (true, None),
        };
        veil_value(value, is_ours, inner, veiled);
    }
}

fn veil_value(
    value: &Spanned<DeValue<'_>>,
    is_ours: bool,
    section: Option<&'static str>,
    veiled: &mut Vec<Span>,
) {
    match value.get_ref() {
        DeValue::Table(table) => veil_table(table, section, veiled),
        DeValue::Array(array) => {
            for item in array {
                veil_value(item, is_ours, section, veiled);
            }
        }
        _ if is_ours => {}
        _ => veiled.push(value.span()),
    }
}
