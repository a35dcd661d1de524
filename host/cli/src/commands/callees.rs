//! `codestrata callees`.

use std::io::{self, Write};

use clap::Args;
use codestrata::query::{CallHit, UnboundHit};
use serde::Serialize;

use crate::arguments::{LABELS, Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
use crate::output::{FAINT, bare_place, definition, place};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::{ResultOf, SymbolAnswer};
use crate::symbols::Symbol;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata callees User.save
  codestrata callees app/user.py::User.save --json";

/// Show what a function or method calls.
///
/// Calls that lead to nothing in the repository, and those that several definitions may be meant by, come last.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct Callees {
    #[command(flatten)]
    symbol: Symbol,

    #[command(flatten)]
    limit: Limit,
}

/// The answer, with the calls that lead to no node.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    callees: SymbolAnswer<CallHit>,
    unbound: Vec<ResultOf<UnboundHit>>,
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.callees.files(files);
        files.add_all(self.unbound.iter().map(|result| &result.hit));
    }
}

impl Callees {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let mut callees = SymbolAnswer::begin(&queries, &self.symbol).await?;
        let mut unbound = Vec::new();
        for id in callees.ids() {
            let (found, loose) = queries.callees(&id, limit).await?;
            callees.add(&id, found);
            unbound.extend(loose.into_iter().map(|hit| ResultOf { hit, definition: id.clone() }));
        }
        callees.count_by_definition();
        let document = Document { callees, unbound };
        freshness::answer_of_named(settings, &queries, &document, |out| document.write(out, limit)).await
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        self.callees.write_groups(out, limit, "it calls nothing of this repository", |out, hit, _| {
            writeln!(out, "  {}", definition(&hit.node))?;
            hit.sites.iter().try_for_each(|site| writeln!(out, "    {}", place(site)))
        })?;
        let is_ambiguous = |hit: &UnboundHit| hit.target.starts_with("ambiguous:");
        self.write_unbound(out, "ambiguous: several definitions may be meant", is_ambiguous)?;
        self.write_unbound(out, "unresolved: not found in this repository", |hit| !is_ambiguous(hit))
    }

    fn write_unbound(
        &self,
        out: &mut dyn Write,
        title: &str,
        is_wanted: impl Fn(&UnboundHit) -> bool,
    ) -> io::Result<()> {
        let several = self.callees.definitions.len() > 1;
        let mut hits = self.unbound.iter().filter(|result| is_wanted(&result.hit)).peekable();
        if hits.peek().is_some() {
            writeln!(out, "\n{title}")?;
        }
        for ResultOf { hit, definition } in hits {
            let text = hit.target.split_once(':').map_or(hit.target.as_str(), |(label, text)| match label {
                "ambiguous" | "unresolved" => text,
                _ => hit.target.as_str(),
            });
            write!(out, "  {}", Shown(text))?;
            if several {
                write!(out, "  {FAINT}in {}{FAINT:#}", Shown(definition))?;
            }
            writeln!(out)?;
            for site in &hit.sites {
                writeln!(out, "    {}", bare_place(site))?;
            }
        }
        Ok(())
    }
}
