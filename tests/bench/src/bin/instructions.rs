//! Counts the instructions that hot pieces execute, with valgrind, and compares them with those that are kept in
//! `tests/bench/instructions.txt`.
//!
//! ```console
//! $ .ci/instructions          # compares
//! $ .ci/instructions --keep   # keeps what is counted now
//! ```
//!
//! Counts do not depend on what else the machine does, and hardly on the machine; they do on the compiler, which the
//! file names: those of another compiler are shown and not judged. Work on other threads is not counted, so pieces that use
//! some are left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use codestrata_bench::Outcome;
use codestrata_bench::pieces::{Measure, each};

/// The argument before the name of the piece that a process under valgrind runs.
const RUN: &str = "--run";

/// How often a piece is run while it is counted: its first times are not what it costs in the long run.
const TIMES: u32 = 200;
const TIMES_BEFORE: u32 = 20;

/// How far a count may lie from the one that is kept. Hash tables are seeded anew in each process.
const TOLERANCE: f64 = 0.05;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [RUN, name] => each(&mut Counted { wanted: name }).map(|()| true),
        [] => compare(),
        ["--keep"] => keep().map(|()| true),
        _ => Err("give nothing to compare, or --keep".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

/// Runs the piece of a name.
struct Counted<'a> {
    wanted: &'a str,
}

impl Measure for Counted<'_> {
    fn piece<T>(&mut self, name: &str, mut run: impl FnMut() -> T) {
        if name != self.wanted {
            return;
        }
        for _ in 0..TIMES_BEFORE {
            std::hint::black_box(run());
        }
        instructions_are_counted_here(&mut run);
    }

    fn prepared<S, T>(&mut self, _: &str, _: impl FnMut() -> S, _: impl FnMut(S) -> T) {}
}

/// Valgrind counts from where this begins to where it ends; it knows it by its name.
#[inline(never)]
fn instructions_are_counted_here<T>(run: &mut impl FnMut() -> T) {
    for _ in 0..TIMES {
        std::hint::black_box(run());
    }
}

/// The names of all pieces that can be counted.
#[derive(Default)]
struct Names(Vec<String>);

impl Measure for Names {
    fn piece<T>(&mut self, name: &str, _: impl FnMut() -> T) {
        self.0.push(name.to_owned());
    }

    fn prepared<S, T>(&mut self, _: &str, _: impl FnMut() -> S, _: impl FnMut(S) -> T) {}
}

/// The instructions of one run of a piece.
fn count(name: &str) -> Outcome<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*instructions_are_counted_here*")
        .arg(std::env::current_exe()?)
        .args([RUN, name])
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected =
        said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    match collected.map(str::parse::<u64>) {
        Some(Ok(count)) if count > 0 && output.status.success() => Ok(count / u64::from(TIMES)),
        _ => Err(format!("`{name}` was not counted: {said}").into()),
    }
}

fn kept_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// What compiled this, as far as it is known: the compiler that is found now.
fn compiler() -> Outcome<String> {
    let output = Command::new("rustc").arg("--version").output()?;
    Ok(format!("{} on {}", String::from_utf8(output.stdout)?.trim(), std::env::consts::ARCH))
}

fn counts() -> Outcome<Vec<(String, u64)>> {
    let mut names = Names::default();
    each(&mut names)?;
    names.0.into_iter().map(|name| count(&name).map(|count| (name, count))).collect()
}

fn keep() -> Outcome<()> {
    let mut text = format!("compiler: {}\n", compiler()?);
    for (name, count) in counts()? {
        println!("{count:>12}  {name}");
        writeln!(text, "{name}: {count}")?;
    }
    Ok(std::fs::write(kept_file(), text)?)
}

/// Says whether nothing is dearer than what is kept, and no name new or gone.
fn compare() -> Outcome<bool> {
    let text = std::fs::read_to_string(kept_file())?;
    let kept: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.rsplit_once(": ")).collect();
    let compiler = compiler()?;
    let is_judged = kept.get("compiler").is_some_and(|kept| *kept == compiler);
    let mut is_right = true;
    for (name, count) in counts()? {
        let before = kept.get(name.as_str()).and_then(|count| count.parse::<u32>().ok());
        let verdict = match (before, u32::try_from(count)) {
            (Some(before), Ok(now)) => {
                let ratio = f64::from(now) / f64::from(before);
                match ratio {
                    ratio if ratio > 1.0 + TOLERANCE => {
                        is_right = false;
                        format!("{ratio:.3}x of {before}: dearer")
                    }
                    ratio if ratio < 1.0 - TOLERANCE => {
                        format!("{ratio:.3}x of {before}: cheaper, to be kept with --keep")
                    }
                    ratio => format!("{ratio:.3}x of {before}"),
                }
            }
            _ => {
                is_right = false;
                "is new, to be kept with --keep".to_owned()
            }
        };
        println!("{count:>12}  {name}: {verdict}");
    }
    if !is_judged {
        println!("The counts that are kept are of another compiler: nothing is judged.");
    }
    Ok(is_right || !is_judged)
}
