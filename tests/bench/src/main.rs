//! Measures how fast codestrata is: see the library of the same name, and `docs/performance.md`.

use std::process::ExitCode;

use clap::Parser;
use codestrata_bench::arguments::Arguments;
use codestrata_bench::{Outcome, child, plan};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Outcome<()> {
    let mut given = std::env::args().skip(1);
    if given.next().as_deref() == Some(child::TASK) {
        return child::perform(&given.next().unwrap_or_default());
    }
    let arguments = Arguments::parse();
    let report = plan::run(&arguments)?;
    println!("{}", report.markdown());
    match &arguments.out {
        Some(folder) => report.write(folder),
        None => Ok(()),
    }
}
