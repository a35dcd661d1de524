//! Start-up: a program that reads all sources anew, beside one that opens the stored graph and answers.

use std::fs;
use std::path::Path;

use codestrata_index::sources;
use codestrata_measure::{Question, Samples};

use crate::child::{Subject, Task, run};
use crate::indexing::index;
use crate::input::Input;
use crate::plan::Settings;
use crate::report::{Line, Report};
use crate::{Outcome, goals, ours};

const GROUP: &str = "Start-up";

/// How many files there are, as in the table with which the project began.
pub(crate) const FILES: [usize; 3] = [100, 1_000, 10_000];

/// Measures one engine at each size; a tree with too few files is taken several times.
pub(crate) fn measure(engine: &str, input: &Input, settings: &Settings, report: &mut Report) -> Outcome<()> {
    let Some(tree) = &input.tree else { return Ok(()) };
    for files in &settings.startup_files {
        let scratch = settings.scratch()?;
        let folder = scratch.path().join("tree");
        link(tree, &folder, *files)?;
        let question = a_question(&folder)?;
        let (mut analysis, mut opening) = (Samples::default(), Samples::default());
        for repetition in 0..settings.repetitions {
            let place = ours::place(engine, &scratch.path().join(repetition.to_string()));
            analysis.push(index(engine, &place, &folder)?.seconds);
            let subject = Subject::Ours(engine.to_owned(), place);
            opening.push(run(&Task::Open(subject, question.clone()))?.seconds);
        }
        let name = format!("start-up with {files} files: analysis from source");
        let line = Line::seconds(GROUP, name, engine, analysis);
        report.add(line.beside("open and answer callers", &opening).goal(goals::FROM_SOURCE));
    }
    Ok(())
}

/// A folder with so many sources of a tree, spread evenly over it.
pub(crate) fn link(tree: &Path, folder: &Path, count: usize) -> Outcome<()> {
    let found = sources(tree).files;
    let times = count.div_ceil(found.len().max(1));
    let of_each = count / times.max(1);
    for time in 0..times {
        // A first replica that lies as the original does keeps the imports of the original.
        let base = if time == 0 { folder.to_owned() } else { folder.join(format!("replica_{time}")) };
        for file in (0..of_each).filter_map(|at| found.get(at * found.len() / of_each)) {
            let to = base.join(&file.path);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            let from = tree.join(&file.path);
            // Where the medium has no links, or is another one, the file is copied.
            if fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to)?;
            }
        }
    }
    Ok(())
}

/// A question about something that is called in a folder.
fn a_question(folder: &Path) -> Outcome<Question> {
    let graph = Input::of_tree(folder)?.graph;
    let workload = crate::workload::Workload::of(&graph, 1);
    workload.callers.into_iter().next().ok_or_else(|| "no file calls anything".into())
}
