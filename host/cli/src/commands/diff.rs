//! `codestrata diff`.

use std::io::{self, Write};

use clap::Args;
use codestrata::history::{Amounts, ChangedEdge, ChangedNode, Difference};
use indicatif::HumanCount;
use serde::Serialize;

use crate::arguments::{Limit, Settings, version, with_notes};
use crate::failure::Failure;
use crate::output::{ERROR, FAINT, STRONG, answer, write_cut};
use crate::repository;
use crate::store::Store;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata diff 12
  codestrata diff 12 15
  codestrata diff 12 --limit 1000 --json";

const NOTES: &str = "\
What came and went again in between is not listed; with the later version first everything is the other way round. Nodes \
    are told apart by id, name, kind and file, edges by source, kind, target and how they were bound; parallel ones are \
    counted. `codestrata changes` lists the versions, and says how far the history goes back.";

/// Show what nodes and edges came and went between two versions of the graph.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Diff {
    /// The version to start from.
    #[arg(value_name = "VERSION", value_parser = version, allow_negative_numbers = true)]
    from: u64,

    /// The version to go to [default: the newest].
    #[arg(value_name = "VERSION2", value_parser = version, allow_negative_numbers = true)]
    to: Option<u64>,

    #[command(flatten)]
    limit: Limit,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    from: u64,
    to: u64,
    #[serde(flatten)]
    amounts: Amounts,
    added: Side,
    removed: Side,
    truncated: bool,
}

/// What came, or what went.
#[derive(Serialize)]
struct Side {
    nodes: Vec<ChangedNode>,
    edges: Vec<CountedEdge>,
}

#[derive(Serialize)]
struct CountedEdge {
    #[serde(flatten)]
    edge: ChangedEdge,
    /// How many parallel ones.
    count: u64,
}

/// The nodes and edges of a difference, cut at a limit.
#[derive(Serialize)]
pub(super) struct Elements {
    added: Side,
    removed: Side,
    /// How many are left out.
    #[serde(rename = "left_out")]
    pub(super) more: u64,
}

impl Elements {
    pub(super) fn new(difference: Difference, limit: usize) -> Self {
        let all = difference.len();
        let mut left = limit;
        let mut nodes = |list: Vec<ChangedNode>| -> Vec<ChangedNode> {
            let taken: Vec<ChangedNode> = list.into_iter().take(left).collect();
            left -= taken.len();
            taken
        };
        let (nodes_added, nodes_removed) = (nodes(difference.nodes_added), nodes(difference.nodes_removed));
        let mut edges = |list: Vec<(ChangedEdge, u64)>| -> Vec<CountedEdge> {
            let taken: Vec<CountedEdge> =
                list.into_iter().take(left).map(|(edge, count)| CountedEdge { edge, count }).collect();
            left -= taken.len();
            taken
        };
        let (edges_added, edges_removed) = (edges(difference.edges_added), edges(difference.edges_removed));
        Self {
            added: Side { nodes: nodes_added, edges: edges_added },
            removed: Side { nodes: nodes_removed, edges: edges_removed },
            more: u64::try_from(all.saturating_sub(limit)).unwrap_or(u64::MAX),
        }
    }
}

impl Diff {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let repository = repository::choose(settings, &store).await?.repository().to_owned();
        let found = store.storage.graph().difference(&repository, self.from, self.to).await?;
        let limit = self.limit.get();
        let amounts = found.difference.amounts();
        let Elements { added, removed, more } = Elements::new(found.difference, limit);
        let document = Document {
            repository,
            from: found.from,
            to: found.to,
            amounts,
            added,
            removed,
            truncated: more > 0,
        };
        answer(settings, &document, |out| document.write(out, limit))
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let Amounts { nodes_added, nodes_removed, edges_added, edges_removed } = self.amounts;
        writeln!(
            out,
            "{STRONG}{}{STRONG:#}  {FAINT}version {} to {}{FAINT:#}  nodes +{} -{}, edges +{} -{}",
            Shown(&self.repository),
            self.from,
            self.to,
            HumanCount(nodes_added),
            HumanCount(nodes_removed),
            HumanCount(edges_added),
            HumanCount(edges_removed)
        )?;
        write_sides(out, &self.added, &self.removed)?;
        if self.truncated { write_cut(out, limit) } else { Ok(()) }
    }
}

/// Writes what came and went, a line each.
pub(super) fn write_elements(out: &mut dyn Write, elements: &Elements) -> io::Result<()> {
    write_sides(out, &elements.added, &elements.removed)
}

fn write_sides(out: &mut dyn Write, added: &Side, removed: &Side) -> io::Result<()> {
    for (sign, side) in [("+", added), ("-", removed)] {
        for node in &side.nodes {
            writeln!(
                out,
                "  {} {}  {FAINT}{} in {}{FAINT:#}",
                signed(sign),
                Shown(&node.id),
                Shown(&node.kind),
                Shown(&node.file)
            )?;
        }
    }
    for (sign, side) in [("+", added), ("-", removed)] {
        for CountedEdge { edge, count } in &side.edges {
            write!(
                out,
                "  {} {} -{}-> {}",
                signed(sign),
                Shown(&edge.source),
                Shown(&edge.kind),
                Shown(&edge.target)
            )?;
            if let Some(how) = edge.resolution {
                write!(out, "  {FAINT}({}){FAINT:#}", how.as_str())?;
            }
            match count {
                1 => writeln!(out)?,
                count => writeln!(out, "  {FAINT}{count} times{FAINT:#}")?,
            }
        }
    }
    Ok(())
}

/// `+` and `-`; what went is red where there are colours.
fn signed(sign: &str) -> String {
    if sign == "-" { format!("{ERROR}-{ERROR:#}") } else { format!("{STRONG}{sign}{STRONG:#}") }
}
