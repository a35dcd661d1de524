//! `codestrata show`.

use std::io::{self, Write};

use clap::Args;
use codestrata::{Attributes, Edge, Resolution, Span, Text};
use serde::Serialize;

use crate::arguments::{LABELS, Limit, Settings, with_notes};
use crate::failure::Failure;
use crate::freshness::{self, Files, RestsOn};
use crate::output::{FAINT, NOTE};
use crate::repository;
use crate::store::Store;
use crate::symbol_answer::SymbolAnswer;
use crate::symbols::Symbol;
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata show User.save
  codestrata show app/user.py::User.save --json";

/// Show a definition with its attributes, its place, and what it refers to.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, LABELS))]
pub(crate) struct Show {
    #[command(flatten)]
    symbol: Symbol,

    #[command(flatten)]
    limit: Limit,
}

/// A definition in full.
#[derive(Debug, Serialize)]
struct ShownNode {
    id: Text,
    name: Text,
    kind: Text,
    file: Text,
    line: u32,
    span: Span,
    attributes: Attributes,
    /// The edges that start at it.
    edges: Vec<Edge>,
}

impl RestsOn for ShownNode {
    fn files<'a>(&'a self, files: &mut Files<'a>) {
        files.add(&self.file);
    }
}

impl Show {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let mut shown = SymbolAnswer::begin(&queries, &self.symbol).await?;
        for id in shown.ids() {
            let Some((node, mut edges)) = queries.show(&id).await? else { continue };
            let truncated = edges.len() > limit;
            edges.truncate(limit);
            let result = ShownNode {
                id: node.id,
                name: node.name,
                kind: node.kind,
                file: node.file,
                line: node.span.start_line,
                span: node.span,
                attributes: node.attributes,
                edges,
            };
            shown.add_one(&id, result, truncated);
        }
        freshness::answer_of_named(settings, &queries, &shown, |out| {
            shown.write_groups(out, limit, "it is gone since it was looked for", |out, node, _| {
                node.write(out)
            })
        })
        .await
    }
}

impl ShownNode {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Span { start_line, end_line, .. } = self.span;
        writeln!(out, "  {FAINT}lines{FAINT:#} {start_line} to {end_line}")?;
        for (name, value) in &self.attributes {
            writeln!(out, "  {FAINT}{}{FAINT:#} {}", Shown(name), Shown(&in_words(value)))?;
        }
        for edge in &self.edges {
            let line = edge.span.map(|span| format!("  {FAINT}at line {}{FAINT:#}", span.start_line));
            let label = edge
                .resolution()
                .map(Resolution::as_str)
                .filter(|label| matches!(*label, "unique-name" | "ambiguous"));
            let label = label.map(|label| format!("  {NOTE}({label}){NOTE:#}"));
            writeln!(
                out,
                "  {FAINT}{}{FAINT:#} {}{}{}",
                Shown(&edge.kind),
                Shown(&edge.target),
                line.unwrap_or_default(),
                label.unwrap_or_default()
            )?;
        }
        Ok(())
    }
}

/// Text as it is, everything else as JSON.
fn in_words(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
