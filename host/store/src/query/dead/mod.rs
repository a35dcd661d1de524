//! Dead code: what nothing that is known to run leads to.
//!
//! An answer that calls living code dead is worse than none. So there are three answers. *Dead* is what cannot be reached
//! from anything that runs, that others may name, or that somebody calls behind the graph's back; and no reference that
//! could not be bound has its name. *Exported, unused* is what nothing in the repository uses and somebody outside may. Of
//! everything else that is not reached for certain it is *unknown* whether it is dead, and the answer says why.
//!
//! `facts` has what is needed of every node, `reading` gets it from a file, `liveness` follows what is alive, `verdicts`
//! says what that makes of a definition, and `conventions` knows what languages use without saying so.

mod conventions;
mod facts;
mod liveness;
mod reading;
mod verdicts;

use std::collections::BTreeSet;

use codestrata_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use self::facts::Facts;
use self::liveness::Liveness;
use super::answer::{Answer, NodeHit};
use super::listings::describe;
use super::traversal::Cut;
use crate::adjacency::{Adjacency, Ordinal};
use crate::graph::View;
use crate::limits::{MAX_ROOT_PATTERNS, MAX_TEXT_BYTES};

/// Which code is looked for, and what is known to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadFilter {
    /// Definitions that are used from outside: patterns for ids, qualified names or paths, in which `*` stands for any
    /// characters. A pattern that fits the path of a file means everything in it.
    pub roots: Vec<String>,
    /// Whether nothing but the roots, and tests, is taken to be used from outside: neither what runs when a file is loaded,
    /// nor what is exported, nor functions named `main`.
    pub only_roots: bool,
    /// Whether tests count as use.
    pub tests: bool,
    /// Only these answers.
    pub verdicts: BTreeSet<Verdict>,
    /// Only definitions of these kinds; empty for functions, methods, classes and other types.
    pub kinds: BTreeSet<String>,
    /// Only definitions in files whose path contains this.
    pub file: Option<String>,
}

impl Default for DeadFilter {
    /// What is dead, by what the languages say, with tests as use.
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            only_roots: false,
            tests: true,
            verdicts: BTreeSet::from([Verdict::Dead]),
            kinds: BTreeSet::new(),
            file: None,
        }
    }
}

/// What is known of a definition that nothing uses for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing leads to it.
    Dead,
    /// Nothing in the repository uses it, but others may name it.
    ExportedUnused,
    /// It may be used; see [`Doubt`].
    Unknown,
}

impl Verdict {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Dead, Self::ExportedUnused, Self::Unknown];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::ExportedUnused => "exported-unused",
            Self::Unknown => "unknown",
        }
    }
}

/// Why it is not known whether something is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// A reference of its name could not be bound, or may mean one of several definitions; or the name stands in a
    /// string, a symbol or the text of a macro.
    NameIsUsed,
    /// Its class has a base outside the repository, which may call it.
    OutsideBase,
    /// Its class or file reads things by names that are made at run time.
    ReadByName,
    /// An interface that its class may fit has a method of its name.
    FitsInterface,
    /// Only code of which the same is not known leads to it.
    UsedByUnknown,
    /// Whoever made the graph states the edges that are certain, and not which names are used beside them.
    OnlyStated,
}

/// A definition that nothing uses for certain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadHit {
    /// The definition. What is in it is not listed again.
    #[serde(flatten)]
    pub node: NodeHit,
    /// What is known of it.
    pub verdict: Verdict,
    /// Why no more is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

/// How many definitions there are of each answer, of those kinds and files that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeadTotals {
    /// All that were looked at.
    pub definitions: u64,
    /// Those that are dead.
    pub dead: u64,
    /// Those that are exported and unused.
    pub exported_unused: u64,
    /// Those of which it is not known.
    pub unknown: u64,
    /// The patterns for roots that no definition and no file fits.
    pub unmatched_roots: Vec<String>,
    /// The kinds of which there is no definition in the files that were asked for.
    pub unmatched_kinds: Vec<String>,
}

pub(super) async fn dead(
    view: &View<'_>,
    filter: &DeadFilter,
    limit: usize,
) -> Result<(Answer<DeadHit>, DeadTotals)> {
    check(filter)?;
    let adjacency = Adjacency::of(view).await?;
    let facts = Facts::gather(view, &adjacency, filter).await?;
    let live = Liveness::of(&adjacency, &facts, filter);
    let mut answer = Answer::of(view);
    answer.ambiguous = view.head.totals.ambiguous;
    answer.unresolved = view.head.totals.unresolved;
    let (unmatched_roots, unmatched_kinds) = facts.unmatched(filter);
    let mut totals = DeadTotals { unmatched_roots, unmatched_kinds, ..DeadTotals::default() };
    let mut found: Vec<(Ordinal, Verdict, Option<Doubt>)> = Vec::new();
    for node in facts.asked_for() {
        totals.definitions += 1;
        let Some((verdict, doubt)) = live.verdict(node) else { continue };
        *match verdict {
            Verdict::Dead => &mut totals.dead,
            Verdict::ExportedUnused => &mut totals.exported_unused,
            Verdict::Unknown => &mut totals.unknown,
        } += 1;
        if filter.verdicts.contains(&verdict) {
            found.push((node, verdict, doubt));
        }
    }
    // In the order of ordinals: by file and id.
    if found.len() > limit {
        found.truncate(limit);
        answer.cut(Cut::Results);
    }
    let known = describe(view, &adjacency, found.iter().map(|(node, ..)| *node)).await?;
    let hit = |(node, verdict, doubt): (Ordinal, Verdict, Option<Doubt>)| {
        Some(DeadHit { node: known.hit(node)?, verdict, doubt })
    };
    answer.results = found.into_iter().filter_map(hit).collect();
    Ok((answer, totals))
}

fn check(filter: &DeadFilter) -> Result<()> {
    let refuse =
        |message: String, help: &str| Err(Error::new(ErrorKind::InvalidArgument, message).with_help(help));
    if filter.roots.len() > MAX_ROOT_PATTERNS {
        let message = format!("{} patterns for roots are more than {MAX_ROOT_PATTERNS}", filter.roots.len());
        return refuse(message, "one pattern can mean many definitions: `*` stands for any characters");
    }
    if filter.roots.iter().any(|pattern| pattern.is_empty() || pattern.len() > MAX_TEXT_BYTES) {
        return refuse(
            "a pattern for roots is empty or too long".to_owned(),
            "give an id, a name or a path, with `*` in it",
        );
    }
    Ok(())
}
