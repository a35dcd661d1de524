//! For a backend's own tests: the same test program again, with one test only.
//!
//! That test does its work if [`store_of_child`] gives it a store, and nothing otherwise.
//!
//! ```no_run
//! use codestrata_conformance::child::own::{command, lines, say, store_of_child};
//!
//! // #[test]
//! fn child_writes() {
//!     let Some(path) = store_of_child() else { return };
//!     // … open the store at `path`, write to it …
//!     say("written");
//! }
//!
//! // #[test]
//! fn what_was_written_survives() -> std::io::Result<()> {
//!     let mut child = command("child_writes", "store".as_ref())?.spawn()?;
//!     assert_eq!(lines(&mut child).next().as_deref(), Some("written"));
//!     child.kill()
//! }
//! ```

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{SAID, print};

const STORE: &str = "CODESTRATA_TEST_STORE";

/// The store that this process was started for, if it was.
#[must_use]
pub fn store_of_child() -> Option<PathBuf> {
    std::env::var_os(STORE).map(PathBuf::from)
}

/// A command that runs one test of this program on a store. What it says can be read; what it writes to its standard
/// error is thrown away.
///
/// # Errors
/// If the path of this program cannot be found.
pub fn command(test: &str, store: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(STORE, store).stdout(Stdio::piped()).stderr(Stdio::null());
    Ok(command)
}

/// The lines that the test says, as they come.
pub fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out: Box<dyn Read> = match child.stdout.take() {
        Some(out) => Box::new(out),
        None => Box::new(io::empty()),
    };
    // The harness may have begun the line.
    let said = |line: String| line.split_once(SAID).map(|(_, said)| said.to_owned());
    BufReader::new(out).lines().map_while(io::Result::ok).filter_map(said)
}

/// Says a line to the parent.
pub fn say(line: impl Display) {
    print(SAID, line);
}
