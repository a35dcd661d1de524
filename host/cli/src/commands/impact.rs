//! `codestrata impact`.

use clap::Args;

use crate::arguments::{Limit, Settings, steps};
use crate::failure::Failure;
use crate::freshness;
use crate::output::{FAINT, definition};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::SymbolAnswer;
use crate::symbols::Symbol;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata impact User.save
  codestrata impact User --kind class --depth 2
  codestrata impact save --limit 1000 --json";

/// Show what a change of a definition may reach.
///
/// That is everything that refers to it or to what is in it, what refers to that, and so on. The figure in front is how many steps away it is; `via` is the step before.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Impact {
    #[command(flatten)]
    symbol: Symbol,

    /// How many steps to follow.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = steps)]
    depth: u32,

    #[command(flatten)]
    limit: Limit,
}

impl Impact {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let mut impact = SymbolAnswer::begin(&queries, &self.symbol).await?;
        for id in impact.ids() {
            impact.add(&id, queries.impact(&id, self.depth, limit).await?);
        }
        impact.count_by_name();
        freshness::answer(settings, &queries, &impact, |out| {
            impact.write_groups(out, limit, "no reference is bound to it", |out, hit, of| {
                write!(out, "  {:>3}  {}", hit.depth, definition(&hit.node))?;
                if hit.via != of.node.id {
                    write!(out, "{FAINT}, via {}{FAINT:#}", Shown(&hit.via))?;
                }
                writeln!(out)
            })?;
            impact.write_unbound(out)
        })
        .await
    }
}
