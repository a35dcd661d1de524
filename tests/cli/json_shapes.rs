//! The documents that programs read.

use serde_json::Value;

use crate::sandbox::Sandbox;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_question_has_the_same_keys() {
    let sandbox = Sandbox::indexed();
    for question in [
        ["find", "save"],
        ["show", "save"],
        ["callers", "save"],
        ["callees", "save"],
        ["impact", "save"],
        ["bases", "User"],
        ["subclasses", "User"],
    ] {
        let answer = sandbox.json(&question);
        assert_eq!(answer["repository"], "shop", "{question:?}");
        assert_eq!(answer["version"], 1, "{question:?}");
        assert_eq!(answer["truncated"], false, "{question:?}");
        assert_eq!((&answer["freshness"], &answer["stale"]), (&"checked".into(), &Value::Array(Vec::new())));
        assert!(answer["ambiguous"].is_u64() && answer["unresolved"].is_u64(), "{question:?}");
        for result in answer["results"].as_array().unwrap() {
            assert!(result["line"].is_u64(), "{result}");
            for key in ["id", "name", "kind", "file"] {
                assert!(result[key].is_string(), "{question:?} {result}");
            }
        }
    }
}

#[test]
fn answers_about_symbols_say_for_which_definition() {
    let sandbox = Sandbox::indexed();
    for question in ["show", "callers", "callees", "impact"] {
        let answer = sandbox.json(&[question, "save"]);
        assert_eq!(answer["symbol"], "save");
        let ids: Vec<_> =
            answer["definitions"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        for result in answer["results"].as_array().unwrap() {
            assert!(ids.contains(&result["definition"]), "{result}");
        }
    }
}

#[test]
fn a_call_site_has_its_place_and_how_it_was_bound() {
    let sandbox = Sandbox::indexed();
    let answer = sandbox.json(&["callers", "validate"]);
    let site = &answer["results"][0]["sites"][0];
    assert_eq!(keys(site), ["column", "file", "kind", "line", "resolution"]);
    assert_eq!(site["resolution"], "exact");
}

#[test]
fn the_other_commands_answer_with_a_document_too() {
    let sandbox = Sandbox::indexed();
    let backends = sandbox.json(&["backends"]);
    let names: Vec<&str> =
        backends["backends"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.is_sorted() && names.contains(&"memory") && names.contains(&"redb"), "{names:?}");
    assert_eq!(sandbox.json(&["config", "check"])["valid"], true);
    assert!(sandbox.json(&["config", "show"])["toml"].as_str().unwrap().contains("backend = \"redb\""));
    assert_eq!(sandbox.json(&["repos"])["repositories"][0]["repository"], "shop");
    assert_eq!(sandbox.json(&["status"])["store"]["backend"], "redb");
    let statistics = sandbox.json(&["statistics"]);
    assert_eq!(
        keys(&statistics),
        [
            "edges_by_kind",
            "folders",
            "freshness",
            "languages",
            "nodes_by_kind",
            "repository",
            "stale",
            "totals",
            "tree",
            "truncated",
            "version"
        ]
    );
    let unresolved = sandbox.json(&["unresolved"]);
    assert_eq!(keys(&unresolved["results"][0]), ["files", "group", "kinds", "labels", "references", "sites"]);
    assert_eq!(
        keys(&unresolved["results"][0]["sites"][0]),
        ["column", "file", "kind", "line", "resolution", "target"]
    );
    assert_eq!(sandbox.json(&["export", "--output", "g.jsonl"])["files"], 2);
    let imported = sandbox.json(&["import", "g.jsonl", "--repo", "copy"]);
    assert_eq!((&imported["repository"], &imported["replaced"]), (&"copy".into(), &false.into()));
}

#[test]
fn errors_are_documents_with_the_same_exit_code() {
    let sandbox = Sandbox::indexed();
    assert_eq!(sandbox.json_error(&["show", "nope"], 1)["kind"], "not-found");
    assert_eq!(sandbox.json_error(&["status", "--bogus"], 2)["kind"], "usage");
    assert_eq!(sandbox.json_error(&["status", "--config", "nope.toml"], 3)["kind"], "not-found");
    assert_eq!(sandbox.json_error(&["index", "nope"], 5)["kind"], "invalid-argument");
}
