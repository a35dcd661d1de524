//! From source files to a store that answers, in fresh processes.

use std::path::{Path, PathBuf};

use codestrata_measure::{Samples, Unit, figure};

use crate::Outcome;
use crate::child::{Measured, Subject, Task, run};
use crate::goals;
use crate::input::Input;
use crate::ours;
use crate::plan::Settings;
use crate::report::{Line, Report};
use crate::workload::Workload;

const GROUP: &str = "Indexing";

/// What is measured of one engine.
#[derive(Clone, Default)]
struct Of {
    index: Samples,
    peak: Samples,
    unchanged: Samples,
    answer: Samples,
    load: Samples,
}

/// Measures the tree that the input was read from; an input without one has nothing to index.
pub(crate) fn measure(input: &Input, settings: &Settings, report: &mut Report) -> Outcome<()> {
    let Some(tree) = &input.tree else { return Ok(()) };
    let workload = Workload::of(&input.graph, 1);
    let Some(question) = workload.callers.first() else { return Err("the graph has no calls".into()) };
    let engines: Vec<&str> = settings.persistent().collect();
    let mut ours = vec![Of::default(); engines.len()];
    let (mut one, mut all, mut stat) = (Samples::default(), Samples::default(), Samples::default());
    let threads = std::thread::available_parallelism()?.get();
    for _ in 0..settings.repetitions {
        one.push(run(&Task::Extract(tree.clone(), 1))?.seconds);
        all.push(run(&Task::Extract(tree.clone(), threads))?.seconds);
        stat.push(run(&Task::Stat(tree.clone()))?.seconds);
        for (engine, of) in engines.iter().zip(&mut ours) {
            let scratch = settings.scratch()?;
            let place = ours::place(engine, scratch.path());
            let first = index(engine, &place, tree)?;
            of.index.push(first.seconds);
            of.peak.push(figure(first.after.peak));
            of.unchanged.push(index(engine, &place, tree)?.seconds);
            let subject = Subject::Ours((*engine).to_owned(), place);
            of.answer.push(run(&Task::Open(subject.clone(), question.clone()))?.seconds);
            of.load.push(run(&Task::Load(subject))?.seconds);
        }
    }
    for (engine, of) in engines.iter().zip(ours) {
        let seconds = |measure: &str, of: &Samples| Line::seconds(GROUP, measure, engine, of.clone());
        let alone = format!("parsing and extracting alone, {threads} threads");
        report.add(seconds("index from source", &of.index).beside(&alone, &all).goal(goals::INDEXING));
        let line = seconds("index from source", &of.index);
        report.add(line.beside("parsing and extracting alone, 1 thread", &one));
        let peak = Line::seconds(GROUP, "peak memory of indexing", engine, of.peak).unit(Unit::Bytes);
        report.add(peak.goal(goals::INDEXING_PEAK));
        let files = input.facts.len();
        let line = seconds(&format!("index with nothing changed ({files} files)"), &of.unchanged);
        report.add(line.beside("listing the files", &stat).goal(goals::UNCHANGED));
        let line = seconds("analysis from source, beside the stored graph", &of.index);
        report.add(line.beside("open and answer callers", &of.answer).goal(goals::FROM_SOURCE));
        let line = seconds("analysis from source, beside the stored graph", &of.index);
        report.add(line.beside("load everything", &of.load));
    }
    Ok(())
}

pub(crate) fn index(engine: &str, place: &Path, tree: &Path) -> Outcome<Measured> {
    run(&Task::Index(Subject::Ours(engine.to_owned(), place.to_owned()), PathBuf::from(tree)))
}
