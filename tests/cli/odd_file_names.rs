//! File names are bytes that others chose.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::sandbox::Sandbox;

const NAMES: &[&str] =
    &["with space.py", "ünï/cödé.py", "new\nline.py", "-dash.py", "quote'\".py", "red\u{1b}[31m.py", "#.py"];

#[test]
fn they_are_indexed_found_and_shown_on_one_line() {
    let sandbox = Sandbox::empty();
    for name in NAMES {
        sandbox.write(name, "def target():\n    pass\n\ndef source():\n    target()\n");
    }
    let report = sandbox.json(&["index", "."]);
    assert_eq!((&report["found"], &report["skipped"]), (&NAMES.len().into(), &serde_json::json!([])));
    for name in NAMES {
        let id = format!("{name}::target");
        let answer = sandbox.json(&["callers", "--", &id]);
        assert_eq!(answer["results"][0]["id"], format!("{name}::source"));
        let text = sandbox.text(&["callers", "--", &id]);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
}

#[test]
fn one_that_is_not_utf_8_is_skipped_and_said() {
    let sandbox = Sandbox::new();
    sandbox.write(OsStr::from_bytes(b"bad\xff.py"), "x = 1\n");
    let report = sandbox.json(&["index", "."]);
    assert_eq!(report["skipped"][0]["reason"], "its path is not UTF-8");
}

#[test]
fn a_folder_that_is_not_utf_8_can_be_indexed() {
    let sandbox = Sandbox::empty();
    let folder = OsStr::from_bytes(b"odd\xff");
    sandbox.write(std::path::Path::new(folder).join("a.py"), "def f(): ...\n");
    sandbox.program().arg("index").arg(folder).assert().success();
    sandbox.run(&["show", "f"]).success();
    let inside = sandbox.root().join(folder);
    sandbox.program().current_dir(&inside).args(["index", ".", "--repo", "inside"]).assert().success();
    let mut export = sandbox.program();
    export.args(["export", "--repo", "inside", "--output"]).arg(inside.join("g.jsonl")).assert().success();
    sandbox.program().arg("import").arg(inside.join("g.jsonl")).assert().success();
}
