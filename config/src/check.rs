//! Comparing a configuration with what the backends declare, and giving their errors a place.

use std::error::Error as StdError;

use codestrata_core::{BackendDescriptor, Durability, Error, OptionSpec, OptionValue, Registry};

use crate::backend_config::{BackendConfig, MAX_RETRIES, MIN_TIMEOUT, OptionPlace, Origin};
use crate::document::Span;
use crate::error::ConfigError;
use crate::storage_config::{MAX_HISTORY, StorageConfig};
use crate::units::ByteSize;

impl BackendConfig {
    /// Shows an error of opening this store in its place, where the error [names an option](Error::option) that
    /// came from a file. Any other error keeps its message.
    ///
    /// The registry says which options are secret. The line of a secret option is not shown, and the value of one is
    /// taken out of the message.
    #[must_use]
    pub fn explain(&self, error: Error, registry: &Registry) -> ConfigError {
        let specs = registry.get(self.backend()).ok().map(BackendDescriptor::option_specs);
        explain(self, error, specs, None)
    }
}

/// What a file cannot get past its parser, and a program can.
pub(crate) fn limits(config: &StorageConfig) -> Result<(), ConfigError> {
    if config.history > MAX_HISTORY {
        let message = format!("the history is to keep {} versions", config.history);
        return Err(ConfigError::invalid(message).with_help(format!("give 0 to {MAX_HISTORY}")));
    }
    let problem = if config.analysis.max_results == Some(0) {
        "at least one analysis result must be kept, or give no limit"
    } else if config.analysis.retention.is_some_and(|age| age.is_zero()) {
        "the retention of analysis results is zero; give no retention to keep them"
    } else if config.cache.default_ttl.is_some_and(|lifetime| lifetime.is_zero()) {
        "the lifetime of cache entries is zero; give a capacity of zero to turn the cache off"
    } else if config.cache.capacity > ByteSize::MAX {
        "the capacity of the cache is larger than any memory"
    } else {
        return [Some(&config.storage), config.analysis.store()]
            .into_iter()
            .flatten()
            .try_for_each(call_limits);
    };
    Err(ConfigError::invalid(problem))
}

/// The limits of one store's calls.
fn call_limits(store: &BackendConfig) -> Result<(), ConfigError> {
    if store.timeout().is_some_and(|timeout| timeout < MIN_TIMEOUT) {
        let message = format!("the timeout of `{}` is shorter than {MIN_TIMEOUT:?}", store.backend());
        return Err(ConfigError::invalid(message).with_help("give no timeout to let calls take any time"));
    }
    if store.retries().is_some_and(|retries| retries > MAX_RETRIES) {
        let message = format!("the retries of `{}` are more than {MAX_RETRIES}", store.backend());
        return Err(ConfigError::invalid(message).with_help(format!("give at most {MAX_RETRIES}")));
    }
    Ok(())
}

pub(crate) fn backend(store: &BackendConfig, registry: &Registry) -> Result<(), ConfigError> {
    let descriptor = registry
        .get(store.backend())
        .map_err(|error| explain(store, error, None, store.origin.as_ref().map(|origin| &origin.backend)))?;
    let specs = descriptor.option_specs();
    let header = store.origin.as_ref().map(|origin| &origin.header);
    store.options().check(specs).map_err(|error| explain(store, error, Some(specs), header))?;

    if store.durability() == Durability::Synced && !descriptor.declared_capabilities().synced() {
        let error = ConfigError::invalid(format!("`{}` has no synced durability", store.backend()))
            .with_help("ask for `strongest`, or for another backend");
        let place = store.origin.as_ref().and_then(|origin| Some((origin, origin.durability.as_ref()?)));
        return Err(match place {
            Some((origin, span)) => error.at(&origin.document, span, &[]),
            None => error,
        });
    }
    Ok(())
}

/// Refuses a store of the analysis results that is that of the graphs: a store has one owner, and the second would
/// find it locked. Without options they are two stores, as of a backend in memory.
pub(crate) fn separate(graphs: &BackendConfig, results: &BackendConfig) -> Result<(), ConfigError> {
    let is_same = graphs.backend() == results.backend()
        && graphs.options() == results.options()
        && graphs.base_dir() == results.base_dir();
    if !is_same || results.options().iter().next().is_none() {
        return Ok(());
    }
    let error = ConfigError::invalid("[analysis] names the very store of [storage]")
        .with_help("remove its backend and options to share that store, or name another");
    Err(match &results.origin {
        Some(origin) => error.at(&origin.document, &origin.header, &[]),
        None => error,
    })
}

/// The error in its place: that of its option, or else the one given.
fn explain(
    store: &BackendConfig,
    error: Error,
    specs: Option<&[OptionSpec]>,
    otherwise: Option<&Span>,
) -> ConfigError {
    let secrets = secret_values(store, specs.unwrap_or_default());
    let redact =
        |text: &str| secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"));
    let mut explained = ConfigError::new(error.kind(), redact(error.message()));
    if let Some(help) = error.help() {
        explained = explained.with_help(redact(help));
    }
    if let Some(origin) = &store.origin {
        explained = match error.option().map(|name| (name, origin.options.get(name))) {
            Some((name, Some(place))) => at_option(explained, origin, name, place, specs),
            Some((_, None)) => at_span(explained, origin, Some(otherwise.unwrap_or(&origin.header)), specs),
            None => at_span(explained, origin, otherwise, specs),
        };
    }
    if mentions_any(&error, &secrets) { explained } else { explained.with_cause(error) }
}

fn at_option(
    error: ConfigError,
    origin: &Origin,
    name: &str,
    place: &OptionPlace,
    specs: Option<&[OptionSpec]>,
) -> ConfigError {
    match specs.map(|specs| specs.iter().find(|spec| spec.name() == name)) {
        // It is not declared: its name is wrong. Its value stays veiled.
        Some(None) => at_span(error, origin, Some(&place.name), specs).with_label("not known"),
        Some(Some(spec)) if !spec.is_secret() => at_span(error, origin, Some(&place.value), specs),
        _ => error.at_position(origin.document.name(), origin.document.position(place.value.start)),
    }
}

fn at_span(
    error: ConfigError,
    origin: &Origin,
    span: Option<&Span>,
    specs: Option<&[OptionSpec]>,
) -> ConfigError {
    let harmless: Vec<Span> = specs
        .unwrap_or_default()
        .iter()
        .filter(|spec| !spec.is_secret())
        .filter_map(|spec| origin.options.get(spec.name()).map(|place| place.value.clone()))
        .collect();
    match span {
        Some(span) => error.at(&origin.document, span, &harmless),
        None => error,
    }
}

fn secret_values<'a>(store: &'a BackendConfig, specs: &[OptionSpec]) -> Vec<&'a str> {
    specs
        .iter()
        .filter(|spec| spec.is_secret())
        .filter_map(|spec| match store.options().get(spec.name()) {
            Some(OptionValue::Text(text)) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// Whether anything that the error came from quotes a secret: then it is dropped, as it cannot be edited.
fn mentions_any(error: &Error, secrets: &[&str]) -> bool {
    let mut cause = error.source();
    while let Some(current) = cause {
        let texts = [current.to_string(), format!("{current:?}")];
        if texts.iter().any(|text| secrets.iter().any(|secret| text.contains(secret))) {
            return true;
        }
        cause = current.source();
    }
    false
}
