//! How one definition leads to another, and why not.

use predicates::str::contains;
use serde_json::Value;

use crate::sandbox::Sandbox;

/// The ids of the steps of one path.
fn steps(path: &Value) -> Vec<&str> {
    path["steps"].as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap()).collect()
}

#[test]
fn every_step_has_the_place_of_its_call_and_how_it_was_bound() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["path", "handle", "validate"])
        .success()
        .stdout(contains(
            "app/views.py::handle  function at app/views.py:10\n    calls app/views.py:11:5  (exact)\n",
        ))
        .stdout(contains("    calls app/views.py:7:5  (import)\napp/user.py::validate  function"))
        .stderr("");
    let answer = sandbox.json(&["path", "handle", "validate"]);
    let path = &answer["results"][0];
    assert_eq!(steps(path), ["app/views.py::handle", "app/views.py::update", "app/user.py::validate"]);
    assert_eq!((&path["length"], &path["end"]), (&2.into(), &"found".into()));
    assert_eq!(path["steps"][0]["sites"], Value::Array(Vec::new()));
    assert_eq!(path["steps"][1]["sites"][0]["resolution"], "exact");
    assert_eq!((&answer["repository"], &answer["version"]), (&"shop".into(), &1.into()));
    assert_eq!(answer["from"]["definitions"][0]["id"], "app/views.py::handle");
    assert_eq!(answer["kinds"], serde_json::json!(["calls", "instantiates"]));
}

#[test]
fn a_name_with_several_definitions_is_answered_for_each() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["path", "handle", "save"])
        .success()
        .stdout(contains("app/views.py::handle to app/user.py::User.save, 2 steps"))
        .stdout(contains("no path from app/views.py::handle to app/user.py::Group.save"));
    let answer = sandbox.json(&["path", "handle", "save"]);
    let ends: Vec<_> = answer["results"].as_array().unwrap().iter().map(|one| one["end"].clone()).collect();
    assert_eq!(ends, ["none", "found"]);
}

#[test]
fn very_many_definitions_are_refused_and_not_guessed_from() {
    let sandbox = Sandbox::new();
    let classes: Vec<String> = (0..11).map(|n| format!("class C{n}:\n    def run(self): ...\n\n")).collect();
    sandbox.write("jobs.py", classes.concat());
    sandbox.run(&["index", "."]).success();
    sandbox
        .run(&["path", "run", "validate"])
        .code(2)
        .stdout("")
        .stderr(contains("`run` has 11 definitions, too many to try each"))
        .stderr(contains("`jobs.py::C0.run`"));
    assert_eq!(sandbox.json_error(&["path", "handle", "run"], 2)["definitions"], 11);
    sandbox
        .run(&["draw", "run", "--format", "mermaid"])
        .code(2)
        .stdout("")
        .stderr(contains("11 definitions"));
}

#[test]
fn a_definition_leads_to_itself_in_no_step() {
    let sandbox = Sandbox::indexed();
    let answer = sandbox.json(&["path", "validate", "validate"]);
    assert_eq!((steps(&answer["results"][0]).len(), &answer["results"][0]["length"]), (1, &0.into()));
}

#[test]
fn that_there_is_none_is_told_from_that_a_limit_was_hit() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["path", "handle", "Group.save"])
        .code(1)
        .stdout("")
        .stderr(contains("there is no path from `handle` to `Group.save`\n"))
        .stderr(contains("3 references on the way could not be bound"))
        .stderr(contains("--kinds all"));
    let error = sandbox.json_error(&["path", "handle", "Group.save"], 1);
    assert_eq!((&error["kind"], &error["end"]), (&"no-path".into(), &"none".into()));
    sandbox
        .run(&["path", "handle", "validate", "--depth", "1"])
        .code(1)
        .stderr(contains(
            "no path from `handle` to `validate` within 1 step; longer ones were not looked for",
        ))
        .stderr(contains("raise --depth"));
    let error = sandbox.json_error(&["path", "handle", "validate", "--depth", "1"], 1);
    assert_eq!((&error["kind"], &error["end"]), (&"limit".into(), &"depth-limit".into()));
    let error = sandbox.json_error(&["path", "handle", "validate", "--max-nodes", "1"], 1);
    assert_eq!((&error["kind"], &error["end"]), (&"limit".into(), &"node-limit".into()));
}

#[test]
fn a_path_the_other_way_is_pointed_out() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["path", "validate", "handle"])
        .code(1)
        .stderr(contains("there is one the other way: `codestrata path handle validate`"));
}

#[test]
fn other_kinds_of_edges_are_followed_when_they_are_named() {
    let sandbox = Sandbox::indexed();
    let from = "app/views.py::<module>";
    sandbox.run(&["path", from, "User"]).code(1);
    for kinds in ["imports", "all", "calls,imports"] {
        let answer = sandbox.json(&["path", from, "User", "--kinds", kinds]);
        assert_eq!(answer["results"][0]["steps"][1]["sites"][0]["kind"], "imports", "{kinds}");
    }
    // What contains a node does not depend on it; it is followed only by its name.
    sandbox.run(&["path", "User", "User.save", "--kinds", "all"]).code(1);
    sandbox.run(&["path", "User", "User.save", "--kinds", "contains"]).success();
    sandbox.run(&["path", "handle", "User", "--kinds", "call"]).code(1).stderr(contains("`call` is no kind"));
}

#[test]
fn an_unknown_end_offers_near_names() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["path", "handle", "validat"]).code(1).stderr(contains("did you mean `validate`?"));
    sandbox.run(&["path", "handel", "validate"]).code(1).stderr(contains("did you mean `handle`?"));
}
