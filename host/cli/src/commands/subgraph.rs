//! `codestrata subgraph`.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use clap::Args;
use codestrata::Resolution;
use codestrata::query::{SubgraphEdge, SubgraphNode, Traversal};
use serde::Serialize;

use crate::arguments::{Settings, at_least_one, steps, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
use crate::output::{FAINT, NOTE, definition};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::{ResultOf, SymbolAnswer};
use crate::symbols::Symbol;
use crate::walking::{ABOUT_KINDS, ALL, Towards, edge_kinds, write_odd_kind};
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata subgraph User.save
  codestrata subgraph save --depth 2 --direction in --kinds calls,instantiates
  codestrata subgraph User --kinds all,contains --max-nodes 500 --json";

/// Show the part of the graph around a definition: what is up to so many steps away, and every edge between.
///
/// The figure in front of a definition is how many steps away it is.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, ABOUT_KINDS))]
pub(crate) struct Subgraph {
    #[command(flatten)]
    symbol: Symbol,

    /// How many steps to follow.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = steps)]
    depth: u32,

    /// Which way to follow edges: out to what is referred to, in to what refers, or both.
    #[arg(long, value_name = "WAY", default_value = "both")]
    direction: Towards,

    /// The kinds of edges, with commas between them; `all` is every kind but contains.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = ALL)]
    kinds: Vec<String>,

    /// The most nodes.
    #[arg(long, value_name = "N", default_value = "100", value_parser = at_least_one)]
    max_nodes: NonZeroUsize,
}

/// The answer, with the edges between its nodes.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    nodes: SymbolAnswer<SubgraphNode>,
    edges: Vec<ResultOf<SubgraphEdge>>,
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.nodes.files(files);
    }
}

impl Subgraph {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let how = Traversal::along(edge_kinds(&self.kinds))
            .direction(self.direction.into())
            .depth(self.depth)
            .visited(self.max_nodes.get());
        let mut nodes = SymbolAnswer::begin(&queries, &self.symbol).await?;
        let mut edges = Vec::new();
        for id in nodes.ids() {
            let (found, between) = queries.subgraph(&id, &how).await?;
            nodes.add(&id, found);
            edges.extend(between.into_iter().map(|hit| ResultOf { hit, definition: id.clone() }));
        }
        nodes.count_by_definition();
        let document = Document { nodes, edges };
        freshness::answer(settings, &queries, &document, |out| {
            document.write(out, self.max_nodes.get())?;
            write_odd_kind(out, &self.kinds, document.edges.is_empty())
        })
        .await
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        self.nodes.write_groups(out, limit, "", |out, hit, of| {
            // The definition itself stands above its group.
            if hit.depth > 0 {
                writeln!(out, "  {:>3}  {}", hit.depth, definition(&hit.node))?;
            }
            let from = self.edges.iter().filter(|edge| edge.definition == of.node.id());
            from.filter(|edge| edge.hit.source == hit.node.id())
                .try_for_each(|edge| write_edge(out, &edge.hit))
        })
    }
}

/// `       calls app/user.py::validate, 2 times`.
fn write_edge(out: &mut dyn Write, edge: &SubgraphEdge) -> io::Result<()> {
    write!(out, "         {FAINT}{}{FAINT:#} {}", Shown(&edge.kind), Shown(&edge.target))?;
    if edge.count > 1 {
        write!(out, ", {} times", edge.count)?;
    }
    match edge.resolution {
        Some(how @ (Resolution::UniqueName | Resolution::Ambiguous)) => {
            writeln!(out, "  {NOTE}({}){NOTE:#}", how.as_str())
        }
        _ => writeln!(out),
    }
}
