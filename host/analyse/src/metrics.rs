//! How complex each function is.
//!
//! *Cyclomatic* complexity is one more than the places at which control may go another way; *nesting* how deep control
//! structures stand in each other; *lines* how long a function is, and *code lines* how many of those have more than
//! comments. What a function defines inside of itself, and the graph knows as a function of its own, has its own
//! complexity and nesting, and counts into the lines of both. docs/analyses.md says what counts in each language.

use std::collections::{BTreeMap, BTreeSet};

use codestrata::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::measurements::record::{long_id, short_id};
use crate::measurements::{LeftOut, Measurements};
use crate::runs::Finding;

mod history;

pub use history::{HistoryEntry, history};

/// The figures of one function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Figures {
    /// Cyclomatic complexity, from 1.
    pub cyclomatic: u32,
    /// The deepest nesting of control structures, from 0.
    pub nesting: u32,
    /// Lines from the first to the last, both included.
    pub lines: u32,
    /// Lines that have more than blanks, comments and texts for people.
    pub code_lines: u32,
}

/// A function and its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FunctionMetrics {
    /// Its id.
    pub id: String,
    /// Its file.
    pub file: String,
    /// Its first line.
    pub line: u32,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The figures of all functions of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Metrics {
    /// By file, and in their order there.
    pub functions: Vec<FunctionMetrics>,
    /// Files whose functions are missing, by path.
    pub left_out: Vec<LeftOut>,
}

impl Metrics {
    /// What was measured.
    #[must_use]
    pub fn of(measurements: &Measurements) -> Self {
        let functions = measurements.functions().map(|(path, function)| FunctionMetrics {
            id: function.id.clone(),
            file: path.to_owned(),
            line: function.line,
            figures: Figures {
                cyclomatic: function.syntax.cyclomatic,
                nesting: function.syntax.nesting,
                lines: (function.end_line + 1).saturating_sub(function.line),
                code_lines: function.syntax.code_lines,
            },
        });
        Self { functions: functions.collect(), left_out: measurements.left_out.clone() }
    }
}

impl Finding for Metrics {
    const TYPE: &'static str = "metrics";
    const ALGORITHM: &'static str = "codestrata metrics 1";
    type Difference = MetricsDifference;

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let figures = self.functions.iter().map(|function| function.figures);
        let cyclomatic: u64 = figures.clone().map(|figures| u64::from(figures.cyclomatic)).sum();
        BTreeMap::from([
            ("functions", count(self.functions.len())),
            ("cyclomatic", cyclomatic),
            ("most_cyclomatic", figures.map(|figures| figures.cyclomatic.into()).max().unwrap_or(0)),
            ("left_out", count(self.left_out.len())),
        ])
    }

    fn difference(&self, later: &Self) -> MetricsDifference {
        MetricsDifference::between(self, later)
    }
}

/// A function whose figures are others than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its id.
    pub id: String,
    /// Its file now.
    pub file: String,
    /// Its first line now.
    pub line: u32,
    /// Its figures in the earlier run.
    pub before: Figures,
    /// Its figures in the later run.
    pub now: Figures,
}

/// What is different between two runs. Functions are the same if their ids are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MetricsDifference {
    /// Functions of more cyclomatic complexity, or of as much and deeper nesting; the greatest change first.
    pub more_complex: Vec<Changed>,
    /// Functions of less cyclomatic complexity, or of as much and shallower nesting; the greatest change first.
    pub less_complex: Vec<Changed>,
    /// Functions that only became longer or shorter; the greatest change first.
    pub resized: Vec<Changed>,
    /// Functions that are new, the most complex first.
    pub added: Vec<FunctionMetrics>,
    /// Functions that are gone, with their former places and figures, the most complex first.
    pub removed: Vec<FunctionMetrics>,
    /// Files of which one of the runs could not measure anything; nothing is said of their functions.
    pub not_compared: Vec<String>,
}

impl MetricsDifference {
    fn between(earlier: &Metrics, later: &Metrics) -> Self {
        let missing: BTreeSet<&str> =
            earlier.left_out.iter().chain(&later.left_out).map(|file| file.path.as_str()).collect();
        let is_compared = |function: &&FunctionMetrics| !missing.contains(function.file.as_str());
        let mut gone: BTreeMap<&str, &FunctionMetrics> = earlier
            .functions
            .iter()
            .filter(is_compared)
            .map(|function| (function.id.as_str(), function))
            .collect();
        let mut this = Self::default();
        for function in later.functions.iter().filter(is_compared) {
            match gone.remove(function.id.as_str()) {
                None => this.added.push(function.clone()),
                Some(before) => this.compare(before.figures, function),
            }
        }
        this.removed = gone.into_values().cloned().collect();
        this.not_compared = missing.into_iter().map(str::to_owned).collect();
        this.sort();
        this
    }

    /// Keeps only functions in files whose path contains a text.
    pub fn retain_files(&mut self, part: &str) {
        for changed in [&mut self.more_complex, &mut self.less_complex, &mut self.resized] {
            changed.retain(|changed| changed.file.contains(part));
        }
        for functions in [&mut self.added, &mut self.removed] {
            functions.retain(|function| function.file.contains(part));
        }
        self.not_compared.retain(|file| file.contains(part));
    }

    /// Keeps at most so many functions of each kind, and says whether there were more.
    pub fn truncate(&mut self, limit: usize) -> bool {
        let mut is_cut = false;
        for changed in [&mut self.more_complex, &mut self.less_complex, &mut self.resized] {
            is_cut |= changed.len() > limit;
            changed.truncate(limit);
        }
        for functions in [&mut self.added, &mut self.removed] {
            is_cut |= functions.len() > limit;
            functions.truncate(limit);
        }
        is_cut
    }

    fn compare(&mut self, before: Figures, function: &FunctionMetrics) {
        let now = function.figures;
        if before == now {
            return;
        }
        let FunctionMetrics { id, file, line, .. } = function.clone();
        let changed = Changed { id, file, line, before, now };
        match (now.cyclomatic, now.nesting).cmp(&(before.cyclomatic, before.nesting)) {
            std::cmp::Ordering::Greater => self.more_complex.push(changed),
            std::cmp::Ordering::Less => self.less_complex.push(changed),
            std::cmp::Ordering::Equal => self.resized.push(changed),
        }
    }

    fn sort(&mut self) {
        for changed in [&mut self.more_complex, &mut self.less_complex, &mut self.resized] {
            changed.sort_by_cached_key(|changed| (std::cmp::Reverse(change(changed)), changed.id.clone()));
        }
        for functions in [&mut self.added, &mut self.removed] {
            functions
                .sort_by_cached_key(|function| (std::cmp::Reverse(function.figures), function.id.clone()));
        }
    }
}

/// How far the figures of a function moved: the first that did counts most.
fn change(changed: &Changed) -> (u32, u32, u32, u32) {
    let Changed { before, now, .. } = changed;
    (
        now.cyclomatic.abs_diff(before.cyclomatic),
        now.nesting.abs_diff(before.nesting),
        now.lines.abs_diff(before.lines),
        now.code_lines.abs_diff(before.code_lines),
    )
}

/// How they are kept: lists and not objects, because there are as many as functions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Stored {
    /// By file: id, first line, cyclomatic complexity, nesting, lines and code lines.
    functions: BTreeMap<String, Vec<Row>>,
    #[serde(default)]
    left_out: Vec<LeftOut>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row(String, u32, u32, u32, u32, u32);

impl From<Metrics> for Stored {
    fn from(metrics: Metrics) -> Self {
        let mut functions: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for FunctionMetrics { id, file, line, figures } in metrics.functions {
            let Figures { cyclomatic, nesting, lines, code_lines } = figures;
            let row = Row(short_id(&file, &id), line, cyclomatic, nesting, lines, code_lines);
            functions.entry(file).or_default().push(row);
        }
        Self { functions, left_out: metrics.left_out }
    }
}

impl TryFrom<Stored> for Metrics {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let mut functions = Vec::new();
        for (file, rows) in stored.functions {
            for Row(id, line, cyclomatic, nesting, lines, code_lines) in rows {
                let id = long_id(&file, &id).ok_or_else(|| {
                    Error::new(
                        ErrorKind::InvalidArgument,
                        format!("`{id}` is no id of a function as it is kept"),
                    )
                })?;
                let figures = Figures { cyclomatic, nesting, lines, code_lines };
                functions.push(FunctionMetrics { id, file: file.clone(), line, figures });
            }
        }
        Ok(Self { functions, left_out: stored.left_out })
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
