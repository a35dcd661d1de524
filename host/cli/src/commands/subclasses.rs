//! `codestrata subclasses`.

use std::io::{self, Write};

use clap::Args;
use codestrata::query::InheritanceHit;

use crate::arguments::{LABELS, Limit, Settings, steps, with_notes};
use crate::failure::Failure;
use crate::freshness;
use crate::output::{FAINT, NOTE, definition, place};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::SymbolAnswer;
use crate::symbols::Symbol;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata subclasses User
  codestrata subclasses Entity --depth 1 --limit 500 --json";

/// Show what inherits from a class, implements an interface or mixes a module in.
///
/// The figure in front is how many steps away a subclass is; `via` is the base that it names.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct Subclasses {
    #[command(flatten)]
    symbol: Symbol,

    /// How many steps to follow [default: all].
    #[arg(long, value_name = "N", value_parser = steps)]
    depth: Option<u32>,

    #[command(flatten)]
    limit: Limit,
}

impl Subclasses {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let depth = self.depth.unwrap_or(u32::MAX);
        let mut below = SymbolAnswer::begin(&queries, &self.symbol).await?;
        below.refuse_other_than_classes("have subclasses")?;
        for id in below.ids() {
            below.add(&id, queries.subclasses(&id, depth, limit).await?);
        }
        below.count_by_name();
        freshness::answer(settings, &queries, &below, |out| write(out, &below, limit)).await
    }
}

fn write(out: &mut dyn Write, below: &SymbolAnswer<InheritanceHit>, limit: usize) -> io::Result<()> {
    below.write_groups(out, limit, "nothing inherits from it", |out, hit, of| {
        write!(out, "  {:>3}  {}", hit.depth, definition(&hit.node))?;
        if hit.via != of.node.id() {
            write!(out, "{FAINT}, via {}{FAINT:#}", Shown(&hit.via))?;
        }
        writeln!(out, "\n         {}", place(&hit.site))
    })?;
    let name = Shown(below.name());
    let loose = below.ambiguous + below.unresolved;
    if loose > 0 {
        let times = counted(loose, "more time");
        writeln!(
            out,
            "\n{NOTE}unbound:{NOTE:#} a base `{name}` is named {times} where it could not be bound, and this may be meant"
        )?;
    }
    Ok(())
}
