//! `codestrata bases`.

use std::io::{self, Write};

use clap::Args;
use codestrata::query::{Ancestry, InheritanceHit, MemberOrder, OrderEnd, OrderRule, OutsideBase};
use serde::Serialize;

use crate::arguments::{LABELS, Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
use crate::output::{FAINT, NOTE, bare_place, definition, place};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::SymbolAnswer;
use crate::symbols::Symbol;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata bases User
  codestrata bases app/user.py::User --json";

/// Show what a class inherits from, and the order in which its bases are asked for a member.
///
/// The figure in front is how many steps away a base is. Bases outside of the repository are named as they are written.
/// For Python the order is the method resolution order; where the bases contradict each other there is none.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct Bases {
    #[command(flatten)]
    symbol: Symbol,

    #[command(flatten)]
    limit: Limit,
}

/// The answer, with what is known of each definition beside its bases.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    bases: SymbolAnswer<InheritanceHit>,
    outside: Vec<OutsideOf>,
    orders: Vec<OrderOf>,
}

/// A base that is not in the repository, with the definition that it is for.
#[derive(Serialize)]
struct OutsideOf {
    #[serde(flatten)]
    base: OutsideBase,
    definition: String,
}

/// The order for one definition.
#[derive(Serialize)]
struct OrderOf {
    definition: String,
    #[serde(flatten)]
    order: MemberOrder,
}

impl RestsOn for Document {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        self.bases.files(files);
        files.add_all(self.outside.iter().map(|outside| &outside.base.site));
    }
}

impl Bases {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let mut bases = SymbolAnswer::begin(&queries, &self.symbol).await?;
        bases.refuse_other_than_classes("have bases")?;
        let (mut outside, mut orders) = (Vec::new(), Vec::new());
        for id in bases.ids() {
            let found: Ancestry = queries.bases(&id, limit).await?;
            bases.add(&id, found.bases);
            outside.extend(found.outside.into_iter().map(|base| OutsideOf { base, definition: id.clone() }));
            orders.push(OrderOf { definition: id, order: found.order });
        }
        bases.count_by_definition();
        let document = Document { bases, outside, orders };
        freshness::answer_of_named(settings, &queries, &document, |out| document.write(out, limit)).await
    }
}

impl Document {
    fn write(&self, out: &mut dyn Write, limit: usize) -> io::Result<()> {
        let is_all_known = self.orders.iter().all(|order| order.order.end != OrderEnd::Incomplete);
        self.bases.write_groups(
            out,
            limit,
            if is_all_known {
                "it inherits from nothing of this repository"
            } else {
                "no class of this repository is known that it inherits from"
            },
            |out, hit, of| {
                write!(out, "  {:>3}  {}", hit.depth, definition(&hit.node))?;
                if hit.via != of.node.id() {
                    write!(out, "{FAINT}, via {}{FAINT:#}", Shown(&hit.via))?;
                }
                writeln!(out, "\n         {}", place(&hit.site))
            },
        )?;
        self.write_outside(out)?;
        self.orders.iter().try_for_each(|order| self.write_order(out, order))
    }

    fn write_outside(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.outside.is_empty() {
            writeln!(out, "\nnot in this repository, or not told from others")?;
        }
        for OutsideOf { base, definition } in &self.outside {
            let text = base.target.strip_prefix("unresolved:").unwrap_or(&base.target);
            write!(out, "  {:>3}  {}", base.depth, Shown(text))?;
            if self.orders.len() > 1 || base.via != *definition {
                write!(out, "{FAINT}, of {}{FAINT:#}", Shown(&base.via))?;
            }
            writeln!(out, "\n         {}", bare_place(&base.site))?;
        }
        Ok(())
    }

    fn write_order(&self, out: &mut dyn Write, OrderOf { definition, order }: &OrderOf) -> io::Result<()> {
        let of = if self.orders.len() > 1 { format!(" of {}", Shown(definition)) } else { String::new() };
        let title = match order.rule {
            OrderRule::C3 => "method resolution order",
            _ => "members are looked for in",
        };
        if order.classes.len() > 1 {
            writeln!(out, "\n{title}{of}")?;
            for class in &order.classes {
                match (&class.node, &class.outside) {
                    (Some(node), _) => writeln!(out, "  {}", Shown(node.id()))?,
                    (None, Some(text)) => {
                        let text = text.strip_prefix("unresolved:").unwrap_or(text);
                        writeln!(out, "  {FAINT}{}{FAINT:#}", Shown(text))?;
                    }
                    (None, None) => {}
                }
            }
        }
        let Some(reason) = &order.reason else { return Ok(()) };
        let word = match order.end {
            OrderEnd::Inconsistent | OrderEnd::Cyclic => "there is no order",
            OrderEnd::Limit => "the order was not found",
            OrderEnd::Complete | OrderEnd::Incomplete => "the order may be another one",
        };
        writeln!(out, "\n{NOTE}{word}{of}:{NOTE:#} {}", Shown(reason))
    }
}
