//! The program with `sqlite` in it: the backend is one of its list, and gives the same graph as the others.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::Path;
use std::process::Command;

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shop");

/// Runs the program in a folder; what it printed.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_codestrata-with-sqlite"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CODESTRATA_CONFIG")
        .output()
        .unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {said}{complained}");
    said.into_owned()
}

/// The graph of the shop, indexed into a store on this backend and read in another process.
fn export(engine: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("[storage]\nbackend = \"{engine}\"\n\n[storage.options]\npath = \"graph\"\n");
    fs::write(folder.path().join("codestrata.toml"), text).unwrap();
    run(folder.path(), &["index", SHOP, "--repo", "shop"]);
    assert!(folder.path().join("graph").exists(), "the store is where the configuration says");
    run(folder.path(), &["export", "--repo", "shop"])
}

#[test]
fn the_backend_is_listed_beside_the_programs_own() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(folder.path(), &["backends"]);
    for name in ["file", "memory", "redb", "sled", "sqlite"] {
        assert!(said.lines().any(|line| line.trim_start().starts_with(name)), "{name}: {said}");
    }
}

#[test]
fn one_tree_is_one_graph_on_sqlite_and_on_redb() {
    let (ours, theirs) = (export("sqlite"), export("redb"));
    assert!(ours.lines().count() > 50, "the shop has more than that: {ours}");
    assert_eq!(ours, theirs);
}
