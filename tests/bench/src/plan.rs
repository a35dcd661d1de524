//! Which measurements are made, in which order.

use std::path::PathBuf;

use codestrata_measure::machine::{load, processor};
use tempfile::TempDir;

use crate::arguments::{Arguments, Group};
use crate::input::Input;
use crate::report::Report;
use crate::{Outcome, cache, cold, growth, indexing, queries, seam, startup, storing, updates};

/// Questions of each cheap kind.
const QUESTIONS: usize = 1_000;

/// The same in a quick run.
const QUICK_QUESTIONS: usize = 20;

/// Replacements in a quick run.
const QUICK_REPLACEMENTS: usize = 5;

/// How much is measured, and of what.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) engines: Vec<String>,
    pub(crate) repetitions: usize,
    pub(crate) replacements: usize,
    pub(crate) questions: usize,
    pub(crate) seam_entries: usize,
    /// The most entries where hits of the cache are timed.
    pub(crate) cache_entries: usize,
    /// Keys and requests where its hit ratio is measured.
    pub(crate) cache_keys: usize,
    pub(crate) cache_requests: usize,
    pub(crate) startup_files: Vec<usize>,
    scratch: PathBuf,
}

impl Settings {
    fn of(arguments: &Arguments) -> Self {
        let quick = |full, little| if arguments.quick { little } else { full };
        Self {
            engines: arguments.engines.clone(),
            repetitions: quick(arguments.repetitions, 1),
            replacements: quick(arguments.replacements, QUICK_REPLACEMENTS),
            questions: quick(QUESTIONS, QUICK_QUESTIONS),
            seam_entries: quick(seam::ENTRIES, seam::QUICK_ENTRIES),
            cache_entries: quick(1_000_000, 10_000),
            cache_keys: quick(100_000, 2_000),
            cache_requests: quick(1_500_000, 30_000),
            startup_files: if arguments.quick { vec![10] } else { startup::FILES.to_vec() },
            scratch: arguments.scratch.clone().unwrap_or_else(std::env::temp_dir),
        }
    }

    /// The engines whose stores outlive the process.
    pub(crate) fn persistent(&self) -> impl Iterator<Item = &str> {
        self.engines.iter().map(String::as_str).filter(|engine| *engine != "memory")
    }

    /// A folder that is removed when it is dropped.
    pub(crate) fn scratch(&self) -> Outcome<TempDir> {
        Ok(tempfile::Builder::new().prefix("codestrata-bench-").tempdir_in(&self.scratch)?)
    }
}

/// Measures what the arguments ask for.
///
/// # Errors
/// What cannot be read or stored, and the first question to which two contenders give different answers.
pub fn run(arguments: &Arguments) -> Outcome<Report> {
    let settings = Settings::of(arguments);
    let mut report = Report::default();
    report.notes.push(format!("{}; load average {} at the beginning", processor(), load()));
    let input = match (&arguments.tree, &arguments.graph) {
        (Some(tree), _) => Some(Input::of_tree(tree)?),
        (None, Some(graph)) => Some(Input::of_file(graph)?),
        (None, None) => None,
    };
    if let Some(input) = &input {
        report.notes.push(format!(
            "{}: {} files, {} nodes, {} edges",
            input.name,
            input.facts.len(),
            input.graph.nodes.len(),
            input.graph.edges.len()
        ));
        of_graph(input, arguments, &settings, &mut report)?;
    }
    if begin(arguments, Group::Seam) {
        seam::measure(&settings, &mut report)?;
    }
    if begin(arguments, Group::Cache) {
        cache::measure(&settings, &mut report)?;
    }
    report.notes.push(format!("load average {} at the end", load()));
    Ok(report)
}

fn of_graph(input: &Input, arguments: &Arguments, settings: &Settings, report: &mut Report) -> Outcome<()> {
    let scratch = settings.scratch()?;
    let stores = storing::make(scratch.path(), input, settings)?;
    if begin(arguments, Group::Storing) {
        storing::measure(input, settings, report)?;
    }
    if begin(arguments, Group::Cold) {
        cold::measure(input, &stores, settings, report)?;
    }
    if begin(arguments, Group::Queries) {
        queries::measure(input, &stores, settings, report)?;
    }
    if begin(arguments, Group::Updates) {
        updates::measure(input, settings, report)?;
    }
    if begin(arguments, Group::Indexing) {
        indexing::measure(input, settings, report)?;
    }
    if begin(arguments, Group::Startup) {
        for engine in settings.persistent() {
            startup::measure(engine, input, settings, report)?;
        }
    }
    // Last, because maintenance changes the stores.
    if arguments.wants(Group::Storing) {
        storing::disk(input, &stores, settings, report)?;
    }
    if begin(arguments, Group::Growth) {
        for engine in &settings.engines {
            growth::measure(engine, input, &arguments.replicas, settings, report)?;
        }
        for engine in settings.persistent() {
            growth::indexing(engine, input, &arguments.replicas, settings, report)?;
        }
    }
    Ok(())
}

/// Whether a group is wanted, which is said with the load as it begins.
fn begin(arguments: &Arguments, group: Group) -> bool {
    let wanted = arguments.wants(group);
    if wanted {
        eprintln!("{group:?}: load average {}", load());
    }
    wanted
}
