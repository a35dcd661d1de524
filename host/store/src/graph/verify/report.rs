//! What a verification says.

use std::fmt;

use serde::Serialize;

use crate::limits::MAX_FINDINGS;

/// What a [`Finding`] is about.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The engine found its own structures damaged.
    Engine,
    /// The record that says which generation is the graph.
    Head,
    /// The record of a file: its hash, and what it leads to.
    Entry,
    /// The way from a path to its file.
    Path,
    /// What a file says.
    Segment,
    /// What the references of a file were bound to.
    Links,
    /// The inverted index.
    Index,
    /// What another analyser added to a node.
    Note,
    /// A count.
    Count,
    /// The history of changes.
    History,
    /// Something to which nothing leads.
    Stray,
    /// What the store has of a file is not what the file says.
    Facts,
}

impl Subject {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Head => "head",
            Self::Entry => "entry",
            Self::Path => "path",
            Self::Segment => "segment",
            Self::Links => "links",
            Self::Index => "index",
            Self::Note => "note",
            Self::Count => "count",
            Self::History => "history",
            Self::Stray => "stray",
            Self::Facts => "facts",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The file that it concerns, if it is one.
    pub file: Option<String>,
    /// What it is about.
    pub subject: Subject,
    /// What is wrong, in words.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file}: {}: {}", self.subject.as_str(), self.message),
            None => write!(f, "{}: {}", self.subject.as_str(), self.message),
        }
    }
}

/// What is wrong, as far as it is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// At most [`MAX_FINDINGS`] of them, as they were found.
    pub list: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
}

impl Findings {
    /// Adds one.
    pub fn add(&mut self, file: Option<&str>, subject: Subject, message: impl Into<String>) {
        if self.list.len() >= MAX_FINDINGS {
            self.more += 1;
            return;
        }
        self.list.push(Finding { file: file.map(str::to_owned), subject, message: message.into() });
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The version that was looked at.
    pub version: u64,
    /// Whether the engine checked its own structures; some cannot, and some only in a store that is open to write.
    pub engine_checked: bool,
    /// Files, each with its segment and its links.
    pub files: u64,
    /// Nodes.
    pub nodes: u64,
    /// Edges, each linked anew and compared, if [`links_compared`](Self::links_compared).
    pub edges: u64,
    /// Postings that must be in the index.
    pub postings: u64,
    /// Notes of other analysers.
    pub notes: u64,
    /// Versions of which the history has a record.
    pub recorded_versions: u64,
    /// Whether every file was linked anew. It is not where the facts that this takes are damaged.
    pub links_compared: bool,
    /// Segments that nothing refers to: a crash left them, and maintenance removes them. No fault.
    pub left_over: u64,
    /// What is wrong.
    pub findings: Findings,
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Someone who watches a verification and may stop it. Called from several threads.
pub trait VerifyWatch: Send + Sync {
    /// It begins, with so many files to read, and to link anew afterwards.
    fn began(&self, files: u64) {
        let _ = files;
    }

    /// One file is done.
    fn stepped(&self) {}

    /// Whether to stop.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Watches nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl VerifyWatch for Unwatched {}
