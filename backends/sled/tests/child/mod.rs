//! Another process of the same test program, for what can only be tried between processes.
//!
//! The parent runs its own program again with one test only; that test does its work if it finds the path of a
//! store in the environment, and nothing otherwise.

#![allow(clippy::unwrap_used, reason = "it fails the test that called it, which is what is wanted")]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use codestrata_core::{Backend, OpenMode, OpenRequest, Options, Result};

const STORE: &str = "CODESTRATA_TEST_STORE";

/// The store that this process was started for, if it was.
pub(crate) fn store_of_child() -> Option<PathBuf> {
    std::env::var_os(STORE).map(PathBuf::from)
}

/// A command that runs one test of this program on a store. What it prints can be read.
pub(crate) fn command(test: &str, store: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(STORE, store).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// The lines that the test prints, each of which begins with `>`.
pub(crate) fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The harness prints the name of the test in front of the first one.
    lines
        .map_while(std::io::Result::ok)
        .filter_map(|line| line.split_once('>').map(|(_, said)| said.to_owned()))
}

/// Says a line to the parent.
pub(crate) fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, ">{line}").unwrap();
    out.flush().unwrap();
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

pub(crate) async fn open(path: &Path, mode: OpenMode) -> Result<Arc<dyn Backend>> {
    let options = Options::new().with("path", path.display().to_string());
    codestrata_backend_sled::DESCRIPTOR.open(OpenRequest::new(options).mode(mode)).await
}

/// How often to repeat what is tried at random: `CODESTRATA_KILL_ROUNDS`, or a number that keeps the test short.
pub(crate) fn rounds() -> u64 {
    std::env::var("CODESTRATA_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(15)
}
