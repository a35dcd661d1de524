//! Packages of others are read when that is asked for, and the program says which.

use predicates::str::contains;

use crate::sandbox::Sandbox;

const SITE: &str = ".venv/lib/python3.12/site-packages";

fn with_packages() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", ".venv\nnode_modules\n");
    sandbox.write("app/net.py", "import requests\n\ndef fetch():\n    requests.get('x')\n");
    sandbox.write(format!("{SITE}/requests/__init__.py"), "def get(url): pass\n");
    sandbox.write(format!("{SITE}/unused.py"), "def nobody(): pass\n");
    sandbox
}

#[test]
fn the_choice_is_named_and_remembered() {
    let sandbox = with_packages();
    let first = sandbox.json(&["index", "."]);
    assert_eq!((&first["dependencies"], &first["found"]), (&"exclude".into(), &3.into()));
    sandbox
        .run(&["index", ".", "--dependencies", "smart"])
        .success()
        .stdout(contains(format!("packages smart: 1 package\n  {SITE}/requests\n")));
    let again = sandbox.json(&["index", "."]);
    assert_eq!((&again["dependencies"], &again["unchanged"]), (&"smart".into(), &4.into()));
    assert_eq!(again["packages"], serde_json::json!([format!("{SITE}/requests")]));
    sandbox
        .run(&["index", ".", "--dependencies", "all"])
        .success()
        .stdout(contains(format!("packages all: 1 folder of packages\n  {SITE}\n")));
    assert_eq!(sandbox.json(&["index", ".", "--dependencies", "exclude"])["removed"], 2);
    assert_eq!(sandbox.json(&["index", "."])["found"], 3);
}

#[test]
fn questions_lead_into_the_packages() {
    let sandbox = with_packages();
    sandbox.run(&["index", ".", "--dependencies", "smart"]).success();
    sandbox.run(&["path", "fetch", "get"]).success().stdout(contains("calls app/net.py:4:14  (import)"));
}

#[test]
fn that_there_are_none_is_said() {
    let sandbox = Sandbox::new();
    for (choice, said) in
        [("smart", "the sources import none that is installed"), ("all", "there is no folder of packages")]
    {
        sandbox.run(&["index", ".", "--dependencies", choice]).success().stdout(contains(said));
    }
    sandbox.run(&["index", ".", "--dependencies", "some"]).code(2).stderr(contains("exclude, smart, all"));
}
