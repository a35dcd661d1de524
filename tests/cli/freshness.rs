//! An answer says when a file that it rests on is no longer what was indexed.

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
