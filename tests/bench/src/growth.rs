//! Cost against size: the same measurements on replicas of the graph.

use std::collections::HashSet;
use std::path::Path;

use codestrata::OpenMode;
use codestrata_measure::{Samples, Unit, figure, length};

use crate::child::{Subject, Task, run};
use crate::contender::compare;
use crate::indexing::index;
use crate::input::{Input, prepared};
use crate::ours::{self, Ours};
use crate::page_cache::drop_page_cache;
use crate::plan::Settings;
use crate::queries::each;
use crate::replicas::replicas;
use crate::report::{Line, Report};
use crate::runtime::timed;
use crate::sqlite::{self, Sqlite};
use crate::startup::link;
use crate::updates::replace;
use crate::workload::Workload;
use crate::{Outcome, goals};

pub(crate) const GROUP: &str = "Growth";

/// How often a whole graph is stored at each size.
const STORES: usize = 3;

/// Replacements at each size.
const REPLACEMENTS: usize = 200;

/// What is measured at one size, by name: of ours and of the reference.
type Figures = Vec<(String, Samples, Samples)>;

/// Measures the engine at each size; each has its figures beside SQLite's, and beside its own at the smallest size.
pub(crate) fn measure(
    engine: &str,
    input: &Input,
    sizes: &[usize],
    settings: &Settings,
    report: &mut Report,
) -> Outcome<()> {
    let mut smallest: Option<(usize, Figures)> = None;
    for size in sizes {
        let grown = Input::of_facts(format!("{} x{size}", input.name), replicas(&input.facts, *size))?;
        eprintln!("Growth of {engine}: {}", described(&grown));
        let figures = at(engine, input, &grown, settings)?;
        for (measure, ours, theirs) in &figures {
            let line = Line::seconds(GROUP, format!("{measure}, x{size}"), engine, ours.clone());
            let line = line.beside("SQLite", theirs);
            report.add(match goals::beside_sqlite(measure) {
                Some(goal) => line.goal(goal),
                None => line,
            });
        }
        let Some((first, small)) = &smallest else {
            smallest = Some((*size, figures));
            continue;
        };
        for ((measure, ours, theirs), (_, small, their_small)) in figures.iter().zip(small) {
            let name = format!("{measure}, x{size} beside x{first}");
            let beside = format!("x{first}");
            let line = Line::seconds(GROUP, &name, engine, ours.clone()).beside(&beside, small);
            let times = length(*size) / length(*first);
            report.add(line.goal(goals::of_growth(measure, times)));
            report.add(Line::seconds(GROUP, &name, "SQLite", theirs.clone()).beside(&beside, their_small));
        }
    }
    Ok(())
}

/// What a replica is made of; in proportion to the size, if renaming has kept every link.
fn described(input: &Input) -> String {
    let nodes: HashSet<&str> = input.graph.nodes.iter().map(|node| node.id.as_str()).collect();
    let bound = input.graph.edges.iter().filter(|edge| nodes.contains(edge.target.as_str())).count();
    let edges = input.graph.edges.len();
    format!("{} has {} nodes and {edges} edges, {bound} of them between nodes", input.name, nodes.len())
}

/// Asks a grown graph what the original is asked: the first replica is the original, so the answers are the same.
fn at(engine: &str, original: &Input, grown: &Input, settings: &Settings) -> Outcome<Figures> {
    let scratch = settings.scratch()?;
    let mut figures = vec![storing(engine, grown, settings, scratch.path())?];
    let places = (ours::place(engine, scratch.path()), sqlite::place(scratch.path()));
    let workload = Workload::of(&original.graph, settings.questions);
    if engine != "memory" {
        figures.extend(opening(engine, &places, &workload, settings)?);
    }
    let mut ours = match engine {
        "memory" => crate::storing::store_facts(engine, &places.0, grown)?,
        _ => Ours::open(engine, &places.0, OpenMode::Existing)?,
    };
    let mut sqlite = Sqlite::open(&places.1, OpenMode::Existing)?;
    compare((engine, &ours), ("SQLite", &sqlite), &workload.all())?;
    for (measure, questions) in workload.kinds() {
        let (mut of_ours, mut of_sqlite) = (Samples::default(), Samples::default());
        for _ in 0..settings.repetitions {
            of_ours.push(each(&ours, questions)?);
            of_sqlite.push(each(&sqlite, questions)?);
        }
        figures.push((measure.to_owned(), of_ours, of_sqlite));
    }
    let count = REPLACEMENTS.min(settings.replacements);
    let mut done = replace(original, std::slice::from_mut(&mut ours), &mut sqlite, scratch.path(), count)?;
    figures.push(("replace one file".to_owned(), done.ours.pop().unwrap_or_default(), done.sqlite));
    Ok(figures)
}

/// Stores the graph, and leaves the last store of each in the folder.
fn storing(
    engine: &str,
    input: &Input,
    settings: &Settings,
    folder: &Path,
) -> Outcome<(String, Samples, Samples)> {
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    let times = settings.repetitions.min(STORES);
    for time in 1..=times {
        let scratch = settings.scratch()?;
        let folder = if time == times { folder } else { scratch.path() };
        let store = Ours::open(engine, &ours::place(engine, folder), OpenMode::Create)?;
        let files = prepared(&input.facts)?;
        ours.push(timed(|| store.store_files(files))?.0);
        store.close()?;
        let mut store = Sqlite::open(&sqlite::place(folder), OpenMode::Create)?;
        theirs.push(timed(|| store.store_graph(&input.graph))?.0);
        store.checkpoint()?;
    }
    Ok(("store".to_owned(), ours, theirs))
}

fn opening(
    engine: &str,
    places: &(std::path::PathBuf, std::path::PathBuf),
    workload: &Workload,
    settings: &Settings,
) -> Outcome<Figures> {
    let question = workload.nodes.first().ok_or("the graph has no nodes")?;
    let ours = Task::Open(Subject::Ours(engine.to_owned(), places.0.clone()), question.clone());
    let theirs = Task::Open(Subject::Sqlite(places.1.clone()), question.clone());
    let mut figures: Figures = ["open, warm", "open, page cache dropped"]
        .map(|measure| (measure.to_owned(), Samples::default(), Samples::default()))
        .to_vec();
    for _ in 0..settings.repetitions {
        for (measure, of_ours, of_theirs) in &mut figures {
            let is_cold = measure != "open, warm";
            for (task, place, samples) in [(&ours, &places.0, of_ours), (&theirs, &places.1, of_theirs)] {
                if is_cold {
                    drop_page_cache(place)?;
                }
                samples.push(run(task)?.seconds);
            }
        }
    }
    Ok(figures)
}

/// The memory of indexing, once at the smallest and once at the largest size.
pub(crate) fn indexing(
    engine: &str,
    input: &Input,
    sizes: &[usize],
    settings: &Settings,
    report: &mut Report,
) -> Outcome<()> {
    let (Some(tree), Some(small), Some(large)) = (&input.tree, sizes.first(), sizes.last()) else {
        return Ok(());
    };
    let peak = |size: usize| -> Outcome<Samples> {
        let scratch = settings.scratch()?;
        let folder = scratch.path().join("tree");
        link(tree, &folder, size * input.facts.len())?;
        let measured = index(engine, &ours::place(engine, scratch.path()), &folder)?;
        Ok(Samples::one(figure(measured.after.peak)))
    };
    let (few, many) = (peak(*small)?, peak(*large)?);
    let line =
        Line::seconds(GROUP, format!("peak memory of indexing, x{large} beside x{small}"), engine, many);
    report.add(line.unit(Unit::Bytes).beside(&format!("x{small}"), &few).goal(goals::INDEXING_PEAK_GROWTH));
    Ok(())
}
