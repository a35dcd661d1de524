//! Pictures of what is stored.

use std::fs;
use std::process::Command;

use predicates::prelude::*;
use predicates::str::contains;

use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

#[test]
fn a_symbol_is_drawn_with_what_is_around_it() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["draw", "update", "--output", "update.svg"])
        .success()
        .stdout("drew 5 boxes and 6 arrows to update.svg\n");
    let svg = fs::read_to_string(sandbox.root().join("update.svg")).unwrap();
    for text in
        [">update</text>", ">User.save</text>", ">app/user.py:5</text>", ">handle</text>", "version 1"]
    {
        assert!(svg.contains(text), "{text} is missing in {svg}");
    }
    let again = sandbox.text(&["draw", "update"]);
    assert_eq!(svg, again, "one graph gives one picture");
}

#[test]
fn the_ending_of_the_file_says_what_is_written_unless_the_format_does() {
    let sandbox = Sandbox::indexed();
    for (name, beginning) in
        [("a.svg", "<?xml"), ("a.html", "<!doctype html>"), ("a.dot", "digraph {"), ("a.mmd", "flowchart LR")]
    {
        sandbox.run(&["draw", "update", "-o", name]).success();
        let text = fs::read_to_string(sandbox.root().join(name)).unwrap();
        assert!(text.starts_with(beginning), "{name}: {text}");
    }
    sandbox.run(&["draw", "update", "--format", "dot", "-o", "b.svg"]).success();
    assert!(fs::read_to_string(sandbox.root().join("b.svg")).unwrap().starts_with("digraph"));
}

#[test]
fn a_file_is_drawn_by_its_path_its_end_or_a_part_that_no_other_has() {
    let sandbox = Sandbox::indexed();
    let whole = sandbox.text(&["draw", "--file", "app/user.py", "--format", "mermaid"]);
    assert!(whole.contains("what app/user.py defines"), "{whole}");
    assert!(whole.contains("[\"User.save<br/>app/user.py:5\"]"), "{whole}");
    assert!(!whole.contains("views.py:"), "depth 0 stays in the file: {whole}");
    assert_eq!(sandbox.text(&["draw", "--file", "user.py", "--format", "mermaid"]), whole);
    assert_eq!(sandbox.text(&["draw", "--file", "use", "--format", "mermaid"]), whole);
    let wider = sandbox.text(&["draw", "--file", "user.py", "--depth", "1", "--format", "mermaid"]);
    assert!(wider.contains("update<br/>app/views.py:4"), "{wider}");
    sandbox
        .run(&["draw", "--file", "app"])
        .code(5)
        .stderr(contains("several files are called `app`").and(contains("`app/user.py`, `app/views.py`")));
    sandbox.run(&["draw", "--file", "nowhere.py"]).code(1).stderr(contains("no file has `nowhere.py`"));
}

#[test]
fn modules_are_files_or_folders_where_these_are_too_many() {
    let sandbox = Sandbox::indexed();
    sandbox.write("tool/run.py", "from app.views import handle\n\nhandle(1, 2)\n");
    sandbox.run(&["index", "."]).success();
    let files = sandbox.text(&["draw", "--modules", "--format", "dot"]);
    assert!(files.contains("[label=\"run.py\\ntool/\"") && files.contains("label=\"refers to"), "{files}");
    let folders = sandbox.text(&["draw", "--modules", "--max-nodes", "2", "--format", "dot"]);
    assert!(folders.contains("[label=\"app/\\n2 files\"") && folders.contains("n1 -> n0"), "{folders}");
    let one = sandbox.json(&["draw", "--modules", "--max-nodes", "1"]);
    assert_eq!((&one["nodes"], &one["truncated"]), (&1.into(), &true.into()));
    assert!(one["picture"].as_str().unwrap().contains("1 with the fewest references left out"), "{one}");
}

#[test]
fn what_is_left_out_is_said() {
    let sandbox = Sandbox::indexed();
    let cut = sandbox.json(&["draw", "update", "--max-nodes", "2"]);
    assert_eq!((&cut["nodes"], &cut["truncated"], &cut["format"]), (&2.into(), &true.into(), &"svg".into()));
    assert!(cut["picture"].as_str().unwrap().contains("cut: there is more around it than --max-nodes"));
    assert_eq!(sandbox.json(&["draw", "update"])["truncated"], false);
}

#[test]
fn json_names_the_file_instead_of_repeating_it() {
    let sandbox = Sandbox::indexed();
    let answer = sandbox.json(&["draw", "update", "-o", "x.html"]);
    assert_eq!(answer["file"], "x.html");
    assert_eq!(answer["format"], "html");
    assert_eq!(answer.get("picture"), None);
}

#[test]
fn wrong_wishes_are_answered_with_what_is_right() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["draw"]).code(2).stderr(contains("--modules"));
    sandbox.run(&["draw", "update", "--modules"]).code(2).stderr(contains("cannot be used with"));
    sandbox.run(&["draw", "update", "--max-nodes", "1001"]).code(2).stderr(contains("at most 1000 boxes"));
    sandbox
        .run(&["draw", "update", "-o", "a.png"])
        .code(2)
        .stderr(contains("no picture is written as `.png`").and(contains(".svg, .html, .dot or .mmd")));
    assert!(!sandbox.root().join("a.png").exists());
    sandbox.run(&["draw", "updat"]).code(1).stderr(contains("did you mean"));
    sandbox
        .run(&["draw", "update", "-o", "missing/folder/a.svg"])
        .code(4)
        .stderr(contains("cannot be written").and(contains("--output")));
    assert!(!sandbox.root().join("missing").exists());
}

#[test]
fn a_terminal_is_not_flooded_with_a_picture() {
    let sandbox = Sandbox::indexed();
    let terminal = Terminal::open();
    let mut command = Command::new(env!("CARGO_BIN_EXE_codestrata"));
    command.args(["draw", "update"]).current_dir(sandbox.root());
    let mut child = terminal.start(command);
    let shown = terminal.shown();
    assert_eq!(child.wait().unwrap().code(), Some(2), "{shown}");
    assert!(shown.contains("a terminal does not show pictures") && !shown.contains("<svg"), "{shown}");
}
