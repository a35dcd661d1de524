//! What is wrong with what was asked or given is said with what to do about it.

use predicates::str::contains;

use crate::sandbox::{Sandbox, ids, stderr};

const MATRIX: &str = "\
[[entries]]
component = \"client\"
component_version = \"1.2\"
protocol = \"http\"
protocol_version = \"2\"
support = \"partial\"
";

#[test]
fn input_that_cannot_be_used_is_refused_with_help() {
    let sandbox = Sandbox::indexed();
    sandbox.write("found.jsonl", "{\"pattern\": \"x\"");
    sandbox.write("matrix.toml", MATRIX.replace("partial", "maybe"));
    for (arguments, help) in [
        (&["index", "../nosuch"][..], "name one that is there"),
        (&["patterns", "add", "found.jsonl"], "nothing was stored; mend that line"),
        (&["patterns", "add", "nosuch.jsonl"], "name a file that is there"),
        (&["compatibility", "import", "matrix.toml"], "nothing was kept; mend that"),
    ] {
        let output = sandbox.run(arguments).code(5).stdout("").get_output().clone();
        let said = stderr(&output);
        assert!(said.contains(&format!("help: {help}")), "{arguments:?}: {said}");
    }
}

#[test]
fn results_of_two_types_are_refused_with_where_others_are() {
    let sandbox = Sandbox::indexed();
    sandbox.write("matrix.toml", MATRIX);
    sandbox.run(&["compatibility", "import", "matrix.toml"]).success();
    sandbox.run(&["metrics"]).success();
    let of = |name: &str| ids(&sandbox.json(&["analysis", "list", "--type", name]))[0].to_owned();
    sandbox
        .run(&["analysis", "diff", &of("compatibility"), &of("metrics")])
        .code(2)
        .stderr(contains("help: `codestrata analysis list --type \"compatibility\"` shows those that are"));
}

#[test]
fn a_kind_of_edges_that_draws_nothing_is_named() {
    let sandbox = Sandbox::indexed();
    for drawn in [&["User"][..], &["--modules"], &["--file", "app/user.py"]] {
        let arguments = [&["draw"], drawn, &["--format", "mermaid", "--kinds", "bogus"]].concat();
        sandbox.run(&arguments).success().stderr(contains("`bogus` is no kind of the indexer's"));
    }
    let drawn = sandbox.run(&["draw", "validate", "--format", "mermaid", "--kinds", "calls,bogus"]).success();
    assert!(!stderr(drawn.get_output()).contains("bogus"), "something was drawn");
}

#[test]
fn an_unknown_repository_is_refused_where_it_would_not_be_read() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["cache", "stats", "--repo", "zz"])
        .code(1)
        .stdout("")
        .stderr(contains("no repository `zz`"));
}

#[test]
fn a_file_of_another_format_is_refused_with_the_formats_that_there_are() {
    let sandbox = Sandbox::empty();
    for name in ["other.json", "other.jsonl", "other.txt"] {
        sandbox.write(name, "hello\n");
        sandbox
            .run(&["import", name])
            .code(5)
            .stdout("")
            .stderr(contains(format!("{name} is n")))
            .stderr(contains("help: there are two formats: JSON Lines"));
    }
    sandbox.run(&["import", "other.txt", "--format", "jsonl"]).code(5).stderr(contains("is no JSON Lines"));
    sandbox
        .program()
        .args(["import", "-"])
        .write_stdin("[1, 2]\n")
        .assert()
        .code(5)
        .stderr(contains("stdin is no JSON Lines, and nothing of it was stored"));
}
