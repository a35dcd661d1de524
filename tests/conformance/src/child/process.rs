//! The other process, from the side of who started it.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::{FAILED, FOLDER, LABEL, ROLE, SAID};
use crate::place::Place;
use crate::violation::{Outcome, Violation};

/// Another process that was started, and is killed when this is dropped.
pub struct Child {
    process: tokio::process::Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: Vec<String>,
    errors: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
    // Its end is how the other process learns of this one's.
    _input: Option<ChildStdin>,
}

// Of what the other process writes to its standard error, the last so many bytes are kept.
const ERRORS_KEPT: usize = 4_096;

impl Child {
    /// Starts a process that plays a role at a place. The role's words follow its name, parted by spaces.
    ///
    /// # Errors
    /// If it cannot be started.
    #[track_caller]
    pub fn start(place: &Place, role: &str) -> Outcome<Self> {
        let mut command = command(place)?;
        command.env(ROLE, role).env(FOLDER, place.folder()).env(LABEL, place.factory().name());
        // Of a crash, the words are wanted and not the frames.
        command.env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let failed = |error: String| Violation::new("the suite can start another process", error);
        let mut process = command.spawn().map_err(|error| failed(error.to_string()))?;
        let (Some(out), Some(err)) = (process.stdout.take(), process.stderr.take()) else {
            return Err(failed("it has no output".to_owned()));
        };
        let errors = Arc::new(Mutex::new(String::new()));
        let reader = tokio::spawn(keep_errors(err, Arc::clone(&errors)));
        let input = process.stdin.take();
        Ok(Self {
            process,
            lines: BufReader::new(out).lines(),
            said: Vec::new(),
            errors,
            reader,
            _input: input,
        })
    }

    /// The next line that it says; `None` when it has ended.
    ///
    /// # Errors
    /// The violation that it found.
    pub async fn line(&mut self) -> Outcome<Option<String>> {
        while let Ok(Some(line)) = self.lines.next_line().await {
            if let Some((_, found)) = line.split_once(FAILED) {
                let (demand, seen) = found.split_once("@@").unwrap_or((found, ""));
                return Err(Violation::new(demand, format!("{seen} (in another process)")));
            }
            if let Some((_, said)) = line.split_once(SAID) {
                self.said.push(said.to_owned());
                return Ok(Some(said.to_owned()));
            }
        }
        Ok(None)
    }

    /// Waits until it says this.
    ///
    /// # Errors
    /// The violation that it found, or that it ended before.
    pub async fn until(&mut self, awaited: &str) -> Outcome {
        while let Some(said) = self.line().await? {
            if said == awaited {
                return Ok(());
            }
        }
        Err(Violation::new("a process that uses a store does not end by itself", self.ending().await))
    }

    /// Lets it work for a while, and kills it as `kill -9` does. What it said in its life, to the last line.
    ///
    /// # Errors
    /// The violation that it found before.
    pub async fn kill_after(mut self, time: Duration) -> Outcome<Vec<String>> {
        tokio::time::sleep(time).await;
        // It may have ended by itself, which the lines tell.
        let _ = self.process.start_kill();
        let _ = self.process.wait().await;
        while self.line().await?.is_some() {}
        Ok(self.said)
    }

    /// Kills it as `kill -9` does.
    ///
    /// # Errors
    /// The violation that it found before.
    pub async fn kill(self) -> Outcome<Vec<String>> {
        self.kill_after(Duration::ZERO).await
    }

    /// Waits until it has ended in the way that its role means it to. What it said.
    ///
    /// # Errors
    /// The violation that it found, or that it crashed.
    pub async fn finish(mut self) -> Outcome<Vec<String>> {
        while self.line().await?.is_some() {}
        let status = self.process.wait().await;
        if status.is_ok_and(|status| status.success()) {
            return Ok(self.said);
        }
        Err(Violation::new("a process that uses a store does not crash", self.ending().await))
    }

    /// How it ended, in words.
    async fn ending(&mut self) -> String {
        let status =
            self.process.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
        // All of its errors are read once it has ended.
        let _ = (&mut self.reader).await;
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        format!("it ended ({status}) after saying {:?}; its errors: {}", self.said.last(), errors.trim())
    }
}

async fn keep_errors(mut from: ChildStderr, kept: Arc<Mutex<String>>) {
    let mut buffer = [0; 1_024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_str(&String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()));
        let over = kept.len().saturating_sub(ERRORS_KEPT);
        let cut = (over..kept.len()).find(|at| kept.is_char_boundary(*at)).unwrap_or(0);
        kept.drain(..cut);
    }
}

/// This program again. A shell starts it, so that the signal that comes with a file that grows too large is ignored:
/// to do that between fork and exec takes unsafe code.
fn command(place: &Place) -> Outcome<Command> {
    let program = std::env::current_exe()
        .map_err(|error| Violation::new("the suite can find its own program", error.to_string()))?;
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg("trap '' XFSZ 2>/dev/null; exec \"$0\" \"$@\"").arg(program);
        shell
    } else {
        Command::new(program)
    };
    match place.factory().child_test() {
        Some(test) => command.args(["--exact", test, "--nocapture", "--test-threads=1"]),
        None => command.args(std::env::args_os().skip(1)),
    };
    Ok(command)
}
