//! Sources are measured, runs are kept, and what changed between two of them is shown.

use predicates::str::contains;
use serde_json::Value;

use crate::sandbox::{Sandbox, ids};

const HARDER: &str = "\
class User:
    def __init__(self, name: str):
        self.name = name

    def save(self) -> None:
        if self.name and self.valid:
            validate(self)


def validate(user: User) -> bool:
    return bool(user.name)
";

/// A function that is long enough to be compared.
fn long(name: &str) -> String {
    format!(
        "def {name}(rows, limit):\n    total = 0\n    for row in rows:\n        if row.price > limit and not row.hidden:\n            \
         total += row.price * row.count\n        elif row.count < 3:\n            total -= row.tax(limit, [row.count, 3])\n    \
         for row in reversed(rows):\n        total = max(total, row.price - row.tax(limit, [row.price]))\n    return total\n"
    )
}

fn figures(function: &Value) -> (u64, u64, u64) {
    let of = |name: &str| function[name].as_u64().unwrap();
    (of("cyclomatic"), of("nesting"), of("lines"))
}

#[test]
fn the_most_complex_functions_come_first() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/long.py", long("total"));
    sandbox.run(&["index", "."]).success();
    let answer = sandbox.json(&["metrics"]);
    assert_eq!(ids(&answer)[0], "app/long.py::total");
    assert_eq!(figures(&answer["results"][0]), (6, 2, 10));
    assert_eq!((&answer["functions"], &answer["truncated"]), (&7.into(), &false.into()));
    assert_eq!(answer["run"]["version"], 2);
    let cut = sandbox.json(&["metrics", "--limit", "2", "--by", "lines"]);
    assert_eq!((ids(&cut).len(), &cut["truncated"]), (2, &true.into()));
    let views = sandbox.json(&["metrics", "--file", "views"]);
    assert_eq!(ids(&views), ["app/views.py::update", "app/views.py::handle"]);
    sandbox
        .run(&["metrics", "--limit", "1"])
        .success()
        .stdout(contains("shop, version 2 of"))
        .stdout(contains("app/long.py::total  cyclomatic 6, nesting 2, 10 lines  at app/long.py:1"))
        .stdout(contains("raise --limit (now 1)"));
}

#[test]
fn what_changed_since_a_version_or_a_time_is_shown() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics"]).success();
    sandbox.write("app/user.py", HARDER);
    sandbox.run(&["index", "."]).success();
    for since in ["0s", "1"] {
        let since = sandbox.json(&["metrics", "--since", since]);
        assert_eq!((&since["from"]["version"], &since["to"]["version"]), (&1.into(), &2.into()));
        let harder = &since["more_complex"][0];
        assert_eq!(harder["id"], "app/user.py::User.save");
        assert_eq!((&harder["before"]["cyclomatic"], &harder["now"]["cyclomatic"]), (&1.into(), &3.into()));
        assert_eq!(since["removed"][0]["id"], "app/user.py::Group.save");
    }
    sandbox
        .run(&["metrics", "--since", "1"])
        .success()
        .stdout(contains("more complex\n  app/user.py::User.save  cyclomatic 1 → 3, nesting 0 → 1"))
        .stdout(contains("gone\n  app/user.py::Group.save"));
    let nothing = sandbox.text(&["metrics", "--since", "2"]);
    assert!(nothing.contains("no function is more or less complex, new or gone"), "{nothing}");
    let error = sandbox.json_error(&["metrics", "--since", "1971-01-01"], 1);
    assert!(error["help"].as_str().unwrap().contains("the oldest one is of version 1"), "{error}");
    sandbox.run(&["metrics", "--since", "soon"]).code(2).stderr(contains("give a version such as 12"));
}

#[test]
fn a_function_has_a_history_also_when_it_is_gone() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics"]).success();
    sandbox.write("app/user.py", HARDER);
    sandbox.run(&["index", "."]).success();
    let history = |symbol: &str| {
        let answer = sandbox.json(&["metrics", symbol]);
        let entries = answer["results"][0]["history"].as_array().unwrap().clone();
        entries
            .iter()
            .map(|entry| (entry["version"].as_u64(), entry["figures"]["cyclomatic"].as_u64()))
            .collect::<Vec<_>>()
    };
    let expected: Vec<(Option<u64>, Option<u64>)> = vec![(Some(1), Some(1)), (Some(2), Some(3))];
    assert_eq!(history("User.save"), expected);
    let gone: Vec<(Option<u64>, Option<u64>)> = vec![(Some(1), Some(1)), (Some(2), None)];
    assert_eq!(history("app/user.py::Group.save"), gone);
    sandbox.run(&["metrics", "User.save"]).success().stdout(contains("cyclomatic 3, nesting 1, 3 lines"));
    sandbox.run(&["metrics", "nope"]).code(1);
    sandbox.run(&["metrics", "User"]).code(1).stderr(contains("only functions and methods have figures"));
}

#[test]
fn a_file_that_was_edited_and_not_indexed_is_left_out_and_told() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/user.py", HARDER);
    let answer = sandbox.json(&["metrics"]);
    assert_eq!(answer["left_out"][0]["path"], "app/user.py");
    assert_eq!(answer["left_out"][0]["reason"], "changed");
    assert_eq!(ids(&answer), ["app/views.py::update", "app/views.py::handle"]);
    sandbox
        .run(&["metrics"])
        .success()
        .stdout(contains("nothing was measured of 1 file"))
        .stdout(contains("app/user.py has changed since it was indexed"));
}

#[test]
fn runs_are_kept_listed_and_compared_and_the_same_run_is_kept_once() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics"]).success();
    sandbox.run(&["metrics"]).success();
    let listed = sandbox.json(&["analysis", "list", "--type", "metrics"]);
    assert_eq!(ids(&listed).len(), 1);
    let metadata = &listed["results"][0]["metadata"];
    assert_eq!((&metadata["graph_version"], &metadata["counts"]["functions"]), (&1.into(), &6.into()));
    sandbox.write("app/user.py", HARDER);
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["metrics"]).success();
    let listed = sandbox.json(&["analysis", "list", "--type", "metrics"]);
    let [later, earlier] = ids(&listed)[..] else { panic!("{listed}") };
    let difference = sandbox.json(&["analysis", "diff", earlier, later]);
    assert_eq!((&difference["type"], &difference["from"]["id"]), (&"metrics".into(), &earlier.into()));
    assert_eq!(difference["more_complex"][0]["id"], "app/user.py::User.save");
    sandbox.run(&["analysis", "diff", earlier, later]).success().stdout(contains("more complex"));
    sandbox.run(&["analysis", "diff", earlier, "nope"]).code(1).stderr(contains("there is no result `nope`"));
}

#[test]
fn the_stored_run_is_shown_without_measuring() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics", "--stored"]).code(1).stderr(contains("`codestrata metrics` makes one"));
    sandbox.run(&["metrics"]).success();
    std::fs::remove_dir_all(sandbox.root().join("app")).unwrap();
    let stored = sandbox.json(&["metrics", "--stored"]);
    assert_eq!(stored["functions"], 6);
}

#[test]
fn copies_are_found_and_their_pairs_expire() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/a.py", long("first"));
    sandbox.write("app/b.py", long("second").replace("row", "line"));
    sandbox.write("app/c.py", long("third"));
    sandbox.run(&["index", "."]).success();
    let found = sandbox.json(&["duplicates"]);
    let pairs = |answer: &Value| -> Vec<(String, String, bool)> {
        let pair = |pair: &Value| {
            let id = |side: &str| pair[side]["id"].as_str().unwrap().to_owned();
            (id("left"), id("right"), pair["identical"].as_bool().unwrap())
        };
        answer["results"].as_array().unwrap().iter().map(pair).collect()
    };
    let (a, b, c) =
        ("app/a.py::first".to_owned(), "app/b.py::second".to_owned(), "app/c.py::third".to_owned());
    assert_eq!(pairs(&found), [(a.clone(), c, true), (a, b, false)]);
    assert_eq!((&found["compared"], &found["results"][0]["score"]), (&3.into(), &1.0.into()));
    sandbox.run(&["duplicates"]).success().stdout(contains("1.000 identical\n    app/a.py::first"));
    assert_eq!(pairs(&sandbox.json(&["duplicates", "--file", "b.py"])).len(), 1);
    sandbox.write("app/c.py", long("third").replace("limit", "most"));
    sandbox.run(&["index", "."]).success();
    let stored = sandbox.json(&["duplicates", "--stored"]);
    assert_eq!(
        (&stored["results"][0]["state"], &stored["results"][1]["state"]),
        (&"expired".into(), &"holds".into())
    );
    sandbox.run(&["duplicates", "--stored"]).success().stdout(contains("(expired: a body has changed)"));
    sandbox.run(&["duplicates", "--min-score", "0.4"]).code(2).stderr(contains("from 0.5 to 1"));
    sandbox.run(&["duplicates", "--min-tokens", "49"]).code(2);
}

#[test]
fn what_is_complex_and_called_a_lot_comes_first() {
    let sandbox = Sandbox::indexed();
    let hot = sandbox.json(&["hot"]);
    assert_eq!(ids(&hot)[0], "app/user.py::validate");
    let first = &hot["results"][0];
    assert_eq!((&first["callers"], &first["calls"], &first["weight"]), (&2.into(), &2.into(), &3.into()));
    sandbox.run(&["hot", "--limit", "1"]).success().stdout(contains("cyclomatic 1, 2 callers at 2 places"));
}

#[test]
fn a_graph_without_a_folder_cannot_be_measured_and_it_says_so() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    sandbox.write("graph.jsonl", graph);
    sandbox.run(&["import", "graph.jsonl", "--repo", "copy"]).success();
    std::fs::rename(sandbox.root().join("app"), sandbox.root().join("elsewhere")).unwrap();
    let answer = sandbox.program().args(["metrics", "--repo", "copy"]).output().unwrap();
    let said = String::from_utf8(answer.stderr).unwrap() + &String::from_utf8(answer.stdout).unwrap();
    assert!(said.contains("was not made of a folder") || said.contains("is not there"), "{said}");
}

#[test]
fn of_several_runs_of_a_version_the_whole_one_is_compared() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics"]).success();
    sandbox.write("app/user.py", HARDER);
    // Not indexed yet, so this run lacks the file.
    sandbox.run(&["metrics"]).success();
    sandbox.run(&["index", "."]).success();
    for since in ["0s", "1"] {
        let answer = sandbox.json(&["metrics", "--since", since]);
        assert_eq!(answer["more_complex"][0]["id"], "app/user.py::User.save", "{since}: {answer}");
        assert_eq!(answer["not_compared"], serde_json::json!([]), "{since}");
    }
}

#[test]
fn a_run_of_a_part_of_the_graph_is_compared_with_a_word_of_it() {
    let sandbox = Sandbox::new();
    sandbox.write("app/more.py", "def more():\n    pass\n");
    sandbox.run(&["index", "."]).success();
    sandbox.write("app/user.py", HARDER);
    sandbox.run(&["metrics"]).success();
    sandbox.run(&["index", "."]).success();
    sandbox
        .run(&["metrics", "--since", "1"])
        .success()
        .stdout(contains("no function of those that both runs measured is more or less complex"))
        .stdout(contains("the run of version 1 of"))
        .stdout(contains("is of a part of the graph: it left out 1 file"));
    let elsewhere = sandbox.text(&["metrics", "--since", "1", "--file", "views"]);
    assert!(!elsewhere.contains("a part of the graph"), "{elsewhere}");
}

#[test]
fn a_version_that_the_graph_does_not_have_is_refused_with_those_that_there_are() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["metrics"]).success();
    sandbox.write("app/user.py", HARDER);
    sandbox.run(&["index", "."]).success();
    for (version, there_is) in [("0", "; the first is 1"), ("3", " yet; the newest is 2")] {
        sandbox
            .run(&["metrics", "--since", version])
            .code(1)
            .stdout("")
            .stderr(contains(format!("`shop` has no version {version}{there_is}")))
            .stderr(contains("ask with --since 2 or lower; runs are kept of 1"));
    }
    sandbox
        .run(&["metrics", "--stored", "--since", "2"])
        .code(1)
        .stderr(contains("the newest run that is kept is of version 1"));
}
