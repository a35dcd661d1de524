//! `kill -9` at any moment of indexing leaves the old graph or the new one, and the next command works.
//!
//! `CODESTRATA_KILL_ROUNDS` raises the number of rounds, `CODESTRATA_KILL_SEED` repeats a failure.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::Sandbox;

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

#[test]
fn the_graph_is_the_old_or_the_new_one() {
    let rounds = number("CODESTRATA_KILL_ROUNDS", 8);
    let seed = number("CODESTRATA_KILL_SEED", 2026);
    let mut moments = Moments(seed);
    let sandbox = Sandbox::empty();

    // What the graph of each state is, and how long it takes to get there.
    let mut longest = Duration::ZERO;
    let graphs: Vec<String> = (0..2)
        .map(|state| {
            write_sources(&sandbox, state);
            let begun = Instant::now();
            sandbox.run(&["index", "."]).success();
            longest = longest.max(begun.elapsed());
            sandbox.export()
        })
        .collect();

    let mut stored = 1;
    let mut kills = 0;
    for round in 0..rounds {
        let context = format!("round {round} of seed {seed}");
        if round % 4 == 3 {
            // Now and then from nothing: the file itself is being made.
            std::fs::remove_dir_all(sandbox.root().join(".codestrata")).unwrap();
        }
        let is_new = !sandbox.root().join(".codestrata").exists();
        let next = 1 - stored;
        write_sources(&sandbox, next);
        let mut child = Command::new(env!("CARGO_BIN_EXE_codestrata"))
            .args(["index", "."])
            .current_dir(sandbox.root())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(longest.mul_f64(moments.next() * 1.1));
        child.kill().unwrap();
        kills += u32::from(!child.wait().unwrap().success());

        let output = sandbox.program().arg("export").output().unwrap();
        let found = String::from_utf8(output.stdout).unwrap();
        if output.status.success() {
            assert!(
                found == graphs[next] || (!is_new && found == graphs[stored]),
                "{context}: neither graph"
            );
        } else {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(is_new && said.contains("nothing is indexed here yet"), "{context}: {said}");
        }
        sandbox.run(&["index", "."]).success();
        assert!(sandbox.export() == graphs[next], "{context}: not the new graph after indexing again");
        stored = next;
    }
    println!("{kills} of {rounds} rounds were killed in time");
}
