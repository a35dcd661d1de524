//! `codestrata callers`.

use std::io::{self, Write};

use clap::Args;
use codestrata::query::{BaseCalls, CallHit};
use serde::Serialize;

use crate::arguments::{LABELS, Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
use crate::output::{NOTE, definition, place};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::{ResultOf, SymbolAnswer};
use crate::symbols::Symbol;
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata callers save
  codestrata callers User.save --json
  codestrata callers save --kind method --file models/";

/// Show who calls a function or method, or makes objects of a class.
///
/// Every call is shown with its file, line and column. Calls that were bound by their name alone are marked; calls
/// that may be meant and could not be bound are counted, and so are calls of the methods that it overrides.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct Callers {
    #[command(flatten)]
    symbol: Symbol,

    #[command(flatten)]
    limit: Limit,
}

/// The answer, with the calls that may mean the definition through a base of its class.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    callers: SymbolAnswer<CallHit>,
    through_bases: Vec<ResultOf<BaseCalls>>,
}

impl Callers {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let mut callers = SymbolAnswer::begin(&queries, &self.symbol).await?;
        let mut through_bases = Vec::new();
        for id in callers.ids() {
            callers.add(&id, queries.callers(&id, limit).await?);
            let bases = queries.calls_through_bases(&id).await?.results;
            through_bases.extend(bases.into_iter().map(|hit| ResultOf { hit, definition: id.clone() }));
        }
        callers.count_by_name();
        let document = Document { callers, through_bases };
        freshness::answer(settings, &queries, &document, |out| document.write(out, limit)).await
    }
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.callers.files(files);
        files.add_all(self.through_bases.iter().map(|base| &base.hit.node));
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        self.callers.write_groups(out, limit, "no call is bound to it", |out, hit, _| {
            writeln!(out, "  {}", definition(&hit.node))?;
            hit.sites.iter().try_for_each(|site| writeln!(out, "    {}", place(site)))
        })?;
        self.callers.write_unbound(out, "call")?;
        let mut called = self.through_bases.iter().filter(|base| base.hit.calls > 0).peekable();
        if called.peek().is_some() {
            writeln!(out)?;
        }
        called.try_for_each(|ResultOf { hit, definition }| {
            let calls = counted(hit.calls, "call");
            let (base, method) = (Shown(hit.node.id()), Shown(definition));
            writeln!(
                out,
                "{NOTE}overrides:{NOTE:#} {calls} of `{base}` may mean `{method}`, which overrides it"
            )
        })
    }
}
