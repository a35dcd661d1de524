//! A program lists the engines that it was built with, and says how to get one that it was built without.
//!
//! It is a test program of its own, because it must run for every choice of features:
//! `cargo test -p codestrata-cli --no-default-features --features memory --test engines`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]
#![allow(dead_code, reason = "the sandbox serves the other tests too")]

mod sandbox;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::Sandbox;

/// Every engine that has a feature, and whether this program has it.
const ENGINES: [(&str, bool); 4] = [
    ("file", cfg!(feature = "file")),
    ("memory", cfg!(feature = "memory")),
    ("redb", cfg!(feature = "redb")),
    ("sled", cfg!(feature = "sled")),
];

fn linked() -> Vec<&'static str> {
    ENGINES.iter().filter(|(_, linked)| *linked).map(|(name, _)| *name).collect()
}

#[test]
fn what_was_linked_is_listed_and_nothing_else() {
    let answer = Sandbox::empty().json(&["backends"]);
    let names: Vec<_> =
        answer["backends"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, linked());
}

#[test]
fn an_engine_that_was_left_out_is_named_with_its_feature() {
    let sandbox = Sandbox::new();
    for (name, linked_in) in ENGINES {
        let options = if name == "memory" {
            String::new()
        } else {
            format!("[storage.options]\npath = \"g.{name}\"\n")
        };
        sandbox.write("c.toml", format!("[storage]\nbackend = \"{name}\"\n{options}"));
        for command in [&["--config", "c.toml", "index", "."][..], &["config", "check", "c.toml"]] {
            if linked_in {
                sandbox.run(command).success();
                continue;
            }
            let has = linked().join(", ");
            sandbox
                .run(command)
                .code(3)
                .stderr(contains("c.toml:2:11"))
                .stderr(contains(format!("no backend `{name}`")))
                .stderr(contains(format!("--features {name}")))
                .stderr(contains(if has.is_empty() { "no engine at all" } else { has.as_str() }))
                .stderr(contains("panicked").not());
            let error = sandbox.json_error(command, 3);
            assert!(error["help"].as_str().unwrap().contains(&format!("--features {name}")), "{error}");
        }
    }
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    let sandbox = Sandbox::empty();
    for name in linked() {
        sandbox.write("c.toml", format!("[storage]\nbackend = \"{name}x\"\n"));
        sandbox
            .run(&["config", "check", "c.toml"])
            .code(3)
            .stderr(contains(format!("did you mean `{name}`?")));
    }
}

#[test]
fn the_built_in_store_says_what_it_needs() {
    let sandbox = Sandbox::new();
    if cfg!(feature = "redb") {
        sandbox.run(&["index", "."]).success();
    } else {
        sandbox.run(&["index", "."]).code(4).stderr(contains("--features redb"));
        assert!(!sandbox.root().join(".codestrata").exists(), "nothing is made");
    }
}
