//! What is not there is named, with what to do.

use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn questions_before_the_first_index_say_how_to_begin() {
    let sandbox = Sandbox::new();
    for command in [&["callers", "x"][..], &["status"], &["repos"], &["find", "x"], &["export"]] {
        sandbox
            .run(command)
            .code(1)
            .stdout("")
            .stderr(contains("nothing is indexed here yet"))
            .stderr(contains("run `codestrata index .`"));
    }
    assert!(!sandbox.root().join(".codestrata").exists(), "a question makes nothing");
}

#[test]
fn a_missing_folder_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    sandbox.run(&["index", "nope"]).code(5).stderr(contains("there is no folder nope"));
    sandbox.run(&["index", "app/user.py"]).code(5).stderr(contains("is not a folder"));
    assert!(!sandbox.root().join(".codestrata").exists());
}

#[test]
fn missing_files_are_named() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["import", "nope.jsonl"]).code(5).stderr(contains("nope.jsonl cannot be read"));
    let said = sandbox.run(&["import", "nope.scip"]).code(5).get_output().clone();
    let said = crate::sandbox::stderr(&said);
    assert_eq!((said.matches("nope.scip").count(), said.matches("help:").count()), (1, 1), "{said}");
    sandbox.run(&["--config", "nope.toml", "status"]).code(3).stderr(contains("nope.toml"));
    sandbox.run(&["config", "check", "nope.toml"]).code(3);
}

#[test]
fn an_unknown_repository_lists_those_that_there_are() {
    let sandbox = Sandbox::indexed();
    for command in [&["callers", "x"][..], &["status"], &["export"]] {
        sandbox.run(&[command, &["--repo", "nope"]].concat()).code(1).stderr(contains("it has `shop`"));
    }
}

#[test]
fn a_folder_without_sources_is_indexed_and_says_so() {
    let sandbox = Sandbox::empty();
    sandbox
        .run(&["index", "."])
        .success()
        .stdout(contains("no source of a language that is known was found"));
}

#[test]
fn wrong_usage_is_two() {
    let sandbox = Sandbox::new();
    sandbox.run(&["frobnicate"]).code(2);
    sandbox.run(&["callers"]).code(2);
    sandbox.run(&["callers", "x", "--limit", "0"]).code(2);
    sandbox.run(&["--help"]).success().stdout(contains("Examples:"));
    sandbox.run(&["--version"]).success();
}

#[test]
fn a_folder_that_has_lost_its_sources_does_not_empty_the_graph() {
    let sandbox = Sandbox::indexed();
    let before = sandbox.export();
    let moved = sandbox.outside().join("moved");
    for entry in std::fs::read_dir(sandbox.root()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name != ".codestrata") {
            std::fs::create_dir_all(&moved).unwrap();
            std::fs::rename(&path, moved.join(path.file_name().unwrap())).unwrap();
        }
    }
    sandbox.run(&["index", "."]).code(2).stderr(contains("has no source that could be read"));
    assert_eq!(sandbox.export(), before);
}
