//! The counts of a comparison. They add up over projects.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use codestrata::Resolution;
use serde::Serialize;

/// The links with one resolution that lead to a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LabelFigures {
    /// They lead where the truth leads.
    pub right: u64,
    /// They lead elsewhere than the truth, or into the tree where the truth leads out of it.
    pub wrong: u64,
    /// The truth says nothing of the place, or nothing that means something.
    pub unverifiable: u64,
    /// The truth says what cannot be; see [`RelationFigures::contradictions`]. They count neither for nor against.
    pub contradicted: u64,
}

impl LabelFigures {
    /// All that count.
    pub const fn bound(self) -> u64 {
        self.right + self.wrong + self.unverifiable
    }

    /// How many of those that the truth speaks of are right; none if there are none.
    pub fn precision(self) -> Option<f64> {
        rate(self.right, self.right + self.wrong)
    }

    /// How many of all the truth does not speak of.
    pub fn unverifiable_share(self) -> Option<f64> {
        rate(self.unverifiable, self.bound())
    }
}

impl AddAssign for LabelFigures {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.unverifiable += other.unverifiable;
        self.contradicted += other.contradicted;
    }
}

/// The places at which the truth names something that is defined in the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// All of them.
    pub places: u64,
    /// The graph has a link to the definition, and does not call it ambiguous.
    pub bound: u64,
    /// The graph calls it ambiguous, and the definition is one of those that are meant.
    pub among_candidates: u64,
}

impl Found {
    /// How many were found.
    pub fn recall(self) -> Option<f64> {
        rate(self.bound, self.places)
    }

    /// How many were found or are among the candidates.
    pub fn recall_with_candidates(self) -> Option<f64> {
        rate(self.bound + self.among_candidates, self.places)
    }
}

impl AddAssign for Found {
    fn add_assign(&mut self, other: Self) {
        self.places += other.places;
        self.bound += other.bound;
        self.among_candidates += other.among_candidates;
    }
}

/// One kind of relation: calls, or inheritance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RelationFigures {
    /// Links by resolution.
    pub labels: BTreeMap<&'static str, LabelFigures>,
    /// Places whose target is a function, method, class or named type of the tree.
    pub definitions: Found,
    /// Places whose target is a variable, field or property of the tree, which holds what is called.
    pub values: Found,
    /// Places of the source at which the truth says nothing.
    pub silent: u64,
    /// Places of the source at which the truth names something outside of the tree, a parameter or a local variable.
    pub elsewhere: u64,
    /// Places of the source at which the truth names a definition of another name than the one that stands there,
    /// although nothing in the tree renames: a fault of who made the index.
    pub contradictions: u64,
}

impl RelationFigures {
    /// The links that claim to be certain: exact and import.
    pub fn certain(&self) -> LabelFigures {
        let mut sum = LabelFigures::default();
        for label in [Resolution::Exact, Resolution::Import] {
            sum += self.labels.get(label.as_str()).copied().unwrap_or_default();
        }
        sum
    }

    /// Definitions and values together.
    pub fn all(&self) -> Found {
        let mut sum = self.definitions;
        sum += self.values;
        sum
    }
}

impl AddAssign<&Self> for RelationFigures {
    fn add_assign(&mut self, other: &Self) {
        for (label, figures) in &other.labels {
            *self.labels.entry(label).or_default() += *figures;
        }
        self.definitions += other.definitions;
        self.values += other.values;
        self.silent += other.silent;
        self.elsewhere += other.elsewhere;
        self.contradictions += other.contradictions;
    }
}

/// What was measured of one project, or of several together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Files that both the index and the graph have.
    pub files: u64,
    /// Documents of the index that the graph has no file for, or the tree.
    pub not_compared: u64,
    /// Calls, and the making of objects.
    pub calls: RelationFigures,
    /// Bases of classes and interfaces.
    pub inheritance: RelationFigures,
}

impl AddAssign<&Self> for Figures {
    fn add_assign(&mut self, other: &Self) {
        self.files += other.files;
        self.not_compared += other.not_compared;
        self.calls += &other.calls;
        self.inheritance += &other.inheritance;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
