//! What is called dead is dead; of what may be used it is said that it may be.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::sandbox::Sandbox;

/// Answers as `id: verdict` and, where there is one, the doubt.
fn found(answer: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let results = answer["results"].as_array().unwrap().iter();
    results
        .map(|hit| {
            let doubt = hit.get("doubt").map(|doubt| format!(", {}", text(doubt))).unwrap_or_default();
            format!("{}: {}{doubt}", text(&hit["id"]), text(&hit["verdict"]))
        })
        .collect()
}

/// What is answered for one file of Python.
fn of_python(source: &str) -> Vec<String> {
    let sandbox = Sandbox::empty();
    sandbox.write("a.py", source);
    sandbox.run(&["index", "."]).success();
    found(&sandbox.json(&["dead", "--show", "all"]))
}

#[test]
fn a_private_function_that_nothing_names_is_dead_and_so_is_what_only_it_calls() {
    let source = "def _unused():\n    _helper()\n\ndef _helper(): pass\n\ndef _used(): pass\n\n_used()\n";
    assert_eq!(of_python(source), ["a.py::_helper: dead", "a.py::_unused: dead"]);
}

#[test]
fn what_others_may_name_is_exported_and_unused() {
    let source = "def unused(): pass\n\nclass Thing:\n    def go(self): self._step()\n    def _step(self): pass\n\nThing()\n";
    assert_eq!(of_python(source), ["a.py::Thing.go: exported-unused", "a.py::unused: exported-unused"]);
}

#[test]
fn a_definition_whose_name_is_used_on_something_unknown_is_not_called_dead() {
    let source = "class _A:\n    def _go(self): pass\nclass _B:\n    def _go(self): pass\ndef f(x):\n    x._go()\n\nf(_A())\nf(_B())\n";
    assert_eq!(
        of_python(source),
        ["a.py::_A._go: unknown, name-is-used", "a.py::_B._go: unknown, name-is-used"]
    );
}

#[test]
fn a_method_that_a_base_from_elsewhere_may_call_is_not_called_dead() {
    let source = "from threading import Thread\n\nclass Work(Thread):\n    def _run(self): pass\n\nWork()\n";
    assert_eq!(of_python(source), ["a.py::Work._run: unknown, outside-base"]);
}

#[test]
fn what_may_be_read_by_a_name_that_is_made_is_not_called_dead() {
    let source = "class Commands:\n    def run(self, name):\n        getattr(self, '_do_' + name)()\n    def _do_x(self): pass\n\nCommands().run('x')\n";
    assert_eq!(of_python(source), ["a.py::Commands._do_x: unknown, read-by-name"]);
}

#[test]
fn overrides_mixins_special_methods_and_second_definitions_live_with_what_uses_them() {
    let source = "\
class Base:
    def run(self): self._hook()
    def _hook(self): pass

class Mixin:
    def _hook(self): pass

class Both(Mixin, Base):
    def __len__(self): return 0

class Over(Base):
    def _hook(self): pass

if 1:
    def _pick(): pass
else:
    def _pick(): pass

Both().run()
Over()
_pick()
";
    assert_eq!(of_python(source), [""; 0]);
}

#[test]
fn decorated_functions_and_tests_are_used() {
    let sandbox = Sandbox::empty();
    sandbox.write("a.py", "from web import route\n\n@route('/')\ndef _page(): pass\n\ndef _tested(): pass\n\n@property\ndef _odd(): pass\n");
    sandbox.write("tests/test_a.py", "from a import _tested\n\ndef test_it():\n    _tested()\n");
    sandbox.run(&["index", "."]).success();
    assert_eq!(found(&sandbox.json(&["dead"])), ["a.py::_odd: dead"]);
    // Without them the module of the tests still imports it, as any file would.
    let only = ["dead", "--show", "all", "--file", "a.py", "--only-roots", "--root", "*::_page"];
    let with_tests = found(&sandbox.json(&only));
    assert!(!with_tests.contains(&"a.py::_tested: dead".to_owned()), "{with_tests:?}");
    let without = found(&sandbox.json(&[&only[..], &["--without-tests"]].concat()));
    assert!(without.contains(&"a.py::_tested: dead".to_owned()), "{without:?}");
}

#[test]
fn roots_are_what_the_caller_says() {
    let sandbox = Sandbox::indexed();
    let all = ["dead", "--show", "all"];
    let default = found(&sandbox.json(&all));
    assert_eq!(default, ["app/user.py::Group: exported-unused", "app/views.py::handle: exported-unused"]);
    let rooted = found(&sandbox.json(&[&all[..], &["--root", "app/views.py", "--root", "Group*"]].concat()));
    assert_eq!(rooted, [""; 0]);
    let only = found(&sandbox.json(&[&all[..], &["--only-roots", "--root", "Group.save"]].concat()));
    assert_eq!(
        only,
        [
            "app/user.py::User: exported-unused",
            "app/user.py::validate: exported-unused",
            "app/views.py::handle: exported-unused",
            "app/views.py::update: exported-unused"
        ]
    );
}

#[test]
fn the_words_say_how_many_there_are_of_each() {
    let sandbox = Sandbox::indexed();
    let text = sandbox.text(&["dead"]);
    assert_eq!(text, "of 8 definitions: 0 dead, 2 exported and unused, 0 unknown\n");
    let text = sandbox.text(&["dead", "--show", "exported-unused", "--limit", "1"]);
    assert!(
        text.starts_with(
            "exported, and unused here\n  app/user.py::Group  class at app/user.py:9\n… and more"
        ),
        "{text}"
    );
    let answer = sandbox.json(&["dead"]);
    assert_eq!(answer["totals"]["exported_unused"], 2);
    assert_eq!((&answer["repository"], &answer["version"]), (&"shop".into(), &1.into()));
}

#[test]
fn a_kept_run_is_compared_with_the_last_one_that_was_asked_the_same() {
    let sandbox = Sandbox::empty();
    sandbox.write("a.py", "def _one(): pass\n\ndef _two(): pass\n");
    sandbox.run(&["index", "."]).success();
    let first = sandbox.json(&["dead", "--keep"]);
    assert_eq!((&first["run"]["version"], &first["previous"]), (&1.into(), &Value::Null));
    sandbox.write("a.py", "def _one(): pass\n\ndef _two(): pass\n\n_two()\n\ndef _three(): pass\n");
    sandbox.run(&["index", "."]).success();
    let other = sandbox.json(&["dead", "--keep", "--without-tests"]);
    assert_eq!(other["previous"], Value::Null, "another question");
    let second = sandbox.json(&["dead", "--keep", "--without-tests"]);
    assert_eq!(second["previous"]["id"], other["run"]["id"]);
    assert_eq!(second["difference"], serde_json::json!({"added": [], "removed": [], "changed": []}));
    let text = sandbox.text(&["dead", "--keep", "--without-tests"]);
    assert!(text.contains("nothing became unused, is used again or gone"), "{text}");
    let ids = [first["run"]["id"].as_str().unwrap(), other["run"]["id"].as_str().unwrap()];
    let difference = sandbox.json(&["analysis", "diff", ids[0], ids[1]]);
    assert_eq!(difference["added"][0]["id"], "a.py::_three", "{difference}");
    assert_eq!(difference["removed"][0]["id"], "a.py::_two", "{difference}");
    assert_eq!(found(&second), ["a.py::_one: dead", "a.py::_three: dead"]);
    let third = sandbox.json(&["dead", "--keep"]);
    assert_eq!(third["previous"]["id"], ids[0], "the newest that was asked the same, not the newest");
}

#[test]
fn a_root_a_kind_or_a_file_that_means_nothing_is_said() {
    let sandbox = Sandbox::indexed();
    let said = sandbox.run(&["dead", "--root", "nosuch", "--root", "handle"]).success();
    said.stderr(contains("fits --root `nosuch`").and(contains("`handle`").not()));
    let totals = &sandbox.json(&["dead", "--root", "nosuch", "--root", "app/views.py"])["totals"];
    assert_eq!(totals["unmatched_roots"], serde_json::json!(["nosuch"]), "{totals}");
    let totals = &sandbox.json(&["dead", "--kind", "class", "--kind", "nosuch"])["totals"];
    assert_eq!(totals["unmatched_kinds"], serde_json::json!(["nosuch"]), "{totals}");
    sandbox.run(&["dead", "--kind", "class", "--kind", "nosuch"]).success().stderr(contains("`nosuch`"));
    let error = sandbox.json_error(&["dead", "--kind", "nosuch"], 1);
    assert_eq!(error["message"], "there is no definition of the kind `nosuch`");
    let error = sandbox.json_error(&["dead", "--file", "nosuch/"], 1);
    assert_eq!(error["message"], "there is no definition in files with `nosuch/` in their path");
}

#[test]
fn an_imported_graph_of_an_indexed_folder_gives_the_same_answers() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/more.py", "class A:\n    def __len__(self): return 0\n    def _step(self): pass\n\nclass B(A):\n    pass\n\ndef g(x): x._go(x)\n\ndef _go(): pass\n\ndef _unused(): pass\n\ng(A())\n");
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["export", "--output", "g.jsonl"]).success();
    sandbox.run(&["import", "g.jsonl", "--repo", "copy"]).success();
    let own = found(&sandbox.json(&["dead", "--show", "all", "--file", "more", "--repo", "shop"]));
    assert_eq!(
        own,
        [
            "app/more.py::A._step: dead",
            "app/more.py::B: exported-unused",
            "app/more.py::_go: unknown, name-is-used",
            "app/more.py::_unused: dead",
        ]
    );
    assert_eq!(found(&sandbox.json(&["dead", "--show", "all", "--file", "more", "--repo", "copy"])), own);
}

#[test]
fn a_graph_that_states_edges_alone_says_of_nothing_that_it_is_dead() {
    let sandbox = Sandbox::empty();
    let node = |name: &str, kind: &str, line: u32| {
        let span = format!(
            r#"{{"start_byte":0,"end_byte":1,"start_line":{line},"end_line":{line},"start_column":0,"end_column":1}}"#
        );
        format!(
            r#"{{"node":{{"id":"{name}","name":"{name}","kind":"{kind}","file":"a.py","span":{span},"attributes":{{}}}}}}"#
        )
    };
    let edge = |source: &str, target: &str, kind: &str| {
        format!(r#"{{"edge":{{"source":"{source}","target":"{target}","kind":"{kind}","attributes":{{}}}}}}"#)
    };
    let lines = [
        r#"{"metadata":{"repo_id":"app"}}"#.to_owned(),
        node("A", "class", 1),
        node("__init__", "method", 2),
        node("_step", "method", 3),
        node("_unused", "function", 4),
        node("f", "function", 5),
        edge("A", "__init__", "contains"),
        edge("A", "_step", "contains"),
        edge("f", "A", "instantiates"),
    ];
    sandbox.write("g.jsonl", lines.join("\n"));
    sandbox.run(&["import", "g.jsonl"]).success();
    assert_eq!(
        found(&sandbox.json(&["dead", "--show", "all"])),
        ["_step: unknown, only-stated", "_unused: unknown, only-stated", "f: exported-unused"]
    );
}

/// What is answered for the variables of one file of Python.
fn variables_of_python(source: &str) -> Vec<String> {
    let sandbox = Sandbox::empty();
    sandbox.write("a.py", source);
    sandbox.run(&["index", "."]).success();
    found(&sandbox.json(&["dead", "--show", "all", "--kind", "variable"]))
}

#[test]
fn a_variable_that_overrides_a_member_of_a_base_is_used_where_that_is() {
    let source = "\
def helper(it): return 1

class Base:
    _size = 0
    _idle = 0
    def size(self): return self._size + self._made()
    def _made(self): return 0

class Big(Base):
    _size = 7
    _idle = 7
    _made = helper

print(Big().size())
";
    assert_eq!(variables_of_python(source), ["a.py::Base._idle: dead", "a.py::Big._idle: dead"]);
}

#[test]
fn a_variable_that_a_class_below_reads_is_used_in_the_class_beside_it() {
    let source = "\
class Left:
    _size = 1

class Right:
    _size = 2

class Both(Left, Right):
    def size(self): return self._size

print(Both().size())
";
    assert_eq!(variables_of_python(source), Vec::<String>::new());
}

#[test]
fn a_variable_that_a_base_from_elsewhere_may_read_is_not_called_dead() {
    let source =
        "from ctypes import Structure\n\nclass Point(Structure):\n    _fields_ = [('x', int)]\n\nPoint()\n";
    assert_eq!(variables_of_python(source), ["a.py::Point._fields_: unknown, outside-base"]);
}
