//! Which store is meant: a named configuration, a found one, or `.codestrata`.

use std::fs;

use crate::sandbox::Sandbox;

#[test]
fn the_nearest_folder_above_that_has_one_is_used() {
    let sandbox = Sandbox::indexed();
    let inside = sandbox.root().join("app");
    sandbox.program().current_dir(&inside).args(["callers", "validate"]).assert().success();
    sandbox.program().current_dir(&inside).args(["index", ".."]).assert().success();
    assert!(!inside.join(".codestrata").exists());
    assert_eq!(sandbox.json(&["repos"])["repositories"].as_array().unwrap().len(), 1);
}

#[test]
fn a_configuration_above_wins_over_a_folder_here() {
    let sandbox = Sandbox::indexed();
    let config = "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \"data/g.redb\"\n";
    fs::write(sandbox.outside().join("codestrata.toml"), config).unwrap();
    sandbox.run(&["index", "."]).success();
    assert!(sandbox.outside().join("data/g.redb").is_file(), "relative to the configuration");
    let status = sandbox.json(&["status"]);
    assert!(status["store"]["config"].as_str().unwrap().ends_with("codestrata.toml"));
}

#[test]
fn a_named_configuration_wins_over_a_found_one() {
    let sandbox = Sandbox::new();
    sandbox.write("codestrata.toml", "this is no TOML");
    sandbox.write("c.toml", "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \"named.redb\"\n");
    sandbox.run(&["--config", "c.toml", "index", "."]).success();
    sandbox.run(&["callers", "validate", "--config", "c.toml"]).success();
    assert!(sandbox.root().join("named.redb").is_file());
}

#[test]
fn colours_are_shown_only_when_wanted() {
    let sandbox = Sandbox::indexed();
    assert!(!sandbox.text(&["callers", "validate"]).contains('\u{1b}'));
    assert!(sandbox.text(&["callers", "validate", "--color", "always"]).contains('\u{1b}'));
    let mut plain = sandbox.program();
    plain.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").args(["callers", "validate"]);
    assert!(!plain.output().unwrap().stdout.contains(&0x1b));
}
