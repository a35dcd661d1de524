//! Fresh processes: the program starts itself again with one task, and reads what that measured.
//!
//! What is cold in life is measured by a process of its own, from within, so that starting it does not count.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;
use codestrata::{OpenMode, Queries, StorageManager};
use codestrata_index::{IndexOptions, Unobserved, index_repository};
use codestrata_measure::machine::Memory;
use codestrata_measure::{Question, ask};
use serde::{Deserialize, Serialize};

use super::REPOSITORY;
use super::subject::{Origin, Subject};
use crate::failure::{Code, Failure};

/// The name of the command that does a task.
const COMMAND: &str = "bench-process";

/// A part of `codestrata bench`, which starts it: does the task that stands on stdin, and prints what it measured.
#[derive(Args, Debug)]
pub(crate) struct BenchProcess {}

/// What a process does with a store: opens it and asks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) origin: Origin,
    /// Where the store is.
    pub(super) folder: PathBuf,
    /// For a store that is gone with its process: the sources to fill it with.
    pub(super) tree: Option<PathBuf>,
    /// What is asked, so often.
    pub(super) questions: Vec<Question>,
    pub(super) times: usize,
}

/// What it measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Measured {
    /// From before the store was opened to after the last answer.
    pub(super) seconds: f64,
    /// With the store open, after the last answer; none where the system does not say.
    pub(super) memory: Option<Memory>,
}

impl Task {
    /// Has it done in a fresh process.
    ///
    /// # Errors
    /// What went wrong there, or with starting it.
    pub(super) fn run(&self) -> Result<Measured, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(Code::Store, "internal", format!("a process of the benchmark's own failed: {error}"))
        };
        let task = serde_json::to_vec(self).map_err(|error| failed(&error))?;
        let output = exchange(&task).map_err(|error| failed(&error))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(failed(&said.trim().trim_start_matches("error: ")));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(&error))
    }
}

fn exchange(task: &[u8]) -> io::Result<std::process::Output> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([COMMAND, "--color", "never"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ended before it read everything says why.
        let _ = stdin.write_all(task);
    }
    child.wait_with_output()
}

impl BenchProcess {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let mut text = Vec::new();
        io::stdin().lock().read_to_end(&mut text)?;
        let task: Task = serde_json::from_slice(&text).map_err(|error| {
            let message = format!("stdin has no task: {error}");
            Failure::new(Code::Usage, "usage", message).with_help("see `codestrata bench --help`")
        })?;
        let subject = Subject::of(task.origin.clone())?;
        let begun = Instant::now();
        let storage = opened(&subject, &task).await?;
        let queries = storage.query(REPOSITORY);
        ask_all(&queries, &task.questions, task.times).await?;
        let measured = Measured { seconds: begun.elapsed().as_secs_f64(), memory: Memory::now().ok() };
        storage.close().await?;
        let text = serde_json::to_string(&measured).map_err(io::Error::from)?;
        writeln!(io::stdout(), "{text}")?;
        Ok(())
    }
}

async fn opened(subject: &Subject, task: &Task) -> Result<StorageManager, Failure> {
    let mode = if task.tree.is_some() { OpenMode::Create } else { OpenMode::ReadOnly };
    let config = subject.config_in(&task.folder);
    let storage = StorageManager::open_with(config, mode).await.map_err(|error| subject.failure(error))?;
    if let Some(tree) = &task.tree {
        fill(&storage, tree).await?;
    }
    Ok(storage)
}

async fn fill(storage: &StorageManager, tree: &Path) -> Result<(), Failure> {
    index_repository(storage.graph(), &IndexOptions::new(REPOSITORY, tree), &Unobserved).await?;
    Ok(())
}

async fn ask_all(queries: &Queries, questions: &[Question], times: usize) -> Result<(), Failure> {
    for _ in 0..times {
        for question in questions {
            ask(queries, question).await?;
        }
    }
    Ok(())
}
