//! A repository id is any text, and never a path.

use std::fs;

use crate::sandbox::Sandbox;

#[test]
fn any_text_is_an_id() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    sandbox.write("graph.jsonl", &graph);
    let long = "long ".repeat(60);
    let ids = [
        "owner/name",
        "../../x",
        "/etc/passwd",
        " ",
        "Ünïcode ✓",
        "two\nlines",
        "-q",
        "a\u{1b}[31mb",
        "nul?*",
        &long,
    ];
    for id in ids {
        let option = format!("--repo={id}");
        sandbox.run(&["import", "graph.jsonl", &option]).success();
        let exported = sandbox.text(&["export", &option]);
        assert_eq!(exported.lines().skip(1).collect::<Vec<_>>(), graph.lines().skip(1).collect::<Vec<_>>());
        assert_eq!(sandbox.json(&["callers", "validate", &option])["repository"], id);
    }
    let repositories = sandbox.json(&["repos"])["repositories"].as_array().unwrap().len();
    assert_eq!(repositories, ids.len() + 1);
    assert!(!sandbox.text(&["repos"]).contains('\u{1b}'));

    let stored: Vec<_> = fs::read_dir(sandbox.root().join(".codestrata")).unwrap().collect();
    assert_eq!(stored.len(), 2, "the store and its .gitignore");
    assert!(!sandbox.outside().join("x").exists());
}

#[test]
fn an_empty_one_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.run(&["index", ".", "--repo", ""]).code(2);
    assert!(!sandbox.root().join(".codestrata").exists());
}
