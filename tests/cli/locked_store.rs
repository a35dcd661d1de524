//! One process writes at a time; others may read meanwhile.

use std::process::{Child, Command, Stdio};

use codestrata::{StorageConfig, StorageManager};
use codestrata_backend_redb as _;
use predicates::str::contains;

use crate::sandbox::Sandbox;

/// The store of a sandbox, held open for writing by this process.
fn hold(sandbox: &Sandbox, runtime: &tokio::runtime::Runtime) -> StorageManager {
    let path = sandbox.root().join(".codestrata/graph.redb").display().to_string();
    runtime.block_on(StorageManager::open(StorageConfig::new("redb").option("path", path))).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn questions_are_answered_while_another_process_writes() {
    let sandbox = Sandbox::indexed();
    let expected = sandbox.text(&["callers", "validate"]);
    let runtime = runtime();
    let held = hold(&sandbox, &runtime);
    assert_eq!(sandbox.text(&["callers", "validate"]), expected);
    sandbox.run(&["status"]).success();
    sandbox.run(&["export"]).success();
    runtime.block_on(held.close()).unwrap();
}

#[test]
fn a_second_writer_is_told_who_holds_it() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    sandbox.write("graph.jsonl", graph);
    let runtime = runtime();
    let held = hold(&sandbox, &runtime);
    let holder = format!("in process {}", std::process::id());
    for command in [
        &["index", "."][..],
        &["import", "graph.jsonl"],
        &["remove", "shop", "--yes"],
        &["maintenance"],
        &["analysis", "gc"],
    ] {
        sandbox
            .run(command)
            .code(4)
            .stderr(contains("is open for writing elsewhere"))
            .stderr(contains("help: wait until it is done there"));
        if cfg!(target_os = "linux") {
            sandbox.run(command).code(4).stderr(contains(&holder));
        }
        assert_eq!(sandbox.json_error(command, 4)["kind"], "locked");
    }
    runtime.block_on(held.close()).unwrap();
    sandbox.run(&["index", "."]).success();
}

#[test]
fn of_two_that_index_at_once_each_finishes_or_says_why_not() {
    let sandbox = Sandbox::new();
    let start = || -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codestrata"));
        command.args(["index", "."]).current_dir(sandbox.root());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for _ in 0..5 {
        let both = [start(), start(), start()];
        let mut done = 0;
        for child in both {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.code() {
                Some(0) => done += 1,
                Some(4) => assert!(said.contains("is open") || said.contains("try again"), "{said}"),
                other => panic!("{other:?}: {said}"),
            }
        }
        assert!(done > 0);
        sandbox.run(&["callers", "validate"]).success();
        std::fs::remove_dir_all(sandbox.root().join(".codestrata")).unwrap();
    }
}
