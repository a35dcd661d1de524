//! Ctrl-C stops `index` and `export`, and what was there stays.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::sandbox::{Sandbox, stderr};

fn write_sources(sandbox: &Sandbox, state: usize) {
    for file in 0..200 {
        let functions: Vec<String> =
            (0..60).map(|n| format!("def f{n}_{state}(x):\n    return f{}_{state}(x)\n", n / 2)).collect();
        sandbox.write(format!("m{file}.py"), functions.concat());
    }
}

#[test]
fn what_is_stored_stays() {
    let sandbox = Sandbox::empty();
    write_sources(&sandbox, 0);
    sandbox.run(&["index", "."]).success();
    let before = sandbox.export();
    write_sources(&sandbox, 1);
    // It may come too early, before it is listened for, or too late: then another moment is tried.
    for milliseconds in (10..400).step_by(10) {
        let child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
            .args(["index", "."])
            .current_dir(sandbox.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        let sent = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            Some(130) => {
                assert!(stderr(&output).contains("stopped; what is stored is unchanged"), "{output:?}");
                assert!(output.stdout.is_empty(), "{output:?}");
                assert_eq!(sandbox.export(), before);
                sandbox.run(&["index", "."]).success();
                return;
            }
            Some(0) => {
                assert!(sent.success() || !output.stdout.is_empty());
                std::fs::remove_dir_all(sandbox.root().join(".codestrata")).unwrap();
                write_sources(&sandbox, 0);
                sandbox.run(&["index", "."]).success();
                write_sources(&sandbox, 1);
            }
            None => assert_eq!(sandbox.export(), before),
            other => panic!("{other:?}: {output:?}"),
        }
    }
    panic!("no moment was between the first and the last step");
}

#[test]
fn an_export_leaves_no_half_of_a_file() {
    let sandbox = Sandbox::empty();
    write_sources(&sandbox, 0);
    sandbox.run(&["index", "."]).success();
    let whole = sandbox.export();
    for milliseconds in [5, 10, 20, 30, 50, 80, 120, 200] {
        sandbox.write("out/graph.jsonl", "old");
        let child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
            .args(["export", "--output", "out/graph.jsonl"])
            .current_dir(sandbox.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        // It may have ended already.
        Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
        let output = child.wait_with_output().unwrap();
        let found = std::fs::read_to_string(sandbox.root().join("out/graph.jsonl")).unwrap();
        match output.status.code() {
            Some(0) => assert!(found == whole),
            Some(130) => {
                assert!(stderr(&output).contains("stopped; out/graph.jsonl is unchanged") && found == "old");
            }
            None => assert_eq!(found, "old"),
            other => panic!("{other:?}: {output:?}"),
        }
        let files = std::fs::read_dir(sandbox.root().join("out")).unwrap().count();
        assert_eq!(files, 1, "after {milliseconds} ms");
    }
}
