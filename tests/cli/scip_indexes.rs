//! Indexes of other tools are imported, and asked like any graph.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::Sandbox;

/// A field of a message that has bytes. Those here are short.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).unwrap();
    // A length of two bytes, so that it has one form.
    [&[number << 3 | 2, length & 0x7f | 0x80, length >> 7], bytes].concat()
}

fn occurrence(range: &[u8], symbol: &str, roles: u8, enclosing: &[u8]) -> Vec<u8> {
    let parts = [field(1, range), field(2, symbol.as_bytes()), vec![0x18, roles], field(7, enclosing)];
    field(2, &parts.concat())
}

fn index(root: &str) -> Vec<u8> {
    let tool = field(2, &[field(1, b"hand"), field(2, b"2")].concat());
    let metadata = field(1, &[tool, field(3, root.as_bytes())].concat());
    let library = field(
        2,
        &[field(1, b"lib.py"), occurrence(&[0, 4, 9], "h p s 1 lib/check().", 1, &[0, 0, 1, 8])].concat(),
    );
    let program = field(
        2,
        &[
            field(1, b"main.py"),
            occurrence(&[0, 4, 7], "h p s 1 main/run().", 1, &[0, 0, 2, 16]),
            occurrence(&[1, 4, 9], "h p s 1 lib/check().", 8, &[]),
            occurrence(&[2, 11, 16], "h p s 1 lib/check().", 8, &[]),
        ]
        .concat(),
    );
    [metadata, library, program].concat()
}

const LIBRARY: &str = "def check():\n  return\n";
const PROGRAM: &str = "def run():\n    check()\n    return check\n";

#[test]
fn an_index_is_imported_and_asked() {
    let sandbox = Sandbox::empty();
    sandbox.write("index.scip", index("file:///src/app"));
    sandbox
        .run(&["import", "index.scip"])
        .success()
        .stdout(contains("app: imported in").and(contains("2 documents by hand 2: 2 added")));
    let callers = sandbox.json(&["callers", "check"]);
    let sites = &callers["results"][0]["sites"];
    assert_eq!(sites.as_array().map(Vec::len), Some(2), "{callers}");
    assert_eq!(sandbox.json(&["status"])["repositories"][0]["repository"], "app");
    let again = sandbox.json(&["import", "index.scip"]);
    assert_eq!(
        (&again["unchanged"], &again["version"], &again["replaced"]),
        (&2.into(), &1.into(), &true.into())
    );
}

#[test]
fn sources_tell_calls_from_mentions() {
    let sandbox = Sandbox::empty();
    sandbox.write("index.scip", index("file:///src/app"));
    sandbox.write("src/lib.py", LIBRARY);
    sandbox.write("src/main.py", PROGRAM);
    let document = sandbox.json(&["import", "index.scip", "--sources", "src"]);
    assert_eq!((&document["with_text"], &document["other_text"]), (&2.into(), &serde_json::json!([])));
    let callers = sandbox.json(&["callers", "check"]);
    let sites = &callers["results"][0]["sites"];
    assert_eq!(sites.as_array().map(Vec::len), Some(1), "{callers}");
    // As they are now, they are not those of the index.
    sandbox.write("src/main.py", "run = 1\n");
    sandbox
        .run(&["import", "index.scip", "--sources", "src"])
        .success()
        .stdout(contains("1 source not as they were when the index was made").and(contains("main.py")));
}

#[test]
fn the_format_is_told_by_the_beginning_where_the_ending_says_nothing() {
    let sandbox = Sandbox::empty();
    sandbox.write("graph", index("file:///src/app"));
    sandbox.run(&["import", "graph"]).success().stdout(contains("by hand 2"));
    sandbox.write("lines", "\n{\"metadata\":{\"repo_id\":\"shop\"}}\n");
    sandbox.run(&["import", "lines"]).success().stdout(contains("stored shop"));
    sandbox.write("odd.jsonl", index("file:///src/app"));
    sandbox.run(&["import", "odd.jsonl"]).code(5);
    sandbox.run(&["import", "odd.jsonl", "--format", "scip"]).success();
}

#[test]
fn a_file_that_is_neither_is_said_to_be_neither() {
    let sandbox = Sandbox::empty();
    let files: [(&str, &[u8]); 4] = [
        ("a.zip", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("README.md", b"# A project\n\nof words\n"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("nothing", b""),
    ];
    for (name, content) in files {
        sandbox.write(name, content);
        let error = sandbox.json_error(&["import", name], 5);
        let message = error["message"].as_str().unwrap();
        let what = if content.is_empty() { "is empty" } else { "is neither JSON Lines nor a SCIP index" };
        assert_eq!(message, format!("{name} {what}, and nothing of it was stored"));
        assert!(error["help"].as_str().unwrap().contains("--format"), "{error}");
    }
    assert!(!fs::exists(sandbox.root().join(".codestrata")).unwrap(), "a store was made");
}

#[test]
fn sources_that_are_not_in_the_folder_are_named() {
    let sandbox = Sandbox::empty();
    sandbox.write("index.scip", index("file:///src/app"));
    sandbox.write("src/main.py", PROGRAM);
    let document = sandbox.json(&["import", "index.scip", "--sources", "src"]);
    assert_eq!(
        (&document["with_text"], &document["missing_text"]),
        (&1.into(), &serde_json::json!(["lib.py"]))
    );
    fs::remove_file(sandbox.root().join("src/main.py")).unwrap();
    sandbox
        .run(&["import", "index.scip", "--sources", "src"])
        .success()
        .stdout(contains("source not in the folder that was given").and(contains("main.py")));
    let without = sandbox.json(&["import", "index.scip", "--repo", "other"]);
    assert_eq!(without["missing_text"], serde_json::json!([]));
}

#[test]
fn edges_to_other_packages_dangle_and_are_not_unresolved_and_have_no_place_that_is_none() {
    let sandbox = Sandbox::empty();
    let document = field(
        2,
        &[
            field(1, b"main.py"),
            occurrence(&[0, 4, 7], "h p s 1 main/run().", 1, &[0, 0, 2, 16]),
            occurrence(&[1, 4, 9], "h p other 1 away/gone().", 8, &[]),
        ]
        .concat(),
    );
    let whole = index("file:///src/app");
    // The metadata are the first field.
    let metadata = &whole[..3 + usize::from(whole[1] & 0x7f)];
    sandbox.write("index.scip", [metadata, &document].concat());
    sandbox.run(&["import", "index.scip"]).success();
    assert_eq!(sandbox.json(&["dangling"])["references"], 1);
    assert_eq!(sandbox.json(&["unresolved"])["references"], 0);
    sandbox.run(&["unresolved"]).success().stdout(contains("`codestrata dangling`"));
    sandbox.run(&["dangling"]).success().stdout(contains("main.py:2:5"));
    let exported = sandbox.export();
    let lines = exported.lines().map(|line| match line.find(",\"span\":{") {
        Some(at) if line.contains("\"edge\"") => format!("{}}}}}\n", &line[..at]),
        _ => format!("{line}\n"),
    });
    sandbox.write("g.jsonl", lines.collect::<String>());
    sandbox.run(&["import", "g.jsonl", "--repo", "spanless"]).success();
    let text = sandbox.text(&["dangling", "--repo", "spanless"]);
    assert!(text.contains("main.py") && !text.contains(":0:0"), "{text}");
}

#[test]
fn a_wrong_index_is_refused_and_leaves_nothing() {
    let sandbox = Sandbox::empty();
    let whole = index("file:///src/app");
    sandbox.write("cut.scip", &whole[..whole.len() - 1]);
    let error = sandbox.json_error(&["import", "cut.scip"], 5);
    assert_eq!(error["kind"], "invalid-argument");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("cut.scip: byte ") && message.contains("ends in the middle"), "{message}");
    sandbox.run(&["import", "none.scip"]).code(5).stderr(contains("none.scip"));
    assert!(!fs::exists(sandbox.root().join(".codestrata")).unwrap(), "a store was made");
}

#[test]
fn what_cannot_be_meant_is_said() {
    let sandbox = Sandbox::empty();
    sandbox.write("index.scip", index(""));
    sandbox.run(&["import", "index.scip"]).code(2).stderr(contains("--repo"));
    sandbox
        .run(&["import", "index.scip", "--repo", "app", "--sources", "no"])
        .code(5)
        .stderr(contains("no folder").or(contains("not a folder")));
    sandbox.run(&["import", "-", "--format", "scip"]).code(2).stderr(contains("stdin"));
    sandbox.run(&["import", "a.jsonl", "--sources", "."]).code(2).stderr(contains("--sources"));
}

#[test]
fn a_folder_that_is_indexed_takes_the_place_of_an_index_and_the_other_way_round() {
    let sandbox = Sandbox::indexed();
    sandbox.write("index.scip", index("file:///src/shop"));
    let indexed = sandbox.export();
    sandbox.run(&["import", "index.scip"]).success().stdout(contains("2 added, 0 changed, 2 removed"));
    sandbox.run(&["index", "."]).success();
    assert!(sandbox.export() == indexed, "something of the index is left");
}
