//! Running cargo, so that Ctrl-C ends it and what it says is seen.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Deserialize;

use super::metadata::Metadata;
use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::interrupt::Stop;

/// How often it is looked whether cargo has ended, or Ctrl-C was pressed.
const LOOK: Duration = Duration::from_millis(20);

/// The cargo of this machine.
pub(super) struct Cargo {
    program: OsString,
    /// What it builds for, as it names it.
    host: String,
    /// Whether a person sees what it does, while it does it.
    shows: bool,
    json: bool,
    stop: Stop,
}

/// What a run of it left.
struct Finished {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// Where what it says goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voice {
    /// To us, and on to the person if there is one.
    Heard,
    /// To the person alone, with the colours and the bar of a terminal.
    Direct,
}

/// One line of what `cargo build` reports to programs.
#[derive(Deserialize)]
struct Report {
    executable: Option<PathBuf>,
}

impl Cargo {
    /// Finds it.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn find(settings: &Settings) -> Result<Self, Failure> {
        let stop = Stop::listen(|| {});
        let wants = io::stderr().is_terminal() || settings.verbose > 0;
        let shows = wants && !settings.json && !settings.quiet;
        // Set by cargo itself, where it runs this program.
        let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut cargo = Self { program, host: String::new(), shows, json: settings.json, stop };
        let version = cargo.run(&["-vV".as_ref()], Voice::Heard)?;
        let host = version.stdout.lines().find_map(|line| line.strip_prefix("host: "));
        match host {
            Some(host) if version.status.success() => host.clone_into(&mut cargo.host),
            _ => return Err(cargo.failed("cargo does not run", version.stderr)),
        }
        Ok(cargo)
    }

    /// What a manifest is resolved to; or what cargo says, when it cannot be.
    ///
    /// # Errors
    /// When cargo cannot be run, or was interrupted.
    pub(super) fn metadata(&self, manifest: &Path) -> Result<Result<Metadata, String>, Failure> {
        self.read_metadata(manifest, &["--filter-platform".as_ref(), self.host.as_ref()])
    }

    /// What a manifest says, its dependencies not looked for.
    ///
    /// # Errors
    /// As [`metadata`](Self::metadata).
    pub(super) fn manifest(&self, manifest: &Path) -> Result<Result<Metadata, String>, Failure> {
        self.read_metadata(manifest, &["--no-deps".as_ref()])
    }

    fn read_metadata(&self, manifest: &Path, more: &[&OsStr]) -> Result<Result<Metadata, String>, Failure> {
        let mut arguments: Vec<&OsStr> = vec!["metadata".as_ref(), "--format-version=1".as_ref()];
        arguments.extend_from_slice(&["--manifest-path".as_ref(), manifest.as_os_str()]);
        arguments.extend_from_slice(more);
        let finished = self.run(&arguments, Voice::Heard)?;
        if !finished.status.success() {
            return Ok(Err(finished.stderr));
        }
        let metadata = serde_json::from_str(&finished.stdout);
        metadata.map(Ok).map_err(|error| {
            Failure::new(
                Code::Store,
                "internal",
                format!("the answer of `cargo metadata` is not understood: {error}"),
            )
            .with_help("use a newer cargo")
        })
    }

    /// Builds the program of a manifest, and says where it is.
    ///
    /// # Errors
    /// When it cannot be built.
    pub(super) fn build(
        &self,
        manifest: &Path,
        target: Option<&Path>,
        is_debug: bool,
    ) -> Result<PathBuf, Failure> {
        let mut arguments: Vec<&OsStr> =
            vec!["build".as_ref(), "--manifest-path".as_ref(), manifest.as_os_str()];
        arguments.push("--message-format=json-render-diagnostics".as_ref());
        if !is_debug {
            arguments.push("--release".as_ref());
        }
        if let Some(target) = target {
            arguments.extend_from_slice(&["--target-dir".as_ref(), target.as_os_str()]);
        }
        let finished = self.run(&arguments, if self.shows { Voice::Direct } else { Voice::Heard })?;
        if !finished.status.success() {
            return Err(self.failed("cargo could not build the program", finished.stderr));
        }
        let reports = finished.stdout.lines().filter_map(|line| serde_json::from_str::<Report>(line).ok());
        reports.filter_map(|report| report.executable).next_back().ok_or_else(|| {
            Failure::new(Code::Store, "internal", "cargo built the program and does not say where it is")
        })
    }

    /// What is said when cargo failed, after its own words.
    pub(super) fn failed(&self, message: &str, said: String) -> Failure {
        if !self.json && !self.shows {
            // If stderr is closed there is nobody to tell.
            let _ = anstream::stderr().write_all(said.as_bytes());
        }
        let failure = Failure::input(message).with_detail("cargo", said);
        if self.json { failure } else { failure.with_help("cargo says why above") }
    }

    fn run(&self, arguments: &[&OsStr], voice: Voice) -> Result<Finished, Failure> {
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(if voice == Voice::Direct { Stdio::inherit() } else { Stdio::piped() });
        let mut child = command.spawn().map_err(|error| {
            let program = Path::new(&self.program).display();
            Failure::new(Code::Store, "unavailable", format!("cargo cannot be run ({program}): {error}"))
                .with_help("install Rust, from https://rustup.rs, or say where cargo is with the environment variable CARGO")
        })?;
        let stdout = child.stdout.take().map(|from| listen(from, false));
        let stderr = child.stderr.take().map(|from| listen(from, self.shows));
        let status = self.wait(&mut child)?;
        Ok(Finished { status, stdout: heard(stdout), stderr: heard(stderr) })
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus, Failure> {
        let lost = |error: io::Error| {
            Failure::new(Code::Store, "internal", format!("cargo cannot be waited for: {error}"))
        };
        loop {
            if let Some(status) = child.try_wait().map_err(lost)?.filter(|_| !self.stop.is_asked()) {
                return Ok(status);
            }
            if self.stop.is_asked() {
                // At a terminal it was told so too, and may have ended.
                let _ = child.kill();
                let _ = child.wait();
                return Err(Stop::failure("what was built before"));
            }
            thread::sleep(LOOK);
        }
    }
}

/// Reads what a child says to its end, and passes it on if somebody wants to see it.
fn listen(mut from: impl Read + Send + 'static, passes_on: bool) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let (mut all, mut piece) = (Vec::new(), [0; 8192]);
        // An error here is the end as well.
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let new = piece.get(..length).unwrap_or_default();
            all.extend_from_slice(new);
            if passes_on {
                let _ = io::stderr().write_all(new);
            }
        }
        all
    })
}

fn heard(listener: Option<JoinHandle<Vec<u8>>>) -> String {
    let bytes = listener.and_then(|listener| listener.join().ok()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
