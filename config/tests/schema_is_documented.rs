//! The table in the documentation of the schema says what the schema says.

use codestrata_config::{CacheConfig, KEYS, KeyKind, KeySpec, StorageConfig};

fn row(key: &KeySpec) -> String {
    let takes = match key.kind {
        KeyKind::Choice(words) => format!("one of `{}`", words.join("`, `")),
        kind => kind.as_str().to_owned(),
    };
    let default = match (key.required, key.default) {
        (true, _) => " required ".to_owned(),
        (false, Some(default)) => format!(" `{default}` "),
        (false, None) => " ".to_owned(),
    };
    format!("//! | `{}` | {takes} |{default}| {} |", key.path, key.summary)
}

#[test]
fn the_table_has_a_row_for_every_key() {
    let source = include_str!("../src/schema.rs");
    let rows: Vec<&str> = source.lines().filter(|line| line.starts_with("//! | `")).collect();
    let expected: Vec<String> = KEYS.iter().map(row).collect();
    assert_eq!(rows, expected);
}

#[test]
fn keys_are_unique_and_stand_in_sections_that_exist() {
    for key in KEYS {
        assert_eq!(KEYS.iter().filter(|other| other.path == key.path).count(), 1, "{}", key.path);
        let section = KEYS.iter().find(|other| other.path == key.section());
        assert!(
            key.section().is_empty() || section.is_some_and(|s| s.kind == KeyKind::Section),
            "{}",
            key.path
        );
        assert!(key.path.ends_with(key.name()));
    }
}

#[test]
fn defaults_are_the_ones_in_use() {
    let capacity = KEYS.iter().find(|key| key.path == "cache.capacity").unwrap();
    assert_eq!(capacity.default, Some(CacheConfig::default().capacity().to_string().as_str()));
    let history = KEYS.iter().find(|key| key.path == "storage.history").unwrap();
    assert_eq!(history.default, Some(StorageConfig::DEFAULT_HISTORY.to_string().as_str()));
}
