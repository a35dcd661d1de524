//! After any sequence of edits, what is found with what was kept is what is found without it.
//!
//! `CODESTRATA_SEEDS` says how many sequences, `CODESTRATA_SEED` repeats one of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, in what its functions share too"
)]

mod support;

use codestrata::{AnalysisQuery, AnalysisStorage};
use codestrata_analyse::duplicates::{DuplicateOptions, Duplicates};
use codestrata_analyse::metrics::Metrics;
use codestrata_index::Language;
use support::{Project, REPOSITORY};

/// A small generator: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

const FILES: [&str; 8] = ["a.py", "b.py", "pkg/c.py", "pkg/d.py", "e.js", "f.ts", "g.go", "h.txt"];

/// A file of a few functions out of few shapes, so that copies are frequent.
fn source(path: &str, random: &mut Random) -> String {
    let language = Language::of_path(path);
    let mut functions = Vec::new();
    for _ in 0..random.below(4) {
        let (name, steps) = (random.below(5), 1 + random.below(6));
        let value = random.below(3);
        functions.push(match language {
            Some(Language::Python) => python(name, steps, value),
            Some(Language::Go) => go(name, steps, value),
            _ => script(name, steps, value),
        });
    }
    let head = if language == Some(Language::Go) { "package p\n\n" } else { "" };
    format!("{head}{}", functions.join("\n"))
}

fn python(name: u64, steps: u64, value: u64) -> String {
    let step = |step| format!("    if a.b{step} and b:\n        x = [a.call(b, {value}), x, {{'k': x}}]\n");
    let steps: String = (0..steps).map(step).collect::<Vec<_>>().concat();
    format!("def f{name}(a, b):\n    x = {value}\n{steps}    return x\n")
}

fn go(name: u64, steps: u64, value: u64) -> String {
    let steps = "\tfor i := 0; i < a; i++ { x += a * i }\n".repeat(usize::try_from(steps).unwrap());
    format!("func F{name}(a int) int {{\n\tx := {value}\n{steps}\treturn x\n}}\n")
}

fn script(name: u64, steps: u64, value: u64) -> String {
    let step = |step| format!("  if (a.b{step} || b) {{ x = [a.call(b, {value}), x, {{ k: x }}]; }}\n");
    let steps: String = (0..steps).map(step).collect::<Vec<_>>().concat();
    format!("function f{name}(a, b) {{\n  let x = {value};\n{steps}  return x;\n}}\n")
}

async fn forget(project: &Project) {
    let analysis = project.storage.analysis();
    let query = AnalysisQuery::of(REPOSITORY).of_type("measurements");
    for kept in analysis.list_analysis(&query).await.unwrap().results {
        analysis.delete_analysis(&kept.id).await.unwrap();
    }
}

async fn edits(seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let project = Project::of(&[("start.py", "x = 1\n")]).await;
    for step in 0..8 {
        for _ in 0..=random.below(3) {
            let path = FILES[usize::try_from(random.below(8)).unwrap()];
            match random.below(5) {
                0 if project.root().join(path).exists() => project.remove(path),
                _ => project.write(path, &source(path, &mut random)),
            }
        }
        project.index().await;
        if random.below(4) == 0 {
            // Edited and not indexed: left out if it is not known.
            let path = FILES[usize::try_from(random.below(7)).unwrap()];
            project.write(path, &source(path, &mut random));
        }
        let kept = project.measurements().await;
        let again = project.measurements().await;
        assert_eq!(again.parsed, 0, "seed {seed}, step {step}: everything is known");
        // Without what is kept, a file that has changed on disk cannot be measured: bring it to what is indexed.
        project.index().await;
        let kept_now = project.measurements().await;
        forget(&project).await;
        let full = project.measurements().await;
        assert_eq!(Metrics::of(&kept_now), Metrics::of(&full), "seed {seed}, step {step}");
        let options = DuplicateOptions::default();
        let (by_kept, by_full) = (Duplicates::of(&kept_now, options), Duplicates::of(&full, options));
        assert_eq!(by_kept, by_full, "seed {seed}, step {step}");
        assert!(kept.parsed <= 4, "seed {seed}, step {step}: only what changed is parsed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_duplicates_are_those_of_a_full_run() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("CODESTRATA_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CODESTRATA_SEEDS").unwrap_or(25),
    };
    for seed in seeds {
        edits(seed).await;
    }
}
