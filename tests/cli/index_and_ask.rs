//! What one process stored, the next one answers from.

use predicates::str::contains;

use crate::sandbox::{Sandbox, ids};

#[test]
fn the_first_run_says_what_it_found() {
    let sandbox = Sandbox::new();
    let report = sandbox.json(&["index", "."]);
    assert_eq!(report["repository"], "shop");
    assert_eq!((&report["found"], &report["added"], &report["version"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(report["totals"]["files"], 2);
    assert!(report["totals"]["edges"].as_u64() > report["totals"]["nodes"].as_u64());
}

#[test]
fn callers_come_with_the_place_of_every_call() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["callers", "validate"])
        .success()
        .stdout(contains("app/user.py::User.save"))
        .stdout(contains("    app/user.py:6:9\n"))
        .stdout(contains("    app/views.py:7:5\n"))
        .stderr("");
}

#[test]
fn making_an_object_is_a_call_of_its_class() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["callers", "User"]).success().stdout(contains("app/views.py:5:12  (creates it)"));
}

#[test]
fn callees_tell_what_leads_nowhere() {
    let sandbox = Sandbox::indexed();
    let callees = sandbox.json(&["callees", "update"]);
    assert_eq!(ids(&callees), ["app/user.py::User", "app/user.py::User.save", "app/user.py::validate"]);
    let unbound = sandbox.json(&["callees", "validate"]);
    assert_eq!(unbound["unbound"][0]["target"], "unresolved:bool");
    assert_eq!(unbound["unresolved"], 1);
}

#[test]
fn impact_follows_references_and_says_over_what() {
    let sandbox = Sandbox::indexed();
    let impact = sandbox.json(&["impact", "validate"]);
    let handle = impact["results"].as_array().unwrap().iter().find(|hit| hit["name"] == "handle").unwrap();
    assert_eq!((&handle["depth"], &handle["via"]), (&2.into(), &"app/views.py::update".into()));
    let near = sandbox.json(&["impact", "validate", "--depth", "1"]);
    assert!(!ids(&near).contains(&"app/views.py::handle"), "{near}");
}

#[test]
fn find_puts_exact_names_first_and_filters() {
    let sandbox = Sandbox::indexed();
    let found = sandbox.json(&["find", "user"]);
    assert_eq!(found["results"][0]["name"], "User");
    for nothing in [&["find", "save", "--kind", "class"][..], &["find", "pda", "--prefix"]] {
        assert_eq!(sandbox.json_error(nothing, 1)["kind"], "not-found");
    }
    assert_eq!(ids(&sandbox.json(&["find", "u", "--prefix", "--file", "views"])), ["app/views.py::update"]);
}

#[test]
fn show_has_the_edges_of_a_definition() {
    let sandbox = Sandbox::indexed();
    let shown = sandbox.json(&["show", "app/user.py::User.save"]);
    let edges = shown["results"][0]["edges"].as_array().unwrap();
    assert!(edges.iter().any(|edge| edge["kind"] == "calls" && edge["target"] == "app/user.py::validate"));
    sandbox.run(&["show", "User.save"]).success().stdout(contains("calls app/user.py::validate  at line 6"));
}

#[test]
fn long_answers_are_cut_and_say_so() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["callers", "validate", "--limit", "1"]).success().stdout(contains("raise --limit (now 1)"));
    let cut = sandbox.json(&["callers", "validate", "--limit", "1"]);
    assert_eq!((ids(&cut).len(), &cut["truncated"]), (1, &true.into()));
    sandbox.run(&["find", "a", "--limit", "1"]).success().stdout(contains("raise --limit"));
}

#[test]
fn status_and_repos_say_what_is_stored() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["status"]).success().stdout(contains("shop\n")).stdout(contains("graph.redb"));
    let status = sandbox.json(&["status"]);
    assert_eq!(status["repositories"][0]["totals"]["files"], 2);
    sandbox.run(&["repos"]).success().stdout(contains("shop  version 1, 2 files"));
}

#[test]
fn javascript_and_typescript_are_read_too() {
    let sandbox = Sandbox::new();
    sandbox.write("web/a.ts", "export function greet(name: string): string { return name }\n");
    sandbox.write("web/b.tsx", "import { greet } from './a';\nexport const page = () => greet('x');\n");
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["callers", "greet"]).success().stdout(contains("web/b.tsx:2:"));
}
