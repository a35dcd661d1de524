//! Maintenance removes what is left over, changes no answer, and may be stopped.

use std::process::{Command, Stdio};
use std::time::Duration;

use predicates::str::contains;

use crate::sandbox::Sandbox;

#[test]
fn it_reports_what_was_done_and_leaves_the_graph() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    sandbox
        .run(&["maintenance"])
        .success()
        .stdout(contains("analyses removed: 0 by age"))
        .stdout(contains("[storage]"))
        .stderr("");
    let report = sandbox.json(&["maintenance"]);
    assert_eq!((&report["generations"], &report["analyses_by_age"]), (&0.into(), &0.into()));
    assert_eq!(report["stores"][0]["store"], "storage");
    assert_eq!(report["store"]["backend"], "redb");
    assert_eq!(sandbox.export(), graph);
}

#[test]
fn it_gives_the_space_of_a_removed_repository_back() {
    let sandbox = Sandbox::indexed();
    let sources: Vec<String> =
        (0..3000).map(|n| format!("def function_{n}():\n    function_{}()\n", n / 2)).collect();
    sandbox.write("many.py", sources.concat());
    sandbox.run(&["index", ".", "--repo", "large"]).success();
    sandbox.run(&["remove", "large", "--yes"]).success();
    let bytes = || sandbox.json(&["status"])["disk_bytes"].as_u64().unwrap();
    let before = bytes();
    sandbox.run(&["maintenance"]).success();
    assert!(bytes() < before, "{} and {before} before", bytes());
}

#[test]
fn nothing_is_made_where_nothing_is_stored() {
    let sandbox = Sandbox::new();
    sandbox.run(&["maintenance"]).code(1).stderr(contains("nothing is indexed here yet"));
    assert!(!sandbox.root().join(".codestrata").exists());
}

#[test]
fn stopped_at_any_moment_it_leaves_the_graph() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    for milliseconds in [0, 2, 5, 10, 20, 40] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codestrata"));
        command
            .args(["maintenance"])
            .current_dir(sandbox.root())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        // It may have ended already, and then there is nobody to stop.
        let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
        let output = child.wait_with_output().unwrap();
        // Before it listens, the signal ends it as any program.
        assert!(matches!(output.status.code(), Some(0 | 130) | None), "{output:?}");
        assert_eq!(sandbox.export(), graph);
    }
}
