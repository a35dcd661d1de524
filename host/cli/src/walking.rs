//! How a traversal is asked for on the command line, and how one says that it was cut.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use codestrata::limits::MAX_VISITED;
use codestrata::model::edge_kind;
use codestrata::query::{Cut, Direction, EdgeKinds};

use crate::arguments::at_least_one;
use crate::output::{NOTE, write_cut};
use crate::words::Shown;

/// The kinds of edges of this program's indexer.
pub(crate) const KINDS: [&str; 7] = [
    edge_kind::CALLS,
    edge_kind::INSTANTIATES,
    edge_kind::IMPORTS,
    edge_kind::INHERITS,
    edge_kind::USES_TYPE,
    edge_kind::ACCESSES,
    edge_kind::CONTAINS,
];
/// All of them but `contains`, and those of imported graphs.
pub(crate) const ALL: &str = "all";

/// Which kinds there are, for the long help of commands.
pub(crate) const ABOUT_KINDS: &str = "\
--kinds takes calls, instantiates, imports, inherits, uses_type, accesses, contains, the kinds of imported graphs, and \
    `all` for every kind but contains.";

/// In which direction edges are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Towards {
    /// From a caller to what it calls, from what refers to what is referred to.
    #[default]
    Out,
    /// Against the edges.
    In,
    /// Both.
    Both,
}

impl From<Towards> for Direction {
    fn from(towards: Towards) -> Self {
        match towards {
            Towards::Out => Self::Outgoing,
            Towards::In => Self::Incoming,
            Towards::Both => Self::Both,
        }
    }
}

/// The most nodes that a traversal reaches.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct MaxNodes {
    /// The most nodes that are looked at.
    #[arg(long, value_name = "N", default_value_t = at_most(), value_parser = at_least_one)]
    max_nodes: NonZeroUsize,
}

impl MaxNodes {
    pub(crate) fn get(self) -> usize {
        self.max_nodes.get()
    }
}

const fn at_most() -> NonZeroUsize {
    match NonZeroUsize::new(MAX_VISITED) {
        Some(most) => most,
        None => NonZeroUsize::MIN,
    }
}

/// The kinds that words on the command line name.
pub(crate) fn edge_kinds(words: &[String]) -> EdgeKinds {
    let begin =
        if words.iter().any(|kind| kind == ALL) { EdgeKinds::dependencies() } else { EdgeKinds::default() };
    words.iter().filter(|kind| *kind != ALL).fold(begin, EdgeKinds::and)
}

/// Says that a word is none of the indexer's kinds, where nothing was found and that may be why.
pub(crate) fn odd_kind(words: &[String]) -> Option<String> {
    let odd = words.iter().find(|kind| *kind != ALL && !KINDS.contains(&kind.as_str()))?;
    Some(format!("`{odd}` is no kind of the indexer's; those are {}", KINDS.join(", ")))
}

/// Writes that there is more, for each reason.
pub(crate) fn write_cuts(out: &mut dyn Write, indent: &str, cuts: &[Cut], limit: usize) -> io::Result<()> {
    for cut in cuts {
        write!(out, "{indent}")?;
        match cut {
            Cut::Depth => writeln!(out, "{NOTE}… and more beyond --depth{NOTE:#}")?,
            Cut::Nodes => writeln!(out, "{NOTE}… and more nodes; raise --max-nodes{NOTE:#}")?,
            Cut::Results => write_cut(out, limit)?,
        }
    }
    Ok(())
}

/// Writes what may be wrong with the kinds that were asked for, if nothing was found.
pub(crate) fn write_odd_kind(out: &mut dyn Write, words: &[String], is_empty: bool) -> io::Result<()> {
    match odd_kind(words).filter(|_| is_empty) {
        Some(text) => writeln!(out, "\n{NOTE}note:{NOTE:#} {}", Shown(&text)),
        None => Ok(()),
    }
}
