//! Hot questions: everything is in memory that a contender keeps there.

use std::thread;

use codestrata::OpenMode;
use codestrata_measure::{Question, Samples, Unit, ask, length};

use crate::Outcome;
use crate::contender::{Contender, compare, compare_graphs};
use crate::goals;
use crate::input::Input;
use crate::ours::{self, Ours};
use crate::plan::Settings;
use crate::report::{Line, Report};
use crate::runtime::{runtime, timed};
use crate::sqlite::Sqlite;
use crate::storing::{Stores, store_facts};
use crate::workload::Workload;

const GROUP: &str = "Hot queries";

pub(crate) fn measure(
    input: &Input,
    stores: &Stores,
    settings: &Settings,
    report: &mut Report,
) -> Outcome<()> {
    let workload = Workload::of(&input.graph, settings.questions);
    let reference = Sqlite::open(&stores.sqlite(), OpenMode::ReadOnly)?;
    let mut contenders = Vec::new();
    for engine in &settings.engines {
        contenders.push(open(engine, stores, input)?);
    }
    // Comparing answers makes everything hot, too.
    let questions = workload.all();
    for (engine, ours) in settings.engines.iter().zip(&contenders) {
        compare_graphs((engine, ours), ("SQLite", &reference))?;
        compare((engine, ours), ("SQLite", &reference), &questions)?;
    }
    for (measure, questions) in workload.kinds() {
        if questions.is_empty() {
            return Err(format!("the graph has nothing to ask for `{measure}`").into());
        }
        let mut ours = vec![Samples::default(); contenders.len()];
        let (mut theirs, mut numbers) = (Samples::default(), Samples::default());
        let is_walk =
            matches!(questions.first(), Some(Question::CallersInThree(_) | Question::AllInThree(_)));
        for _ in 0..settings.repetitions {
            for (contender, samples) in contenders.iter().zip(&mut ours) {
                samples.push(each(contender, questions)?);
            }
            theirs.push(each(&reference, questions)?);
            if is_walk {
                let (seconds, ()) = timed(|| {
                    questions.iter().try_for_each(|question| reference.reach_numbers(question).map(drop))
                })?;
                numbers.push(seconds / length(questions.len()));
            }
        }
        let rows = questions.iter().map(|question| reference.ask(question)).sum::<Outcome<usize>>()?;
        for (engine, samples) in settings.engines.iter().zip(ours) {
            let name = if is_walk {
                format!("{measure} ({} rows each)", rows / questions.len())
            } else {
                measure.to_owned()
            };
            let line = Line::seconds(GROUP, name, engine, samples.clone());
            report.add(line.beside("SQLite", &theirs).goal(goals::of_question(measure)));
            if is_walk {
                let line = Line::seconds(
                    GROUP,
                    format!("{measure}, SQLite answering numbers only"),
                    engine,
                    samples,
                );
                report.add(line.beside("SQLite", &numbers));
            }
        }
    }
    for (engine, ours) in settings.engines.iter().zip(&contenders) {
        let (one, two) = on_threads(ours, &workload, settings)?;
        let line = Line::seconds(GROUP, "point reads a second, two threads beside one", engine, two);
        report.add(line.unit(Unit::PerSecond).beside("one thread", &one).goal(goals::TWO_THREADS));
    }
    Ok(())
}

fn open(engine: &str, stores: &Stores, input: &Input) -> Outcome<Ours> {
    match engine {
        "memory" => store_facts(engine, &stores.ours(engine), input),
        // As a host has it, which writes too: who only reads looks first whether others have written.
        _ => Ours::open(engine, &stores.ours(engine), OpenMode::Existing),
    }
}

/// The mean time of one question.
pub(crate) fn each(contender: &dyn Contender, questions: &[Question]) -> Outcome<f64> {
    let (seconds, ()) =
        timed(|| questions.iter().try_for_each(|question| contender.ask(question).map(drop)))?;
    Ok(seconds / length(questions.len()))
}

/// Point reads a second on one thread and on two, which share a store.
fn on_threads(ours: &Ours, workload: &Workload, settings: &Settings) -> Outcome<(Samples, Samples)> {
    let (mut one, mut two) = (Samples::default(), Samples::default());
    let questions: Vec<&Question> = workload.nodes.iter().chain(&workload.callers).collect();
    let queries = ours.storage().query(ours::REPOSITORY);
    let ask_all = || -> Outcome<()> {
        let runtime = runtime()?;
        for question in questions.iter().cycle().take(settings.questions * 4) {
            runtime.block_on(ask(&queries, question))?;
        }
        Ok(())
    };
    for _ in 0..settings.repetitions {
        let asked = length(settings.questions * 4);
        one.push(asked / timed(ask_all)?.0);
        let (seconds, ()) = timed(|| {
            thread::scope(|scope| {
                let other = scope.spawn(ask_all);
                ask_all()?;
                other.join().map_err(|_| "a thread of the measurement panicked")?
            })
        })?;
        two.push(2.0 * asked / seconds);
    }
    Ok((one, two))
}
