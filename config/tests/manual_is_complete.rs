//! The manual, docs/configuration.md, has every key of the schema, and every file on its pages is a right one.

use codestrata_config::{Environment, KEYS, KeyKind, KeySpec, StorageConfig};

const MANUAL: &str = include_str!("../../docs/configuration.md");
const README: &str = include_str!("../../README.md");

/// The row of a key, as the manual has it.
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
    format!("| `{}` | {takes} |{default}| {} |", key.path, key.summary)
}

/// The blocks of TOML on a page.
fn files(page: &str) -> Vec<&str> {
    page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_table_has_a_row_for_every_key_and_no_other() {
    let table = MANUAL.split("## Every key").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = KEYS.iter().map(row).collect();
    assert_eq!(rows, expected);
}

#[test]
fn every_file_on_its_pages_is_read() {
    for page in [MANUAL, README] {
        let files = files(page);
        assert!(!files.is_empty(), "a page has an example");
        for text in files {
            StorageConfig::from_toml(text, "an example", "", Environment::Ignore)
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
        }
    }
}
