//! The engines that this program can be built with, and what to do about one that it was built without.
//!
//! A backend that is not linked is unknown to the program, like a word that means nothing. But the names of the features
//! are known here, so that a configuration for a fuller program gets better advice than a list of other names.

use codestrata::{ConfigError, StorageConfig};
use codestrata_core::{Registry, nearest};

/// The features of this package that link an engine; each has the name of its backend.
pub(crate) const FEATURES: &[&str] = &["file", "memory", "redb", "sled"];

/// Says how to get the engine, if the error is that a store wants one that this program was built without.
pub(crate) fn explain(config: &StorageConfig, error: ConfigError) -> ConfigError {
    let Ok(registry) = Registry::linked() else { return error };
    let stores = [Some(config.storage()), config.analysis().store()];
    let missing = stores
        .into_iter()
        .flatten()
        .map(codestrata_config::BackendConfig::backend)
        .find(|name| registry.get(name).is_err_and(|unknown| unknown.message() == error.message()));
    match missing.and_then(|name| advice(name, &registry.names())) {
        Some(advice) => error.with_help(advice),
        None => error,
    }
}

/// What to do about an engine that is not linked; nothing about one that is, or whose name is likely a mistake.
fn advice(name: &str, linked: &[&str]) -> Option<String> {
    if linked.contains(&name) {
        return None;
    }
    let has = match linked {
        [] => "no engine at all".to_owned(),
        names => names.join(", "),
    };
    if FEATURES.contains(&name) {
        return Some(format!(
            "this program was built without it: build it with `--features {name}`, or choose what it has: {has}"
        ));
    }
    let is_mistake = nearest(name, FEATURES.iter().chain(linked).copied()).is_some();
    (!is_mistake).then(|| {
        format!(
            "this program has: {has}; one from elsewhere is built in with `codestrata build --with CRATE`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{FEATURES, advice};

    #[test]
    fn an_engine_that_was_left_out_is_a_feature_away() {
        let text = advice("sled", &["memory", "redb"]).unwrap();
        assert!(text.contains("`--features sled`") && text.contains("memory, redb"), "{text}");
        assert!(advice("redb", &[]).unwrap().contains("no engine at all"));
    }

    #[test]
    fn a_name_that_is_linked_or_is_a_mistake_gets_no_advice() {
        assert_eq!(advice("sled", &["sled"]), None);
        assert_eq!(advice("sledd", &["memory"]), None);
        assert_eq!(advice("lmbd", &["lmdb"]), None);
    }

    #[test]
    fn an_engine_from_elsewhere_is_a_build_away() {
        let text = advice("postgres", &["memory", "redb"]).unwrap();
        assert!(text.contains("memory, redb") && text.contains("`codestrata build --with CRATE`"), "{text}");
    }

    #[test]
    fn every_feature_but_the_default_is_listed() {
        let manifest = include_str!("../Cargo.toml");
        let section = manifest.split("[features]\n").nth(1).unwrap().split("\n[").next().unwrap();
        let features = section.lines().filter_map(|line| Some(line.split_once(" = ")?.0));
        let mut features: Vec<_> = features.filter(|name| *name != "default").collect();
        features.sort_unstable();
        assert_eq!(features, FEATURES);
    }
}
