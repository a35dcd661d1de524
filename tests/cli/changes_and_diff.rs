//! `codestrata changes` and `codestrata diff`: what versions added and removed, and how far that is known.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::Sandbox;

/// Versions 1 to 3: the first index, a method that becomes another, and it is itself again with a function more.
fn edited() -> Sandbox {
    let sandbox = Sandbox::indexed();
    let user = std::fs::read_to_string(sandbox.root().join("app/user.py")).unwrap();
    sandbox.write("app/user.py", user.replace("def validate", "def check"));
    sandbox.run(&["index", "."]).success();
    sandbox.write("app/user.py", format!("{user}\n\ndef more():\n    validate(User(1))\n"));
    sandbox.run(&["index", "."]).success();
    sandbox
}

#[test]
fn versions_are_listed_with_their_figures() {
    let sandbox = edited();
    let answer = sandbox.json(&["changes"]);
    assert_eq!(
        (&answer["version"], &answer["oldest"], &answer["truncated"]),
        (&3.into(), &1.into(), &false.into())
    );
    let changes = answer["changes"].as_array().unwrap();
    let versions: Vec<u64> = changes.iter().map(|change| change["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [3, 2, 1]);
    assert_eq!((&changes[1]["nodes_added"], &changes[1]["nodes_removed"]), (&1.into(), &1.into()));
    assert_eq!((&changes[1]["files_replaced"], &changes[1]["files_relinked"]), (&1.into(), &1.into()));
    assert_eq!((&changes[2]["listing"], &changes[1]["listing"]), (&"counted".into(), &"listed".into()));
    assert!(changes[0]["time"].as_str().unwrap().ends_with('Z'));
    assert!(sandbox.json(&["changes", "--since", "7d"])["forgotten_before"].is_null(), "all are kept");
    assert_eq!(
        changes[2]["nodes_added"],
        sandbox.json(&["export", "--output", "g"])["nodes"].as_u64().unwrap() - 1
    );
    sandbox.run(&["changes"]).success().stdout(contains("nodes +1 -1").and(contains("(not listed)")));
}

#[test]
fn details_name_the_nodes_and_edges_of_each_version() {
    let sandbox = edited();
    let answer = sandbox.json(&["changes", "--since", "1", "--details"]);
    let second = &answer["changes"][1];
    assert_eq!(second["added"]["nodes"][0]["id"], "app/user.py::check");
    assert_eq!(second["removed"]["nodes"][0]["id"], "app/user.py::validate");
    let unbound = second["added"]["edges"].as_array().unwrap().iter();
    let unbound: Vec<&str> = unbound
        .filter(|edge| edge["resolution"] == "unresolved" && edge["kind"] == "calls")
        .filter_map(|edge| edge["source"].as_str())
        .collect();
    let expected = ["app/user.py::User.save", "app/user.py::check", "app/views.py::update"];
    assert_eq!(unbound, expected, "callers in other files are told as well");
    sandbox.run(&["changes", "--since", "1", "--details"]).success().stdout(contains("+ app/user.py::check"));
}

#[test]
fn a_diff_is_the_net_difference() {
    let sandbox = edited();
    let net = sandbox.json(&["diff", "1"]);
    assert_eq!((&net["from"], &net["to"]), (&1.into(), &3.into()));
    assert_eq!(net["added"]["nodes"].as_array().unwrap().len(), 1, "{net}");
    assert_eq!(net["added"]["nodes"][0]["id"], "app/user.py::more");
    assert_eq!(net["removed"]["nodes"].as_array().unwrap().len(), 0);
    assert_eq!(
        net["removed"]["edges"].as_array().unwrap().len(),
        0,
        "what was unbound is bound again: {net}"
    );
    let back = sandbox.json(&["diff", "3", "1"]);
    assert_eq!(back["removed"], net["added"]);
    sandbox.run(&["diff", "1", "2"]).success().stdout(contains("- app/user.py::validate"));
    let cut = sandbox.json(&["diff", "1", "2", "--limit", "1"]);
    assert_eq!((&cut["truncated"], &cut["nodes_removed"]), (&true.into(), &1.into()));
}

#[test]
fn how_far_the_history_goes_back_is_said_with_exit_code_1() {
    let sandbox = Sandbox::new();
    let config = "[storage]\nbackend = \"redb\"\nhistory = 2\n[storage.options]\npath = \"g.redb\"\n";
    sandbox.write("codestrata.toml", config);
    for number in 0..5 {
        sandbox.write("app/more.py", format!("def f{number}():\n    pass\n"));
        sandbox.run(&["index", "."]).success();
    }
    assert_eq!(sandbox.json(&["changes"])["oldest"], 4);
    for limit in ["1", "100"] {
        let recent = ["changes", "--since", "7d", "--limit", limit];
        assert_eq!(sandbox.json(&recent)["forgotten_before"], 4);
        sandbox.run(&recent).success().stdout(contains("versions before 4 are not kept any more"));
    }
    assert!(sandbox.json(&["changes", "--since", "3"])["forgotten_before"].is_null(), "nothing is missing");
    let error = sandbox.json_error(&["diff", "2"], 1);
    assert_eq!(
        (&error["kind"], &error["message"]),
        (&"not-found".into(), &"the history of `shop` goes back to version 3 only".into())
    );
    assert_eq!(sandbox.json_error(&["changes", "--since", "2"], 1)["message"], error["message"]);
    sandbox.run(&["diff", "3"]).success();
    sandbox.run(&["diff", "9"]).code(1);
    sandbox.run(&["changes", "--since", "9"]).code(1);
    sandbox.run(&["changes", "--since", "yesterday"]).code(2);
    sandbox.run(&["verify"]).success().stdout(contains("a history of 2 versions"));
}

#[test]
fn without_a_history_nothing_is_kept_and_that_is_said() {
    let sandbox = Sandbox::new();
    let config = "[storage]\nbackend = \"redb\"\nhistory = 0\n[storage.options]\npath = \"g.redb\"\n";
    sandbox.write("codestrata.toml", config);
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["changes"]).success().stdout(contains("no history is kept"));
    sandbox.write("app/more.py", "def f():\n    pass\n");
    sandbox.run(&["index", "."]).success();
    assert_eq!(sandbox.json_error(&["diff", "1"], 1)["message"], "no history of `shop` is kept");
}

#[test]
fn importing_what_was_exported_changes_no_node_and_no_edge() {
    let sandbox = Sandbox::indexed();
    // So many files that a change of all of them is a generation of its own, and so few that it is one batch.
    for more in [0, 80] {
        for number in 0..more {
            let text = format!("from app.user import User\n\ndef f{number}():\n    User(1).save()\n");
            sandbox.write(format!("app/f{number}.py"), text);
        }
        sandbox.run(&["index", "."]).success();
        let indexed = sandbox.json(&["changes"])["version"].as_u64().unwrap();
        sandbox.run(&["export", "--output", "../g.jsonl"]).success();
        sandbox.run(&["import", "../g.jsonl", "--repo", "shop"]).success();
        let net = sandbox.json(&["diff", &indexed.to_string()]);
        let nothing = |what: &str| ["nodes", "edges"].map(|list| net[what][list].as_array().unwrap().len());
        assert_eq!((nothing("added"), nothing("removed")), ([0, 0], [0, 0]), "{net}");
        sandbox.run(&["index", ".", "--rebuild"]).success();
        let net = sandbox.json(&["diff", &indexed.to_string()]);
        assert_eq!((&net["edges_added"], &net["edges_removed"]), (&0.into(), &0.into()), "{net}");
    }
}
