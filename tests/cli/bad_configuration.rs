//! A configuration with a mistake is shown with its line, and nothing is made.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn a_wrong_option_is_shown_in_its_place() {
    let sandbox = Sandbox::new();
    sandbox
        .write("codestrata.toml", "[storage]\nbackend = \"redb\"\n\n[storage.options]\npaht = \"g.redb\"\n");
    for command in [&["index", "."][..], &["status"], &["config", "check"], &["config", "show"]] {
        sandbox
            .run(command)
            .code(3)
            .stderr(contains("codestrata.toml:5:1"))
            .stderr(contains("did you mean `path`?"))
            .stderr(contains("panicked").not());
    }
    assert!(!sandbox.root().join(".codestrata").exists());
    let error = sandbox.json_error(&["status"], 3);
    assert_eq!((&error["line"], &error["column"]), (&5.into(), &1.into()));
}

#[test]
fn an_unknown_backend_lists_those_that_there_are() {
    let sandbox = Sandbox::new();
    sandbox.write("c.toml", "[storage]\nbackend = \"reddb\"\n");
    sandbox.run(&["--config", "c.toml", "status"]).code(3).stderr(contains("did you mean `redb`?"));
    sandbox.run(&["config", "check", "c.toml"]).code(3);
}

#[test]
fn the_environment_is_read_only_for_a_file_that_was_named() {
    let sandbox = Sandbox::new();
    let text = "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \"${STORE_FOR_TEST}/g.redb\"\n";
    sandbox.write("codestrata.toml", text);
    sandbox.program().env("STORE_FOR_TEST", "there").args(["index", "."]).assert().code(3);
    let mut named = sandbox.program();
    named.env("STORE_FOR_TEST", "there").args(["--config", "codestrata.toml", "index", "."]);
    named.assert().success();
    assert!(sandbox.root().join("there/g.redb").is_file());
}

#[test]
fn a_backend_that_keeps_nothing_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("codestrata.toml", "[storage]\nbackend = \"memory\"\n");
    sandbox.run(&["index", "."]).success().stderr(contains("the graph is gone when this command ends"));
    sandbox.run(&["callers", "save"]).code(4).stderr(contains("keeps nothing from one command to the next"));
    assert_eq!(fs::read_dir(sandbox.root()).unwrap().count(), 2, "sources and configuration");
}

#[test]
fn every_preset_is_right() {
    let sandbox = Sandbox::new();
    for (name, text) in codestrata_config::PRESETS {
        let file = format!("{name}.toml");
        sandbox.write(&file, text);
        sandbox.run(&["config", "check", &file]).success().stdout(contains("is right"));
    }
}
