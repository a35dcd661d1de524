//! Questions about definitions: by place, by attribute, by what they inherit; and about what is missing.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::json;

use crate::sandbox::{Sandbox, ids};

const SHAPES: &str = "\
import enum

class Shape: ...
class Round(Shape): ...
class Flat(Shape): ...
class Disc(Round, Flat): ...
class Wrong(Shape, Disc): ...
class Colour(enum.Enum): ...

@cached
async def draw(): ...
";

fn shapes() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("shapes.py", SHAPES);
    sandbox.run(&["index", "."]).success();
    sandbox
}

#[test]
fn a_place_is_a_symbol_for_every_question() {
    let sandbox = Sandbox::indexed();
    for question in ["show", "callers", "callees", "impact"] {
        let answer = sandbox.json(&[question, "app/user.py:6"]);
        assert_eq!(answer["definitions"][0]["id"], "app/user.py::User.save", "{question}");
        assert_eq!(answer["symbol"], "app/user.py:6");
    }
    let path = sandbox.json(&["path", "views.py:11", "app/user.py:15:3"]);
    assert_eq!(path["results"][0]["length"], 2);
    assert_eq!(sandbox.json(&["bases", "user.py:1"])["definitions"][0]["id"], "app/user.py::User");
    sandbox
        .run(&["callers", "app/user.py:999"])
        .code(1)
        .stderr(contains("there is no definition at `app/user.py:999`"));
}

#[test]
fn a_place_may_be_seen_from_a_folder_inside_or_be_absolute() {
    let sandbox = Sandbox::indexed();
    sandbox.write("user.py", "def top(): ...\n");
    sandbox.run(&["index", "."]).success();
    let mut inside = sandbox.program();
    inside.current_dir(sandbox.root().join("app"));
    let output = inside.args(["show", "user.py:6", "--json"]).assert().success().get_output().clone();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["definitions"][0]["id"], "app/user.py::User.save");
    let absolute = format!("{}:5:3", sandbox.root().join("app/user.py").display());
    assert_eq!(sandbox.json(&["show", &absolute])["definitions"][0]["id"], "app/user.py::User");
}

#[test]
fn attributes_are_conditions_and_need_no_text() {
    let sandbox = shapes();
    assert_eq!(ids(&sandbox.json(&["find", "--attr", "async=true"])), ["shapes.py::draw"]);
    assert_eq!(ids(&sandbox.json(&["find", "--attr", "decorators=cached"])), ["shapes.py::draw"]);
    assert_eq!(ids(&sandbox.json(&["find", "dr", "--attr", "async", "--prefix"])), ["shapes.py::draw"]);
    sandbox.run(&["find", "--attr", "async=true", "--attr", "async=false"]).code(1);
    assert_eq!(ids(&sandbox.json(&["find", "--kind", "class", "--file", "shapes"])).len(), 6);
    sandbox.run(&["find"]).code(2).stderr(contains("give a part of a name"));
}

#[test]
fn bases_come_with_the_order_of_python() {
    let sandbox = shapes();
    let answer = sandbox.json(&["bases", "Disc"]);
    assert_eq!(ids(&answer), ["shapes.py::Round", "shapes.py::Flat", "shapes.py::Shape"]);
    let order = &answer["orders"][0];
    assert_eq!((&order["rule"], &order["end"]), (&json!("c3"), &json!("complete")));
    let classes: Vec<_> =
        order["classes"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(classes, ["Disc", "Round", "Flat", "Shape"]);
    assert_eq!(order["definition"], answer["definitions"][0]["id"]);
    sandbox
        .run(&["bases", "Disc"])
        .success()
        .stdout(contains("method resolution order\n  shapes.py::Disc\n"));

    sandbox
        .run(&["bases", "Wrong"])
        .success()
        .stdout(contains("there is no order: the bases of `shapes.py::Wrong` contradict each other"));
    let outside = sandbox.json(&["bases", "Colour"]);
    assert_eq!(outside["outside"][0]["target"], "unresolved:enum.Enum");
    assert_eq!((&outside["orders"][0]["end"], &outside["unresolved"]), (&json!("incomplete"), &json!(1)));
    sandbox.run(&["bases", "Colour"]).success().stdout(contains("`enum.Enum` is not in the repository"));
    sandbox.run(&["bases", "Shape"]).success().stdout(contains("it inherits from nothing"));
}

#[test]
fn a_base_that_is_computed_is_neither_listed_nor_a_class_of_the_order() {
    let sandbox = Sandbox::empty();
    let source = "from lib import make\nclass Known: pass\nclass Alone(make()): pass\nclass Both(Known, make(1).kind): pass\nclass Below(Both): pass\n";
    sandbox.write("a.py", source);
    sandbox.run(&["index", "."]).success();
    for (name, bases) in
        [("Alone", vec![]), ("Both", vec!["a.py::Known"]), ("Below", vec!["a.py::Both", "a.py::Known"])]
    {
        let answer = sandbox.json(&["bases", name]);
        assert_eq!(ids(&answer), bases);
        assert_eq!((&answer["outside"], &answer["unresolved"]), (&json!([]), &json!(0)), "{name}");
        let order = &answer["orders"][0];
        assert_eq!(order["end"], "incomplete", "{name}");
        assert_eq!(order["classes"].as_array().unwrap().len(), bases.len() + 1, "{name}");
        assert!(order["reason"].as_str().unwrap().contains("has a base that is computed"), "{name}");
    }
    sandbox
        .run(&["bases", "Alone"])
        .success()
        .stdout(contains("no class of this repository is known that it inherits from"))
        .stdout(contains("make()").not());
}

#[test]
fn subclasses_are_followed_to_any_depth_or_the_one_asked_for() {
    let sandbox = shapes();
    let all = sandbox.json(&["subclasses", "Shape"]);
    let expected = ["shapes.py::Flat", "shapes.py::Round", "shapes.py::Wrong", "shapes.py::Disc"];
    assert_eq!(ids(&all), expected);
    assert_eq!((&all["results"][3]["depth"], &all["results"][3]["site"]["line"]), (&json!(2), &json!(6)));
    assert_eq!(ids(&sandbox.json(&["subclasses", "Shape", "--depth", "1"])), expected[..3]);
    let cut = sandbox.json(&["subclasses", "Shape", "--limit", "2"]);
    assert_eq!((ids(&cut).len(), &cut["truncated"]), (2, &json!(true)));
    sandbox
        .run(&["subclasses", "Disc"])
        .success()
        .stdout(contains("1  shapes.py::Wrong  class at shapes.py:7"));
    sandbox.run(&["subclasses", "Colour"]).success().stdout(contains("nothing inherits from it"));
    sandbox.run(&["subclasses", "Shape", "--depth", "0"]).code(2);
}

#[test]
fn what_is_not_found_is_listed_and_counted() {
    let sandbox = Sandbox::indexed();
    let found = sandbox.json(&["unresolved"]);
    assert_eq!(found["references"], found["unresolved"]);
    let targets: Vec<_> =
        found["results"].as_array().unwrap().iter().map(|one| one["group"].clone()).collect();
    assert!(targets.contains(&json!("unresolved:*.find")), "{targets:?}");
    sandbox
        .run(&["unresolved", "find"])
        .success()
        .stdout(contains("*.find  calls in 1 file"))
        .stdout(contains("app/views.py:12:11"));
    let ambiguous = sandbox.json(&["unresolved", "--label", "ambiguous", "--by", "file"]);
    assert_eq!(
        (&ambiguous["results"][0]["group"], &ambiguous["ambiguous"]),
        (&json!("app/views.py"), &json!(1))
    );
    sandbox.run(&["dangling"]).success().stdout(contains("there is no such reference"));
    assert_eq!(sandbox.json(&["dangling"])["references"], 0);
}

#[test]
fn an_import_of_what_was_exported_has_the_same_unresolved_references() {
    let sandbox = Sandbox::indexed();
    sandbox.run(&["export", "--output", "../g.jsonl"]).success();
    let unresolved = sandbox.json(&["unresolved", "--label", "unresolved,ambiguous"])["results"].clone();
    sandbox.run(&["import", "../g.jsonl", "--repo", "copy"]).success();
    let copied = sandbox.json(&["unresolved", "--label", "unresolved,ambiguous", "--repo", "copy"]);
    assert_eq!(copied["results"], unresolved);
    assert_eq!(sandbox.json(&["dangling", "--repo", "copy"])["references"], 0);
}

#[test]
fn a_kind_of_definitions_that_nothing_has_is_named_with_those_that_there_are() {
    let sandbox = Sandbox::indexed();
    let error = sandbox.json_error(&["find", "save", "--kind", "nosuch"], 1);
    assert_eq!(error["message"], "no definition in `shop` is of the kind `nosuch`");
    assert_eq!(error["help"], "its kinds are class, function, method, module, variable");
    // One that there is, and nothing of that name.
    let error = sandbox.json_error(&["find", "nosuch", "--kind", "class"], 1);
    assert!(error["message"].as_str().unwrap().contains("meets these conditions"), "{error}");
}

#[test]
fn edges_to_nowhere_of_an_imported_graph_dangle() {
    let sandbox = Sandbox::indexed();
    let lines = sandbox.export().replace("\"target\":\"app/user.py::validate\"", "\"target\":\"gone.py::f\"");
    sandbox.write("g.jsonl", lines);
    sandbox.run(&["import", "g.jsonl", "--repo", "copy"]).success();
    let found = sandbox.json(&["dangling", "--repo", "copy"]);
    assert_eq!(found["results"][0]["group"], "gone.py::f", "{found}");
    assert_eq!(found["results"][0]["labels"]["dangling"], found["references"]);
    sandbox.run(&["dangling", "--repo", "copy"]).success().stdout(contains("gone.py::f"));
}

#[test]
fn statistics_count_by_language_kind_and_folder() {
    let sandbox = Sandbox::indexed();
    sandbox.write("web/a.ts", "export function greet(): string { return 'x' }\n");
    sandbox.run(&["index", "."]).success();
    let counts = sandbox.json(&["statistics"]);
    assert_eq!(counts["languages"]["python"]["files"], 2);
    assert_eq!(counts["languages"]["typescript"]["nodes_by_kind"]["function"], 1);
    assert_eq!(counts["nodes_by_kind"]["class"], 2);
    let edges = counts["edges_by_kind"].as_object().unwrap().values();
    let all: u64 = edges.map(|of_kind| of_kind["edges"].as_u64().unwrap()).sum();
    assert_eq!(json!(all), counts["totals"]["edges"]);
    let folders: Vec<_> =
        counts["folders"].as_array().unwrap().iter().map(|one| one["folder"].clone()).collect();
    assert_eq!(folders, ["app/", "web/"]);
    sandbox.run(&["statistics"]).success().stdout(contains("python")).stdout(contains("calls"));
}

#[test]
fn quiet_says_nothing_of_what_was_done_and_still_answers() {
    let sandbox = Sandbox::new();
    sandbox.run(&["-q", "index", "."]).success().stdout("").stderr("");
    assert_eq!(sandbox.json(&["-q", "index", "."])["found"], 2, "programs get what they asked for");
    sandbox.run(&["-q", "callers", "validate"]).success().stdout(contains("app/views.py"));
}

#[test]
fn a_second_repository_of_the_same_files_is_noted() {
    let sandbox = Sandbox::indexed();
    sandbox
        .run(&["index", "app"])
        .success()
        .stderr(contains("which is indexed as `shop`"))
        .stderr(contains("`codestrata remove app`"));
    sandbox.run(&["index", "app"]).success().stderr("");
    sandbox.run(&["index", "."]).success().stderr("");
    let sandbox = Sandbox::new();
    sandbox.run(&["index", "app"]).success().stderr("");
    sandbox.run(&["index", "."]).success().stderr(contains("which is indexed as `app`"));
}

#[test]
fn a_kind_of_edges_that_nobody_makes_is_named_where_nothing_was_found() {
    let sandbox = Sandbox::indexed();
    for question in ["cycles", "hotspots"] {
        let said = sandbox.text(&[question, "--kinds", "nosuch"]);
        assert!(
            said.contains("`nosuch` is no kind of the indexer's; those are calls, "),
            "{question}: {said}"
        );
    }
}

#[test]
fn questions_that_can_have_no_answer_are_refused_with_what_to_ask_instead() {
    let sandbox = Sandbox::indexed();
    for (question, what) in [("bases", "have bases"), ("subclasses", "have subclasses")] {
        let error = sandbox.json_error(&[question, "update"], 2);
        let message = format!("`update` is a function; only classes and the like {what}");
        assert_eq!(error["message"], message);
        assert!(error["help"].as_str().unwrap().contains("name a class"), "{error}");
        let error = sandbox.json_error(&[question, "name"], 2);
        assert_eq!(error["message"], format!("`name` is a variable; only classes and the like {what}"));
    }
    for attribute in ["", "=x"] {
        sandbox.run(&["find", "--attr", attribute]).code(2).stderr(contains("NAME=VALUE"));
    }
    for symbol in ["User.save", "app/user.py::User"] {
        sandbox.run(&["find", symbol]).code(1).stderr(contains(format!("`codestrata show {symbol}`")));
    }
    for place in ["app/user.py:0", "app/user.py:0:4", "app/user.py:5:0"] {
        sandbox.run(&["show", place]).code(1).stderr(contains("count from 1"));
    }
    let said = sandbox.run(&["changes", "--since", "9999-01-01"]).code(2);
    said.stderr(contains("that is still to come"));
    for (question, newest) in [("changes", "with --since 1 or lower"), ("metrics", "with --since 1 or lower")]
    {
        let error = sandbox.json_error(&[question, "--since", "99"], 1);
        assert_eq!(error["message"], "`shop` has no version 99 yet; the newest is 1", "{question}");
        assert!(error["help"].as_str().unwrap().contains(newest), "{error}");
    }
}

#[test]
fn a_name_in_the_middle_of_a_chain_is_found_where_it_stands() {
    let sandbox = Sandbox::empty();
    sandbox.write("c.py", "class C:\n    def first(self): pass\n    def second(self): pass\n");
    sandbox.write("b.py", "def k(o):\n    o.first.second.third()\n    return (o\n      .first\n        .second.third.fourth.fifth)\n");
    sandbox.run(&["index", "."]).success();
    for (name, places) in [("first", [(2, 7), (4, 8)]), ("second", [(2, 13), (5, 10)])] {
        let answer = sandbox.json(&["references", name]);
        let sites = answer["results"][0]["sites"].as_array().unwrap().iter();
        let found: Vec<_> =
            sites.map(|site| (site["line"].as_u64().unwrap(), site["column"].as_u64().unwrap())).collect();
        assert_eq!(found, places[..1], "one place of each text in a function: {answer}");
    }
}
