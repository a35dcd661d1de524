//! `codestrata patterns`: what somebody recognised in the code.

mod add;
mod list;

use std::io::{self, Write};

use clap::{Args, Subcommand};
use codestrata_analyse::patterns::{ChangedPattern, Pattern, PatternsDifference};

use crate::arguments::{Settings, with_notes};
use crate::failure::Failure;
use crate::output::{FAINT, NOTE, STRONG};
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata patterns add found.jsonl
  other-tool | codestrata patterns add - --replace
  codestrata patterns list --pattern singleton --min-confidence 0.8";

const NOTES: &str = "\
Nothing is recognised by codestrata itself: tools and people hand records in, one JSON object a line:
  {\"pattern\": \"singleton\", \"node\": \"app/a.py::A\", \"confidence\": 0.9, \"found_by\": \"tool 1.2\"}
  {\"pattern\": \"retry\", \"file\": \"app/b.py\", \"line\": 3, \"end_line\": 9, \"confidence\": 1, \"found_by\": \"me\"}
docs/analyses.md has the fields.";

/// Keep and list patterns that tools or people recognised in the code.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Patterns {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(add::Add),
    List(list::List),
}

impl Patterns {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        match self.action {
            Action::Add(command) => command.run(settings).await,
            Action::List(command) => command.run(settings).await,
        }
    }
}

/// `singleton 0.900  app/a.py::A  at app/a.py:3-9, by tool 1.2`.
fn write_pattern(out: &mut dyn Write, record: &Pattern, is_there: bool) -> io::Result<()> {
    let Pattern { pattern, place, confidence, found_by, note } = record;
    write!(out, "  {STRONG}{}{STRONG:#} {:.3}", Shown(pattern), confidence.as_fraction())?;
    if let Some(node) = &place.node {
        write!(out, "  {}", Shown(node))?;
    }
    write!(out, "  {FAINT}at {}", Shown(&place.file))?;
    match (place.line, place.end_line) {
        (Some(line), Some(end_line)) if line != end_line => write!(out, ":{line}-{end_line}")?,
        (Some(line), _) => write!(out, ":{line}")?,
        _ => {}
    }
    write!(out, ", by {}{FAINT:#}", Shown(found_by))?;
    if !is_there {
        write!(out, "  {NOTE}(gone from the graph){NOTE:#}")?;
    }
    match note {
        Some(note) => writeln!(out, "\n    {FAINT}{}{FAINT:#}", Shown(note)),
        None => writeln!(out),
    }
}

/// Writes what is different between two runs.
pub(super) fn write_difference(out: &mut dyn Write, difference: &PatternsDifference) -> io::Result<()> {
    let PatternsDifference { added, removed, changed } = difference;
    for (title, records) in [("new", added), ("gone", removed)] {
        if !records.is_empty() {
            writeln!(out, "{FAINT}{title}{FAINT:#}")?;
            records.iter().try_for_each(|record| write_pattern(out, record, true))?;
        }
    }
    if !changed.is_empty() {
        writeln!(out, "{FAINT}of another confidence or note{FAINT:#}")?;
        for ChangedPattern { before, now } in changed {
            write!(out, "  {FAINT}before {:.3}{FAINT:#}", before.confidence.as_fraction())?;
            write_pattern(out, now, true)?;
        }
    }
    if *difference == PatternsDifference::default() {
        writeln!(out, "{FAINT}no record is new, gone or another one{FAINT:#}")?;
    }
    Ok(())
}
