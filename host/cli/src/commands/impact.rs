//! `codestrata impact`.

use clap::Args;
use codestrata::Resolution;
use codestrata::query::Traversal;

use crate::arguments::{LABELS, Limit, Settings, steps, with_notes};
use crate::failure::Failure;
use crate::freshness;
use crate::output::{FAINT, NOTE, definition};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::SymbolAnswer;
use crate::symbols::Symbol;
use crate::walking::{ALL, MaxNodes, Towards, edge_kinds, write_odd_kind};
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata impact User.save
  codestrata impact User --kind class --depth 2
  codestrata impact validate --kinds calls,instantiates
  codestrata impact save --limit 1000 --json";

/// Show what a change of a definition may reach.
///
/// That is everything that refers to it or to what is in it, what refers to that, and so on. The figure in front is how many steps away it is; `via` is the step before. A label says that the way there has a step that is not certain; of ways of one length the surest is shown.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct Impact {
    #[command(flatten)]
    symbol: Symbol,

    /// How many steps to follow.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = steps)]
    depth: u32,

    /// The kinds of edges to follow, with commas between them; `all` is every kind but contains.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = ALL)]
    kinds: Vec<String>,

    /// Which way to follow edges: in to what refers, out to what is referred to, or both.
    #[arg(long, value_name = "WAY", default_value = "in")]
    direction: Towards,

    #[command(flatten)]
    max_nodes: MaxNodes,

    #[command(flatten)]
    limit: Limit,
}

impl Impact {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let how = Traversal::along(edge_kinds(&self.kinds))
            .direction(self.direction.into())
            .depth(self.depth)
            .visited(self.max_nodes.get());
        let mut impact = SymbolAnswer::begin(&queries, &self.symbol).await?;
        for id in impact.ids() {
            impact.add(&id, queries.impact(&id, &how, limit).await?);
        }
        impact.count_by_name();
        freshness::answer(settings, &queries, &impact, |out| {
            impact.write_groups(out, limit, "no reference is bound to it", |out, hit, of| {
                write!(out, "  {:>3}  {}", hit.depth, definition(&hit.node))?;
                if hit.via != of.node.id() {
                    write!(out, "{FAINT}, via {}{FAINT:#}", Shown(&hit.via))?;
                }
                match hit.weakest {
                    Some(how @ (Resolution::UniqueName | Resolution::Ambiguous)) => {
                        writeln!(out, "  {NOTE}({}){NOTE:#}", how.as_str())
                    }
                    _ => writeln!(out),
                }
            })?;
            impact.write_unbound(out, "call")?;
            write_odd_kind(out, &self.kinds, impact.results.is_empty())
        })
        .await
    }
}
