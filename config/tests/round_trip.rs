//! A configuration that is written out and read again is the same.
#![expect(clippy::panic, reason = "the lint knows tests, not the functions beside them")]

mod fakes;

use std::time::Duration;

use codestrata_config::{BackendConfig, ByteSize, Environment, MAX_RETRIES, PRESETS, StorageConfig};
use codestrata_core::Durability;

fn assert_round_trip(config: &StorageConfig) {
    for environment in [Environment::Expand, Environment::Ignore] {
        let text = config.to_toml(None);
        let again = StorageConfig::from_toml(&text, "shown", "", environment)
            .unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(&again, config, "{text}");
        assert_eq!(again.to_toml(None), text);
    }
}

#[test]
fn the_least_that_there_is() {
    assert_round_trip(&StorageConfig::in_memory());
    assert_eq!(
        StorageConfig::in_memory().to_toml(Some(&fakes::registry())),
        "[storage]\nbackend = \"memory\"\ndurability = \"strongest\"\nhistory = 20\n\n[cache]\ncapacity = \"128MiB\"\n"
    );
}

#[test]
fn everything_that_there_is() {
    let analysis = BackendConfig::new("redb")
        .option("path", "a b.redb")
        .with_durability(Durability::Buffered)
        .with_retries(1);
    let config = StorageConfig::new("redb")
        .durability(Durability::Synced)
        .timeout(Duration::from_millis(1_500))
        .retries(MAX_RETRIES)
        .option("path", "../graph.redb")
        .option("verify", true)
        .option("readers", i64::MIN)
        .analysis_store(analysis)
        .analysis_retention(Duration::from_secs(30 * 86_400))
        .analysis_max_results(1000)
        .cache_capacity(ByteSize::ZERO)
        .cache_default_ttl(Duration::new(5_400, 1_002_003))
        .history(0);
    assert_round_trip(&config);
    let text = config.to_toml(None);
    assert!(text.contains("path = \"../graph.redb\""), "a path stays as it was written: {text}");
    assert!(text.contains("timeout = \"1s 500ms\"\nretries = 30\n"), "{text}");
    assert!(text.contains("retention = \"30d\"") && text.contains("\"1h 30m 1ms 2us 3ns\""), "{text}");
}

#[test]
fn texts_that_need_care() {
    let config = StorageConfig::new("m\"\\")
        .option("a", "${X} $${Y} $ $$ {}")
        .option("b", "tab\t line\n return\r zero\0 bell\u{7} escape\u{1b} delete\u{7f} next\u{85}")
        .option("c", "'''\"\"\"äö\u{1F980}\u{FEFF}")
        .option("d.e f", "")
        .option("", "the empty name")
        .option("ä\n\"", "name");
    assert_round_trip(&config);
}

#[test]
fn sizes_and_durations_lose_nothing() {
    for bytes in [0, 1, 1023, 1024, 1025, 1 << 20, (1 << 20) + 1, 3 << 30, 5 << 40, 7 << 50, i64::MAX as u64]
    {
        assert_round_trip(&StorageConfig::in_memory().cache_capacity(bytes));
    }
    for (seconds, nanoseconds) in [(0, 1), (1, 0), (59, 999_999_999), (86_399, 0), (400 * 86_400, 1_000_000)]
    {
        let time = Duration::new(seconds, nanoseconds);
        assert_round_trip(&StorageConfig::in_memory().cache_default_ttl(time).analysis_retention(time));
    }
}

#[test]
fn presets() {
    for (name, text) in PRESETS {
        assert_round_trip(&StorageConfig::from_toml(text, name, "", Environment::Ignore).unwrap());
    }
}
