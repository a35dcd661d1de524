//! A bad line is named by its number, and nothing of the file is stored.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::Sandbox;

const GOOD: &str = "{\"metadata\":{\"repo_id\":\"new\"}}\n{\"file\":{\"path\":\"a.py\"}}\n";

#[test]
fn the_number_of_the_line_is_said() {
    let sandbox = Sandbox::empty();
    for (line, what) in [
        ("{\"node\":", "line 3"),
        ("nonsense", "line 3"),
        ("{\"edge\":{\"source\":\"x\",\"target\":\"y\",\"kind\":\"calls\"}}", "line 3"),
        ("{\"metadata\":{\"repo_id\":\"again\"}}", "metadata line already"),
    ] {
        sandbox.write("bad.jsonl", format!("{GOOD}{line}\n"));
        sandbox
            .run(&["import", "bad.jsonl"])
            .code(5)
            .stdout("")
            .stderr(contains("bad.jsonl: line 3").and(contains(what)))
            .stderr(contains("nothing of the file was stored"));
    }
}

#[test]
fn nothing_is_stored_and_nothing_is_made() {
    let sandbox = Sandbox::empty();
    sandbox.write("bad.jsonl", format!("{GOOD}nonsense\n"));
    sandbox.run(&["import", "bad.jsonl"]).code(5);
    assert!(!sandbox.root().join(".codestrata").exists());

    let sandbox = Sandbox::indexed();
    let before = sandbox.export();
    sandbox.write("bad.jsonl", format!("{GOOD}nonsense\n"));
    sandbox.run(&["import", "bad.jsonl", "--repo", "shop"]).code(5);
    assert_eq!(sandbox.export(), before);
    assert_eq!(sandbox.json(&["repos"])["repositories"].as_array().unwrap().len(), 1);
}

#[test]
fn binary_and_empty_files_are_refused() {
    let sandbox = Sandbox::empty();
    sandbox.write("empty.jsonl", "");
    sandbox.run(&["import", "empty.jsonl"]).code(5).stderr(contains("the file is empty"));
    sandbox.write("binary.jsonl", [0_u8, 159, 146, 150, b'\n']);
    sandbox.run(&["import", "binary.jsonl"]).code(5).stderr(contains("binary.jsonl is no JSON Lines"));
}
