//! A file whose functions many others call is edited, deleted and restored: who calls them is the same as before, and
//! while it is gone nobody loses a call.

use std::fs;

use serde_json::Value;

use crate::sandbox::{Sandbox, ids};

const CALLERS: usize = 30;
const LIBRARY: &str = "def first(x):\n    return x\n\n\ndef second(x):\n    return first(x)\n";

fn many_callers() -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.write("lib/base.py", LIBRARY);
    for number in 0..CALLERS {
        let text = format!(
            "from lib.base import first, second\n\n\ndef use{number}():\n    first(1)\n    second(first(2))\n"
        );
        sandbox.write(format!("app/use{number}.py"), text);
    }
    sandbox.run(&["index", "."]).success();
    sandbox
}

fn callers(sandbox: &Sandbox, of: &str) -> Value {
    let mut answer = sandbox.json(&["callers", of, "--limit", "100"]);
    // The version moves with every edit.
    answer["version"] = Value::Null;
    answer
}

fn index(sandbox: &Sandbox) -> Value {
    sandbox.json(&["index", "."])
}

#[test]
fn callers_are_the_same_after_an_edit_a_deletion_and_the_return_of_a_file() {
    let sandbox = many_callers();
    let before = (callers(&sandbox, "first"), callers(&sandbox, "second"), sandbox.export());
    assert_eq!(ids(&before.0).len(), CALLERS + 1);
    assert_eq!(ids(&before.1).len(), CALLERS);
    let rows = before.2.lines().count();

    // Lines move, a body changes, a function comes: no caller is touched.
    sandbox.write("lib/base.py", format!("import os\n\n\ndef new():\n    os.getcwd()\n\n\n{LIBRARY}"));
    assert_eq!(index(&sandbox)["relinked"], 0);
    assert_eq!(ids(&callers(&sandbox, "first")), ids(&before.0));
    assert_eq!(ids(&callers(&sandbox, "second")), ids(&before.1));

    // Gone: the calls stand where they stood, unresolved.
    fs::remove_file(sandbox.root().join("lib/base.py")).unwrap();
    assert_eq!(index(&sandbox)["relinked"], CALLERS);
    sandbox.run(&["callers", "first"]).code(1);
    let unbound = sandbox.export().lines().filter(|line| line.contains("unresolved:lib.base")).count();
    assert_eq!(unbound, CALLERS * 5, "two imports and three calls a file");
    sandbox.run(&["verify"]).success();

    sandbox.write("lib/base.py", LIBRARY);
    assert_eq!(index(&sandbox)["relinked"], CALLERS);
    assert_eq!(callers(&sandbox, "first"), before.0);
    assert_eq!(callers(&sandbox, "second"), before.1);
    assert_eq!(sandbox.export(), before.2);
    assert_eq!(sandbox.export().lines().count(), rows);
    sandbox.run(&["verify"]).success();
}

#[test]
fn callers_follow_a_function_that_goes_away_and_returns_in_its_file() {
    let sandbox = many_callers();
    let before = (callers(&sandbox, "first"), sandbox.export());
    sandbox.write("lib/base.py", "def second(x):\n    return x\n");
    index(&sandbox);
    sandbox.run(&["callers", "first"]).code(1);
    assert_eq!(ids(&callers(&sandbox, "second")).len(), CALLERS);
    sandbox.write("lib/base.py", LIBRARY);
    index(&sandbox);
    assert_eq!((callers(&sandbox, "first"), sandbox.export()), before);
}

#[test]
fn callers_follow_a_file_to_another_folder_and_back() {
    let sandbox = many_callers();
    let before = (callers(&sandbox, "first"), sandbox.export());
    let move_to = |from: &str, to: &str| {
        fs::create_dir_all(sandbox.root().join(to).parent().unwrap()).unwrap();
        fs::rename(sandbox.root().join(from), sandbox.root().join(to)).unwrap();
        index(&sandbox);
    };
    move_to("lib/base.py", "other/base.py");
    assert_eq!(ids(&callers(&sandbox, "first")), ["other/base.py::second"], "imports name the old place");
    move_to("other/base.py", "lib/base.py");
    assert_eq!((callers(&sandbox, "first"), sandbox.export()), before);
}
