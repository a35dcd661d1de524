//! Runs of the question which definitions nothing uses.
//!
//! The question itself is one to the graph; here are its answers as something that lasts, to see what became unused
//! since the last time and what is used again.

use std::collections::BTreeMap;

use codestrata::query::DeadHit;
pub use codestrata::query::Verdict;
use serde::{Deserialize, Serialize};

use crate::runs::Finding;

/// A definition, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadDefinition {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its file.
    pub file: String,
    /// Its first line.
    pub line: u32,
    /// What is said of it.
    pub verdict: Verdict,
}

impl From<&DeadHit> for DeadDefinition {
    fn from(hit: &DeadHit) -> Self {
        Self {
            id: hit.node.id().to_string(),
            kind: hit.node.kind().to_string(),
            file: hit.node.file().to_string(),
            line: hit.node.line(),
            verdict: hit.verdict,
        }
    }
}

/// What one run found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadCode {
    /// By id.
    definitions: Vec<DeadDefinition>,
}

impl DeadCode {
    /// The definitions of a run, in any order.
    #[must_use]
    pub fn new(mut definitions: Vec<DeadDefinition>) -> Self {
        definitions.sort_by(|a, b| a.id.cmp(&b.id));
        Self { definitions }
    }

    /// The definitions, by id.
    #[must_use]
    pub fn definitions(&self) -> &[DeadDefinition] {
        &self.definitions
    }
}

/// A definition of which something else is said than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejudged {
    /// What was said.
    pub before: Verdict,
    /// What is said.
    pub now: DeadDefinition,
}

/// What is different between two runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeadCodeDifference {
    /// Definitions that were used, or not there.
    pub added: Vec<DeadDefinition>,
    /// Definitions that are used again, or gone.
    pub removed: Vec<DeadDefinition>,
    /// Definitions of another verdict.
    pub changed: Vec<Rejudged>,
}

impl Finding for DeadCode {
    const TYPE: &'static str = "dead code";
    const ALGORITHM: &'static str = "codestrata dead code 2";
    type Difference = DeadCodeDifference;

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let with = |verdict: Verdict| {
            let found = self.definitions.iter().filter(|definition| definition.verdict == verdict);
            u64::try_from(found.count()).unwrap_or(u64::MAX)
        };
        Verdict::ALL.into_iter().map(|verdict| (verdict.as_str(), with(verdict))).collect()
    }

    fn difference(&self, later: &Self) -> DeadCodeDifference {
        let mut gone: BTreeMap<&str, &DeadDefinition> =
            self.definitions.iter().map(|definition| (definition.id.as_str(), definition)).collect();
        let mut difference = DeadCodeDifference::default();
        for now in &later.definitions {
            match gone.remove(now.id.as_str()) {
                None => difference.added.push(now.clone()),
                Some(before) if before.verdict != now.verdict => {
                    difference.changed.push(Rejudged { before: before.verdict, now: now.clone() });
                }
                Some(_) => {}
            }
        }
        difference.removed = gone.into_values().cloned().collect();
        difference
    }
}
