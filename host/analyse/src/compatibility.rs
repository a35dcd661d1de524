//! Which component, at which version, supports which protocol at which version.
//!
//! A matrix is handed in as a file; each is a run of its own, so that matrices of different times can be compared. What
//! a matrix does not say is not known, and is not taken for unsupported.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::runs::Finding;

mod reading;

/// How far something is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// All of it.
    Supported,
    /// A part of it; the note says which.
    Partial,
    /// Nothing of it.
    Unsupported,
}

impl Support {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Partial => "partial",
            Self::Unsupported => "unsupported",
        }
    }
}

/// A name and a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Versioned {
    /// The name.
    pub name: String,
    /// The version, as it is written.
    pub version: String,
}

impl fmt::Display for Versioned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.name, self.version)
    }
}

impl Ord for Versioned {
    /// By name, then by version, in which runs of digits count as numbers: 1.9 before 1.10.
    fn cmp(&self, other: &Self) -> Ordering {
        self.name
            .cmp(&other.name)
            .then_with(|| parts(&self.version).cmp(parts(&other.version)))
            .then_with(|| self.version.cmp(&other.version))
    }
}

impl PartialOrd for Versioned {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A version as numbers, by their length and digits, and what stands between them.
fn parts(version: &str) -> impl Iterator<Item = (usize, &str)> {
    version.split_inclusive(|character: char| !character.is_ascii_digit()).flat_map(|part| {
        let digits = part.trim_end_matches(|character: char| !character.is_ascii_digit());
        let number = digits.trim_start_matches('0');
        let rest = part.strip_prefix(digits).unwrap_or_default();
        [(number.len(), number), (0, rest)]
    })
}

/// One entry of a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The component.
    pub component: String,
    /// Its version.
    pub component_version: String,
    /// The protocol.
    pub protocol: String,
    /// Its version.
    pub protocol_version: String,
    /// How far the one supports the other.
    pub support: Support,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Entry {
    /// The component and its version: the row.
    #[must_use]
    pub fn row(&self) -> Versioned {
        Versioned { name: self.component.clone(), version: self.component_version.clone() }
    }

    /// The protocol and its version: the column.
    #[must_use]
    pub fn column(&self) -> Versioned {
        Versioned { name: self.protocol.clone(), version: self.protocol_version.clone() }
    }
}

/// A name, or a name at one version: which rows or columns are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The name.
    pub name: String,
    /// The version; none for all.
    pub version: Option<String>,
}

impl Wanted {
    /// Reads `name` or `name@version`. The last `@` counts, unless it is the first character: `@scope/name@1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, version) = match text.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() => (name, Some(version.to_owned())),
            _ => (text, None),
        };
        let is_given = !name.trim().is_empty() && version.as_deref() != Some("");
        is_given.then(|| Self { name: name.to_owned(), version })
    }

    fn is(&self, versioned: &Versioned) -> bool {
        self.name == versioned.name
            && self.version.as_ref().is_none_or(|version| *version == versioned.version)
    }
}

/// A matrix, sorted by component and protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompatibilityMatrix {
    /// The entries; of a component and a protocol at one version each there is at most one.
    pub entries: Vec<Entry>,
}

impl CompatibilityMatrix {
    /// The entries of a row, of a column, or of both; all of them without either.
    pub fn query(
        &self,
        component: Option<&Wanted>,
        protocol: Option<&Wanted>,
    ) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| {
            component.is_none_or(|wanted| wanted.is(&entry.row()))
                && protocol.is_none_or(|wanted| wanted.is(&entry.column()))
        })
    }
}

/// An entry that is another one than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedEntry {
    /// What it was.
    pub before: Entry,
    /// What it is.
    pub now: Entry,
}

/// What is different between two matrices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MatrixDifference {
    /// Entries that are new.
    pub added: Vec<Entry>,
    /// Entries that are gone.
    pub removed: Vec<Entry>,
    /// Entries with other support or another note.
    pub changed: Vec<ChangedEntry>,
}

impl Finding for CompatibilityMatrix {
    const TYPE: &'static str = "compatibility";
    const ALGORITHM: &'static str = "codestrata compatibility 1";
    type Difference = MatrixDifference;

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let with = |support: Support| {
            let entries = self.entries.iter().filter(|entry| entry.support == support);
            u64::try_from(entries.count()).unwrap_or(u64::MAX)
        };
        [Support::Supported, Support::Partial, Support::Unsupported]
            .into_iter()
            .map(|support| (support.as_str(), with(support)))
            .collect()
    }

    fn difference(&self, later: &Self) -> MatrixDifference {
        let key = |entry: &Entry| (entry.row(), entry.column());
        let mut gone: BTreeMap<_, &Entry> = self.entries.iter().map(|entry| (key(entry), entry)).collect();
        let mut difference = MatrixDifference::default();
        for entry in &later.entries {
            match gone.remove(&key(entry)) {
                None => difference.added.push(entry.clone()),
                Some(before) if before != entry => {
                    difference.changed.push(ChangedEntry { before: before.clone(), now: entry.clone() });
                }
                Some(_) => {}
            }
        }
        difference.removed = gone.into_values().cloned().collect();
        difference
    }
}
