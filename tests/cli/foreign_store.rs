//! A file of another program is never taken for a store, and never changed.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn it_is_refused_and_left_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox.write("c.toml", "[storage]\nbackend = \"redb\"\n[storage.options]\npath = \"photo.png\"\n");
    for content in [&b"\x89PNG\r\n\x1a\n and so on"[..], b"", &[0; 9000]] {
        sandbox.write("photo.png", content);
        for command in [&["index", "."][..], &["status"], &["callers", "save"]] {
            sandbox
                .run(&[&["--config", "c.toml"], command].concat())
                .code(4)
                .stderr(contains("photo.png").and(contains("name another path")))
                .stderr(contains("panicked").not());
        }
        assert_eq!(fs::read(sandbox.root().join("photo.png")).unwrap(), content);
    }
}

#[test]
fn a_damaged_store_is_an_error_and_no_panic() {
    let sandbox = Sandbox::indexed();
    let path = sandbox.root().join(".codestrata/graph.redb");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    for command in [&["callers", "save"][..], &["index", "."]] {
        sandbox.run(command).code(4).stderr(contains("error:")).stderr(contains("RUST_BACKTRACE").not());
    }
}
