//! A limit on the size of files (`ulimit -f`) is a full medium: it is said, and what was stored stays.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

use crate::sandbox::Sandbox;

/// The bytes of the largest file in a folder, or of a file.
fn largest(path: &Path) -> u64 {
    let about = fs::metadata(path).unwrap();
    if about.is_file() {
        return about.len();
    }
    fs::read_dir(path).unwrap().map(|entry| largest(&entry.unwrap().path())).max().unwrap_or(0)
}

/// The program under a limit of so many bytes a file.
fn limited(sandbox: &Sandbox, bytes: u64, arguments: &[&str]) -> Command {
    let mut shell = Command::new("sh");
    // In units of 512 bytes, says POSIX.
    shell.args(["-c", "ulimit -f \"$0\"; exec \"$@\"", &(bytes / 512).to_string()]);
    shell.arg(env!("CARGO_BIN_EXE_codestrata")).args(arguments).current_dir(sandbox.root());
    shell
}

#[test]
fn a_write_beyond_the_limit_is_an_error_and_the_graph_is_as_before() {
    // sled cannot go on after a failed write, and says that.
    for (backend, kind) in [("redb", "full"), ("file", "full"), ("sled", "poisoned")] {
        let sandbox = Sandbox::new();
        sandbox.write(
            "codestrata.toml",
            format!("[storage]\nbackend = \"{backend}\"\n[storage.options]\npath = \"../store\"\n"),
        );
        sandbox.run(&["index", "."]).success();
        let before = sandbox.export();
        let room = largest(&sandbox.outside().join("store"));
        for number in 0..20 {
            let functions: Vec<String> = (0..200)
                .map(|one| format!("def function_{number}_{one}():\n    return other_{one}()\n"))
                .collect();
            sandbox.write(format!("app/f{number}.py"), functions.join("\n"));
        }
        let output = limited(&sandbox, room + 16 * 1024, &["--json", "index", "."]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{backend}: {:?} {said}", output.status);
        let error: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(error["error"]["kind"], kind, "{backend}: {said}");
        assert_eq!(sandbox.export(), before, "{backend}");
        sandbox.run(&["verify"]).success();
        sandbox.run(&["index", "."]).success();
        assert_ne!(sandbox.export(), before, "{backend}");
    }
}
