//! An answer says when a file that it rests on is no longer what was indexed.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::json;

use crate::sandbox::Sandbox;

#[test]
fn a_changed_file_is_named_with_what_to_do() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["callers", "validate"]).success().stderr("");
    sandbox.write("app/views.py", "# nothing left\n");
    for question in [
        &["callers", "validate"][..],
        &["callees", "update"],
        &["impact", "validate"],
        &["show", "update"],
        &["find", "update"],
        &["path", "handle", "validate"],
        &["unresolved"],
    ] {
        let said = sandbox.run(question).success().stderr(contains("1 file that this answer rests on"));
        said.stderr(contains("app/views.py")).stderr(contains("run `codestrata index "));
        let answer = sandbox.json(question);
        assert_eq!(answer["stale"], json!([{ "file": "app/views.py", "state": "changed" }]), "{question:?}");
        assert_eq!(answer["freshness"], "checked");
        sandbox.run(&[question, &["--quiet"]].concat()).success().stderr("");
    }
    sandbox.run(&["show", "Group.save"]).success().stderr("");
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["callers", "validate"]).success().stderr("");
}

#[test]
fn a_file_that_is_gone_is_named_as_gone() {
    let sandbox = Sandbox::indexed();
    std::fs::remove_file(sandbox.root().join("app/views.py")).unwrap();
    sandbox.run(&["callers", "validate"]).success().stderr(contains("app/views.py (gone)"));
    assert_eq!(sandbox.json(&["callers", "validate"])["stale"][0]["state"], "vanished");
}

#[test]
fn it_is_said_once_that_the_folder_is_not_there() {
    let sandbox = Sandbox::empty();
    sandbox.write("one/a.py", "def f(): ...\n\n\ndef g():\n    f()\n");
    sandbox.run(&["index", "one"]).success();
    std::fs::rename(sandbox.root().join("one"), sandbox.root().join("two")).unwrap();
    let output = sandbox.run(&["callers", "f"]).success().get_output().clone();
    let said = crate::sandbox::stderr(&output);
    assert_eq!(
        said.matches("is not there: whether its files have changed is not known").count(),
        1,
        "{said}"
    );
    let answer = sandbox.json(&["callers", "f"]);
    assert_eq!((&answer["freshness"], &answer["stale"]), (&json!("unknown"), &json!([])));
    let remedy = "`codestrata index PATH --repo one --replace-root`";
    sandbox.run(&["metrics"]).code(1).stderr(contains(remedy));
}

#[test]
fn nothing_is_claimed_of_an_imported_graph() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["export", "--output", "g.jsonl"]).success();
    sandbox.run(&["import", "g.jsonl", "--repo", "copy"]).success();
    sandbox.write("app/views.py", "# nothing left\n");
    sandbox.run(&["callers", "validate", "--repo", "copy"]).success().stderr("");
    let answer = sandbox.json(&["callers", "validate", "--repo", "copy"]);
    assert_eq!((&answer["freshness"], &answer["stale"]), (&json!("unknown"), &json!([])));
}

#[test]
fn answers_about_the_whole_graph_say_it_of_the_files_that_they_name() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/user.py", "class Other: ...\n");
    for question in [&["dead", "--show", "all"][..], &["hotspots"], &["hotspots", "--by", "file"]] {
        let answer = sandbox.json(question);
        assert_eq!(answer["freshness"], "checked", "{question:?}");
        assert_eq!(answer["stale"][0]["file"], "app/user.py", "{question:?}: {answer}");
    }
    assert_eq!(sandbox.json(&["cycles"])["freshness"], "checked");
}

#[test]
fn a_changed_file_that_an_answer_does_not_name_is_counted_because_it_may_say_more_by_now() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/views.py", "def other():\n    Group()\n");
    for question in [
        &["callers", "Group"][..],
        &["references", "Group"],
        &["impact", "Group"],
        &["subclasses", "Group"],
        &["statistics"],
        &["dangling"],
        &["cycles"],
        &["draw", "Group", "--format", "mermaid"],
    ] {
        let said = sandbox.run(question).success();
        said.stderr(contains("1 file has changed since shop was indexed").and(contains("app/views.py")));
        let answer = sandbox.json(question);
        let expected = json!({
            "freshness": "checked",
            "changed": 1,
            "files": [{ "file": "app/views.py", "state": "changed" }],
        });
        assert_eq!(answer["tree"], expected, "{question:?}");
    }
    // Of what a class is nothing else says anything.
    sandbox.run(&["show", "Group"]).success().stderr("");
    assert!(sandbox.json(&["show", "Group"]).get("tree").is_none());
}

#[test]
fn a_file_that_was_only_touched_is_what_it_was() {
    let sandbox = Sandbox::indexed();
    let path = sandbox.root().join("app/views.py");
    let content = std::fs::read(&path).unwrap();
    std::fs::write(&path, content).unwrap();
    assert_eq!(sandbox.json(&["callers", "Group"])["tree"]["changed"], 0);
}

#[test]
fn what_is_not_found_may_stand_in_a_file_that_has_changed() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/views.py", "def newcomer(): pass\n");
    for question in [
        &["callers", "newcomer"][..],
        &["find", "newcomer"],
        &["path", "validate", "newcomer"],
        &["path", "validate", "handle"],
        &["show", "app/views.py:99"],
    ] {
        let error = sandbox.json_error(question, 1);
        assert_eq!(error["changed_files"], json!(["app/views.py"]), "{question:?} {error}");
        let help = error["help"].as_str().unwrap();
        assert!(help.contains("1 file has changed") && help.contains("codestrata index"), "{help}");
    }
    let said = crate::sandbox::stderr(sandbox.run(&["find", "newcomer"]).code(1).get_output());
    assert!(
        said.contains("\n      1 file has changed") && !said.contains("\\n"),
        "a line of its own: {said}"
    );
    let error = sandbox.json_error(&["callers", "nosuch", "--quiet"], 1);
    assert!(error["help"].is_string());
}

#[test]
fn figures_of_a_file_that_has_changed_are_not_told_from_what_was_kept_of_it() {
    let sandbox = Sandbox::empty();
    sandbox.write("a.py", "def f(x):\n    if x:\n        return 1\n    return 2\n");
    sandbox.write("b.py", "def g(x):\n    return 2\n");
    sandbox.run(&["index", "."]).success();
    assert_eq!(sandbox.json(&["metrics"])["results"].as_array().map(Vec::len), Some(2));
    sandbox.write("a.py", "def f(x):\n    return 3\n");
    let answer = sandbox.json(&["metrics"]);
    let names: Vec<_> = answer["results"].as_array().unwrap().iter().map(|hit| hit["id"].clone()).collect();
    assert_eq!(names, ["b.py::g"], "{answer}");
    assert_eq!(answer["left_out"], json!([{ "path": "a.py", "reason": "changed" }]), "{answer}");
    for question in [&["hot"][..], &["duplicates"], &["metrics", "--stored"], &["duplicates", "--stored"]] {
        assert_eq!(sandbox.json(question)["tree"]["changed"], 1, "{question:?}");
    }
    sandbox.run(&["index", "."]).success();
    assert_eq!(sandbox.json(&["metrics"])["results"].as_array().map(Vec::len), Some(2));
}
