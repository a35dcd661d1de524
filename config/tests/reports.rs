//! A mistake is drawn with its line, and with nothing beside it.
#![expect(clippy::unwrap_used, reason = "the lint knows tests, not the functions beside them")]

mod fakes;

use codestrata_config::{ConfigError, Environment, StorageConfig};
use codestrata_core::{Error, ErrorKind};
use miette::{GraphicalReportHandler, GraphicalTheme};

fn error_of(text: &str) -> ConfigError {
    StorageConfig::from_toml(text, "codestrata.toml", "", Environment::Ignore).unwrap_err()
}

fn drawn(error: ConfigError) -> String {
    let mut drawn = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    handler.render_report(&mut drawn, &error.into_report()).unwrap();
    let lines: Vec<&str> = drawn.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_offending_text_is_underlined() {
    let text = "# comment\n[storage]\nbackend = \"redb\"\ndurability = \"synked\"\n# comment\n";
    let expected = r#"  × `durability` takes one of strongest, synced, buffered, but it is `synked`
   ╭─[codestrata.toml:4:14]
 4 │ durability = "synked"
   ·              ────┬───
   ·                  ╰── here
   ╰────
  help: did you mean `synced`?
"#;
    assert_eq!(drawn(error_of(text)), expected);
}

#[test]
fn a_value_that_may_be_a_secret_is_veiled() {
    let text = "[storage]\nbackend = \"redb\"\nurl = \"postgres://me:password@host\" # mine\n";
    let drawn = drawn(error_of(text));
    assert!(drawn.contains(" 3 │ url = … # mine\n   · ─┬─\n   ·  ╰── not known\n"), "{drawn}");
}

#[test]
fn the_end_of_a_line_can_be_marked() {
    let drawn = drawn(error_of("[storage]\nbackend\n"));
    assert!(drawn.contains("[codestrata.toml:2:8]\n 2 │ backend\n   ·        ┬\n"), "{drawn}");
}

#[test]
fn an_empty_file_can_be_drawn() {
    assert!(drawn(error_of("")).contains("[codestrata.toml:1:1]"));
}

#[test]
fn a_long_line_is_cut() {
    let text = format!("storage = {{ backend = \"redb\", {} }}\n", "durability = \"synced\", ".repeat(1_000));
    assert!(drawn(error_of(&text)).lines().all(|line| line.chars().count() < 200));
    let text =
        format!("[storage]\nbackend = {}5\ndurability = \"{}\"\n", " ".repeat(5_000), "x".repeat(5_000));
    let drawn = drawn(error_of(&text));
    assert!(drawn.contains("[codestrata.toml:2:5011]"), "{drawn}");
    assert!(drawn.lines().all(|line| line.chars().count() < 200), "{drawn}");
}

#[test]
fn control_characters_are_not_drawn() {
    let drawn = drawn(error_of("[storage]\nbackend = \u{1b}[2J\n"));
    assert!(!drawn.contains('\u{1b}'), "{drawn:?}");
}

#[test]
fn what_a_backend_says_of_an_option_is_drawn_at_its_value() {
    let text = "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \"graph.redb\"\n";
    let config = StorageConfig::from_toml(text, "codestrata.toml", "", Environment::Ignore).unwrap();
    let error = Error::new(ErrorKind::Corruption, "graph.redb is not a store").with_option("path");
    let drawn = drawn(config.explain(error, &fakes::registry()));
    assert!(
        drawn.contains("[codestrata.toml:4:8]\n 4 │ path = \"graph.redb\"\n   ·        ──────┬─────"),
        "{drawn}"
    );
}
