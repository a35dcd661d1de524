//! Which repository is meant when a store holds several.

use predicates::str::contains;

use crate::sandbox::Sandbox;

fn two() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("one/a.py", "def only_in_one(): ...\n");
    sandbox.write("two/b.py", "def only_in_two(): ...\n");
    sandbox.run(&["index", "one"]).success();
    sandbox.run(&["index", "two"]).success();
    sandbox
}

#[test]
fn the_one_of_the_current_folder_is() {
    let sandbox = two();
    let mut inside = sandbox.program();
    inside.current_dir(sandbox.root().join("two")).args(["show", "only_in_two"]).assert().success();
    sandbox.run(&["show", "only_in_two", "--repo", "two"]).success();
}

#[test]
fn elsewhere_it_must_be_named() {
    let sandbox = two();
    sandbox.run(&["show", "only_in_two"]).code(2).stderr(contains("`one`, `two`"));
}

#[test]
fn the_nearest_folder_around_is_the_one() {
    let sandbox = two();
    sandbox.run(&["index", "."]).success();
    let mut inside = sandbox.program();
    let output =
        inside.current_dir(sandbox.root().join("one")).args(["find", "only", "--json"]).output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["repository"], "one");
    assert_eq!(sandbox.json(&["find", "only"])["repository"], "shop");
}

#[test]
fn a_folder_keeps_the_id_it_was_given() {
    let sandbox = Sandbox::new();
    sandbox.run(&["index", ".", "--repo", "owner/shop"]).success();
    sandbox.run(&["index", "."]).success().stdout(contains("owner/shop: nothing changed"));
}

#[test]
fn a_folder_takes_the_place_of_an_import_of_other_files_only_when_told_to() {
    let sandbox = two();
    sandbox.run(&["export", "--repo", "one", "--output", "one.jsonl"]).success();
    sandbox.run(&["import", "one.jsonl", "--repo", "copy"]).success();
    let refused = sandbox.run(&["index", "two", "--repo", "copy"]).code(2).stdout("");
    refused.stderr(contains("has none of its files")).stderr(contains("--replace-root"));
    sandbox.run(&["show", "only_in_one", "--repo", "copy"]).success();
    sandbox.run(&["index", "two", "--repo", "copy", "--replace-root"]).success();
    sandbox.run(&["show", "only_in_two", "--repo", "copy"]).success();
}

#[test]
fn another_folder_takes_an_id_only_when_told_to() {
    let sandbox = two();
    sandbox.run(&["index", "two", "--repo", "one"]).code(2).stderr(contains("--replace-root"));
    sandbox.run(&["show", "only_in_one", "--repo", "one"]).success();
    sandbox.run(&["index", "two", "--repo", "one", "--replace-root"]).success();
    sandbox.run(&["show", "only_in_two", "--repo", "one"]).success();
}
