//! What `codestrata metrics` says.

use std::collections::BTreeMap;
use std::io::{self, Write};

use codestrata_analyse::metrics::{
    Changed, Figures, FunctionMetrics, HistoryEntry, Metrics, MetricsDifference,
};
use codestrata_analyse::{Finding as _, LeftOut, Run};
use serde::Serialize;

use crate::measuring::{RunName, write_left_out};
use crate::moments::moment;
use crate::output::{FAINT, NOTE, STRONG, write_cut};
use crate::words::{Shown, counted, length};

/// The functions with the most of something.
#[derive(Serialize)]
pub(super) struct Most {
    repository: String,
    run: RunName,
    /// How many functions there are.
    functions: u64,
    results: Vec<FunctionMetrics>,
    truncated: bool,
    left_out: Vec<LeftOut>,
}

impl Most {
    pub(super) fn new(
        repository: String,
        run: RunName,
        mut results: Vec<FunctionMetrics>,
        left_out: Vec<LeftOut>,
        limit: usize,
    ) -> Self {
        let functions = length(&results);
        let truncated = results.len() > limit;
        results.truncate(limit);
        Self { repository, run, functions, results, truncated, left_out }
    }

    pub(super) fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let functions = counted(self.functions, "function");
        writeln!(out, "{STRONG}{}{STRONG:#}, {}: {functions}", Shown(&self.repository), self.run.shown())?;
        for function in &self.results {
            write_function(out, function)?;
        }
        if self.truncated {
            write_cut(out, limit)?;
        }
        write_left_out(out, &self.left_out)
    }
}

fn write_function(out: &mut dyn Write, function: &FunctionMetrics) -> io::Result<()> {
    let FunctionMetrics { id, file, line, figures } = function;
    writeln!(
        out,
        "  {STRONG}{}{STRONG:#}  {}  {FAINT}at {}:{line}{FAINT:#}",
        Shown(id),
        in_words(*figures),
        Shown(file)
    )
}

/// `cyclomatic 7, nesting 2, 31 lines`.
fn in_words(figures: Figures) -> String {
    let Figures { cyclomatic, nesting, lines, .. } = figures;
    format!("cyclomatic {cyclomatic}, nesting {nesting}, {}", counted(lines.into(), "line"))
}

/// What changed between two runs.
#[derive(Serialize)]
pub(super) struct Comparison {
    repository: String,
    from: RunName,
    to: RunName,
    #[serde(flatten)]
    difference: MetricsDifference,
    truncated: bool,
    /// How many of the files that are not compared each run left out.
    #[serde(skip)]
    left_out: [u64; 2],
}

impl Comparison {
    /// Of the files whose path contains `part`, where that is given.
    pub(super) fn new(
        earlier: &Run<Metrics>,
        later: &Run<Metrics>,
        part: Option<&str>,
        limit: usize,
    ) -> Self {
        let mut difference = earlier.finding.difference(&later.finding);
        if let Some(part) = part {
            difference.retain_files(part);
        }
        let truncated = difference.truncate(limit);
        let is_meant = |file: &&LeftOut| part.is_none_or(|part| file.path.contains(part));
        let left_out =
            [earlier, later].map(|run| run.finding.left_out.iter().filter(is_meant).count() as u64);
        Self {
            repository: later.repository.clone(),
            from: RunName::of(earlier),
            to: RunName::of(later),
            difference,
            truncated,
            left_out,
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let (from, to) = (self.from.shown(), self.to.shown());
        writeln!(out, "{STRONG}{}{STRONG:#} from {from} to {to}", Shown(&self.repository))?;
        write_difference(out, &self.difference)?;
        for (run, left_out) in
            [&self.from, &self.to].into_iter().zip(self.left_out).filter(|(_, left_out)| *left_out > 0)
        {
            let files = counted(left_out, "file");
            writeln!(
                out,
                "{NOTE}the run of {} is of a part of the graph: it left out {files}{NOTE:#}",
                run.shown()
            )?;
        }
        if self.truncated { write_cut(out, limit) } else { Ok(()) }
    }
}

/// Writes what is different, group by group.
pub(in crate::commands) fn write_difference(
    out: &mut dyn Write,
    difference: &MetricsDifference,
) -> io::Result<()> {
    let MetricsDifference { more_complex, less_complex, resized, added, removed, not_compared } = difference;
    let groups =
        [("more complex", more_complex), ("less complex", less_complex), ("only longer or shorter", resized)];
    for (title, changed) in groups.into_iter().filter(|(_, changed)| !changed.is_empty()) {
        writeln!(out, "{FAINT}{title}{FAINT:#}")?;
        for Changed { id, file, line, before, now } in changed {
            let moved = moved(*before, *now);
            writeln!(
                out,
                "  {STRONG}{}{STRONG:#}  {moved}  {FAINT}at {}:{line}{FAINT:#}",
                Shown(id),
                Shown(file)
            )?;
        }
    }
    for (title, functions) in [("new", added), ("gone", removed)] {
        if !functions.is_empty() {
            writeln!(out, "{FAINT}{title}{FAINT:#}")?;
            functions.iter().try_for_each(|function| write_function(out, function))?;
        }
    }
    if *difference
        == (MetricsDifference { not_compared: not_compared.clone(), ..MetricsDifference::default() })
    {
        let of = if not_compared.is_empty() { "" } else { " of those that both runs measured" };
        writeln!(out, "{FAINT}no function{of} is more or less complex, new or gone{FAINT:#}")?;
    }
    if !not_compared.is_empty() {
        let files = counted(length(not_compared), "file");
        writeln!(
            out,
            "{NOTE}one of the runs could not measure {files}; nothing is said of their functions{NOTE:#}"
        )?;
    }
    Ok(())
}

/// `cyclomatic 3 → 5, 10 → 12 lines`: the figures that moved.
fn moved(before: Figures, now: Figures) -> String {
    let figures = [
        ("cyclomatic", before.cyclomatic, now.cyclomatic),
        ("nesting", before.nesting, now.nesting),
        ("lines", before.lines, now.lines),
        ("code lines", before.code_lines, now.code_lines),
    ];
    let moved = figures.iter().filter(|(_, before, now)| before != now);
    moved.map(|(name, before, now)| format!("{name} {before} → {now}")).collect::<Vec<_>>().join(", ")
}

/// Histories of functions.
#[derive(Serialize)]
pub(super) struct Histories {
    repository: String,
    results: Vec<History>,
}

#[derive(Serialize)]
struct History {
    id: String,
    /// The oldest first.
    history: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    /// From this version of the graph on.
    version: u64,
    time: Option<String>,
    /// None where the function was not there.
    figures: Option<Figures>,
}

impl Histories {
    pub(super) fn new(repository: String, histories: BTreeMap<String, Vec<HistoryEntry>>) -> Self {
        let entry = |HistoryEntry { graph_version, time, figures }: HistoryEntry| Entry {
            version: graph_version,
            time: moment(time),
            figures,
        };
        let results = histories
            .into_iter()
            .map(|(id, history)| History { id, history: history.into_iter().map(entry).collect() })
            .collect();
        Self { repository, results }
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for History { id, history } in &self.results {
            writeln!(out, "{STRONG}{}{STRONG:#}", Shown(id))?;
            for Entry { version, time, figures } in history {
                let figures = figures.map_or_else(|| "not there, or not measured".to_owned(), in_words);
                let time = time.as_deref().unwrap_or("an unknown time");
                writeln!(out, "  {figures}  {FAINT}from version {version} on, {time}{FAINT:#}")?;
            }
        }
        Ok(())
    }
}
