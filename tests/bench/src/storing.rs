//! Storing a whole graph durably, and what it takes on the medium.

use std::fs;
use std::path::{Path, PathBuf};

use codestrata::{OpenMode, jsonl};
use codestrata_measure::machine::disk_bytes;
use codestrata_measure::{Samples, Unit, figure, length};

use crate::Outcome;
use crate::goals;
use crate::input::{Input, prepared};
use crate::ours::{self, Ours, REPOSITORY};
use crate::plan::Settings;
use crate::report::{Line, Report};
use crate::runtime::timed;
use crate::sqlite::{self, Sqlite};

const GROUP: &str = "Storing";

/// The stores that further groups ask: the input once on each engine and once in the reference.
#[derive(Debug)]
pub(crate) struct Stores {
    /// Where they lie.
    pub(crate) folder: PathBuf,
}

impl Stores {
    pub(crate) fn ours(&self, engine: &str) -> PathBuf {
        ours::place(engine, &self.folder)
    }

    pub(crate) fn sqlite(&self) -> PathBuf {
        sqlite::place(&self.folder)
    }
}

/// Makes the stores, without measuring anything. Those of engines that keep nothing are made where they are asked.
pub(crate) fn make(folder: &Path, input: &Input, settings: &Settings) -> Outcome<Stores> {
    let stores = Stores { folder: folder.to_owned() };
    fs::create_dir_all(folder)?;
    for engine in settings.persistent() {
        store_facts(engine, &stores.ours(engine), input)?.close()?;
    }
    let mut reference = Sqlite::open(&stores.sqlite(), OpenMode::Create)?;
    reference.store_graph(&input.graph)?;
    reference.checkpoint()?;
    Ok(stores)
}

/// A new store with the facts of an input.
pub(crate) fn store_facts(engine: &str, place: &Path, input: &Input) -> Outcome<Ours> {
    let store = Ours::open(engine, place, OpenMode::Create)?;
    store.store_files(prepared(&input.facts)?)?;
    Ok(store)
}

/// Measures storing: from owned structs to the acknowledgement of the last commit. Opening does not count.
pub(crate) fn measure(input: &Input, settings: &Settings, report: &mut Report) -> Outcome<()> {
    let mut of_graph: Vec<Samples> = vec![Samples::default(); settings.engines.len()];
    let mut of_facts = of_graph.clone();
    let mut reference = Samples::default();
    for _ in 0..settings.repetitions {
        for (engine, (graph, facts)) in settings.engines.iter().zip(of_graph.iter_mut().zip(&mut of_facts)) {
            let scratch = settings.scratch()?;
            let store = Ours::open(engine, &ours::place(engine, scratch.path()), OpenMode::Create)?;
            graph.push(timed(|| store.store_graph(&input.graph))?.0);
            store.close()?;
            let scratch = settings.scratch()?;
            let store = Ours::open(engine, &ours::place(engine, scratch.path()), OpenMode::Create)?;
            let files = prepared(&input.facts)?;
            facts.push(timed(|| store.store_files(files))?.0);
            store.close()?;
        }
        let scratch = settings.scratch()?;
        let mut store = Sqlite::open(&sqlite::place(scratch.path()), OpenMode::Create)?;
        reference.push(timed(|| store.store_graph(&input.graph))?.0);
    }
    for (engine, (graph, facts)) in settings.engines.iter().zip(of_graph.into_iter().zip(of_facts)) {
        let line = Line::seconds(GROUP, "full durable store, indices included", engine, graph);
        report.add(line.beside("SQLite", &reference).goal(goals::STORE));
        let line = Line::seconds(GROUP, "the same from prepared facts, linking included", engine, facts);
        report.add(line.beside("SQLite", &reference).goal(goals::STORE));
    }
    Ok(())
}

/// Measures what the stores take on the medium, each node and edge.
pub(crate) fn disk(input: &Input, stores: &Stores, settings: &Settings, report: &mut Report) -> Outcome<()> {
    let each = |bytes: u64| Samples::one(figure(bytes) / length(input.elements()));
    let reference = each(disk_bytes(&stores.sqlite())?);
    for engine in settings.persistent() {
        let line = Line::seconds(
            GROUP,
            "bytes on disk per node or edge",
            engine,
            each(disk_bytes(&stores.ours(engine))?),
        );
        report.add(line.unit(Unit::BytesEach).beside("SQLite", &reference).goal(goals::DISK));
        let store = Ours::open(engine, &stores.ours(engine), OpenMode::Existing)?;
        store.runtime().block_on(store.storage().maintenance())?;
        // What `codestrata export --output archive.jsonl.zst --level 15` writes.
        let mut archive = Vec::new();
        let graph = store.storage().graph();
        let exported = jsonl::export_compressed(graph, REPOSITORY, &mut archive, jsonl::ARCHIVE_LEVEL);
        store.runtime().block_on(exported)?;
        store.close()?;
        let after = each(disk_bytes(&stores.ours(engine))?);
        let line = Line::seconds(GROUP, "the same after maintenance", engine, after);
        report.add(line.unit(Unit::BytesEach).beside("SQLite", &reference).goal(goals::DISK));
        let exported = each(u64::try_from(archive.len())?);
        let line = Line::seconds(GROUP, "bytes of the exported archive per node or edge", engine, exported);
        report.add(line.unit(Unit::BytesEach).goal(goals::ARCHIVE));
    }
    Ok(())
}
