//! Functions that are copies of each other.
//!
//! Two functions are compared by their tokens without names and values, so that a copy with other names is one too. The
//! score of a pair is how much of their fingerprints they have in common: the size of what both have, by the size of
//! what any of them has. Functions whose tokens are the same have the score 1, and are `identical` if they also say the
//! same. Of several such functions each is paired with the first, and not with each other: a hundred copies are 99
//! pairs.
//!
//! A pair says what both bodies were, as hashes. It holds as long as they are so.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::limits::{MAX_DUPLICATE_PAIRS, MIN_DUPLICATE_TOKENS};
use crate::measurements::{LeftOut, Measurements};
use crate::runs::Finding;
use crate::score::Score;

mod pairing;

/// What counts as a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateOptions {
    /// The least score.
    pub min_score: Score,
    /// The fewest tokens that a function has; less than [`MIN_DUPLICATE_TOKENS`] is as much as that.
    pub min_tokens: u32,
}

impl Default for DuplicateOptions {
    fn default() -> Self {
        Self { min_score: Score::thousandths(800), min_tokens: MIN_DUPLICATE_TOKENS }
    }
}

impl DuplicateOptions {
    /// The parameters of a run with these; `null` for the usual ones.
    #[must_use]
    pub fn parameters(&self) -> Value {
        if *self == Self::default() {
            return Value::Null;
        }
        json!({ "min_score": self.min_score, "min_tokens": self.min_tokens })
    }
}

/// One function of a pair, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateFunction {
    /// Its id.
    pub id: String,
    /// Its file.
    pub file: String,
    /// Its first line.
    pub line: u32,
    /// Its last line.
    pub end_line: u32,
    /// How many tokens it has.
    pub tokens: u32,
    /// The hash of what it says but for its name, as 16 hexadecimal digits.
    pub body: String,
}

/// Two functions that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicatePair {
    /// How alike.
    pub score: Score,
    /// Whether they say the same, but for their names, comments and blanks.
    pub identical: bool,
    /// The one whose file comes first.
    pub left: DuplicateFunction,
    /// The other one.
    pub right: DuplicateFunction,
}

/// Whether a pair that was found earlier still is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairState {
    /// Both bodies are what they were.
    Holds,
    /// A body is another one now, or gone.
    Expired,
    /// A file has changed since it was indexed, so nobody can say.
    Unknown,
}

/// What one run found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicates {
    /// The surest first, then the longest.
    pub pairs: Vec<DuplicatePair>,
    /// Whether there were more than [`MAX_DUPLICATE_PAIRS`].
    pub truncated: bool,
    /// How many functions were long enough to be compared.
    pub compared: u64,
    /// Files whose functions are missing, by path.
    pub left_out: Vec<LeftOut>,
}

impl Duplicates {
    /// Finds the pairs in what was measured.
    ///
    /// Cost: proportional to the fingerprints and to the pairs that have one of them in common, of which few bodies
    /// have each; on all cores.
    #[must_use]
    pub fn of(measurements: &Measurements, options: DuplicateOptions) -> Self {
        let functions: Vec<_> = measurements
            .functions()
            .filter(|(_, function)| function.syntax.tokens >= options.min_tokens.max(MIN_DUPLICATE_TOKENS))
            .collect();
        let mut pairs = pairing::pairs(&functions, options.min_score);
        let truncated = pairs.len() > MAX_DUPLICATE_PAIRS;
        pairs.truncate(MAX_DUPLICATE_PAIRS);
        let compared = u64::try_from(functions.len()).unwrap_or(u64::MAX);
        Self { pairs, truncated, compared, left_out: measurements.left_out.clone() }
    }

    /// Whether each pair still holds, in their order.
    #[must_use]
    pub fn states(&self, now: &Measurements) -> Vec<PairState> {
        let bodies: BTreeMap<&str, u64> =
            now.functions().map(|(_, function)| (function.id.as_str(), function.syntax.body)).collect();
        let unknown: BTreeSet<&str> = now.left_out.iter().map(|file| file.path.as_str()).collect();
        let state = |side: &DuplicateFunction| match bodies.get(side.id.as_str()) {
            _ if unknown.contains(side.file.as_str()) => PairState::Unknown,
            Some(body) if hexadecimal(*body) == side.body => PairState::Holds,
            _ => PairState::Expired,
        };
        self.pairs
            .iter()
            .map(|pair| match (state(&pair.left), state(&pair.right)) {
                (PairState::Expired, _) | (_, PairState::Expired) => PairState::Expired,
                (PairState::Unknown, _) | (_, PairState::Unknown) => PairState::Unknown,
                _ => PairState::Holds,
            })
            .collect()
    }
}

fn hexadecimal(body: u64) -> String {
    format!("{body:016x}")
}

/// A pair with another score than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rescored {
    /// The score in the earlier run.
    pub before: Score,
    /// The pair in the later one.
    pub now: DuplicatePair,
}

/// What is different between two runs. Pairs are the same if the ids of both functions are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DuplicatesDifference {
    /// Pairs that are new.
    pub added: Vec<DuplicatePair>,
    /// Pairs that are none any more.
    pub removed: Vec<DuplicatePair>,
    /// Pairs whose score changed.
    pub rescored: Vec<Rescored>,
    /// Files of which one of the runs could not measure anything; nothing is said of pairs with them.
    pub not_compared: Vec<String>,
}

impl Finding for Duplicates {
    const TYPE: &'static str = "duplicates";
    const ALGORITHM: &'static str = "codestrata duplicates 1";
    type Difference = DuplicatesDifference;

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let identical = self.pairs.iter().filter(|pair| pair.identical).count();
        BTreeMap::from([
            ("pairs", count(self.pairs.len())),
            ("identical", count(identical)),
            ("compared", self.compared),
            ("left_out", count(self.left_out.len())),
        ])
    }

    fn difference(&self, later: &Self) -> DuplicatesDifference {
        let missing: BTreeSet<&str> =
            self.left_out.iter().chain(&later.left_out).map(|file| file.path.as_str()).collect();
        let is_compared = |pair: &&DuplicatePair| {
            !missing.contains(pair.left.file.as_str()) && !missing.contains(pair.right.file.as_str())
        };
        let key = |pair: &DuplicatePair| (pair.left.id.clone(), pair.right.id.clone());
        let mut gone: BTreeMap<_, &DuplicatePair> =
            self.pairs.iter().filter(is_compared).map(|pair| (key(pair), pair)).collect();
        let mut difference = DuplicatesDifference::default();
        for pair in later.pairs.iter().filter(is_compared) {
            match gone.remove(&key(pair)) {
                None => difference.added.push(pair.clone()),
                Some(before) if before.score != pair.score => {
                    difference.rescored.push(Rescored { before: before.score, now: pair.clone() });
                }
                Some(_) => {}
            }
        }
        difference.removed =
            self.pairs.iter().filter(|pair| gone.contains_key(&key(pair))).cloned().collect();
        difference.not_compared = missing.into_iter().map(str::to_owned).collect();
        difference
    }
}
