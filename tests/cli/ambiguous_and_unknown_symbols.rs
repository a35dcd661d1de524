//! A symbol may mean several definitions, or none.

use std::fmt::Write;

use predicates::str::contains;

use crate::sandbox::{Sandbox, ids};

#[test]
fn several_definitions_answer_in_groups() {
    let sandbox = Sandbox::indexed();
    let text = sandbox.text(&["callers", "save"]);
    let group = text.find("app/user.py::Group.save  method").unwrap();
    let user = text.find("app/user.py::User.save  method").unwrap();
    let call = text.find("app/views.py:6:10").unwrap();
    assert!(group < user && user < call, "{text}");
    let answer = sandbox.json(&["callers", "save"]);
    assert_eq!(answer["definitions"].as_array().unwrap().len(), 2);
    assert_eq!((&answer["answered"], &answer["summary"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(answer["results"][0]["definition"], "app/user.py::User.save");
}

#[test]
fn calls_that_may_be_meant_are_counted_in_words() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["callers", "User.save"]).success().stdout(contains("1 more call of `save`"));
    assert_eq!(sandbox.json(&["callers", "save"])["ambiguous"], 1);
}

#[test]
fn the_end_of_a_qualified_name_and_filters_narrow() {
    let sandbox = Sandbox::indexed();
    assert_eq!(sandbox.json(&["show", "Group.save"])["results"][0]["id"], "app/user.py::Group.save");
    sandbox.write("web/group.py", "class Team:\n    def save(self): ...\n");
    sandbox.run(&["index", "."]).success();
    let narrowed = sandbox.json(&["callers", "save", "--file", "web/", "--kind", "method"]);
    assert_eq!(narrowed["definitions"][0]["id"], "web/group.py::Team.save");
    sandbox
        .run(&["callers", "save", "--kind", "class"])
        .code(1)
        .stderr(contains("leave --kind or --file out"));
}

#[test]
fn very_many_definitions_are_summed_up() {
    let sandbox = Sandbox::new();
    for module in ["one", "two"] {
        let mut text = String::new();
        for class in 0..10 {
            write!(text, "class C{class}:\n    def run(self): ...\n\n").unwrap();
        }
        sandbox.write(format!("{module}/jobs.py"), text);
    }
    sandbox.run(&["index", "."]).success();
    for command in ["callers", "callees", "impact", "show"] {
        sandbox
            .run(&[command, "run"])
            .success()
            .stdout(contains("run has 20 definitions"))
            .stdout(contains("10  one/"))
            .stdout(contains("--file and --kind"));
        let answer = sandbox.json(&[command, "run"]);
        assert_eq!(answer["summary"]["by_kind"]["method"], 20);
        assert_eq!((ids(&answer).len(), &answer["truncated"]), (0, &true.into()));
        let definitions = answer["definitions"].as_array().unwrap();
        assert_eq!((&answer["answered"], definitions.len()), (&false.into(), 10), "the first are named");
    }
    assert_eq!(
        sandbox.json(&["callers", "C3.run", "--file", "two"])["definitions"][0]["file"],
        "two/jobs.py"
    );
}

#[test]
fn an_unknown_symbol_offers_near_names() {
    let sandbox = Sandbox::indexed();
    for command in ["callers", "callees", "impact", "show"] {
        sandbox.run(&[command, "validat"]).code(1).stdout("").stderr(contains("did you mean `validate`?"));
    }
    let error = sandbox.json_error(&["callers", "validat"], 1);
    assert_eq!((&error["kind"], &error["similar"][0]), (&"not-found".into(), &"validate".into()));
}
