//! Times the hot pieces: `cargo bench -p codestrata-bench`, with a word of a name behind it for some of them.

use codestrata_bench::pieces::{Measure, each};
use criterion::{BatchSize, Criterion};

/// Has Criterion time the pieces.
struct Timed(Criterion);

impl Measure for Timed {
    fn piece<T>(&mut self, name: &str, mut run: impl FnMut() -> T) {
        self.0.bench_function(name, |bencher| bencher.iter(&mut run));
    }

    fn prepared<S, T>(&mut self, name: &str, mut prepare: impl FnMut() -> S, mut run: impl FnMut(S) -> T) {
        self.0.bench_function(name, |bencher| {
            // One after the other: what is prepared is the state of a store.
            bencher.iter_batched(&mut prepare, &mut run, BatchSize::PerIteration);
        });
    }
}

fn main() {
    let mut timed = Timed(Criterion::default().configure_from_args());
    if let Err(problem) = each(&mut timed) {
        eprintln!("error: {problem}");
        std::process::exit(2);
    }
    timed.0.final_summary();
}
