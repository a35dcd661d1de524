//! A configuration as the text of a file.

use codestrata_core::{Durability, OptionSpec, OptionValue, Registry};

use crate::backend_config::BackendConfig;
use crate::environment;
use crate::storage_config::StorageConfig;
use crate::units::format_time;

pub(crate) fn to_toml(config: &StorageConfig, registry: Option<&Registry>) -> String {
    let mut text = Text::default();
    text.line("[storage]");
    let history = |text: &mut Text| text.pair("history", &config.history_versions().to_string());
    store(&mut text, "storage", config.storage(), registry, history);

    let analysis = config.analysis();
    let limits = |text: &mut Text| {
        if let Some(age) = analysis.retention() {
            text.pair("retention", &quoted(&format_time(age)));
        }
        if let Some(count) = analysis.max_results() {
            text.pair("max_results", &count.to_string());
        }
    };
    if let Some(own) = analysis.store() {
        text.line("\n[analysis]");
        store(&mut text, "analysis", own, registry, limits);
    } else if analysis.retention().is_some() || analysis.max_results().is_some() {
        text.line("\n[analysis]");
        limits(&mut text);
    }

    text.line("\n[cache]");
    text.pair("capacity", &quoted(&config.cache().capacity().to_string()));
    if let Some(lifetime) = config.cache().default_ttl() {
        text.pair("default_ttl", &quoted(&format_time(lifetime)));
    }
    text.0
}

fn store(
    text: &mut Text,
    section: &str,
    store: &BackendConfig,
    registry: Option<&Registry>,
    more: impl FnOnce(&mut Text),
) {
    text.pair("backend", &quoted(store.backend()));
    text.pair("durability", &quoted(durability(store.durability())));
    if let Some(compression) = store.compression() {
        text.pair("compression", &quoted(compression.as_str()));
    }
    if let Some(timeout) = store.timeout() {
        text.pair("timeout", &quoted(&format_time(timeout)));
    }
    if let Some(retries) = store.retries() {
        text.pair("retries", &retries.to_string());
    }
    more(text);
    let mut options = store.options().iter().peekable();
    if options.peek().is_some() {
        text.line(&format!("\n[{section}.options]"));
    }
    for (name, option) in options {
        if is_hidden(store, name, registry) {
            text.line(&format!("# {} is set, and not shown", key(name)));
        } else {
            text.pair(&key(name), &value(option));
        }
    }
}

/// Whether an option is a secret, or may be one for all that is known.
fn is_hidden(store: &BackendConfig, name: &str, registry: Option<&Registry>) -> bool {
    let Some(registry) = registry else { return false };
    let Ok(descriptor) = registry.get(store.backend()) else { return true };
    descriptor.option_specs().iter().find(|spec| spec.name() == name).is_none_or(OptionSpec::is_secret)
}

const fn durability(durability: Durability) -> &'static str {
    match durability {
        Durability::Strongest => "strongest",
        Durability::Synced => "synced",
        Durability::Buffered => "buffered",
    }
}

fn value(value: &OptionValue) -> String {
    match value {
        OptionValue::Boolean(value) => value.to_string(),
        OptionValue::Integer(value) => value.to_string(),
        OptionValue::Float(value) if value.is_nan() => "nan".to_owned(),
        // With its fraction or exponent: `1.0`, not the integer `1`.
        OptionValue::Float(value) => format!("{value:?}"),
        OptionValue::Text(text) => quoted(text),
    }
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { name.to_owned() } else { basic_string(name) }
}

/// A text as a value, in which a variable would be replaced.
fn quoted(text: &str) -> String {
    basic_string(&environment::escape(text))
}

fn basic_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                quoted.push_str("\\u");
                quoted.extend(
                    [12, 8, 4, 0]
                        .iter()
                        .filter_map(|shift| char::from_digit(u32::from(control) >> shift & 0xF, 16)),
                );
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {value}"));
    }
}
