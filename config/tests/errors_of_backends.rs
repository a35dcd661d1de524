//! An error of opening a store is shown in its place, where it names an option.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

mod fakes;

use std::error::Error as _;
use std::time::Duration;

use codestrata_config::{BackendConfig, Environment, MAX_RETRIES, MIN_TIMEOUT, StorageConfig};
use codestrata_core::{Error, ErrorKind};

const TEXT: &str = "[storage]\nbackend='redb'\n[storage.options]\npath='g'\n\
                    [analysis]\nbackend='redb'\n[analysis.options]\npath='a'\n";

fn config() -> StorageConfig {
    StorageConfig::from_toml(TEXT, "codestrata.toml", "", Environment::Ignore).unwrap()
}

fn error() -> Error {
    Error::new(ErrorKind::Full, "no room").with_help("make some").with_source("ENOSPC")
}

#[test]
fn each_store_knows_its_own_lines() {
    let registry = fakes::registry();
    let explained = config().explain(error().with_option("path"), &registry);
    assert_eq!(explained.to_string(), "codestrata.toml:4:6: no room; make some");
    let analysis = config().analysis().store().unwrap().explain(error().with_option("path"), &registry);
    assert_eq!(analysis.to_string(), "codestrata.toml:8:6: no room; make some");
}

#[test]
fn kind_help_and_source_are_kept() {
    let explained = config().explain(error().with_option("path"), &fakes::registry());
    assert_eq!((explained.kind(), explained.help()), (ErrorKind::Full, Some("make some")));
    assert_eq!(explained.source().unwrap().to_string(), "ENOSPC");
    let core = Error::from(explained);
    assert_eq!(core.to_string(), "codestrata.toml:4:6: no room; make some");
    assert_eq!(core.kind(), ErrorKind::Full);
}

#[test]
fn an_option_that_was_left_out_is_shown_at_its_section() {
    let explained = config().explain(error().with_option("cache"), &fakes::registry());
    assert_eq!(explained.to_string(), "codestrata.toml:3:10: no room; make some");
}

#[test]
fn without_an_option_or_a_file_the_error_is_as_it_was() {
    let registry = fakes::registry();
    assert_eq!(config().explain(error(), &registry).to_string(), error().to_string());
    let made = StorageConfig::new("redb").option("path", "g");
    assert_eq!(made.explain(error().with_option("path"), &registry).to_string(), error().to_string());
}

#[test]
fn an_option_that_a_program_replaced_is_not_shown_in_the_file() {
    let changed = config().option("path", 7).check(&fakes::registry()).unwrap_err();
    assert_eq!((changed.line(), changed.message()), (Some(3), "`path` takes a path, but it is not text"));
}

#[test]
fn what_a_program_made_is_checked_too() {
    let registry = fakes::registry();
    let refused = |config: StorageConfig| config.check(&registry).unwrap_err().to_string();
    assert!(refused(StorageConfig::new("rdb")).contains("did you mean `redb`?"));
    assert!(refused(StorageConfig::new("redb")).contains("the option `path` is missing"));
    assert!(refused(StorageConfig::in_memory().retries(MAX_RETRIES + 1)).contains("more than 30"));
    assert!(refused(StorageConfig::in_memory().timeout(MIN_TIMEOUT / 2)).contains("shorter than 1ms"));
    let analyses = BackendConfig::new("redb").option("path", "a.redb").with_timeout(Duration::ZERO);
    assert!(refused(StorageConfig::in_memory().analysis_store(analyses)).contains("timeout of `redb`"));
    assert!(refused(StorageConfig::in_memory().analysis_max_results(0)).contains("at least one"));
    assert!(refused(StorageConfig::in_memory().cache_capacity(u64::MAX)).contains("larger than any memory"));
    let store = BackendConfig::new("nothing");
    assert!(refused(StorageConfig::in_memory().analysis_store(store)).contains("`nothing`"));
    StorageConfig::in_memory().check(&registry).unwrap();
}
