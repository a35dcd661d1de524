//! `codestrata callers`.

use clap::Args;

use crate::arguments::{LABELS, Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness;
use crate::output::{definition, place};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::SymbolAnswer;
use crate::symbols::Symbol;

const EXAMPLES: &str = "\
Examples:
  codestrata callers save
  codestrata callers User.save --json
  codestrata callers save --kind method --file models/";

/// Show who calls a function or method, or makes objects of a class.
///
/// Every call is shown with its file, line and column. Calls that were bound by their name alone are marked; calls
/// that may be meant and could not be bound are counted.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct Callers {
    #[command(flatten)]
    symbol: Symbol,

    #[command(flatten)]
    limit: Limit,
}

impl Callers {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let mut callers = SymbolAnswer::begin(&queries, &self.symbol).await?;
        for id in callers.ids() {
            callers.add(&id, queries.callers(&id, limit).await?);
        }
        callers.count_by_name();
        freshness::answer(settings, &queries, &callers, |out| {
            callers.write_groups(out, limit, "no call is bound to it", |out, hit, _| {
                writeln!(out, "  {}", definition(&hit.node))?;
                hit.sites.iter().try_for_each(|site| writeln!(out, "    {}", place(site)))
            })?;
            callers.write_unbound(out)
        })
        .await
    }
}
