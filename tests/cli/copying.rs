//! Repositories go from one engine to another, and a copy that is killed goes on.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::sandbox::{Sandbox, stderr};

/// The engines that keep what is stored.
const ENGINES: [&str; 3] = ["file", "redb", "sled"];

/// Writes the configuration of a store, and gives its path.
fn configuration(sandbox: &Sandbox, engine: &str, name: &str) -> String {
    let path = sandbox.outside().join(format!("{name}.toml"));
    let text = format!("[storage]\nbackend = \"{engine}\"\n[storage.options]\npath = \"{name}.{engine}\"\n");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn export(sandbox: &Sandbox, config: &str) -> String {
    sandbox.text(&["--config", config, "export", "--repo", "shop"])
}

#[test]
fn every_engine_gives_a_repository_to_every_other() {
    let sandbox = Sandbox::new();
    for from in ENGINES {
        let source = configuration(&sandbox, from, &format!("from_{from}"));
        sandbox.run(&["--config", &source, "index", "."]).success();
        let graph = export(&sandbox, &source);
        for to in ENGINES {
            let target = configuration(&sandbox, to, &format!("{from}_to_{to}"));
            let report = sandbox.json(&["copy", "--from", &source, "--to", &target]);
            let one = &report["repositories"][0];
            assert_eq!(
                (&one["repository"], &one["replaced"]),
                (&"shop".into(), &false.into()),
                "{from} to {to}"
            );
            assert_eq!(one["digest"].as_str().map(str::len), Some(32));
            assert_eq!((&report["from"]["backend"], &report["to"]["backend"]), (&from.into(), &to.into()));
            assert_eq!(export(&sandbox, &target), graph, "{from} to {to}");
            // It is the same repository: nothing has to be read again.
            sandbox
                .run(&["--config", &target, "index", "."])
                .success()
                .stdout(contains("nothing changed in 2 files"));
        }
    }
}

#[test]
fn what_is_there_is_replaced_by_force_alone() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    let target = configuration(&sandbox, "file", "target");
    sandbox.run(&["copy", "--to", &target]).success().stdout(
        contains("shop: copied version 1").and(contains("the same in both")).and(contains("redb to file")),
    );
    sandbox.run(&["--config", &target, "index", "../shop", "--rebuild"]).success();
    let error = sandbox.json_error(&["copy", "--to", &target], 2);
    assert!(error["message"].as_str().unwrap().contains("`shop`"), "{error}");
    assert!(error["help"].as_str().unwrap().contains("--force"), "{error}");
    sandbox
        .run(&["copy", "--to", &target, "--force"])
        .success()
        .stdout(contains("in place of what was there"));
    assert_eq!(export(&sandbox, &target), graph);
}

#[test]
fn a_wrong_use_is_said_and_makes_nothing() {
    let sandbox = Sandbox::indexed();
    let target = configuration(&sandbox, "redb", "target");
    sandbox.run(&["copy", "--to", &target, "--repo", "nope"]).code(1).stderr(contains("`nope`"));
    sandbox.run(&["copy", "--to", "none.toml"]).failure().stderr(contains("none.toml"));
    sandbox.run(&["copy"]).code(2).stderr(contains("--to"));
    let same = configuration(&sandbox, "file", "same");
    sandbox.run(&["--config", &same, "index", "."]).success();
    sandbox.run(&["copy", "--from", &same, "--to", &same]).code(2).stderr(contains("one and the same"));
    let memory = sandbox.outside().join("memory.toml");
    fs::write(&memory, "[storage]\nbackend = \"memory\"\n").unwrap();
    sandbox.run(&["copy", "--to", memory.to_str().unwrap()]).code(4).stderr(contains("keeps nothing"));
    let empty = configuration(&sandbox, "file", "empty");
    sandbox.run(&["copy", "--from", &empty, "--to", &target]).code(1).stderr(contains("nothing is indexed"));
}

/// A moment from 0 to 1, another one each round, the same every time.
fn moment(round: u32) -> f64 {
    f64::from(round.wrapping_mul(2_654_435_769) >> 8) / f64::from(1_u32 << 24)
}

#[test]
fn a_copy_that_is_killed_leaves_nothing_to_be_seen_and_goes_on() {
    let rounds: u32 = std::env::var("CODESTRATA_KILL_ROUNDS").map_or(5, |rounds| rounds.parse().unwrap());
    let sandbox = Sandbox::empty();
    for file in 0..120 {
        let functions: Vec<String> =
            (0..40).map(|n| format!("def f{n}(x):\n    return f{}(x)\n\n", n / 2)).collect();
        sandbox.write(format!("m{file}.py"), functions.concat());
    }
    for (from, to) in [("redb", "file"), ("file", "sled"), ("sled", "redb")] {
        let source = configuration(&sandbox, from, &format!("killed_from_{from}"));
        sandbox.run(&["--config", &source, "index", ".", "--repo", "shop"]).success();
        let graph = export(&sandbox, &source);
        let probe = configuration(&sandbox, to, &format!("probe_{to}"));
        let begun = Instant::now();
        sandbox.run(&["copy", "--from", &source, "--to", &probe]).success();
        let time = begun.elapsed();
        let mut killed = 0;
        for round in 0..rounds {
            let target = configuration(&sandbox, to, &format!("killed_{from}_{to}_{round}"));
            let mut child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
                .args(["copy", "--from", &source, "--to", &target])
                .current_dir(sandbox.root())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            std::thread::sleep(time.mul_f64(moment(round)));
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            let seen =
                sandbox.program().args(["--config", &target, "export", "--repo", "shop"]).output().unwrap();
            if seen.status.success() {
                assert!(
                    String::from_utf8(seen.stdout).unwrap() == graph,
                    "{from} to {to}: half a graph was seen"
                );
            } else {
                assert!(!output.status.success(), "{}", stderr(&output));
                killed += 1;
                sandbox.run(&["copy", "--from", &source, "--to", &target]).success();
                assert!(export(&sandbox, &target) == graph, "{from} to {to}, round {round}");
            }
            sandbox.run(&["--config", &target, "maintenance"]).success();
            assert!(export(&sandbox, &target) == graph, "{from} to {to}, round {round}");
        }
        assert!(killed > 0, "{from} to {to}: no kill came in time");
    }
}

#[test]
fn ctrl_c_stops_a_copy_and_the_same_command_goes_on() {
    let sandbox = Sandbox::indexed();
    let graph = sandbox.export();
    for milliseconds in (0..200).step_by(10) {
        let target = configuration(&sandbox, "redb", &format!("stopped_{milliseconds}"));
        let child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
            .args(["copy", "--to", &target])
            .current_dir(sandbox.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        // It may have ended already.
        Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            Some(0) => {}
            Some(130) => {
                assert!(stderr(&output).contains("goes on from here"), "{output:?}");
                sandbox.run(&["copy", "--to", &target]).success();
            }
            None => sandbox
                .run(&["copy", "--to", &target])
                .success()
                .get_output()
                .status
                .success()
                .then_some(())
                .unwrap(),
            other => panic!("{other:?}: {output:?}"),
        }
        assert_eq!(export(&sandbox, &target), graph);
    }
}
