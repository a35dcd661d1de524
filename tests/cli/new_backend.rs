//! `new-backend` writes a crate that is right at once, and overwrites nothing.

use std::fs;

use predicates::str::contains;

use crate::cargo;
use crate::sandbox::Sandbox;

#[test]
fn the_crate_is_formatted_has_no_warnings_and_passes_the_suite() {
    let sandbox = Sandbox::empty();
    // The longest name, and words of Rust in it: nothing may depend on either.
    let name = format!("fn-self-{}", "x".repeat(37));
    let folder = cargo::workshop("new-backend");
    let path = folder.to_str().unwrap();
    sandbox.run(&["new-backend", &name, "--path", path]).success().stdout(contains("cargo test"));
    cargo::lock(&folder);
    cargo::succeed(&folder, &["fmt", "--check"]);
    cargo::succeed(&folder, &["clippy", "--all-targets", "--", "-D", "warnings"]);
    let tests = cargo::succeed(&folder, &["test"]);
    let passed = tests.lines().filter(|line| line.ends_with(" ... ok")).count();
    assert!(passed > 100, "{passed} tests: {tests}");
    assert!(!tests.contains(" ... ignored"), "{tests}");
}

#[test]
fn the_answer_says_what_was_written() {
    let sandbox = Sandbox::empty();
    let answer = sandbox.json(&["new-backend", "my-engine"]);
    assert_eq!(answer["name"], "my-engine");
    assert_eq!(answer["crate"], "codestrata-backend-my-engine");
    assert_eq!(answer["folder"], "my-engine");
    let folder = sandbox.root().join("my-engine");
    let files = answer["files"].as_array().unwrap();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let text = fs::read_to_string(folder.join(file.as_str().unwrap())).unwrap();
        assert!(!text.is_empty() && text.ends_with('\n') && !text.ends_with("\n\n"), "{file}");
    }
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"codestrata-backend-my-engine\""), "{manifest}");
    let core = cargo::checkout().join("core");
    assert!(manifest.contains(&format!("path = \"{}\"", core.display())), "{manifest}");
    assert!(manifest.contains("\n[workspace]\n"), "a workspace around it would claim it: {manifest}");
}

#[test]
fn the_checkout_to_build_with_can_be_named() {
    let sandbox = Sandbox::empty();
    let checkout = cargo::checkout();
    sandbox.run(&["new-backend", "one", "--source", checkout.to_str().unwrap()]).success();
    sandbox
        .run(&["new-backend", "two", "--source", "."])
        .code(5)
        .stderr(contains(". is no checkout of codestrata"))
        .stderr(contains("host/cli"));
    assert!(!sandbox.root().join("two").exists());
}

#[test]
fn what_is_there_is_never_overwritten() {
    let sandbox = Sandbox::empty();
    sandbox.write("used/notes.txt", "mine");
    sandbox
        .run(&["new-backend", "used"])
        .code(5)
        .stderr(contains("the folder used is not empty"))
        .stderr(contains("--path"));
    assert_eq!(fs::read_dir(sandbox.root().join("used")).unwrap().count(), 1);
    sandbox
        .run(&["new-backend", "demo", "--path", "used/notes.txt"])
        .code(5)
        .stderr(contains("is not a folder"));
    assert_eq!(fs::read_to_string(sandbox.root().join("used/notes.txt")).unwrap(), "mine");
    // A clone of an empty repository has nothing of its own yet.
    sandbox.write("clone/.git/HEAD", "ref: refs/heads/main\n");
    sandbox.run(&["new-backend", "clone"]).success();
}

#[test]
fn a_name_that_would_not_do_is_refused_with_one_that_would() {
    let sandbox = Sandbox::empty();
    for (name, help) in [
        ("My_Engine", "such as `my-engine`"),
        ("3", "begins with a letter"),
        ("codestrata-backend-demo", "codestrata new-backend demo"),
        ("redb", "choose another name"),
        (&"n".repeat(46), "at most 45"),
    ] {
        sandbox.run(&["new-backend", name]).code(2).stderr(contains(help));
    }
    assert_eq!(fs::read_dir(sandbox.root()).unwrap().count(), 0);
}
