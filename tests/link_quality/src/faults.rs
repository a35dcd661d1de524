//! What went wrong, sorted into kinds, with examples of each.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::places::{Lines, Place};
use crate::truth::Truth;

/// How many examples are kept of a kind.
const MOST_EXAMPLES: usize = 4;

/// One kind of fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// How often it was met.
    pub count: u64,
    /// Where, what the source says there, what we say and what the truth says.
    pub examples: Vec<String>,
}

/// The kinds of fault by what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    kinds: BTreeMap<String, Fault>,
}

impl Faults {
    /// Notes a fault. Examples are spread over the tree: the last of those at doublings of the count and at every
    /// 97th fault.
    pub fn note(&mut self, kind: String, example: impl FnOnce() -> String) {
        let fault = self.kinds.entry(kind).or_default();
        fault.count += 1;
        if fault.count.is_power_of_two() || fault.count.is_multiple_of(97) {
            if fault.examples.len() == MOST_EXAMPLES {
                fault.examples.remove(0);
            }
            fault.examples.push(example());
        }
    }

    /// Those of another project too.
    pub fn add(&mut self, other: Self) {
        for (kind, fault) in other.kinds {
            let known = self.kinds.entry(kind).or_default();
            known.count += fault.count;
            known.examples.extend(fault.examples);
            known.examples.truncate(MOST_EXAMPLES);
        }
    }

    /// The most frequent ones first.
    pub fn ranked(&self) -> Vec<(&str, &Fault)> {
        let mut ranked: Vec<_> = self.kinds.iter().map(|(kind, fault)| (kind.as_str(), fault)).collect();
        ranked.sort_by(|one, other| other.1.count.cmp(&one.1.count).then(one.0.cmp(other.0)));
        ranked
    }
}

/// The file and line of a place.
pub(crate) fn whereabouts(truth: &Truth, file: usize, place: Place) -> String {
    let Some((path, text)) = truth.files.get(file) else { return String::new() };
    format!("{path}:{}", Lines::of(text).line_of(place.start))
}

/// A place as a report shows it: its line, what we say of it, and what the truth says.
pub(crate) fn example(truth: &Truth, file: usize, place: Place, ours: &str, says: &str) -> String {
    let Some((path, text)) = truth.files.get(file) else { return String::new() };
    let lines = Lines::of(text);
    let line = lines.line_of(place.start);
    let source: String = lines.text_of(line).trim().chars().take(120).collect();
    let name = text.get(place.start as usize..place.end as usize).unwrap_or_default();
    format!("{path}:{line} `{name}` in `{source}`; ours: {ours}; truth: {says}")
}
