//! Fresh processes: the program starts itself again with one task, and reads what that measured.
//!
//! What is measured in a process of its own is measured by that process, so that starting it does not count.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use codestrata::OpenMode;
use codestrata_index::{IndexOptions, Unobserved, extract, index_repository, sources};
use codestrata_measure::Question;
use codestrata_measure::machine::Memory;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::cache::{self, Rival};
use crate::contender::Contender;
use crate::ours::{Ours, REPOSITORY};
use crate::runtime::timed;
use crate::sqlite::Sqlite;

/// The argument before a task.
pub const TASK: &str = "--task";

/// Which store a task opens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// codestrata on an engine, and where.
    Ours(String, PathBuf),
    /// The reference, and where.
    Sqlite(PathBuf),
}

/// What a fresh process does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// Opens a store to read, and answers one question.
    Open(Subject, Question),
    /// Opens a store and loads everything.
    Load(Subject),
    /// Opens a store, answers questions until they are hot, and stays as large as it is then.
    Ready(Subject, Vec<Question>),
    /// Brings a store to the state of a tree.
    Index(Subject, PathBuf),
    /// Parses the sources of a tree and extracts facts from them on so many threads, and keeps nothing.
    Extract(PathBuf, usize),
    /// Fills a cache with so many entries.
    Fill(Rival, usize),
    /// Asks for the size and times of each source of a tree.
    Stat(PathBuf),
}

/// What a fresh process measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// How long its task took, in seconds.
    pub seconds: f64,
    /// What was resident before it began.
    pub(crate) before: Memory,
    /// What was resident at its end, with everything still open.
    pub(crate) after: Memory,
    /// Rows, elements or files: what came of it.
    pub count: usize,
}

/// Runs a task in a fresh process.
///
/// # Errors
/// What went wrong there.
pub fn run(task: &Task) -> Outcome<Measured> {
    let child = Command::new(std::env::current_exe()?)
        .args([TASK, &serde_json::to_string(task)?])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !child.status.success() {
        return Err(format!("a process of its own failed ({}): {task:?}", child.status).into());
    }
    Ok(serde_json::from_slice(&child.stdout)?)
}

/// Does a task in this process, and prints what it measured: what the other side of [`run`] calls.
///
/// # Errors
/// What the task answers.
pub fn perform(task: &str) -> Outcome<()> {
    let task: Task = serde_json::from_str(task)?;
    let before = Memory::now()?;
    let (seconds, after, count) = match task {
        Task::Open(subject, question) => {
            let (seconds, (contender, rows)) = timed(|| {
                let contender = open(&subject, OpenMode::ReadOnly)?;
                let rows = contender.ask(&question)?;
                Ok((contender, rows))
            })?;
            let after = Memory::now()?;
            drop(contender);
            (seconds, after, rows)
        }
        Task::Load(subject) => {
            let (seconds, graph) = timed(|| open(&subject, OpenMode::ReadOnly)?.load())?;
            (seconds, Memory::now()?, graph.nodes.len() + graph.edges.len())
        }
        Task::Ready(subject, questions) => {
            let begun = Instant::now();
            let contender = open(&subject, OpenMode::ReadOnly)?;
            let mut rows = 0;
            for question in questions.iter().chain(&questions) {
                rows += contender.ask(question)?;
            }
            (begun.elapsed().as_secs_f64(), Memory::now()?, rows)
        }
        Task::Index(subject, tree) => index(&subject, &tree)?,
        Task::Extract(tree, threads) => extract_alone(&tree, threads)?,
        Task::Fill(rival, entries) => {
            let (seconds, cache) = timed(|| cache::fill(rival, entries))?;
            let after = Memory::now()?;
            drop(cache);
            (seconds, after, entries)
        }
        Task::Stat(tree) => {
            let (seconds, found) = timed(|| Ok(sources(&tree)))?;
            (seconds, Memory::now()?, found.files.len())
        }
    };
    println!("{}", serde_json::to_string(&Measured { seconds, before, after, count })?);
    Ok(())
}

/// Opens a store.
///
/// # Errors
/// What it answers.
pub(crate) fn open(subject: &Subject, mode: OpenMode) -> Outcome<Box<dyn Contender>> {
    Ok(match subject {
        Subject::Ours(engine, place) => Box::new(Ours::open(engine, place, mode)?),
        Subject::Sqlite(place) => Box::new(Sqlite::open(place, mode)?),
    })
}

/// What `codestrata index` does, from opening the store to closing it.
fn index(subject: &Subject, tree: &Path) -> Outcome<(f64, Memory, usize)> {
    let Subject::Ours(engine, place) = subject else { return Err("SQLite reads no sources".into()) };
    let (seconds, found) = timed(|| {
        let ours = Ours::open(engine, place, OpenMode::Create)?;
        let options = IndexOptions::new(REPOSITORY, tree);
        let store = ours.storage().graph();
        let report = ours.runtime().block_on(index_repository(store, &options, &Unobserved))?;
        let found = report.ok_or("indexing was stopped")?.found;
        ours.close()?;
        Ok(found)
    })?;
    Ok((seconds, Memory::now()?, usize::try_from(found)?))
}

fn extract_alone(tree: &Path, threads: usize) -> Outcome<(f64, Memory, usize)> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let (seconds, count) = timed(|| {
        let files = sources(tree).files;
        Ok(pool.install(|| {
            let extracted = files.par_iter().filter(|file| {
                let bytes = std::fs::read(tree.join(&file.path)).unwrap_or_default();
                std::hint::black_box(extract(&file.path, &bytes, file.language)).is_ok()
            });
            extracted.count()
        }))
    })?;
    Ok((seconds, Memory::now()?, count))
}
