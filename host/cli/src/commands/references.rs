//! `codestrata references`.

use clap::Args;

use crate::arguments::{LABELS, Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness;
use crate::output::{FAINT, definition, place};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::SymbolAnswer;
use crate::symbols::Symbol;
use crate::walking::{ALL, edge_kinds, write_odd_kind};
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata references User
  codestrata references User.save --kinds calls,accesses
  codestrata references User --kinds inherits,uses_type --json";

/// Show everything that refers to a definition: calls, imports, types, bases, reads.
///
/// Every place is shown with its kind, file, line and column. References that were bound by their name alone are
/// marked; those that may be meant and could not be bound are counted.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct References {
    #[command(flatten)]
    symbol: Symbol,

    /// The kinds of edges, with commas between them; `all` is every kind but contains.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = ALL)]
    kinds: Vec<String>,

    #[command(flatten)]
    limit: Limit,
}

impl References {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let (limit, kinds) = (self.limit.get(), edge_kinds(&self.kinds));
        let mut references = SymbolAnswer::begin(&queries, &self.symbol).await?;
        for id in references.ids() {
            references.add(&id, queries.references(&id, &kinds, limit).await?);
        }
        references.count_by_name();
        freshness::answer(settings, &queries, &references, |out| {
            references.write_groups(out, limit, "no reference is bound to it", |out, hit, _| {
                writeln!(out, "  {}", definition(&hit.node))?;
                hit.sites.iter().try_for_each(|site| {
                    writeln!(out, "    {FAINT}{}{FAINT:#} {}", Shown(&site.kind), place(site))
                })
            })?;
            references.write_unbound(out, "reference")?;
            write_odd_kind(out, &self.kinds, references.results.is_empty())
        })
        .await
    }
}
