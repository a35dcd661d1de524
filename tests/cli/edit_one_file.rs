//! An edit, a new file, a deletion: only that is read, and the graph is as if indexed anew.

use std::fs;

use predicates::str::contains;

use crate::sandbox::{Sandbox, ids};

/// The graph of the same sources, indexed in a store of its own.
fn indexed_anew(sandbox: &Sandbox) -> String {
    let anew = Sandbox::empty();
    for file in ["app/user.py", "app/views.py", "app/more.py"] {
        if let Ok(text) = fs::read(sandbox.root().join(file)) {
            anew.write(file, text);
        }
    }
    anew.run(&["index", "."]).success();
    anew.export()
}

#[test]
fn an_edited_file_is_read_alone() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/views.py", "from app.user import validate\n\ndef check(u):\n    validate(u)\n");
    let report = sandbox.json(&["index", "."]);
    assert_eq!(
        (&report["changed"], &report["parsed"], &report["unchanged"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert!(ids(&sandbox.json(&["callers", "validate"])).contains(&"app/views.py::check"));
    assert_eq!(sandbox.export(), indexed_anew(&sandbox));
}

#[test]
fn a_new_file_binds_what_was_open() {
    let sandbox = Sandbox::indexed();
    sandbox.write("app/more.py", "from app.views import handle\n\ndef serve():\n    handle(1, 2)\n");
    sandbox.run(&["index", "."]).success().stdout(contains("1 added, 0 changed, 0 removed"));
    assert_eq!(ids(&sandbox.json(&["callers", "handle"])), ["app/more.py::serve"]);
    assert_eq!(sandbox.export(), indexed_anew(&sandbox));
}

#[test]
fn a_deleted_file_is_gone() {
    let sandbox = Sandbox::indexed();
    fs::remove_file(sandbox.root().join("app/user.py")).unwrap();
    sandbox.run(&["index", "."]).success().stdout(contains("1 removed"));
    sandbox.run(&["show", "app/user.py::User"]).code(1);
    assert_eq!(sandbox.export(), indexed_anew(&sandbox));
}

#[test]
fn broken_and_unreadable_sources_are_survived_and_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("app/broken.py", "def good():\n    pass\n\ndef bad(:\n");
    sandbox.write("app/latin.py", b"name = '\xe9'\n");
    let report = sandbox.json(&["index", "."]);
    assert_eq!(report["syntax_errors"][0], "app/broken.py");
    assert_eq!(report["skipped"][0]["path"], "app/latin.py");
    sandbox.run(&["index", ".", "--rebuild"]).success().stdout(contains("app/latin.py"));
    sandbox.run(&["show", "good"]).success();
}
