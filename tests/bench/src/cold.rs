//! Fresh processes: opening, loading, and what is resident.

use std::path::Path;

use codestrata_measure::{Question, Samples, Unit, figure};

use crate::Outcome;
use crate::child::{Subject, Task, run};
use crate::goals;
use crate::input::Input;
use crate::page_cache::drop_page_cache;
use crate::plan::Settings;
use crate::report::{Line, Report};
use crate::storing::Stores;
use crate::workload::Workload;

const GROUP: &str = "Fresh processes";

/// Questions of each kind that make a store hot.
const HOT_QUESTIONS: usize = 200;

/// What is measured of one process.
#[derive(Clone, Default)]
struct Of {
    warm: Samples,
    cold: Samples,
    callers: Samples,
    walk: Samples,
    load: Samples,
    loaded: Samples,
    ready: Samples,
    peak: Samples,
}

impl Of {
    fn measure(&mut self, subject: &Subject, place: &Path, questions: &Questions<'_>) -> Outcome<()> {
        let open = |question: &Question| Task::Open(subject.clone(), question.clone());
        let [node, callers, walk] = questions.first;
        self.warm.push(run(&open(node))?.seconds);
        self.callers.push(run(&open(callers))?.seconds);
        self.walk.push(run(&open(walk))?.seconds);
        let loaded = run(&Task::Load(subject.clone()))?;
        if loaded.count == 0 {
            return Err(format!("{subject:?} has nothing").into());
        }
        self.load.push(loaded.seconds);
        self.loaded.push(figure(loaded.after.resident));
        let ready = run(&Task::Ready(subject.clone(), questions.hot.clone()))?;
        self.ready.push(figure(ready.after.resident));
        self.peak.push(figure(ready.after.peak));
        drop_page_cache(place)?;
        self.cold.push(run(&open(node))?.seconds);
        Ok(())
    }
}

/// What the processes are asked.
struct Questions<'a> {
    first: [&'a Question; 3],
    hot: Vec<Question>,
}

pub(crate) fn measure(
    input: &Input,
    stores: &Stores,
    settings: &Settings,
    report: &mut Report,
) -> Outcome<()> {
    let workload = Workload::of(&input.graph, HOT_QUESTIONS);
    let [Some(node), Some(callers), Some(walk)] =
        [workload.nodes.first(), workload.callers.first(), workload.hottest.first()]
    else {
        return Err("the graph has no calls to ask about".into());
    };
    let questions = Questions { first: [node, callers, walk], hot: workload.all() };
    let engines: Vec<&str> = settings.persistent().collect();
    let mut ours = vec![Of::default(); engines.len()];
    let mut reference = Of::default();
    for _ in 0..settings.repetitions {
        for (engine, of) in engines.iter().zip(&mut ours) {
            let place = stores.ours(engine);
            of.measure(&Subject::Ours((*engine).to_owned(), place.clone()), &place, &questions)?;
        }
        reference.measure(&Subject::Sqlite(stores.sqlite()), &stores.sqlite(), &questions)?;
    }
    for (engine, of) in engines.iter().zip(ours) {
        let mut add = |line: Line, other: &Samples| report.add(line.beside("SQLite", other));
        let seconds = |measure: &str, of| Line::seconds(GROUP, measure, engine, of);
        let bytes = |measure: &str, of| Line::seconds(GROUP, measure, engine, of).unit(Unit::Bytes);
        let open = "open until ready for any query, first get answered";
        add(seconds(open, of.warm).goal(goals::OPEN_WARM), &reference.warm);
        let dropped = format!("{open}, page cache dropped");
        add(seconds(&dropped, of.cold).goal(goals::OPEN_COLD), &reference.cold);
        add(seconds("open, and first callers", of.callers), &reference.callers);
        add(seconds("open, and first 3-hop callers", of.walk), &reference.walk);
        add(seconds("load everything into owned structs", of.load).goal(goals::LOAD), &reference.load);
        add(bytes("resident with everything in structs", of.loaded), &reference.loaded);
        let resident = bytes("resident set when ready for hot queries", of.ready);
        add(resident.goal(goals::RESIDENT), &reference.ready);
        add(bytes("peak until ready for hot queries", of.peak), &reference.peak);
    }
    Ok(())
}
