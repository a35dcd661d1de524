//! Circles of files: what makes one, and where.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn a_step_has_the_line_on_which_it_stands() {
    let sandbox = Sandbox::empty();
    sandbox.write("a.py", "\n\nimport b\n");
    sandbox.write("b.py", "import a\n");
    sandbox.run(&["index", "."]).success();
    sandbox.run(&["cycles"]).success().stdout(contains("  a.py:3\n").and(contains("  b.py:1\n")));
    let answer = sandbox.json(&["cycles"]);
    assert_eq!(answer["results"][0]["witness"][0]["line"], 3, "{answer}");
}

#[test]
fn imports_in_functions_and_for_types_make_no_circle_unless_they_are_asked_for() {
    for late in [
        "def f():\n    import b\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b\n",
        "import typing\nif typing.TYPE_CHECKING:\n    import b\n",
    ] {
        let sandbox = Sandbox::empty();
        sandbox.write("a.py", late);
        sandbox.write("b.py", "import a\n");
        sandbox.run(&["index", "."]).success();
        let answer = sandbox.json(&["cycles"]);
        assert_eq!(answer["results"], serde_json::json!([]), "{late}");
        assert_eq!(answer["late_imports_left_out"], 1, "{late}");
        sandbox.run(&["cycles"]).success().stdout(contains("1 dependency by an import in a function"));
        let all = sandbox.json(&["cycles", "--late-imports"]);
        assert_eq!(
            (&all["results"][0]["size"], &all["late_imports_left_out"]),
            (&2.into(), &0.into()),
            "{late}"
        );
    }
}

#[test]
fn an_import_at_the_top_counts_beside_a_late_one() {
    let sandbox = Sandbox::empty();
    sandbox.write("a.py", "def f():\n    import b\n\nif True:\n    import b\n");
    sandbox.write("b.py", "import a\n");
    sandbox.run(&["index", "."]).success();
    let answer = sandbox.json(&["cycles"]);
    assert_eq!(answer["results"][0]["witness"][0]["line"], 5, "{answer}");
}

#[test]
fn what_is_imported_in_an_else_of_type_checking_counts() {
    let sandbox = Sandbox::empty();
    sandbox.write(
        "a.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    x = 1\nelse:\n    import b\n",
    );
    sandbox.write("b.py", "import a\n");
    sandbox.run(&["index", "."]).success();
    assert_eq!(sandbox.json(&["cycles"])["results"][0]["size"], 2);
}

#[test]
fn types_of_typescript_and_imports_that_are_calls_are_late() {
    for late in [
        "import type { B } from './b';\nexport const a = 1;\n",
        "export async function f() { await import('./b'); }\n",
        "export const a = () => require('./b');\n",
    ] {
        let sandbox = Sandbox::empty();
        sandbox.write("a.ts", late);
        sandbox.write("b.ts", "import './a';\nexport class B {}\n");
        sandbox.run(&["index", "."]).success();
        assert_eq!(
            sandbox.json(&["cycles", "--kinds", "imports"])["results"],
            serde_json::json!([]),
            "{late}"
        );
        let all = sandbox.json(&["cycles", "--kinds", "imports", "--late-imports"]);
        assert_eq!(all["results"][0]["size"], 2, "{late}");
    }
}
