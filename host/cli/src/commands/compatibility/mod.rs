//! `codestrata compatibility`: which component supports which protocol.

mod diff;
mod import;
mod show;

use std::io::{self, Write};

use clap::{Args, Subcommand};
use codestrata_analyse::compatibility::{ChangedEntry, Entry, MatrixDifference, Support};

use crate::arguments::{Settings, with_notes};
use crate::failure::Failure;
use crate::output::{FAINT, NOTE, STRONG};
use crate::words::Shown;

const EXAMPLES: &str = "\
Examples:
  codestrata compatibility import matrix.toml
  codestrata compatibility show --component client@1.2
  codestrata compatibility show --protocol http
  codestrata compatibility diff";

const NOTES: &str = "\
A matrix is a file in TOML, or in JSON with the same names:
  [[entries]]
  component = \"client\"
  component_version = \"1.2\"
  protocol = \"http\"
  protocol_version = \"2\"
  support = \"partial\"          # or supported, unsupported
  note = \"no server push\"      # optional
What a matrix does not say is not known.";

/// Keep matrices of which component supports which protocol, ask them and compare them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Compatibility {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Import(import::Import),
    Show(show::Show),
    Diff(diff::Diff),
}

impl Compatibility {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        match self.action {
            Action::Import(command) => command.run(settings).await,
            Action::Show(command) => command.run(settings).await,
            Action::Diff(command) => command.run(settings).await,
        }
    }
}

/// `client@1.2  http@2  partial  no server push`.
fn write_entry(out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
    let (row, column) = (entry.row().to_string(), entry.column().to_string());
    write!(out, "  {STRONG}{}{STRONG:#}  {}  ", Shown(&row), Shown(&column))?;
    write_support(out, entry.support)?;
    match &entry.note {
        Some(note) => writeln!(out, "  {FAINT}{}{FAINT:#}", Shown(note)),
        None => writeln!(out),
    }
}

fn write_support(out: &mut dyn Write, support: Support) -> io::Result<()> {
    match support {
        Support::Supported => write!(out, "{}", support.as_str()),
        Support::Partial | Support::Unsupported => write!(out, "{NOTE}{}{NOTE:#}", support.as_str()),
    }
}

/// Writes what is different between two matrices.
pub(super) fn write_difference(out: &mut dyn Write, difference: &MatrixDifference) -> io::Result<()> {
    let MatrixDifference { added, removed, changed } = difference;
    for (title, entries) in [("new", added), ("gone", removed)] {
        if !entries.is_empty() {
            writeln!(out, "{FAINT}{title}{FAINT:#}")?;
            entries.iter().try_for_each(|entry| write_entry(out, entry))?;
        }
    }
    if !changed.is_empty() {
        writeln!(out, "{FAINT}changed{FAINT:#}")?;
        for ChangedEntry { before, now } in changed {
            write_entry(out, now)?;
            write!(out, "    {FAINT}before:{FAINT:#} ")?;
            write_support(out, before.support)?;
            writeln!(out, "  {FAINT}{}{FAINT:#}", Shown(before.note.as_deref().unwrap_or_default()))?;
        }
    }
    if *difference == MatrixDifference::default() {
        writeln!(out, "{FAINT}no entry is new, gone or another one{FAINT:#}")?;
    }
    Ok(())
}
