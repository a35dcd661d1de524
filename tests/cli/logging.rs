//! What the program says about its work goes to stderr, and only when it is asked for.

use predicates::str::contains;
use serde_json::Value;

use crate::sandbox::{Sandbox, stderr};

#[test]
fn nothing_is_logged_unasked() {
    let sandbox = Sandbox::new();
    sandbox.run(&["index", "."]).success().stderr("");
    sandbox.run(&["callers", "save"]).success().stderr("");
}

#[test]
fn one_v_tells_the_phases_with_their_figures_and_two_tell_more() {
    let sandbox = Sandbox::new();
    let plain = sandbox.text(&["index", ".", "--json"]);
    let output = sandbox
        .run(&["index", ".", "--rebuild", "-v"])
        .success()
        .stderr(contains("opened the store backend=\"redb\""))
        .stderr(contains("found sources files=2"))
        .stderr(contains("read sources parsed=2 unchanged=0"))
        .stderr(contains("committed repository=\"shop\" version=2"))
        .stderr(contains("INFO"))
        .get_output()
        .clone();
    assert!(!stderr(&output).contains("DEBUG"), "{}", stderr(&output));
    sandbox.write("latin.py", b"\xe9");
    sandbox.write("large.py", " ".repeat(5 << 20));
    sandbox.run(&["index", ".", "-vv"]).success().stderr(contains("DEBUG")).stderr(contains("large.py"));
    assert!(!plain.contains("opened"));
}

#[test]
fn an_answer_is_the_same_with_a_log_and_without() {
    let sandbox = Sandbox::indexed();
    for question in [&["callers", "save"][..], &["impact", "validate", "--json"], &["export"]] {
        let quiet = sandbox.text(question);
        assert_eq!(sandbox.text(&[question, &["-vvv"]].concat()), quiet, "{question:?}");
    }
}

#[test]
fn as_json_it_is_one_object_a_line() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["index", ".", "-vv", "--log-format", "json"]).success().get_output().clone();
    let lines: Vec<Value> = stderr(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["message"] == "committed").unwrap();
    assert_eq!((&line["level"], &line["repository"]), (&"INFO".into(), &"shop".into()));
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z') && line["target"].is_string(), "{line}");
}

#[test]
fn the_environment_can_ask_for_it_crate_by_crate() {
    let sandbox = Sandbox::indexed();
    let with = |value: &str| {
        let mut command = sandbox.program();
        command.args(["index", ".", "--rebuild"]).env("CODESTRATA_LOG", value);
        command.assert()
    };
    with("info").success().stderr(contains("opened the store")).stderr(contains("found sources"));
    let output = with("codestrata_index=info").success().get_output().clone();
    assert!(!stderr(&output).contains("opened the store"), "{}", stderr(&output));
    with("").success().stderr("");
    with("codestrata=loud")
        .code(2)
        .stdout("")
        .stderr(contains("CODESTRATA_LOG"))
        .stderr(contains("give a level"));
}

#[test]
fn an_error_is_words_and_no_trace_of_the_stack() {
    let sandbox = Sandbox::indexed();
    sandbox.write("bad.toml", "[storage]\nbackend = 5\n");
    sandbox.write("not.redb", "no store".repeat(1000));
    let config = "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \"not.redb\"\n";
    sandbox.write("other.toml", config);
    for arguments in [
        &["show", "nope"][..],
        &["--config", "bad.toml", "status"],
        &["--config", "other.toml", "status"],
        &["import", "bad.toml"],
        &["frobnicate"],
    ] {
        let run = |environment: &[(&str, &str)]| {
            let output =
                sandbox.program().args(arguments).envs(environment.iter().copied()).output().unwrap();
            assert!(!output.status.success());
            stderr(&output)
        };
        let traced = run(&[("RUST_BACKTRACE", "1"), ("RUST_LIB_BACKTRACE", "full")]);
        assert_eq!(traced, run(&[]), "{arguments:?}");
        assert!(traced.starts_with("error:") && !traced.contains("stack backtrace"), "{traced}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_of_a_file_cannot_steer_the_terminal_through_the_log() {
    let sandbox = Sandbox::new();
    sandbox.write("odd\u{1b}[2J\n\u{202e}.py", " ".repeat(5 << 20));
    let output = sandbox.run(&["index", ".", "-vv"]).success().get_output().clone();
    let said = stderr(&output);
    assert!(said.contains("path=odd\\u{1b}[2J\\n\\u{202e}.py"), "{said}");
    assert!(said.chars().all(|letter| letter == '\n' || !letter.is_control()), "{said:?}");
}
