//! A repository is removed when that is certainly meant.

use std::process::Command;

use predicates::str::contains;

use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

fn two() -> Sandbox {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["index", ".", "--repo", "copy"]).success();
    sandbox
}

#[test]
fn it_says_what_was_removed_and_leaves_the_others() {
    let sandbox = two();
    sandbox
        .run(&["remove", "copy", "--yes"])
        .success()
        .stdout("removed version 1 of copy: 2 files, 11 nodes and 26 edges\n")
        .stderr("");
    sandbox.run(&["callers", "validate", "--repo", "copy"]).code(1);
    sandbox.run(&["callers", "validate"]).success().stdout(contains("app/views.py:7:5"));
    let removed = sandbox.json(&["remove", "--repo", "shop", "--yes"]);
    assert_eq!((&removed["repository"], &removed["removed"]), (&"shop".into(), &true.into()));
    assert_eq!(removed["totals"]["files"], 2);
    sandbox.run(&["callers", "validate"]).code(1).stderr(contains("nothing is indexed here yet"));
    sandbox.run(&["index", "."]).success();
}

#[test]
fn where_nobody_can_be_asked_it_needs_yes() {
    let sandbox = two();
    sandbox.run(&["remove", "copy"]).code(2).stdout("").stderr(contains("say so with --yes"));
    assert_eq!(sandbox.json(&["repos"])["repositories"].as_array().unwrap().len(), 2);
}

#[test]
fn on_a_terminal_it_asks_and_only_yes_is_yes() {
    for (answer, is_removed) in [("", false), ("n", false), ("yes", true), ("Y", true)] {
        let sandbox = two();
        let mut terminal = Terminal::open();
        let mut command = Command::new(env!("CARGO_BIN_EXE_codestrata"));
        command.args(["remove", "copy"]).current_dir(sandbox.root());
        let mut child = terminal.start(command);
        terminal.type_line(answer);
        let shown = terminal.shown();
        assert!(child.wait().unwrap().success());
        assert!(shown.contains("copy, 2 files, 11 nodes and 26 edges? [y/N]"), "{shown}");
        assert_eq!(shown.contains("nothing was removed"), !is_removed, "{shown}");
        let repositories = sandbox.json(&["repos"])["repositories"].as_array().unwrap().len();
        assert_eq!(repositories, if is_removed { 1 } else { 2 });
    }
}

#[test]
fn an_unknown_one_offers_near_ones() {
    let sandbox = two();
    sandbox.run(&["remove", "cpy", "--yes"]).code(1).stderr(contains("did you mean `copy`?"));
    assert_eq!(sandbox.json_error(&["remove", "cpy", "--yes"], 1)["similar"][0], "copy");
    sandbox.run(&["remove", "copy", "--repo", "shop", "--yes"]).code(2);
}

#[test]
fn nothing_is_made_where_nothing_is_stored() {
    let sandbox = Sandbox::new();
    sandbox.run(&["remove", "x", "--yes"]).code(1).stderr(contains("nothing is indexed here yet"));
    assert!(!sandbox.root().join(".codestrata").exists());
}
