//! `kill -9` at any moment of indexing leaves the old graph or the new one on every engine that keeps graphs, and the
//! next command works.
//!
//! sled promises this too: the program's commits are `strongest`, which sled flushes, and what was flushed survives the
//! end of the process. It does not survive a loss of power as the others do, and nothing here pulls a plug.
//!
//! `CODESTRATA_KILL_ROUNDS` raises the number of rounds, `CODESTRATA_KILL_SEED` repeats a failure.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::{Sandbox, stderr};

/// Moments from 0 to 1, the same for the same seed (splitmix64).
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Sources of one state: all of them change from one to the next.
fn write_sources(sandbox: &Sandbox, state: usize) {
    for file in 0..150 {
        let functions: Vec<String> = (0..10)
            .map(|f| format!("def f{f}(x):\n    f{}(x)\n    x.run_{state}()\n\n", (f + state) % 10))
            .collect();
        let text = format!("from m0 import f0\n\n{}", functions.concat());
        sandbox.write(format!("m{file}.py"), text);
    }
}

/// A project of two states on one engine.
struct Trial {
    engine: &'static str,
    sandbox: Sandbox,
    /// The graph of each state.
    graphs: [String; 2],
    /// How long it takes to get to one, at most.
    time: Duration,
    moments: Moments,
    kills: u32,
}

impl Trial {
    /// Both states, the second of which is stored.
    fn begin(engine: &'static str) -> Self {
        let sandbox = Sandbox::empty();
        let config =
            format!("[storage]\nbackend = \"{engine}\"\n[storage.options]\npath = \"store/graph\"\n");
        std::fs::write(sandbox.outside().join("codestrata.toml"), config).unwrap();
        let mut time = Duration::ZERO;
        let graphs = [0, 1].map(|state| {
            write_sources(&sandbox, state);
            let begun = Instant::now();
            sandbox.run(&["index", "."]).success();
            time = time.max(begun.elapsed());
            sandbox.export()
        });
        assert!(graphs[0] != graphs[1]);
        let moments = Moments(number("CODESTRATA_KILL_SEED", 2026));
        Self { engine, sandbox, graphs, time, moments, kills: 0 }
    }

    /// The folder in which the store lies, and nothing else.
    fn folder(&self) -> PathBuf {
        self.sandbox.outside().join("store")
    }

    /// Indexes and kills that at a part of the time that it takes. Whether it was done before.
    fn index_and_kill(&mut self, part: f64) -> bool {
        let mut child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
            .args(["index", "."])
            .current_dir(self.sandbox.root())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(self.time.mul_f64(part));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        let is_killed = output.status.signal().is_some();
        self.kills += u32::from(is_killed);
        assert!(is_killed || output.status.success(), "{}: {}", self.engine, stderr(&output));
        if !is_killed && part < 1.0 {
            // It takes less than that now: the machine was busier before.
            self.time = self.time.mul_f64(part);
        }
        !is_killed
    }

    /// The graph as a process that only reads finds it, or what that process says.
    fn found(&self) -> Result<String, String> {
        let output = self.sandbox.program().arg("export").output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(stderr(&output))
        }
    }

    /// After the kill: indexing again brings the graph of this state, and leaves nothing beside the store.
    fn complete(&self, state: usize, context: &str) {
        self.sandbox.run(&["index", "."]).success();
        assert!(
            self.found().as_ref() == Ok(&self.graphs[state]),
            "{context}: not the graph of a clean build"
        );
        let left: Vec<_> =
            std::fs::read_dir(self.folder()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, ["graph"], "{context}: beside the store");
    }
}

/// Kills an `index` that replaces one graph by another. What comes next is by turns a reader and a writer.
fn replace_and_kill(engine: &'static str) {
    let rounds = number("CODESTRATA_KILL_ROUNDS", 5);
    let mut trial = Trial::begin(engine);
    let mut stored = 1;
    for round in 0..rounds {
        let context = format!("{engine}, round {round} of seed {}", number("CODESTRATA_KILL_SEED", 2026));
        let next = 1 - stored;
        write_sources(&trial.sandbox, next);
        let part = trial.moments.next() * 1.1;
        let is_done = trial.index_and_kill(part);

        let is_swept = round % 2 == 1;
        if is_swept {
            trial.sandbox.run(&["maintenance"]).success();
        }
        let found = trial.found().unwrap_or_else(|said| panic!("{context}: {said}"));
        assert!(found == trial.graphs[next] || found == trial.graphs[stored], "{context}: neither graph");
        assert!(!is_done || found == trial.graphs[next], "{context}: an acknowledged graph is gone");
        assert!(trial.found() == Ok(found), "{context}: a second reader finds another graph");
        trial.complete(next, &context);
        stored = next;
    }
    println!("{engine}: {} of {rounds} were killed in time", trial.kills);
}

/// Kills an `index` that makes the store, more often early, while there is least.
fn make_and_kill(engine: &'static str) {
    let rounds = number("CODESTRATA_KILL_ROUNDS", 5);
    let mut trial = Trial::begin(engine);
    let mut nothing = 0;
    for round in 0..rounds {
        let context = format!("{engine}, round {round} of seed {}", number("CODESTRATA_KILL_SEED", 2026));
        std::fs::remove_dir_all(trial.folder()).unwrap();
        let part = trial.moments.next().powi(2) * 1.1;
        let is_done = trial.index_and_kill(part);
        match trial.found() {
            Ok(found) => assert!(found == trial.graphs[1], "{context}: a part of the graph"),
            Err(said) => {
                assert!(!is_done && said.contains("nothing is indexed here yet"), "{context}: {said}");
                nothing += 1;
            }
        }
        trial.complete(1, &context);
    }
    println!("{engine}: {} of {rounds} were killed in time, {nothing} left nothing", trial.kills);
}

#[test]
fn on_file_the_graph_is_the_old_or_the_new_one() {
    replace_and_kill("file");
}

#[test]
fn on_redb_the_graph_is_the_old_or_the_new_one() {
    replace_and_kill("redb");
}

#[test]
fn on_sled_the_graph_is_the_old_or_the_new_one() {
    replace_and_kill("sled");
}

#[test]
fn on_file_a_first_index_leaves_nothing_or_the_graph() {
    make_and_kill("file");
}

#[test]
fn on_redb_a_first_index_leaves_nothing_or_the_graph() {
    make_and_kill("redb");
}

#[test]
fn on_sled_a_first_index_leaves_nothing_or_the_graph() {
    make_and_kill("sled");
}
