//! Pictures of what is stored.

use std::fmt::Write as _;
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
        .code(2)
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
    let by_depth = sandbox.text(&["draw", "--modules", "--depth", "1", "--format", "dot"]);
    assert!(
        by_depth.contains("[label=\"app/\\n2 files\"") && by_depth.contains("label=\"tool/"),
        "{by_depth}"
    );
    let few = sandbox.json(&["draw", "--modules", "--depth", "0", "--max-nodes", "2"]);
    assert_eq!((&few["nodes"], &few["left_out"], &few["truncated"]), (&2.into(), &1.into(), &true.into()));
    assert!(few["picture"].as_str().unwrap().contains("1 with the fewest references left out"), "{few}");
    assert_eq!(sandbox.json(&["draw", "--modules", "--max-nodes", "1"])["nodes"], 1);
}

#[test]
fn a_tree_with_most_of_its_files_in_one_folder_is_a_picture_of_its_parts() {
    let sandbox = Sandbox::new();
    for number in 0..200 {
        // Some parts are used by many others.
        let used = format!("from parts.part{:03}.code import run{:03}\n", number % 10, number % 10);
        let own = format!("\n\ndef run{number:03}():\n    run{:03}()\n", number % 10);
        sandbox.write(format!("parts/part{number:03}/code.py"), used + &own);
    }
    sandbox.run(&["index", "."]).success();
    let answer = sandbox.json(&["draw", "--modules"]);
    let boxes = answer["nodes"].as_u64().unwrap();
    assert!((30..=60).contains(&boxes), "{boxes} boxes");
    let svg = answer["picture"].as_str().unwrap();
    assert!(svg.contains(">parts/ (others)</text>"), "{svg}");
    assert!((0..10).all(|number| svg.contains(&format!(">part{number:03}/code.py</text>"))), "{svg}");
    assert!(svg.contains("class=\"count\""), "the heaviest arrows have their counts: {svg}");
}

/// A function `log` with some callers, of which `busy` calls `start` too.
fn a_hub(callers: usize) -> Sandbox {
    let sandbox = Sandbox::empty();
    let mut text =
        "def log():\n    pass\n\n\ndef start():\n    log()\n\n\ndef zz_busy():\n    log()\n    start()\n"
            .to_owned();
    for number in 0..callers {
        write!(text, "\n\ndef user{number:02}():\n    log()\n").unwrap();
    }
    sandbox.write("hub.py", text);
    sandbox.run(&["index", "."]).success();
    sandbox
}

#[test]
fn what_is_left_out_is_said_in_the_picture_and_beside_it() {
    let sandbox = a_hub(30);
    let arguments = ["draw", "log", "--max-nodes", "10", "--output", "log.svg"];
    let said = "23 definitions at 1 step with the fewest edges to what is drawn left out";
    sandbox.run(&arguments).success().stderr(contains(said).and(contains("--max-nodes (10)")));
    sandbox.run(&[&arguments[..], &["--quiet"]].concat()).success().stderr("");
    let svg = fs::read_to_string(sandbox.root().join("log.svg")).unwrap();
    assert!(svg.contains(said) && svg.contains(">23 neighbours not drawn</text>"), "{svg}");
    let answer = sandbox.json(&["draw", "log", "--max-nodes", "10"]);
    assert_eq!(
        (&answer["nodes"], &answer["left_out"], &answer["truncated"]),
        (&10.into(), &23.into(), &true.into())
    );
    let whole = sandbox.json(&["draw", "log"]);
    assert_eq!((&whole["left_out"], &whole["truncated"]), (&0.into(), &false.into()));
}

#[test]
fn the_boxes_are_those_with_most_to_do_with_what_is_drawn_and_not_the_first_of_the_alphabet() {
    let sandbox = a_hub(30);
    let text = sandbox.text(&["draw", "log", "--max-nodes", "3", "--kinds", "calls", "--format", "mermaid"]);
    for name in ["log", "start", "zz_busy"] {
        assert!(text.contains(&format!("[\"{}<br/>hub.py", name.replace('_', "#95;"))), "{name} in {text}");
    }
    // Of a file that does not fit, too.
    let file = sandbox.text(&["draw", "--file", "hub.py", "--max-nodes", "3", "--format", "mermaid"]);
    assert!(file.contains("[\"log<br/>") && file.contains("definitions with the fewest edges"), "{file}");
}

#[test]
fn what_has_many_neighbours_is_drawn_with_their_number_and_not_followed() {
    let sandbox = a_hub(60);
    let svg = sandbox.text(&["draw", "start", "--depth", "2", "--kinds", "calls"]);
    assert!(svg.contains("3 boxes") && svg.contains(">60 neighbours not drawn</text>"), "{svg}");
    assert!(svg.contains("1 that has more than 40 neighbours not followed"), "{svg}");
    let around = sandbox.json(&["draw", "log", "--kinds", "calls"]);
    assert_eq!(around["nodes"], 63, "what was asked for is always followed");
}

#[test]
fn a_page_shows_how_a_definition_is_written_as_long_as_its_file_is_what_was_indexed() {
    let sandbox = Sandbox::indexed();
    let page = sandbox.text(&["draw", "User.save", "--format", "html"]);
    assert!(page.contains(r#"["signature","def save(self) -> None"]"#), "{page}");
    assert!(page.contains(r#"["lines","5 to 6"]"#), "{page}");
    sandbox.write("app/user.py", "# nothing\n".repeat(40));
    let page = sandbox.text(&["draw", "User.save", "--format", "html"]);
    assert!(
        !page.contains("def save")
            && page.contains("\"def update(name)\"")
            && page.contains(r#"["lines","5 to 6"]"#),
        "{page}"
    );
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
    sandbox.run(&["draw", "update", "--max-nodes", "1001"]).code(2).stderr(contains("from 1 to 1000"));
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
