//! Every command explains itself: in short, at length, and with examples that are right.

use predicates::str::contains;

use crate::sandbox::Sandbox;

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed =
        help.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect()
}

/// Every command with its words: `["config", "check"]`.
fn all(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for command in commands(&sandbox.text(&["--help"])) {
        let inner = commands(&sandbox.text(&[&command, "--help"]));
        all.extend(inner.iter().map(|inner| vec![command.clone(), inner.clone()]));
        all.push(vec![command]);
    }
    all
}

#[test]
fn every_command_has_examples_and_a_short_and_a_long_help() {
    let sandbox = Sandbox::new();
    let all = all(&sandbox);
    assert!(all.len() > 15, "{all:?}");
    for words in all {
        let with = |last: &str| {
            let words: Vec<&str> = words.iter().map(String::as_str).chain([last]).collect();
            sandbox.text(&words)
        };
        let (short, long) = (with("-h"), with("--help"));
        for help in [&short, &long] {
            assert!(help.contains("Examples:\n  ") && help.contains("codestrata "), "{words:?}: {help}");
        }
        assert!(short.lines().count() < long.lines().count(), "{words:?}");
    }
}

#[test]
fn every_example_is_a_command_line_that_is_understood() {
    let sandbox = Sandbox::new();
    for words in all(&sandbox) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let help = sandbox.text(&[&words[..], &["--help"]].concat());
        let examples = help.split("Examples:\n").nth(1).unwrap().split("\n\n").next().unwrap();
        for line in examples.lines().filter_map(|line| line.trim().strip_prefix("codestrata ")) {
            let line = line.split([">", "|"].map(|stop| stop.chars().next().unwrap())).next().unwrap();
            let mut arguments: Vec<&str> = line.split_whitespace().collect();
            // Help is asked for last, so that everything before it has been read.
            arguments.push("--help");
            sandbox.run(&arguments).success();
            assert!(words.iter().all(|word| arguments.contains(word)), "{words:?}: {line}");
        }
    }
}

#[test]
fn every_command_is_in_the_manual() {
    let sandbox = Sandbox::new();
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md")).unwrap();
    for words in all(&sandbox) {
        assert!(manual.contains(&format!("codestrata {}", words.join(" "))), "{words:?} is missing");
    }
}

#[test]
fn wrong_figures_are_refused_in_plain_words() {
    let sandbox = Sandbox::indexed();
    for value in ["0", "-1", "x", "1000001", "99999999999999999999"] {
        sandbox
            .run(&["callers", "save", "--limit", value])
            .code(2)
            .stderr(contains(format!("'{value}'")))
            .stderr(contains("give a whole number from 1 to 1000000"));
    }
    for value in ["0", "-1", "1001", "x"] {
        for command in [&["impact", "save"][..], &["path", "handle", "save"], &["subclasses", "User"]] {
            sandbox
                .run(&[command, &["--depth", value]].concat())
                .code(2)
                .stderr(contains("give a whole number from 1 to 1000"));
        }
    }
}

#[test]
fn the_bounds_of_figures_are_said_whatever_is_wrong_with_them() {
    let sandbox = Sandbox::indexed();
    for (command, option, bounds) in [
        (&["draw", "save"][..], "--depth", "from 0 to 100"),
        (&["draw", "save"], "--max-nodes", "from 1 to 1000"),
        (&["duplicates"], "--min-tokens", "from 50 to 1000000"),
        (&["statistics"], "--depth", "from 0 to 1000"),
        (&["unresolved"], "--sites", "from 0 to 1000000"),
        (&["subgraph", "save"], "--max-nodes", "from 1 to 1000000"),
    ] {
        for value in ["-1", "x", "4294967296"] {
            sandbox
                .run(&[command, &[option, value]].concat())
                .code(2)
                .stderr(contains(format!("give a whole number {bounds}\n")));
        }
    }
    for arguments in [&["diff", "-1"][..], &["diff", "x"], &["diff", "1", "-2"]] {
        sandbox.run(arguments).code(2).stderr(contains("give a version such as 12"));
    }
    sandbox.run(&["metrics", "--since", "-1"]).code(2).stderr(contains("give a version such as 12"));
}
