//! Replacing one file, many times; and what that leaves behind.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use codestrata::{OpenMode, PreparedFile};
use codestrata_measure::machine::disk_bytes;
use codestrata_measure::{Samples, Unit, figure, length};

use crate::Outcome;
use crate::contender::{Contender, compare, compare_graphs};
use crate::goals;
use crate::input::{Input, Version, prepared};
use crate::ours::{self, Ours};
use crate::plan::Settings;
use crate::queries::each;
use crate::report::{Line, Report};
use crate::runtime::timed;
use crate::sqlite::Sqlite;
use crate::storing::{self, Stores, store_facts};
use crate::workload::Workload;

const GROUP: &str = "Updates";

/// The nodes and edges of the files that are replaced, as nearly as the graph has such files.
const ELEMENTS: usize = 94;

/// How many files are replaced in turn.
const FILES: usize = 50;

/// What one round of replacements took.
pub(crate) struct Replacements {
    pub(crate) ours: Vec<Samples>,
    pub(crate) sqlite: Samples,
    /// One append of as many bytes as the file's facts, and its sync.
    pub(crate) floor: Samples,
    /// The files as they are at the end.
    last: Vec<Version>,
}

/// Replaces files, every contender in turn.
pub(crate) fn replace(
    input: &Input,
    ours: &mut [Ours],
    sqlite: &mut Sqlite,
    folder: &Path,
    count: usize,
) -> Outcome<Replacements> {
    let files = input.files_of_size(ELEMENTS, FILES);
    let mut append = OpenOptions::new().create(true).append(true).open(folder.join("appended"))?;
    let mut done = Replacements {
        ours: vec![Samples::default(); ours.len()],
        sqlite: Samples::default(),
        floor: Samples::default(),
        last: Vec::new(),
    };
    for (number, file) in files.iter().cycle().take(count).enumerate() {
        let version = file.edited(number);
        for (contender, samples) in ours.iter_mut().zip(&mut done.ours) {
            samples.push(timed(|| contender.replace(&version))?.0);
        }
        done.sqlite.push(timed(|| sqlite.replace(&version))?.0);
        let bytes =
            vec![
                0x5a;
                prepared(std::slice::from_ref(&version.facts))?.iter().map(PreparedFile::stored_bytes).sum()
            ];
        done.floor.push(timed(|| append_synced(&mut append, &bytes))?.0);
        if number + files.len() >= count {
            done.last.push(version);
        }
    }
    Ok(done)
}

fn append_synced(file: &mut File, bytes: &[u8]) -> Outcome<()> {
    file.write_all(bytes)?;
    Ok(file.sync_data()?)
}

pub(crate) fn measure(input: &Input, settings: &Settings, report: &mut Report) -> Outcome<()> {
    let scratch = settings.scratch()?;
    let stores = storing::make(scratch.path(), input, settings)?;
    let mut before = Vec::new();
    let mut contenders = Vec::new();
    for engine in &settings.engines {
        before.push(disk_bytes(&stores.ours(engine))?);
        contenders.push(match engine.as_str() {
            "memory" => store_facts(engine, &stores.ours(engine), input)?,
            _ => Ours::open(engine, &stores.ours(engine), OpenMode::Existing)?,
        });
    }
    let mut sqlite = Sqlite::open(&stores.sqlite(), OpenMode::Existing)?;
    let done = replace(input, &mut contenders, &mut sqlite, scratch.path(), settings.replacements)?;
    let sizes = done.last.iter().map(|file| file.nodes.len() + file.edges.len()).sum::<usize>();
    let name = format!("replace one file, durable ({} elements)", sizes / done.last.len().max(1));
    for (engine, samples) in settings.engines.iter().zip(&done.ours) {
        for percent in [50, 99] {
            let line = Line::seconds(GROUP, &name, engine, samples.clone()).percentile(percent);
            report.add(line.beside("SQLite", &done.sqlite).goal(goals::REPLACE));
            let line = Line::seconds(GROUP, &name, engine, samples.clone()).percentile(percent);
            report.add(line.beside("append + fdatasync", &done.floor).goal(goals::REPLACE_FLOOR));
        }
    }
    let workload = Workload::of(&input.graph, settings.questions);
    let questions = workload.all();
    for (engine, ours) in settings.engines.iter().zip(&contenders) {
        compare_graphs((engine, ours), ("SQLite", &sqlite))?;
        compare((engine, ours), ("SQLite", &sqlite), &questions)?;
    }
    let anew = with_last(input, &done.last);
    for ((engine, worn), before) in settings.engines.iter().zip(contenders).zip(before) {
        let scratch = settings.scratch()?;
        let place = ours::place(engine, scratch.path());
        let fresh = store_facts(engine, &place, &anew)?;
        compare((engine, &worn), ("a new store", &fresh), &questions)?;
        for (measure, questions) in workload.kinds() {
            let (mut used, mut new) = (Samples::default(), Samples::default());
            for _ in 0..settings.repetitions {
                used.push(each(&worn, questions)?);
                new.push(each(&fresh, questions)?);
            }
            let name = format!("{measure}, after {} replacements", settings.replacements);
            let line = Line::seconds(GROUP, name, engine, used);
            report.add(line.beside("a new store", &new).goal(goals::AFTER_REPLACEMENTS));
        }
        if settings.persistent().any(|other| other == engine) {
            sizes_of(&stores, engine, before, worn, input, settings, report)?;
        }
    }
    Ok(())
}

/// The facts after the last replacements.
fn with_last(input: &Input, last: &[Version]) -> Input {
    let mut facts = input.facts.clone();
    for version in last {
        if let Some(file) = facts.iter_mut().find(|file| file.path == version.facts.path) {
            file.clone_from(&version.facts);
        }
    }
    Input { name: input.name.clone(), tree: None, facts, graph: codestrata::Graph::default() }
}

/// How much a store grew, and what maintenance gives back.
fn sizes_of(
    stores: &Stores,
    engine: &str,
    before: u64,
    store: Ours,
    input: &Input,
    settings: &Settings,
    report: &mut Report,
) -> Outcome<()> {
    let each = |bytes| Samples::one(figure(bytes) / length(input.elements()));
    let place = stores.ours(engine);
    let grown = disk_bytes(&place)?;
    let mut add = |what: &str, bytes| {
        let name = format!("bytes on disk per element after {} replacements{what}", settings.replacements);
        let line = Line::seconds(GROUP, name, engine, each(bytes)).unit(Unit::BytesEach);
        report.add(line.beside("before", &each(before)));
    };
    add("", grown);
    store.runtime().block_on(store.storage().maintenance())?;
    store.close()?;
    add(" and maintenance", disk_bytes(&place)?);
    Ok(())
}
