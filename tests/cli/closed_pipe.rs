//! `codestrata export | head -1` ends quietly.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::sandbox::Sandbox;

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::empty();
    let sources: Vec<String> =
        (0..3000).map(|n| format!("def function_{n}():\n    function_{}()\n", n / 2)).collect();
    sandbox.write("many.py", sources.concat());
    sandbox.run(&["index", "."]).success();
    for arguments in [
        &["export"][..],
        &["find", "function", "--limit", "100000"],
        &["find", "f", "--limit", "9999", "--json"],
        &["completions", "bash"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
            .args(arguments)
            .current_dir(sandbox.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut stdout = BufReader::with_capacity(100, child.stdout.take().unwrap());
        let mut start = [0; 10];
        stdout.read_exact(&mut start).unwrap();
        drop(stdout);
        let status = child.wait().unwrap();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
        assert_eq!((status.code(), first.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
