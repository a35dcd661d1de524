//! What is both complex and called a lot: where a fault costs most, and where a change is hardest.
//!
//! The weight of a function is its cyclomatic complexity times one more than its callers. One more, so that a complex
//! function that nobody is seen to call still has a weight, and loses to one that is called. Only calls that are certain
//! count. One that was bound by its name alone is often meant for something outside of the repository: the one method
//! `join` of a project gets every join of texts. Those are counted apart.

use std::collections::{BTreeMap, HashMap};

use codestrata::query::CallCount;
use serde::{Deserialize, Serialize};

use crate::limits::MAX_HOT_FUNCTIONS;
use crate::metrics::{FunctionMetrics, Metrics};
use crate::runs::Finding;

/// A function with its weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotFunction {
    /// Its id.
    pub id: String,
    /// Its file.
    pub file: String,
    /// Its first line.
    pub line: u32,
    /// Its cyclomatic complexity.
    pub cyclomatic: u32,
    /// How many others call it.
    pub callers: u64,
    /// At how many places it is called.
    pub calls: u64,
    /// At how many more places it is called by guess; they are no part of the weight.
    pub guessed: u64,
    /// Complexity times one more than callers.
    pub weight: u64,
}

/// The functions of the greatest weight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hot {
    /// The heaviest first; at most [`MAX_HOT_FUNCTIONS`].
    pub functions: Vec<HotFunction>,
    /// Whether there were more.
    pub truncated: bool,
}

impl Hot {
    /// Weighs functions by who calls them.
    #[must_use]
    pub fn of(metrics: &Metrics, calls: &[CallCount]) -> Self {
        let counts: HashMap<&str, &CallCount> =
            calls.iter().map(|count| (count.id.as_str(), count)).collect();
        let mut functions: Vec<HotFunction> = metrics
            .functions
            .iter()
            .map(|function| weighed(function, counts.get(function.id.as_str()).copied()))
            .collect();
        functions.sort_by_cached_key(|function| (std::cmp::Reverse(function.weight), function.id.clone()));
        let truncated = functions.len() > MAX_HOT_FUNCTIONS;
        functions.truncate(MAX_HOT_FUNCTIONS);
        Self { functions, truncated }
    }
}

fn weighed(function: &FunctionMetrics, count: Option<&CallCount>) -> HotFunction {
    let (callers, calls, guessed) =
        count.map_or((0, 0, 0), |count| (count.callers, count.calls, count.guessed));
    let cyclomatic = function.figures.cyclomatic;
    HotFunction {
        id: function.id.clone(),
        file: function.file.clone(),
        line: function.line,
        cyclomatic,
        callers,
        calls,
        guessed,
        weight: u64::from(cyclomatic).saturating_mul(callers.saturating_add(1)),
    }
}

/// A function of another weight than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reweighed {
    /// What it was.
    pub before: HotFunction,
    /// What it is.
    pub now: HotFunction,
}

/// What is different between two runs, among the functions that each of them kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HotDifference {
    /// Functions that are heavier, the greatest change first.
    pub heavier: Vec<Reweighed>,
    /// Functions that are lighter, the greatest change first.
    pub lighter: Vec<Reweighed>,
    /// Functions that were not among them.
    pub added: Vec<HotFunction>,
    /// Functions that are no more among them.
    pub removed: Vec<HotFunction>,
}

impl Finding for Hot {
    const TYPE: &'static str = "hot";
    const ALGORITHM: &'static str = "codestrata hot 1";
    type Difference = HotDifference;

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::from([
            ("functions", u64::try_from(self.functions.len()).unwrap_or(u64::MAX)),
            ("greatest_weight", self.functions.first().map_or(0, |function| function.weight)),
        ])
    }

    fn difference(&self, later: &Self) -> HotDifference {
        let mut gone: BTreeMap<&str, &HotFunction> =
            self.functions.iter().map(|function| (function.id.as_str(), function)).collect();
        let mut difference = HotDifference::default();
        for now in &later.functions {
            let Some(before) = gone.remove(now.id.as_str()) else {
                difference.added.push(now.clone());
                continue;
            };
            let changed = Reweighed { before: before.clone(), now: now.clone() };
            match now.weight.cmp(&before.weight) {
                std::cmp::Ordering::Greater => difference.heavier.push(changed),
                std::cmp::Ordering::Less => difference.lighter.push(changed),
                std::cmp::Ordering::Equal => {}
            }
        }
        difference.removed = gone.into_values().cloned().collect();
        for changed in [&mut difference.heavier, &mut difference.lighter] {
            changed.sort_by_cached_key(|changed| {
                let change = changed.now.weight.abs_diff(changed.before.weight);
                (std::cmp::Reverse(change), changed.now.id.clone())
            });
        }
        difference
    }
}
