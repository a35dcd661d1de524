//! References, the graph around a definition, circles of files and hotspots, from the command line.

use predicates::str::contains;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

fn ids(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect()
}

#[test]
fn references_have_every_kind_and_can_be_asked_for_one() {
    let sandbox = Sandbox::indexed();
    let answer = sandbox.json(&["references", "User", "--kind", "class"]);
    assert_eq!(ids(&answer), ["app/user.py::validate", "app/views.py::<module>", "app/views.py::update"]);
    let kinds: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|hit| &hit["sites"][0]["kind"]).collect();
    assert_eq!(kinds, ["uses_type", "imports", "instantiates"]);
    let answer = sandbox.json(&["references", "User", "--kind", "class", "--kinds", "imports,uses_type"]);
    assert_eq!(ids(&answer), ["app/user.py::validate", "app/views.py::<module>"]);
    sandbox.run(&["references", "validate"]).success().stdout(contains("    calls app/views.py:7:5\n"));
    sandbox
        .run(&["references", "validate", "--kinds", "cals"])
        .success()
        .stdout(contains("`cals` is no kind of the indexer's; those are calls, "));
}

#[test]
fn a_subgraph_has_nodes_by_distance_and_the_edges_between_them() {
    let sandbox = Sandbox::indexed();
    let question = ["subgraph", "update", "--direction", "out", "--kinds", "calls,instantiates"];
    let answer = sandbox.json(&question);
    let near =
        ["app/views.py::update", "app/user.py::User", "app/user.py::User.save", "app/user.py::validate"];
    assert_eq!(ids(&answer), near);
    let between = answer["edges"].as_array().unwrap();
    let inner = between.iter().find(|edge| edge["source"] == "app/user.py::User.save").unwrap();
    assert_eq!((&inner["target"], &inner["count"]), (&"app/user.py::validate".into(), &1.into()));
    assert_eq!(answer.get("cut"), None, "everything was looked at");

    let cut = sandbox.json(&[&question[..], &["--max-nodes", "2"]].concat());
    assert_eq!((ids(&cut).len(), &cut["truncated"], &cut["cut"]), (2, &true.into(), &json!(["nodes"])));
    let near = sandbox.json(&["subgraph", "handle", "--direction", "out", "--kinds", "calls"]);
    assert_eq!((&near["truncated"], &near["cut"]), (&false.into(), &json!(["depth"])));
    sandbox.run(&["subgraph", "handle"]).success().stdout(contains("… and more beyond --depth"));
}

#[test]
fn impact_says_how_sure_the_way_is() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "c.py",
        "class Job:\n    def start(self): pass\n\ndef go(x):\n    x.start()\n\ndef top():\n    go(1)\n",
    );
    sandbox.run(&["index", "."]).success();
    let answer = sandbox.json(&["impact", "start"]);
    let sure: Vec<_> = answer["results"].as_array().unwrap().iter().map(|hit| &hit["weakest"]).collect();
    assert_eq!(
        (ids(&answer), sure),
        (vec!["c.py::go", "c.py::top"], vec![&json!("unique-name"), &json!("unique-name")])
    );
    sandbox.run(&["impact", "start"]).success().stdout(contains("via c.py::go  (unique-name)\n"));
    let answer = sandbox.json(&["impact", "top", "--direction", "out", "--kinds", "calls"]);
    assert_eq!(ids(&answer), ["c.py::go", "c.py::Job.start"]);
}

#[test]
fn callers_count_calls_of_the_method_that_is_overridden() {
    let sandbox = Sandbox::new();
    let source = "class Base:\n    def go(self): pass\n    def all(self):\n        self.go()\n        self.go()\n\nclass Sub(Base):\n    def go(self): pass\n";
    sandbox.write("c.py", source);
    sandbox.run(&["index", "."]).success();
    let answer = sandbox.json(&["callers", "Sub.go"]);
    assert_eq!(answer["through_bases"][0]["id"], "c.py::Base.go");
    assert_eq!(answer["through_bases"][0]["calls"], 2);
    assert_eq!(answer["through_bases"][0]["definition"], "c.py::Sub.go");
    sandbox.run(&["callers", "Sub.go"]).success().stdout(contains(
        "overrides: 2 calls of `c.py::Base.go` may mean `c.py::Sub.go`, which overrides it\n",
    ));
}

#[test]
fn a_path_can_go_against_its_edges() {
    let sandbox = Sandbox::indexed();
    let answer = sandbox.json(&["path", "validate", "handle", "--direction", "in"]);
    let steps = answer["results"][0]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 3);
    assert_eq!((steps[0].get("is_backwards"), &steps[1]["is_backwards"]), (None, &true.into()));
    sandbox
        .run(&["path", "validate", "handle", "--direction", "in"])
        .success()
        .stdout(contains("    ← calls app/views.py:7:5"));
}

#[test]
fn files_in_a_circle_come_with_one() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["cycles"]).success().stdout("no files depend on each other in a circle\n");
    sandbox.write("app/user.py", "from app.views import update\n\nclass User: pass\ndef validate(x): pass\n");
    sandbox.run(&["index", "."]).success();
    let answer = sandbox.json(&["cycles"]);
    assert_eq!(answer["results"][0]["files"], json!(["app/user.py", "app/views.py"]));
    assert_eq!(answer["results"][0]["witness"][0]["target"]["id"], "app/views.py::update");
    sandbox.run(&["cycles", "--kinds", "imports"]).success().stdout(contains(
        "2 files depend on each other, 2 direct dependencies; for example\n  app/user.py:1\n",
    ));
}

#[test]
fn hotspots_are_of_definitions_or_files() {
    let sandbox = Sandbox::indexed();
    let answer = sandbox.json(&["hotspots"]);
    assert_eq!((ids(&answer)[0], &answer["results"][0]["edges"]), ("app/user.py::validate", &2.into()));
    let answer = sandbox.json(&["hotspots", "--by", "file", "--kinds", "all"]);
    assert_eq!(
        (&answer["results"][0]["file"], &answer["results"][0]["files"]),
        (&"app/user.py".into(), &1.into())
    );
    sandbox
        .run(&["hotspots", "--limit", "1"])
        .success()
        .stdout(contains("app/user.py::validate"))
        .stdout(contains("… and more"));
}
